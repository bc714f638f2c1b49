//! The password of an archive.

use std::io::{self, Read};
use std::sync::Arc;

use super::zip;
use crate::collect::streamed::Open;

/// A password that decodes this much of a member is the right one, even if its end is damaged.
const CONVINCING: u64 = 64 << 20;
/// So many members are tried before an archive is taken to be locked: each try costs a thousand hashes.
const TRIED: u64 = 16;
/// That opened another member of the archive is nearly enough.
const START: u64 = 64 << 10;

/// What is known of an archive's password.
#[derive(Default)]
pub(super) struct Lock {
    /// The one that opened a member.
    pub(super) password: Option<Arc<[u8]>>,
    /// The first member that none opens, and how many there are.
    pub(super) first: Option<String>,
    pub(super) locked: u64,
}

impl Lock {
    /// Finds the password of a member: the one of the archive, or the first of these that opens it.
    pub(super) fn open(
        &mut self,
        member: &mut zip::Member,
        name: &str,
        passwords: &[Arc<[u8]>],
    ) -> bool {
        if self.password.is_none() && self.locked >= TRIED {
            self.locked += 1;
            return false;
        }
        let known = self.password.iter().map(|known| (known, START));
        let others = passwords.iter().map(|password| (password, CONVINCING));
        for (password, enough) in known.chain(others) {
            member.password = Some(Arc::clone(password));
            if opens(member, enough) {
                self.password.clone_from(&member.password);
                return true;
            }
        }
        self.locked += 1;
        self.first.get_or_insert_with(|| name.to_owned());
        false
    }
}

/// Whether a member can be decoded with its password.
fn opens(member: &zip::Member, enough: u64) -> bool {
    let Ok(reader) = member.open() else {
        return false;
    };
    let decoded = io::copy(&mut reader.take(enough), &mut io::sink());
    decoded.is_ok()
}
