//! Identifiers of STIX 2.1 (§2.9): the same object has the same in every run.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::export::sorted;

/// The namespace of observable objects.
const OBSERVABLE: u128 = 0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7;

/// `TYPE--UUID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    pub(super) kind: &'static str,
    uuid: u128,
}

impl Id {
    /// Of an observable object: version 5, of the properties that contribute to it, as canonical JSON (RFC 8785). Their
    /// names are ASCII, and their values texts, integers and lists of such, so JSON with sorted names is that.
    pub(super) fn observable(kind: &'static str, properties: Json) -> Self {
        let hash = Sha1::new()
            .chain_update(OBSERVABLE.to_be_bytes())
            // The canonical form: characters that are not seen stand as they are.
            .chain_update(sorted(properties).to_string());
        Self::of(kind, &hash.finalize(), 5)
    }

    /// Of an object of ours, by what makes it one. The specification wants version 4 for all but observable objects, which
    /// are pseudo-random bits: those of a hash of the key are.
    pub(super) fn ours(kind: &'static str, key: &[&str]) -> Self {
        let mut hash = Sha256::new().chain_update("sidetrack");
        for part in [kind].iter().chain(key) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self::of(kind, &hash.finalize(), 4)
    }

    fn of(kind: &'static str, hash: &[u8], version: u128) -> Self {
        const VERSION: u128 = 0xf << 76;
        const VARIANT: u128 = 0b11 << 62;
        let bits = hash.iter().take(16);
        let bits = bits.fold(0, |bits: u128, byte| bits << 8 | u128::from(*byte));
        let uuid = bits & !(VERSION | VARIANT) | version << 76 | 0b10 << 62;
        Self { kind, uuid }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.uuid);
        let parts = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        write!(f, "{}--{}", self.kind, parts.join("-"))
    }
}

impl From<Id> for Json {
    fn from(id: Id) -> Self {
        id.to_string().into()
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As the specification's own example (§6.9) and OASIS's library have them.
    #[test]
    fn observable_objects_have_the_ids_that_everybody_gives_them() {
        for (id, expected) in [
            (
                Id::observable("ipv4-addr", json!({"value": "198.51.100.3"})),
                "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
            ),
            (
                Id::observable("file", json!({"name": "a\u{1}\u{7f}\"\\ü😀/\n"})),
                "file--bec931d7-4183-53cc-bc00-38f4cf1a5dee",
            ),
        ] {
            assert_eq!(id.to_string(), expected);
        }
    }

    #[test]
    fn ids_of_ours_are_of_their_keys_alone() {
        let id = |key: &[&str]| Id::ours("note", key).to_string();
        assert_eq!(id(&["a", "b"]), id(&["a", "b"]));
        let others = [id(&["ab"]), id(&["a", "b", ""]), id(&["b", "a"])];
        assert!(!others.contains(&id(&["a", "b"])));
        assert_eq!(&id(&["a"])[20..21], "4", "{}", id(&["a"]));
    }
}
