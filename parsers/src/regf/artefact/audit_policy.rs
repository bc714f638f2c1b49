//! What the machine was told to audit: what its Security log can, and cannot, have.

use std::io;

use timeline::{Issue, fields as f};

use super::super::node::Node;
use super::super::out::{Certainty, Out};
use super::super::read::BINS;
use crate::le;

/// Bytes before the settings: among them how many categories there are, and where the numbers of their
/// subcategories begin.
const HEADER: usize = 12;
const COUNTS: usize = 8;

/// The subcategories of each category, in the order of the settings. Newer versions of Windows have more,
/// which they put behind the others of their category. Microsoft documents neither; the names are those that
/// `auditpol` prints.
const CATEGORIES: [&[&str]; 9] = [
    &[
        "Security State Change",
        "Security System Extension",
        "System Integrity",
        "IPsec Driver",
        "Other System Events",
    ],
    &[
        "Logon",
        "Logoff",
        "Account Lockout",
        "IPsec Main Mode",
        "Special Logon",
        "IPsec Quick Mode",
        "IPsec Extended Mode",
        "Other Logon/Logoff Events",
        "Network Policy Server",
        "User / Device Claims",
        "Group Membership",
    ],
    &[
        "File System",
        "Registry",
        "Kernel Object",
        "SAM",
        "Other Object Access Events",
        "Certification Services",
        "Application Generated",
        "Handle Manipulation",
        "File Share",
        "Filtering Platform Packet Drop",
        "Filtering Platform Connection",
        "Detailed File Share",
        "Removable Storage",
        "Central Policy Staging",
    ],
    &[
        "Sensitive Privilege Use",
        "Non Sensitive Privilege Use",
        "Other Privilege Use Events",
    ],
    &[
        "Process Creation",
        "Process Termination",
        "DPAPI Activity",
        "RPC Events",
        "Plug and Play Events",
        "Token Right Adjusted Events",
    ],
    &[
        "Audit Policy Change",
        "Authentication Policy Change",
        "Authorization Policy Change",
        "MPSSVC Rule-Level Policy Change",
        "Filtering Platform Policy Change",
        "Other Policy Change Events",
    ],
    &[
        "User Account Management",
        "Computer Account Management",
        "Security Group Management",
        "Distribution Group Management",
        "Application Group Management",
        "Other Account Management Events",
    ],
    &[
        "Directory Service Access",
        "Directory Service Changes",
        "Directory Service Replication",
        "Detailed Directory Service Replication",
    ],
    &[
        "Credential Validation",
        "Kerberos Service Ticket Operations",
        "Other Account Logon Events",
        "Kerberos Authentication Service",
    ],
];

/// Policy\PolAdtEv: one event for the policy.
pub(super) fn policy(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let Some(value) = node.key.value("") else {
        return Ok(());
    };
    let bytes = value.data().bytes;
    let Some(policy) = Policy::decode(&bytes) else {
        let message = "The audit policy has a form that is not known.";
        out.issue(
            Issue::note("audit-policy", message)
                .at(BINS + u64::from(value.offset()))
                .in_record(node.path),
        );
        return Ok(());
    };
    let mut values = out.values();
    out.put_key(&mut values, node.path);
    values.put_all(f::EVENT_CATEGORY, ["configuration", "host"]);
    values.put(f::EVENT_TYPE, "info");
    values.put(f::EVENT_ACTION, "audit-policy");
    values.put_all(f::REGISTRY_EXT_AUDITED, policy.audited);
    values.put_all(f::REGISTRY_EXT_NOT_AUDITED, policy.not_audited);
    let when = node.written(Certainty::UpperBound);
    let place = node.place_of(&value);
    out.put(place, when, "audit policy", &[&bytes], values)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Policy {
    /// Subcategories, with what of them is audited.
    audited: Vec<String>,
    not_audited: Vec<String>,
}

impl Policy {
    /// A policy of Windows Vista or later, which tells how many subcategories it has.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let counts = usize::try_from(le::u32(bytes, COUNTS)?).ok()?;
        let settings = bytes.get(HEADER..counts)?;
        let counts = bytes.get(counts..)?;
        let mut policy = Self::default();
        let mut at = 0;
        for (category, names) in CATEGORIES.iter().enumerate() {
            let count = usize::from(le::u16(counts, 2 * category)?);
            for number in 0..count {
                let name = match names.get(number) {
                    Some(name) => (*name).to_owned(),
                    None => format!("subcategory {} of category {}", number + 1, category + 1),
                };
                policy.put(name, le::u16(settings, at)?);
                at += 2;
            }
        }
        Some(policy)
    }

    fn put(&mut self, name: String, setting: u16) {
        let what = match setting & 3 {
            0 => return self.not_audited.push(name),
            1 => "Success",
            2 => "Failure",
            _ => "Success and Failure",
        };
        self.audited.push(format!("{name}: {what}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each subcategory is set to, and how many each category has.
    fn made(settings: &[u16], counts: [u16; 9]) -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, 0, 9, 0, 0, 0];
        bytes.extend(
            u32::try_from(HEADER + 2 * settings.len())
                .unwrap()
                .to_le_bytes(),
        );
        bytes.extend(settings.iter().chain(&counts).flat_map(|n| n.to_le_bytes()));
        bytes
    }

    #[test]
    fn a_policy_has_the_subcategories_that_it_counts() {
        let mut settings = [0; 51];
        settings[5] = 3; // behind the five of the system
        settings[9] = 2;
        settings[29] = 1; // behind 9 of logons, 12 of objects, 3 of privileges
        let policy = Policy::decode(&made(&settings, [5, 9, 12, 3, 4, 6, 6, 4, 2])).unwrap();
        assert_eq!(
            policy.audited,
            [
                "Logon: Success and Failure",
                "Special Logon: Failure",
                "Process Creation: Success"
            ]
        );
        assert_eq!(policy.not_audited.len(), 48);
        assert_eq!(
            policy.not_audited.last().unwrap(),
            "Kerberos Service Ticket Operations"
        );
    }

    #[test]
    fn what_has_no_name_yet_has_a_number() {
        let policy = Policy::decode(&made(&[1; 12], [0, 0, 0, 0, 0, 0, 0, 5, 7])).unwrap();
        assert_eq!(policy.audited[4], "subcategory 5 of category 8: Success");
        assert_eq!(policy.audited.len(), 12);
    }

    #[test]
    fn other_forms_and_damage_give_nothing() {
        let whole = made(&[1; 9], [1; 9]);
        assert!(Policy::decode(&whole).is_some());
        for end in 0..whole.len() {
            assert_eq!(Policy::decode(&whole[..end]), None, "{end}");
        }
        // Windows NT and 2000.
        let old = [
            0, 1, 0x21, 0x14, 3, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 7, 0, 0, 0,
        ];
        assert_eq!(Policy::decode(&old), None);
        assert_eq!(Policy::decode(&made(&[1; 9], [0xffff; 9])), None);
    }
}
