//! Names of hosts, accounts and domains, and their pseudonyms.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::Path;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use anyhow::Context;

use crate::export::folder_name;
use crate::visible::visible;

/// Accounts, and what stands where a domain does, that are the same everywhere: they name nobody.
const EVERYWHERE: [&str; 30] = [
    ".",
    "administrator",
    "administrators",
    "anonymous logon",
    "authenticated users",
    "azuread",
    "batch",
    "builtin",
    "dcom",
    "defaultaccount",
    "everyone",
    "font driver host",
    "guest",
    "iis apppool",
    "interactive",
    "krbtgt",
    "local service",
    "localhost",
    "localsystem",
    "network",
    "network service",
    "nt authority",
    "nt service",
    "nt virtual machine",
    "service",
    "system",
    "users",
    "wdagutilityaccount",
    "window manager",
    "workgroup",
];
/// The first letters of accounts that Windows makes for each session.
const OF_SESSIONS: [&str; 2] = ["dwm-", "umfd-"];

/// How many parts of a name are tried, at most: nobody's has more who is not after trouble.
const MOST_PARTS: usize = 16;

/// How many bytes of a name are looked for: what is behind them is compared where they are found. Otherwise a few
/// names of a megabyte would take gigabytes.
const LOOKED_FOR: usize = 512;

/// Finds names, and says what stands for them.
pub(super) struct Names {
    finder: AhoCorasick,
    all: Vec<Name>,
}

/// A name, and what stands for it.
struct Name {
    /// What is not looked for of a long one.
    rest: String,
    pseudonym: String,
}

impl Names {
    /// The names of a case, by hosts.csv and accounts.csv, then what movements and sessions name without there being
    /// evidence of it.
    pub(super) fn of(case: &Path) -> anyhow::Result<Self> {
        let mut known = Known::default();
        let rows = |file: &str, columns: &[&str]| cells(&case.join(file), columns);
        for names in rows("hosts.csv", &["host", "names"])? {
            known.host(&names);
        }
        for names in rows("accounts.csv", &["account", "names"])? {
            known.account(&names);
        }
        for (file, host) in [
            ("movements.csv", "src_host"),
            ("movements.csv", "dst_host"),
            ("sessions.csv", "src_host"),
        ] {
            for names in rows(file, &[host])? {
                known.named_host(&names);
            }
        }
        for (file, account) in [
            ("movements.csv", "account"),
            ("movements.csv", "ran_as"),
            ("sessions.csv", "user"),
        ] {
            for names in rows(file, &[account])? {
                known.account(&names);
            }
        }
        known.finish()
    }

    /// The text with pseudonyms where names stand as whole words.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (range, pseudonym) in self.find(text) {
            out.push_str(&text[done..range.start]);
            out.push_str(pseudonym);
            done = range.end;
        }
        out.push_str(&text[done..]);
        out
    }

    /// Where names stand, and their pseudonyms. Names that overlap are one, so that nothing is left of any.
    pub(super) fn find(&self, text: &str) -> Vec<(Range<usize>, &str)> {
        let found = self.finder.find_overlapping_iter(text);
        let found = found.map(|found| (found.range(), &self.all[found.pattern().as_usize()]));
        let mut whole: Vec<_> = found
            .filter(|(range, name)| is_whole(text, range, name))
            .collect();
        // Where several begin at one place, the longest says most.
        whole.sort_by_key(|(range, _)| (range.start, Reverse(range.end)));
        let mut found: Vec<(Range<usize>, &str)> = Vec::new();
        for (range, name) in whole {
            match found.last_mut() {
                Some((last, _)) if range.start == last.start => {
                    last.end = last.end.max(name.end(text, range.end));
                }
                Some((last, _)) if range.end <= last.end => {}
                Some((last, _)) if range.start < last.end => last.end = name.end(text, range.end),
                _ => found.push((range.start..name.end(text, range.end), &name.pseudonym)),
            }
        }
        found
    }
}

/// Whether a name stands as a whole word.
fn is_whole(text: &str, range: &Range<usize>, name: &Name) -> bool {
    let is_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
    let joins = |one, other| is_word(one) && is_word(other);
    let found = &text[range.clone()];
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let is_long = !name.rest.is_empty();
    !joins(before, found.chars().next()) && (is_long || !joins(found.chars().next_back(), after))
}

impl Name {
    /// Where it ends that is found up to there: a long one as far as it goes on.
    fn end(&self, text: &str, found: usize) -> usize {
        let pairs = text[found..].char_indices().zip(self.rest.chars());
        let mut same = pairs.take_while(|((_, one), other)| one.eq_ignore_ascii_case(other));
        let last = same.by_ref().last();
        last.map_or(found, |((at, char), _)| found + at + char.len_utf8())
    }
}

/// Names on their way.
#[derive(Default)]
struct Known {
    /// The pseudonym of each name, in lower case.
    all: BTreeMap<String, String>,
    hosts: usize,
    domains: usize,
    accounts: usize,
}

impl Known {
    /// All names of one host have one pseudonym.
    fn host(&mut self, names: &[String]) {
        self.hosts += 1;
        let pseudonym = format!("HOST-{}", self.hosts);
        for name in names.iter().flat_map(|name| readings(name)) {
            if name.parse::<std::net::IpAddr>().is_ok() {
                continue;
            }
            self.add(&name, &pseudonym);
            self.add(&folder_name(&name), &pseudonym);
            if name.len() > LOOKED_FOR {
                continue;
            }
            if let Some((_, domain)) = name.split_once('.') {
                self.domain(domain);
            }
            // Who knows which of them ends the short name? Those of most hosts have none.
            for (dot, _) in name.match_indices('.').take(MOST_PARTS) {
                self.add(&name[..dot], &pseudonym);
            }
        }
    }

    /// The same, of one that nothing but its name may be known of.
    fn named_host(&mut self, names: &[String]) {
        let is_new =
            |name: &&String| !is_everywhere(name) && !self.all.contains_key(&name.to_lowercase());
        let new: Vec<String> = names.iter().filter(is_new).cloned().collect();
        if new
            .iter()
            .any(|name| name.parse::<std::net::IpAddr>().is_err())
        {
            self.host(&new);
        }
    }

    /// All names of one account have one pseudonym.
    fn account(&mut self, names: &[String]) {
        let mut bare = Vec::new();
        for (domain, name) in names.iter().flat_map(|name| domains_and_names(name)) {
            for domain in readings(domain) {
                self.domain(&domain);
            }
            // A machine's account is called as the machine.
            let name = name.trim_end_matches('$');
            let is_new = |name: &String| {
                !is_everywhere(name) && !self.all.contains_key(&name.to_lowercase())
            };
            bare.extend(readings(name).filter(is_new));
        }
        if bare.is_empty() {
            return;
        }
        self.accounts += 1;
        let pseudonym = format!("ACCOUNT-{}", self.accounts);
        for name in bare {
            self.add(&name, &pseudonym);
        }
    }

    fn domain(&mut self, domain: &str) {
        if !is_everywhere(domain) && !self.all.contains_key(&domain.to_lowercase()) {
            self.domains += 1;
            let pseudonym = format!("DOMAIN-{}", self.domains);
            self.add(domain, &pseudonym);
        }
    }

    fn add(&mut self, name: &str, pseudonym: &str) {
        if !is_everywhere(name) {
            let known = self.all.entry(name.to_lowercase());
            known.or_insert_with(|| pseudonym.to_owned());
        }
    }

    fn finish(self) -> anyhow::Result<Names> {
        let (mut patterns, mut all) = (Vec::new(), Vec::new());
        for (name, pseudonym) in self.all {
            // Capitals of other letters than A to Z are not told apart by the finder.
            let capitals = Some(name.to_uppercase()).filter(|_| !name.is_ascii());
            for mut name in [Some(name), capitals].into_iter().flatten() {
                let rest = name.split_off(name.floor_char_boundary(LOOKED_FOR));
                patterns.push(name);
                let pseudonym = pseudonym.clone();
                all.push(Name { rest, pseudonym });
            }
        }
        // Made in a time that grows with the names alone: of a name that is one letter all along, too.
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&patterns)
            .context("too many names to hide")?;
        Ok(Names { finder, all })
    }
}

/// `DOMAIN\name` or `name@domain` in two. Where there are several backslashes, each may be the one that parts them.
fn domains_and_names(account: &str) -> Vec<(&str, &str)> {
    let parted: Vec<_> = account
        .match_indices('\\')
        .take(if account.len() > LOOKED_FOR {
            1
        } else {
            MOST_PARTS
        })
        .map(|(at, _)| (&account[..at], &account[at + 1..]))
        .collect();
    if !parted.is_empty() {
        return parted;
    }
    let mail = account.split_once('@').map(|(name, domain)| (domain, name));
    vec![mail.unwrap_or(("", account))]
}

/// A name as a cell has it, as it may be, and as that stands in a sentence.
fn readings(name: &str) -> impl Iterator<Item = String> {
    let unseen = unseen(name);
    let trimmed = unseen.as_deref().map(|name| name.trim().to_owned());
    [Some(name.to_owned()), unseen, trimmed]
        .into_iter()
        .flatten()
}

fn is_everywhere(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    name.is_empty()
        || EVERYWHERE.contains(&name.as_str())
        || OF_SESSIONS.iter().any(|start| name.starts_with(start))
}

/// The names in columns of a CSV file of the case, those of each row together. The second column is a list.
fn cells(path: &Path, columns: &[&str]) -> anyhow::Result<Vec<Vec<String>>> {
    let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
    let mut reader = csv::Reader::from_reader(file);
    let told = || format!("{} is not as this program writes it", path.display());
    let header = reader.headers().with_context(told)?.clone();
    let place = |name: &&str| header.iter().position(|column| column == *name);
    let places: Option<Vec<usize>> = columns.iter().map(place).collect();
    let places = places.with_context(told)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.with_context(told)?;
        let mut cells = places
            .iter()
            .map(|&place| plain(record.get(place).unwrap_or_default()));
        let mut all: Vec<String> = cells.next().map(str::to_owned).into_iter().collect();
        all.extend(cells.flat_map(listed));
        rows.push(all);
    }
    Ok(rows)
}

/// The cell without the mark that keeps it from being a formula.
fn plain(cell: &str) -> &str {
    let rest = cell.strip_prefix('\'');
    let is_formula = |rest: &&str| {
        rest.starts_with(['=', '+', '-', '@']) || rest.starts_with("\\t") || rest.starts_with("\\r")
    };
    rest.filter(is_formula).unwrap_or(cell)
}

/// The name with those of its characters that cells only show as `\n`, `\x1b` or `\u202e`, if it can have some: who
/// sees `CORP\nadia` cannot tell, so both are names.
fn unseen(name: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = name;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (char, length) = shown_character(rest).unwrap_or(('\\', 1));
        out.push(char);
        rest = &rest[length..];
    }
    out.push_str(rest);
    (out != name).then_some(out)
}

/// The character that a text begins to show, and how long it takes to do that.
fn shown_character(text: &str) -> Option<(char, usize)> {
    let by_number = |digits: usize| {
        let number = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
        Some((char::from_u32(number)?, 2 + digits))
    };
    let candidates = match text.as_bytes().get(1)? {
        b'n' => [Some(('\n', 2)), None],
        b'r' => [Some(('\r', 2)), None],
        b't' => [Some(('\t', 2)), None],
        b'x' => [by_number(2), None],
        b'u' => [by_number(5), by_number(4)],
        _ => return None,
    };
    let is_shown = |&(char, length): &(char, usize)| visible(&char.to_string()) == text[..length];
    candidates.into_iter().flatten().find(is_shown)
}

/// The names of a list in a cell: `a;b`, with `\;` where a name has one.
fn listed(cell: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut chars = cell.chars().peekable();
    while let Some(char) = chars.next() {
        let last = names.len() - 1;
        match char {
            '\\' if chars.peek() == Some(&';') => {
                names[last].push(';');
                chars.next();
            }
            // Of a list of trees' branches, as all lists are written.
            '\\' if names[last].is_empty() && chars.peek() == Some(&'>') => {}
            ';' => names.push(String::new()),
            char => names[last].push(char),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(hosts: &[&[&str]], accounts: &[&[&str]]) -> Names {
        let owned = |names: &&[&str]| -> Vec<String> {
            names.iter().map(|&name| name.to_owned()).collect()
        };
        let mut known = Known::default();
        for host in hosts.iter().map(owned) {
            known.host(&host);
        }
        for account in accounts.iter().map(owned) {
            known.account(&account);
        }
        known.finish().unwrap()
    }

    #[test]
    fn names_are_whole_words_in_any_case() {
        let names = names(
            &[&["WS01.corp.example.com", "WS01", "10.0.0.1"], &["srv"]],
            &[
                &[r"CORP\ana", "ana@corp.example.com"],
                &[r"CORP\ana.adm"],
                &[r"NT AUTHORITY\SYSTEM"],
                &[r"CORP\WS01$"],
                &["müller"],
                &["Administrator"],
                &["DWM-1"],
            ],
        );
        for (text, expected) in [
            ("ws01", "HOST-1"),
            ("WS01.CORP.EXAMPLE.COM", "HOST-1"),
            ("WS01.other.example", "HOST-1.other.example"),
            (r"CORP\WS01$", r"DOMAIN-2\HOST-1$"),
            (r"corp\Ana and banana", r"DOMAIN-2\ACCOUNT-1 and banana"),
            ("ana.adm, ana.admx", "ACCOUNT-2, ACCOUNT-1.admx"),
            ("ana@corp.example.com", "ACCOUNT-1@DOMAIN-1"),
            (
                r"C:\Users\ana_old\PSEXEC-WS01-1.key",
                r"C:\Users\ACCOUNT-1_old\PSEXEC-HOST-1-1.key",
            ),
            ("MÜLLER und Müller", "ACCOUNT-3 und ACCOUNT-3"),
            (
                r"NT AUTHORITY\SYSTEM Administrator DWM-1 10.0.0.1",
                r"NT AUTHORITY\SYSTEM Administrator DWM-1 10.0.0.1",
            ),
            ("srv srv2", "HOST-2 srv2"),
        ] {
            assert_eq!(names.hide(text), expected, "{text}");
        }
    }

    #[test]
    fn of_names_that_overlap_nothing_is_left() {
        let names = names(
            &[&["a.b c"]],
            &[&["b c d"], &["<x>"], &["m\u{fc}"], &["M\u{fc}ller-PC"]],
        );
        for (text, expected) in [
            ("a.b c d", "HOST-1"),
            ("i<x>i", "iACCOUNT-2i"),
            ("im\u{fc}", "im\u{fc}"),
            ("host=M%C3%BCller-PC/x", "host=M%C3%BCller-PC/x"),
        ] {
            assert_eq!(names.hide(text), expected, "{text}");
        }
        let names = self::names(&[&["M\u{fc}ller-PC"]], &[]);
        assert_eq!(names.hide("host=M%C3%BCller-PC/x"), "host=HOST-1/x");
    }

    #[test]
    fn long_names_go_to_their_end() {
        let long = "\\".repeat(1 << 20) + "B";
        let other = "a".repeat(1 << 20);
        let names = names(&[&[&long, &other]], &[&[&format!("{other}x")]]);
        let text = format!("{long}, {other}x {}", other.to_uppercase());
        assert_eq!(names.hide(&text), "HOST-1, HOST-1 HOST-1");
        assert_eq!(
            names.hide(&other[..LOOKED_FOR - 1]),
            other[..LOOKED_FOR - 1]
        );
    }

    #[test]
    fn what_cells_only_show_is_a_name_too() {
        for (name, expected) in [
            (r"CORP\ana", None),
            (r"CORP\nadia", Some("CORP\nadia")),
            (r"a\x1b[31m\\tb", Some("a\u{1b}[31m\\\tb")),
            (
                r"\u202e\ue0041\ue004\u0041\ud800\x41",
                Some("\u{202e}\u{e0041}\\ue004\\u0041\\ud800\\x41"),
            ),
            (r"\u20\x\", None),
        ] {
            assert_eq!(unseen(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn cells_are_read_as_they_were_written() {
        assert_eq!(plain("'=x"), "=x");
        assert_eq!(plain(r"'\t=x"), r"\t=x");
        assert_eq!(plain("'x"), "'x");
        assert_eq!(listed(r"a;b\;c;CORP\d"), ["a", "b;c", r"CORP\d"]);
        assert_eq!(listed(r"\>a;b>"), [">a", "b>"]);
        assert_eq!(listed(""), [""]);
    }
}
