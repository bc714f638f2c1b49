//! Ends of connections as logs write them: an address or a name, with or without a port.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{address, part};

/// One end of a connection.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Endpoint<'a> {
    /// Its address in the one text form.
    pub(crate) ip: Option<String>,
    /// Its port.
    pub(crate) port: Option<i64>,
    /// Its name, where it is no address.
    pub(crate) name: Option<Cow<'a, str>>,
}

/// Reads `10.1.2.3:50270`, `[2001:db8::1]:443`, `2001:db8::1`, `\\SRV02`, `srv02.example.com:5985`.
pub(crate) fn endpoint<'a>(text: &Cow<'a, str>) -> Endpoint<'a> {
    let trimmed = text.trim().trim_start_matches('\\');
    if let Some(ip) = address(trimmed) {
        return Endpoint {
            ip: Some(ip),
            ..Endpoint::default()
        };
    }
    let split = trimmed.rsplit_once(':').and_then(|(host, port)| {
        let port: u16 = port.parse().ok()?;
        Some((host, port))
    });
    let (host, port) = match split {
        Some((host, port)) => (host, Some(i64::from(port))),
        None => (trimmed, None),
    };
    let ip = address(host);
    let is_named = ip.is_none() && !host.is_empty() && host != "-";
    Endpoint {
        port,
        name: is_named.then(|| within(text, host)),
        ip,
    }
}

/// A part of a text, found where it stands.
fn within<'a>(text: &Cow<'a, str>, inner: &str) -> Cow<'a, str> {
    let start = text.find(inner).unwrap_or_default();
    part(text, start..start + inner.len())
}

/// The host of a URL, with its port if it has one: of `https://user@host:8443/x`, of `host/path`, of
/// `\\host\share`. Nothing where it names a local file.
pub(crate) fn url_host(url: &str) -> Option<&str> {
    let url = url.trim();
    let rest = if let Some(unc) = url.strip_prefix("\\\\") {
        unc
    } else if let Some((_, rest)) = url.split_once("://") {
        rest
    } else if url.get(1..3) == Some(":\\") {
        return None;
    } else {
        url
    };
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let host = rest.get(..end)?.rsplit('@').next()?;
    (!host.is_empty()).then_some(host)
}

/// The end that a `SOCKADDR` in hexadecimal is, as `address:port`; without a port where that is zero.
pub(crate) fn socket_address(hex: &str) -> Option<String> {
    const INET: u16 = 2;
    const INET6: u16 = 23;
    let bytes = from_hex(hex, 24);
    let (family, rest) = bytes.split_first_chunk::<2>()?;
    let (port, rest) = rest.split_first_chunk::<2>()?;
    let port = u16::from_be_bytes(*port);
    let ip: IpAddr = match u16::from_le_bytes(*family) {
        INET => Ipv4Addr::from(*rest.first_chunk::<4>()?).into(),
        // A flow label stands before the address.
        INET6 => Ipv6Addr::from(*rest.get(4..)?.first_chunk::<16>()?).into(),
        _ => return None,
    };
    Some(if port == 0 {
        ip.to_string()
    } else {
        SocketAddr::new(ip, port).to_string()
    })
}

/// The bytes of a text in hexadecimal, as far as it is one; at most so many.
pub(crate) fn from_hex(hex: &str, most: usize) -> Vec<u8> {
    let mut digits = hex
        .bytes()
        .filter(|byte| *byte != b'-')
        .map_while(|byte| char::from(byte).to_digit(16));
    let mut bytes = Vec::new();
    while let (true, Some(high), Some(low)) = (bytes.len() < most, digits.next(), digits.next()) {
        bytes.extend(u8::try_from(high << 4 | low));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_in_every_spelling() {
        for (text, expected) in [
            ("192.0.2.7:50270", "192.0.2.7 50270 –"),
            ("[2001:db8::1]:443", "2001:db8::1 443 –"),
            ("[::ffff:192.0.2.7]:443", "192.0.2.7 443 –"),
            ("2001:db8::1", "2001:db8::1 – –"),
            ("\\\\192.0.2.7", "192.0.2.7 – –"),
            ("\\SRV02", "– – SRV02"),
            ("srv02.example.com:5985", "– 5985 srv02.example.com"),
            ("srv02:http", "– – srv02:http"),
            ("", "– – –"),
            ("-", "– – –"),
        ] {
            let end = endpoint(&Cow::Borrowed(text));
            let or = |text: Option<String>| text.unwrap_or_else(|| "–".into());
            let actual = [
                or(end.ip),
                or(end.port.map(|port| port.to_string())),
                or(end.name.map(Cow::into_owned)),
            ];
            assert_eq!(actual.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn hosts_of_urls() {
        for (url, host) in [
            ("https://a.example.com/x?y", Some("a.example.com")),
            ("http://u:p@192.0.2.7:8080/x", Some("192.0.2.7:8080")),
            ("srv02/wsman?PSVersion=5.1", Some("srv02")),
            ("\\\\srv02\\share\\x", Some("srv02")),
            ("file:///C:/x", None),
            ("C:\\Windows\\x.exe", None),
            ("", None),
        ] {
            assert_eq!(url_host(url), host, "{url}");
        }
    }

    #[test]
    fn socket_addresses_are_read() {
        for (hex, expected) in [
            ("020001BDC000020700000000", Some("192.0.2.7:445")),
            ("02-00-00-00-C0-00-02-07", Some("192.0.2.7")),
            (
                "170001BD0000000020010DB800000000000000000000000100000000",
                Some("[2001:db8::1]:445"),
            ),
            ("0200", None),
            ("0500", None),
            ("not hexadecimal", None),
            ("", None),
        ] {
            assert_eq!(socket_address(hex).as_deref(), expected, "{hex}");
        }
    }
}
