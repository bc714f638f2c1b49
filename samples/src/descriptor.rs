//! Security descriptors in the form that hives and volumes store ([MS-DTYP] §2.4.6, self-relative).

use crate::evtx::Sid;

/// A security descriptor that is its first account's, and grants all of them these rights.
#[must_use]
pub fn security_descriptor(granted: &[Sid], rights: u32) -> Vec<u8> {
    let sids: Vec<Vec<u8>> = granted.iter().map(Sid::bytes).collect();
    let mut list = Vec::new();
    for sid in &sids {
        list.extend([0, 2]);
        list.extend(short(8 + sid.len()).to_le_bytes());
        list.extend(rights.to_le_bytes());
        list.extend(sid);
    }
    let owner = sids.first().cloned().unwrap_or_default();
    let owners = 20 + 8 + list.len();
    let mut descriptor = vec![1, 0, 0x04, 0x80];
    for offset in [owners, owners, 0, 20] {
        let offset = u32::try_from(offset).expect("a list of accounts is shorter than 64 KiB");
        descriptor.extend(offset.to_le_bytes());
    }
    descriptor.extend([2, 0]);
    descriptor.extend(short(8 + list.len()).to_le_bytes());
    descriptor.extend(short(sids.len()).to_le_bytes());
    descriptor.extend([0; 2]);
    descriptor.extend(list);
    descriptor.extend(owner);
    descriptor
}

fn short(number: usize) -> u16 {
    u16::try_from(number).expect("a list of accounts is shorter than 64 KiB")
}
