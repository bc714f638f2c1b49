//! GUIDs as text.

use super::ascii::{Ascii, Case, hex};
use super::text::Text;

/// The text of a GUID.
pub(crate) fn guid_text(guid: &[u8; 16]) -> String {
    let mut text = String::new();
    write_text(guid, &mut text);
    text
}

/// Appends `{5770385F-C22A-43E0-BF4C-06F5698FFBD9}`: upper case in braces, as rules write it. The
/// first three groups are stored little-endian.
pub(super) fn write_text(guid: &[u8; 16], out: &mut impl Text) {
    let [
        a3,
        a2,
        a1,
        a0,
        b1,
        b0,
        c1,
        c0,
        d0,
        d1,
        e0,
        e1,
        e2,
        e3,
        e4,
        e5,
    ] = *guid;
    let a = hex([a0, a1, a2, a3], Case::Upper);
    let [b @ .., c0, c1, c2, c3] = hex([b0, b1, c0, c1], Case::Upper);
    let [d @ .., f0, f1, f2, f3] = hex([d0, d1, e0, e1], Case::Upper);
    let [g0, g1, g2, g3, h0, h1, h2, h3] = hex([e2, e3, e4, e5], Case::Upper);
    let [a0, a1, a2, a3, a4, a5, a6, a7] = a;
    let [b0, b1, b2, b3] = b;
    let [d0, d1, d2, d3] = d;
    let text = [
        b'{', a0, a1, a2, a3, a4, a5, a6, a7, b'-', b0, b1, b2, b3, b'-', c0, c1, c2, c3, b'-', d0,
        d1, d2, d3, b'-', f0, f1, f2, f3, g0, g1, g2, g3, h0, h1, h2, h3, b'}',
    ];
    let mut ascii = Ascii([b'0'; 48]);
    if let Some(start) = ascii.0.first_chunk_mut() {
        *start = text;
    }
    out.push_ascii(&ascii, 0, text.len());
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_three_groups_are_little_endian() {
        let mut out = String::new();
        let bytes = std::array::from_fn(|index| u8::try_from(index).unwrap() << 4 | 0xa);
        super::write_text(&bytes, &mut out);
        assert_eq!(out, "{3A2A1A0A-5A4A-7A6A-8A9A-AABACADAEAFA}");
    }
}
