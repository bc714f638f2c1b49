//! What values hold whose form only their place tells, as text.

use super::data::text;
use crate::evtx::read::sid_text;
use crate::le;
use crate::security_descriptor::SecurityDescriptor;

/// The type of data that has no other.
const REG_BINARY: u32 = 3;
/// Values that hold a security descriptor: of tasks, services and shares.
const DESCRIPTORS: [&str; 2] = ["SD", "Security"];
/// Bytes before a name: its length, the room for it, and where it begins.
const NAME_HEADER: usize = 8;

/// The data of a value of a key, if it is of a known form.
pub(super) fn known(path: &str, name: &str, kind: u32, bytes: &[u8]) -> Option<String> {
    if kind == REG_BINARY
        && DESCRIPTORS
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    {
        return SecurityDescriptor::new(bytes).sddl();
    }
    if !name.is_empty() {
        return None;
    }
    // What the machine, and the domain it belongs to, are called by the local security authority.
    match path.strip_prefix(r"Policy\")? {
        "PolAcDmS" | "PolPrDmS" => sid_text(bytes),
        "PolAcDmN" | "PolPrDmN" | "PolDnDDN" => counted(bytes),
        _ => None,
    }
}

/// A text behind its length.
fn counted(bytes: &[u8]) -> Option<String> {
    let length = usize::from(le::u16(bytes, 0)?);
    let name = bytes.get(NAME_HEADER..)?.get(..length)?;
    Some(text(name)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_and_its_domain_are_named() {
        let mut bytes = vec![6, 0, 8, 0, 8, 0, 0, 0];
        bytes.extend([b'D', 0, b'C', 0, b'1', 0, 0, 0]);
        assert_eq!(
            known(r"Policy\PolAcDmN", "", 0, &bytes).as_deref(),
            Some("DC1")
        );
        assert_eq!(known(r"Policy\PolAcDmN", "x", 0, &bytes), None);
        assert_eq!(known(r"Other\PolAcDmN", "", 0, &bytes), None);
        assert_eq!(known(r"Policy\PolAcDmN", "", 0, &bytes[..13]), None);
        let sid = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
        assert_eq!(
            known(r"Policy\PolAcDmS", "", 0, &sid).as_deref(),
            Some("S-1-5-18")
        );
        assert_eq!(known(r"Policy\PolAcDmS", "", 0, &sid[..9]), None);
    }
}
