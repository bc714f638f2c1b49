//! Names of hosts, accounts and domains, and their pseudonyms.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::IpAddr;
use std::ops::Range;
use std::path::Path;

use aho_corasick::AhoCorasick;
use anyhow::Context;

use super::told::Told;
use crate::export::folder_name;
use crate::stored_csv::{listed, rows, unseen};

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
/// Domains whose accounts Windows and its services make.
const OF_NO_PERSON: [&str; 6] = [
    "font driver host",
    "iis apppool",
    "nt authority",
    "nt service",
    "nt virtual machine",
    "window manager",
];
/// Shares that Windows makes.
const SHARES: [&str; 5] = ["admin$", "c$", "d$", "ipc$", "print$"];
/// The first letters of accounts that Windows makes for each session.
const OF_SESSIONS: [&str; 2] = ["dwm-", "umfd-"];

/// The files of a case that names are known from.
pub(super) const FILES: [&str; 4] = ["hosts.csv", "accounts.csv", "movements.csv", "sessions.csv"];
/// Shorter names are words of too many other things: they are hidden only where a name must be.
const SHORT: usize = 3;
/// Longer names are looked for by so many of their first characters: the report cuts them.
const LONG: usize = 64;
/// How many labels a domain has at most that is taken apart: nobody's has more who is not after trouble.
const MOST_LABELS: usize = 16;

/// Finds names, and says what stands for them.
pub(super) struct Names {
    finder: AhoCorasick,
    /// What each pattern stands for.
    patterns: Vec<Name>,
    /// All names in lower case and in order, and what stands for them.
    sorted: Vec<(String, String)>,
}

/// A name that is looked for.
#[derive(Clone, Debug)]
struct Name {
    pseudonym: String,
    is_account: bool,
    /// All of a name that is looked for by its beginning: the report may have no more of it.
    long: Option<String>,
}

impl Names {
    /// Whether a text names somebody by a name that is not a word of many things.
    pub(super) fn is_named(&self, text: &str) -> bool {
        let mut found = self.candidates(text).into_iter();
        found.any(|(range, pattern)| {
            let end = self.end(text, range.clone(), pattern);
            end.is_some_and(|end| text[range.start..end].chars().count() > SHORT)
        })
    }

    /// The text with pseudonyms where names stand as whole words.
    pub(super) fn hide(&self, text: &str) -> String {
        self.hide_but(text, &BTreeSet::new())
    }

    /// The same, but for names that are such words, in lower case.
    pub(super) fn hide_but(&self, text: &str, words: &BTreeSet<String>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        let candidates = self.candidates(text);
        for together in candidates.chunk_by(|(one, _), (other, _)| one.start == other.start) {
            // What is inside of a name is not looked at: a long one has many beginnings like its own.
            let outside = together.iter().filter(|(range, _)| range.end > done);
            let ends = outside.filter_map(|(range, pattern)| {
                let end = self.end(text, range.clone(), *pattern)?;
                let is_word = words.contains(&text[range.start..end].to_lowercase());
                (!is_word).then_some((end, *pattern))
            });
            // Of names that begin alike, the one that goes on the longest; the first of those.
            let Some((end, pattern)) = ends.rev().max_by_key(|(end, _)| *end) else {
                continue;
            };
            let start = together[0].0.start;
            // Of names that overlap nothing is left.
            if start >= done {
                out.push_str(&text[done..start]);
                out.push_str(&self.patterns[pattern].pseudonym);
            }
            done = done.max(end);
        }
        out.push_str(&text[done..]);
        out
    }

    /// Where a name begins that the end of a text cuts before it could be found, and what stands for it.
    pub(super) fn cut(&self, text: &str) -> Option<(usize, &str)> {
        let starts = text.char_indices().rev().take(2 * LONG).map(|(at, _)| at);
        let mut starts: Vec<usize> = starts.filter(|&at| begins(&text[..at])).collect();
        starts.reverse();
        starts.into_iter().find_map(|at| {
            let begun = text[at..].to_lowercase();
            let place = self.sorted.partition_point(|(name, _)| *name < begun);
            let (name, pseudonym) = self.sorted.get(place)?;
            let is_long = begun.chars().count() >= SHORT;
            (is_long && name.starts_with(&begun)).then_some((at, &**pseudonym))
        })
    }

    /// Where names may stand, the longest first where several begin at one place.
    fn candidates(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let found = self.finder.find_overlapping_iter(text);
        let mut found: Vec<_> = found
            .map(|found| (found.range(), found.pattern().as_usize()))
            .collect();
        found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        found
    }

    /// Where a name ends that stands there as a whole word.
    fn end(&self, text: &str, found: Range<usize>, pattern: usize) -> Option<usize> {
        let name = &self.patterns[pattern];
        let (before, after) = (&text[..found.start], &text[found.end..]);
        let is_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
        let found_text = &text[found.clone()];
        if is_word(found_text.chars().next()) && !begins(before) {
            return None;
        }
        if let Some(long) = &name.long {
            let same = text[found.start..].chars().zip(long.chars());
            let same = same.take_while(|(a, b)| a.to_lowercase().eq(b.to_lowercase()));
            return Some(found.start + same.map(|(char, _)| char.len_utf8()).sum::<usize>());
        }
        let is_short = found_text.chars().count() < SHORT;
        let is_alone = before.is_empty() && after.is_empty();
        let is_share = name.is_account && after.starts_with('$') && is_share(before, found_text);
        let goes_on =
            is_word(found_text.chars().last()) && after.starts_with(char::is_alphanumeric);
        let is_whole = !is_share
            && !goes_on
            && (!is_short
                || is_alone
                || before.ends_with('\\')
                || after.starts_with('@')
                || (!name.is_account && after.starts_with('\\')));
        is_whole.then_some(found.end)
    }
}

/// Whether what stands there before a `$` is a share: one that Windows makes, or what follows `\\HOST\`.
fn is_share(before: &str, name: &str) -> bool {
    let with_dollar = format!("{}$", name.to_lowercase());
    let host = before.strip_suffix('\\').unwrap_or_default();
    let rest = host.trim_end_matches(|char: char| char.is_alphanumeric() || "*.-_".contains(char));
    SHARES.contains(&with_dollar.as_str()) || (rest.len() < host.len() && rest.ends_with("\\\\"))
}

/// Whether a word can begin after this: letters before it are none of its where they are an escape, as in `%5C`
/// of an address, `\n` of a script and `` `n `` of PowerShell.
fn begins(before: &str) -> bool {
    let mut last = before.chars().rev();
    let [first, second, third] = [last.next(), last.next(), last.next()];
    let Some(char) = first.filter(|char| char.is_alphanumeric()) else {
        return true;
    };
    let is_hex = |char: Option<char>| char.is_some_and(|char| char.is_ascii_hexdigit());
    let is_percent = third == Some('%') && is_hex(first) && is_hex(second);
    let is_escape = matches!(char, '0' | 'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v')
        && matches!(second, Some('\\' | '`'));
    is_percent || is_escape
}

/// Names on their way.
#[derive(Default)]
pub(super) struct Known {
    /// The pseudonym of each name by its lower case, whether it is an account's, and the name as it was written.
    all: BTreeMap<String, (String, bool, String)>,
    hosts: usize,
    domains: usize,
    accounts: usize,
}

impl Known {
    /// The names of a case: of its hosts and accounts, and what its movements and sessions name beside them.
    pub(super) fn of(case: &Path) -> anyhow::Result<Self> {
        let [hosts, accounts, movements, sessions] = FILES;
        let mut known = Self::default();
        cells(case, hosts, &["host", "names"], |[name, names]| {
            let mut all = vec![name.to_owned()];
            all.extend(listed(names));
            known.host(&all);
        })?;
        cells(case, accounts, &["account", "names"], |[name, names]| {
            let mut all = vec![name.to_owned()];
            all.extend(listed(names));
            known.account(&all);
        })?;
        for (file, columns) in [
            (movements, ["src_host", "account"]),
            (movements, ["dst_host", "ran_as"]),
            (sessions, ["src_host", "user"]),
        ] {
            cells(case, file, &columns, |[host, account]| {
                known.host(&[host.to_owned()]);
                known.account(&[account.to_owned()]);
            })?;
        }
        Ok(known)
    }

    /// A name that a text tells.
    pub(super) fn told(&mut self, name: Told) {
        match name {
            Told::Host(name) => self.host(&[name]),
            Told::Account(name) => self.account(&[name]),
            Told::Domain(name) => self.domain(&name),
        }
    }

    /// All names of one host have one pseudonym.
    fn host(&mut self, names: &[String]) {
        let names: Vec<String> = names.iter().flat_map(|name| readings(name)).collect();
        let names = names.iter().map(|name| name.trim());
        let names: Vec<&str> = names
            .filter(|name| !is_everywhere(name) && name.parse::<IpAddr>().is_err())
            .collect();
        let known = names
            .iter()
            .find_map(|name| self.all.get(&name.to_lowercase()));
        let pseudonym = match known {
            Some((pseudonym, ..)) => pseudonym.clone(),
            None if names.is_empty() => return,
            None => {
                self.hosts += 1;
                format!("HOST-{}", self.hosts)
            }
        };
        for name in names {
            self.add(name, &pseudonym, false);
            if let Some((_, domain)) = name.split_once('.') {
                self.domain(domain);
            }
            // Who knows which dot ends the short name? In those of most hosts there is none.
            for (dot, _) in name.match_indices('.').take(MOST_LABELS) {
                self.add(&name[..dot], &pseudonym, false);
            }
        }
    }

    /// All names of one account have one pseudonym.
    fn account(&mut self, names: &[String]) {
        let mut bare = Vec::new();
        for name in names {
            // The folder of a profile, where nothing else names the account.
            let name = name.strip_prefix("profile ").unwrap_or(name);
            // Where nobody can tell what parts it, all of it is a name, too.
            if name.matches(['\\', '@']).count() > 1 {
                bare.extend(readings(name).filter(|name| !is_everywhere(name)));
            }
            for (domain, name) in domains_and_names(name) {
                if OF_NO_PERSON.contains(&domain.to_lowercase().as_str()) {
                    continue;
                }
                readings(domain).for_each(|domain| self.domain(&domain));
                // A machine's account is called as the machine.
                let name = name.trim_end_matches('$');
                let is_new = |name: &String| {
                    !is_everywhere(name) && !self.all.contains_key(&name.to_lowercase())
                };
                bare.extend(readings(name).filter(is_new));
            }
        }
        if bare.is_empty() {
            return;
        }
        self.accounts += 1;
        let pseudonym = format!("ACCOUNT-{}", self.accounts);
        for name in bare {
            self.add(&name, &pseudonym, true);
        }
    }

    /// A domain, those that it is part of, and the same as a directory writes it: `DC=corp,DC=example`.
    fn domain(&mut self, domain: &str) {
        let last = domain.rsplit('.').next().unwrap_or_default();
        let is_address = last.bytes().all(|byte| byte.is_ascii_digit());
        let is_known = self.all.contains_key(&domain.to_lowercase());
        if is_everywhere(domain) || is_address || is_known {
            return;
        }
        self.domains += 1;
        let pseudonym = format!("DOMAIN-{}", self.domains);
        self.add(domain, &pseudonym, false);
        let labels: Vec<&str> = domain.split('.').collect();
        if labels.len() > MOST_LABELS {
            return;
        }
        if labels.len() > 1 {
            let directory: Vec<String> = labels.iter().map(|label| format!("DC={label}")).collect();
            self.add(&directory.join(","), &pseudonym, false);
        }
        // The last label alone is everybody's.
        if labels.len() > 2 {
            self.domain(&labels[1..].join("."));
        }
    }

    fn add(&mut self, name: &str, pseudonym: &str, is_account: bool) {
        if is_everywhere(name) {
            return;
        }
        // As the folder of a host in the store is called.
        for name in [name, &folder_name(name)] {
            let known = self.all.entry(name.to_lowercase());
            known.or_insert_with(|| (pseudonym.to_owned(), is_account, name.to_owned()));
        }
    }

    pub(super) fn finish(self) -> anyhow::Result<Names> {
        let sorted = self.all.iter();
        let sorted = sorted
            .map(|(name, (pseudonym, ..))| (name.clone(), pseudonym.clone()))
            .collect();
        let mut texts = Vec::new();
        let mut patterns = Vec::new();
        for (name, (pseudonym, is_account, written)) in self.all {
            // Capitals of other letters than A to Z are not told apart by the finder.
            let mut spellings = vec![name];
            if !written.is_ascii() {
                spellings.push(spellings[0].to_uppercase());
                spellings.push(written);
                spellings.dedup();
            }
            for spelling in spellings {
                let cut = spelling.char_indices().nth(LONG).map(|(end, _)| end);
                texts.push(spelling[..cut.unwrap_or(spelling.len())].to_owned());
                patterns.push(Name {
                    pseudonym: pseudonym.clone(),
                    is_account,
                    long: cut.map(|_| spelling),
                });
            }
        }
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&texts)
            .context("too many names to hide")?;
        Ok(Names {
            finder,
            patterns,
            sorted,
        })
    }
}

/// `DOMAIN\name` or `name@domain` in two. Where there are several backslashes, each may be the one that parts them.
fn domains_and_names(account: &str) -> Vec<(&str, &str)> {
    let is_sane = account.len() <= LONG * MOST_LABELS;
    let parted: Vec<_> = account
        .match_indices('\\')
        .take(if is_sane { MOST_LABELS } else { 1 })
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
    let all = [Some(name.to_owned()), unseen, trimmed];
    all.into_iter().flatten()
}

/// Whether a name is the same on every machine.
pub(super) fn is_everywhere(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    name.is_empty()
        || EVERYWHERE.contains(&name.as_str())
        || OF_SESSIONS.iter().any(|start| name.starts_with(start))
}

/// Takes the cells of two columns of a CSV file of the case, row by row.
fn cells(
    case: &Path,
    name: &'static str,
    columns: &[&str; 2],
    mut take: impl FnMut([&str; 2]),
) -> anyhow::Result<()> {
    let file = File::open(case.join(name)).with_context(|| format!("reading {name}"))?;
    for row in rows(file, name, columns)? {
        let row = row?;
        take(columns.map(|column| row.get(column)));
    }
    Ok(())
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
    fn a_name_that_the_report_cuts_is_found_by_its_beginning() {
        let long = "ab.".repeat(400_000);
        let names = names(&[&["a b"]], &[&[&long]]);
        assert_eq!(names.hide(&format!("as {}", &long[..80])), "as ACCOUNT-1");
        assert_eq!(
            names.hide(&format!("as {long}, then")),
            "as ACCOUNT-1, then"
        );
        assert_eq!(names.hide(&format!("as {}x", &long[..70])), "as ACCOUNT-1x");
        assert_eq!(
            names.hide("timeline/host=a%20b/evtx-000.parquet"),
            "timeline/host=HOST-1/evtx-000.parquet"
        );
    }

    #[test]
    fn of_names_that_overlap_nothing_is_left() {
        let alike = "x".repeat(2 * LONG);
        let [one, other] = ["a", "b"].map(|end| format!("{alike}{end}"));
        let names = names(
            &[&["a.b c"], &[&one], &[&other]],
            &[&["b c d"], &["<xyz>"], &["m\u{fc}ll"]],
        );
        for (text, expected) in [
            (&*other, "HOST-3"),
            (&*one, "HOST-2"),
            ("a.b c d", "HOST-1"),
            ("i<xyz>i", "iACCOUNT-2i"),
            ("im\u{fc}ll", "im\u{fc}ll"),
        ] {
            assert_eq!(names.hide(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_hidden_that_is_cut_at_a_blank() {
        let names = names(&[], &[&["Print and Scan Service of Building Four"]]);
        for (text, expected) in [
            ("run as print and scan", Some((7, "ACCOUNT-1"))),
            ("run as print and go", None),
            ("as pr", None),
        ] {
            assert_eq!(names.cut(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cells_only_show_is_hidden_too() {
        let names = names(
            &[&[r"W\x1b[31mS"]],
            &[&[r"CORP\nadia"], &[r"CO\u202eRP\ivan"]],
        );
        for (text, expected) in [
            ("W\u{1b}[31mS", "HOST-1"),
            (r"CORP\nadia", r"DOMAIN-1\ACCOUNT-1"),
            ("CO\u{202e}RP\\ivan", "ACCOUNT-2"),
        ] {
            assert_eq!(names.hide(text), expected, "{text}");
        }
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
                &["Öztürk"],
                &["profile j.moreau"],
                &["z"],
                &["admin"],
            ],
        );
        for (text, expected) in [
            ("ws01", "HOST-1"),
            ("WS01.CORP.EXAMPLE.COM", "HOST-1"),
            ("WS01.other.example", "HOST-1.other.example"),
            (r"CORP\WS01$", r"DOMAIN-3\HOST-1$"),
            (r"corp\Ana and banana", r"DOMAIN-3\ACCOUNT-1 and banana"),
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
            ("Öztürk öztürk", "ACCOUNT-4 ACCOUNT-4"),
            (r"C:\Users\j.moreau\x", r"C:\Users\ACCOUNT-5\x"),
            (
                r"Z: is mapped, CORP\z came",
                r"Z: is mapped, DOMAIN-3\ACCOUNT-6 came",
            ),
            (r"\\srv\ADMIN$ as admin", r"\\HOST-2\ADMIN$ as ACCOUNT-7"),
            ("%5C%5Cws01 `nws01 anws01", "%5C%5CHOST-1 `nHOST-1 anws01"),
            ("DC=corp,DC=example,DC=com", "DOMAIN-1"),
            ("mail.example.com", "mail.DOMAIN-2"),
        ] {
            assert_eq!(names.hide(text), expected, "{text}");
        }
    }
}
