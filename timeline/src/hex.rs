//! Bytes as lower-case hexadecimal.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The bytes, two digits each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 0xf)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for &byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(super::hex(&[0x00, 0x0f, 0xa5, 0xff]), "000fa5ff");
    }
}
