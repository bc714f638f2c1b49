//! Addresses as logs write them.

use std::net::IpAddr;

/// The address in its one text form: IPv6 compressed, IPv4 mapped into IPv6 as IPv4, brackets and
/// zone cut off. `None` for what is not an address (`LOCAL`, `Unknown`, `-`).
pub(crate) fn address(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let text = text.split('%').next().unwrap_or(text);
    let address: IpAddr = text.parse().ok()?;
    Some(address.to_canonical().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_for_every_spelling() {
        for (text, expected) in [
            ("::ffff:10.20.30.11", Some("10.20.30.11")),
            ("fe80:0:0:0:0:0:0:1", Some("fe80::1")),
            ("0:0:0:0:0:0:0:1", Some("::1")),
            ("fe80::1%12", Some("fe80::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("192.0.2.7", Some("192.0.2.7")),
            ("LOCAL", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(address(text).as_deref(), expected, "{text}");
        }
    }
}
