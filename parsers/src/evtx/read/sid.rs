//! Security identifiers ([MS-DTYP] §2.4.2).

use super::ascii::Backwards;
use super::number::{write_hex, write_unsigned};
use super::text::Text;

/// Bytes before the sub-authorities: revision, their count, and the authority.
const HEADER: usize = 8;
/// Bytes of the five subauthorities that an account of a domain has. With dashes and the ten digits
/// that each can have, they are 55 characters; revision and authority are 15 more.
const USUAL: usize = 20;

/// The first security identifier in `bytes`, and what follows it.
pub(super) fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = usize::from(*bytes.get(1)?);
    bytes.split_at_checked(count.saturating_mul(4).saturating_add(HEADER))
}

/// The security identifier at the start of `bytes`, as text.
pub(crate) fn sid_text(bytes: &[u8]) -> Option<String> {
    let (sid, _) = split(bytes).filter(|(sid, _)| sid.first() == Some(&1))?;
    let mut text = String::new();
    write_text(sid, &mut text);
    Some(text)
}

/// Appends `S-1-5-21-…`. The authority is decimal unless it needs more than 32 bits, as Windows
/// prints it.
pub(super) fn write_text(sid: &[u8], out: &mut impl Text) {
    let Some((head, subauthorities)) = sid.split_first_chunk::<HEADER>() else {
        return;
    };
    // The authority is six bytes, highest first, behind the revision and the count.
    let [revision, ..] = *head;
    let authority = u64::from_be_bytes(*head) & 0xffff_ffff_ffff;
    out.push_str("S-");
    if u32::try_from(authority).is_err() {
        write_unsigned(u64::from(revision), out);
        out.push('-');
        write_hex(authority, out);
        write_subauthorities(subauthorities, out);
        return;
    }
    // Almost all identifiers fit into one buffer.
    let mut text = Backwards::<80>::new();
    let (first, more) = subauthorities
        .split_at_checked(USUAL)
        .unwrap_or((subauthorities, &[]));
    for subauthority in first.as_chunks::<4>().0.iter().rev() {
        text.push_decimal(u64::from(u32::from_le_bytes(*subauthority)));
        text.push(b'-');
    }
    text.push_decimal(authority);
    text.push(b'-');
    text.push_decimal(u64::from(revision));
    text.append(out);
    write_subauthorities(more, out);
}

fn write_subauthorities(subauthorities: &[u8], out: &mut impl Text) {
    for subauthority in subauthorities.as_chunks::<4>().0 {
        out.push('-');
        write_unsigned(u64::from(u32::from_le_bytes(*subauthority)), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];

    #[test]
    fn prints_the_usual_form() {
        let mut out = String::new();
        write_text(&SYSTEM, &mut out);
        assert_eq!(out, "S-1-5-18");
    }

    #[test]
    fn prints_the_longest_form() {
        let mut sid = vec![255, 15, 0, 0, 255, 255, 255, 255];
        sid.extend([255; 60]);
        let mut out = String::new();
        write_text(&sid, &mut out);
        assert_eq!(out, format!("S-255-4294967295{}", "-4294967295".repeat(15)));
        sid[2] = 1;
        out.clear();
        write_text(&sid, &mut out);
        assert_eq!(
            out,
            format!("S-255-0x100ffffffff{}", "-4294967295".repeat(15))
        );
    }

    #[test]
    fn knows_where_it_ends() {
        let mut two = SYSTEM.to_vec();
        two.extend([1, 0, 0, 0, 0, 0, 0, 1]);
        let (first, rest) = split(&two).unwrap();
        assert_eq!((first.len(), rest.len()), (12, 8));
        assert_eq!(split(&SYSTEM[..11]), None);
    }
}
