//! What the responder knows to be harmless mostly: scanners, management, jump hosts (`--known`).

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Grade, Movement};
use crate::enrich::same_host;

/// A host or network whose connections are expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it is: `scanner`, `management` or `jump`.
    pub kind: String,
    /// What the responder says of it.
    pub comment: String,
    /// Which host it is.
    pub what: KnownEnd,
}

/// How a known host is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownEnd {
    /// By its name.
    Host(String),
    /// By its address or network.
    Network(IpNet),
}

impl Known {
    /// Whether it is the source of a movement. Of names only that counts which its address is proven to have had: the
    /// other side calls itself what it likes.
    fn is_source(&self, movement: &Movement) -> bool {
        match &self.what {
            KnownEnd::Host(name) => same_host(name, &movement.proven_source),
            KnownEnd::Network(network) => {
                let ip: Option<IpAddr> = movement.source_ip.parse().ok();
                ip.is_some_and(|ip| network.contains(&ip))
            }
        }
    }

    /// In words.
    fn words(&self) -> String {
        let what = match self.kind.as_str() {
            "jump" => "a jump host",
            "scanner" => "a scanner",
            _ => "a management system",
        };
        match self.comment.as_str() {
            "" => format!("the source is known as {what}"),
            comment => format!("the source is known as {what} ({comment})"),
        }
    }
}

/// Notes what the source is known as: such hosts do such things all day, so the movement is one grade less sure, and
/// never left out.
pub(super) fn demote(known: &[Known], movement: &mut Movement) {
    let mut sources = known.iter().filter(|known| known.is_source(movement));
    let Some(known) = sources.next() else {
        return;
    };
    movement.innocent = known.words();
    movement.grade = match movement.grade {
        Grade::Confirmed => Grade::Probable,
        Grade::Probable => Grade::Possible,
        other => other,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_sources_demote_and_never_delete() {
        let known = [
            Known {
                kind: "scanner".into(),
                comment: "Nessus".into(),
                what: KnownEnd::Network("10.9.0.0/16".parse().unwrap()),
            },
            Known {
                kind: "jump".into(),
                comment: String::new(),
                what: KnownEnd::Host("JUMP01".into()),
            },
        ];
        for (ip, host, grade, words) in [
            (
                "10.9.1.2",
                "",
                Grade::Probable,
                "the source is known as a scanner (Nessus)",
            ),
            (
                "10.8.1.2",
                "jump01.corp",
                Grade::Probable,
                "the source is known as a jump host",
            ),
            ("10.8.1.2", "ws01", Grade::Confirmed, ""),
            ("", "", Grade::Confirmed, ""),
        ] {
            let mut movement = Movement {
                source_ip: ip.into(),
                proven_source: host.into(),
                grade: Grade::Confirmed,
                ..Movement::default()
            };
            demote(&known, &mut movement);
            assert_eq!((movement.grade, movement.innocent.as_str()), (grade, words));
        }
    }
}
