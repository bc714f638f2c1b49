//! Accounts by their SIDs.

use super::note::{Note, What};
use super::{Basis, Period};

/// How many names and hosts of an account are listed.
const MOST: usize = 256;

/// What an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// The system's own, or one of its services, sessions or application pools.
    System,
    /// Of a machine in a domain: `NAME$`.
    Machine,
    /// The administrator that every machine and domain has (RID 500).
    Administrator,
    /// Any other user.
    User,
}

impl AccountKind {
    /// The word in `accounts.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Machine => "machine",
            Self::Administrator => "built-in administrator",
            Self::User => "user",
        }
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its SID; empty of one that is only named.
    pub sid: String,
    /// `DOMAIN\name`, the short domain before the long; empty when nothing names it.
    pub name: String,
    /// All names.
    pub names: Vec<String>,
    /// What it is.
    pub kind: AccountKind,
    /// Machines whose evidence has it.
    pub hosts: Vec<String>,
    /// When it was seen.
    pub period: Option<Period>,
    /// How it is known.
    pub basis: Vec<Basis>,
}

impl Account {
    pub(super) fn new(sid: String) -> Self {
        Self {
            kind: AccountKind::User,
            sid,
            name: String::new(),
            names: Vec::new(),
            hosts: Vec::new(),
            period: None,
            basis: Vec::new(),
        }
    }

    /// Takes another of the same name.
    pub(super) fn join(&mut self, other: Self) {
        for (own, others) in [
            (&mut self.names, other.names),
            (&mut self.hosts, other.hosts),
        ] {
            for one in others {
                if own.len() < MOST && !own.contains(&one) {
                    own.push(one);
                }
            }
            own.sort_unstable();
        }
        match (&mut self.period, other.period) {
            (Some(own), Some(other)) => own.join(other),
            (None, other) => self.period = other,
            (Some(_), None) => {}
        }
    }

    pub(super) fn add(&mut self, note: Note) {
        let list = match note.what {
            What::Name => &mut self.names,
            What::Seen => &mut self.hosts,
            _ => return,
        };
        if list.len() < MOST && !list.contains(&note.value) {
            list.push(note.value);
        }
        if !self.basis.contains(&note.basis) {
            self.basis.push(note.basis);
        }
        // A hive's times are those of its keys.
        if note.basis != Basis::Registry {
            match &mut self.period {
                Some(period) => period.join(note.period),
                None => self.period = Some(note.period),
            }
        }
    }

    pub(super) fn finish(mut self) -> Self {
        self.basis.sort_unstable();
        let is_own = kind_of(&self.sid, "") == AccountKind::System;
        let best = self.names.iter().min_by_key(|name| {
            let is_profile = name.starts_with("profile ");
            let domain = name.split_once('\\').map(|(domain, _)| domain);
            let is_long = domain.is_some_and(|domain| domain.contains('.'));
            // Events give the system's own account the machine's name, too.
            let is_machine = is_own && name.ends_with('$');
            (is_profile, is_machine, domain.is_none(), is_long)
        });
        self.name = best
            .filter(|name| !name.starts_with("profile "))
            .cloned()
            .unwrap_or_default();
        self.kind = kind_of(&self.sid, &self.name);
        self
    }
}

fn kind_of(sid: &str, name: &str) -> AccountKind {
    // Of the names alone, those of the system and of machines are left out.
    let is_of_domain =
        sid.is_empty() || sid.starts_with("S-1-5-21-") || sid.starts_with("S-1-12-1-");
    if !is_of_domain {
        AccountKind::System
    } else if name.ends_with('$') {
        AccountKind::Machine
    } else if sid.ends_with("-500") {
        AccountKind::Administrator
    } else {
        AccountKind::User
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_told_apart_by_sid_and_name() {
        for (sid, name, kind) in [
            ("S-1-5-18", "SYSTEM", AccountKind::System),
            ("S-1-5-90-0-1", "DWM-1", AccountKind::System),
            ("S-1-5-21-1-2-3-1207", "CORP\\WS07$", AccountKind::Machine),
            (
                "S-1-5-21-1-2-3-500",
                "SRV\\Administrateur",
                AccountKind::Administrator,
            ),
            ("S-1-5-21-1-2-3-1500", "CORP\\ana", AccountKind::User),
            ("", "CORP\\ana", AccountKind::User),
        ] {
            assert_eq!(kind_of(sid, name), kind, "{sid}");
        }
    }
}
