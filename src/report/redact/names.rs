//! Names of hosts, accounts and domains, and their pseudonyms.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use aho_corasick::AhoCorasick;
use anyhow::Context;

use crate::stored_csv::{listed, plain};

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

/// Finds names, and says what stands for them.
pub(super) struct Names {
    finder: AhoCorasick,
    pseudonyms: Vec<String>,
}

impl Names {
    /// The names of a case, by hosts.csv and accounts.csv.
    pub(super) fn of(case: &Path) -> anyhow::Result<Self> {
        let hosts = cells(&case.join("hosts.csv"), ["host", "names"])?;
        let accounts = cells(&case.join("accounts.csv"), ["account", "names"])?;
        let mut known = Known::default();
        for (number, names) in hosts.iter().enumerate() {
            known.host(&format!("HOST-{}", number + 1), names);
        }
        for names in &accounts {
            known.account(names);
        }
        known.finish()
    }

    /// The text with pseudonyms where names stand as whole words.
    pub(super) fn hide(&self, text: &str) -> String {
        let is_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
        let whole = self.finder.find_overlapping_iter(text).filter(|found| {
            let before = text[..found.start()].chars().next_back();
            let after = text[found.end()..].chars().next();
            !is_word(before) && !is_word(after)
        });
        let mut whole: Vec<_> = whole
            .map(|found| (found.start(), found.end(), found.pattern()))
            .collect();
        // Where several begin at one place, the longest says most.
        whole.sort_by_key(|&(start, end, _)| (start, std::cmp::Reverse(end)));
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end, pattern) in whole {
            if start >= done {
                out.push_str(&text[done..start]);
                out.push_str(&self.pseudonyms[pattern.as_usize()]);
                done = end;
            }
        }
        out.push_str(&text[done..]);
        out
    }
}

/// Names on their way.
#[derive(Default)]
struct Known {
    /// The pseudonym of each name, in lower case.
    all: BTreeMap<String, String>,
    domains: usize,
    accounts: usize,
}

impl Known {
    fn host(&mut self, pseudonym: &str, names: &[String]) {
        for name in names {
            if name.parse::<std::net::IpAddr>().is_ok() {
                continue;
            }
            self.add(name, pseudonym);
            if let Some((short, domain)) = name.split_once('.') {
                self.add(short, pseudonym);
                self.domain(domain);
            }
        }
    }

    /// All names of one account have one pseudonym.
    fn account(&mut self, names: &[String]) {
        let mut bare = Vec::new();
        for name in names {
            let mail = || name.split_once('@').map(|(name, domain)| (domain, name));
            let parts = name.split_once('\\').or_else(mail);
            let (domain, name) = parts.unwrap_or(("", name));
            self.domain(domain);
            // A machine's account is called as the machine.
            let name = name.trim_end_matches('$');
            if !is_everywhere(name) && !self.all.contains_key(&name.to_lowercase()) {
                bare.push(name.to_owned());
            }
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
        let mut patterns = Vec::new();
        let mut pseudonyms = Vec::new();
        for (name, pseudonym) in self.all {
            // Capitals of other letters than A to Z are not told apart by the finder.
            let capitals = Some(name.to_uppercase()).filter(|_| !name.is_ascii());
            for pattern in [Some(name), capitals].into_iter().flatten() {
                patterns.push(pattern);
                pseudonyms.push(pseudonym.clone());
            }
        }
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&patterns)
            .context("too many names to hide")?;
        Ok(Names { finder, pseudonyms })
    }
}

fn is_everywhere(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    name.is_empty()
        || EVERYWHERE.contains(&name.as_str())
        || OF_SESSIONS.iter().any(|start| name.starts_with(start))
}

/// The names in two columns of a CSV file of the case, those of each row together.
fn cells(path: &Path, columns: [&str; 2]) -> anyhow::Result<Vec<Vec<String>>> {
    let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
    let mut reader = csv::Reader::from_reader(file);
    let told = || format!("{} is not as this program writes it", path.display());
    let header = reader.headers().with_context(told)?.clone();
    let places = columns.map(|name| header.iter().position(|column| column == name));
    let [Some(name), Some(names)] = places else {
        anyhow::bail!(told());
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.with_context(told)?;
        let cell = |place: usize| plain(record.get(place).unwrap_or_default());
        let mut all = vec![cell(name).to_owned()];
        all.extend(listed(cell(names)));
        rows.push(all);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(hosts: &[&[&str]], accounts: &[&[&str]]) -> Names {
        let owned = |names: &&[&str]| -> Vec<String> {
            names.iter().map(|&name| name.to_owned()).collect()
        };
        let mut known = Known::default();
        for (number, host) in hosts.iter().map(owned).enumerate() {
            known.host(&format!("HOST-{}", number + 1), &host);
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
}
