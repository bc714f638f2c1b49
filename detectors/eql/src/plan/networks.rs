//! `cidrMatch(value, …)`

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::print;
use crate::value::Value;

/// A set of networks. IPv4 and IPv6 never match each other, and an IPv4 address in IPv6 spelling
/// (`::ffff:10.0.0.1`) is an IPv6 address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Networks {
    networks: Vec<IpNet>,
}

impl Networks {
    /// The networks of CIDR texts, or the number of the first that is none.
    pub(crate) fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, usize> {
        let parsed = texts.into_iter().enumerate();
        let networks = parsed.map(|(index, text)| network(text).ok_or(index));
        let mut networks = networks.collect::<Result<Vec<_>, _>>()?;
        networks.sort_unstable();
        networks.dedup();
        Ok(Self { networks })
    }

    /// The networks, sorted, without host bits.
    #[must_use]
    pub fn networks(&self) -> &[IpNet] {
        &self.networks
    }

    /// Whether the text is an address within one of the networks.
    #[must_use]
    pub fn contain(&self, address: &str) -> bool {
        address.parse().is_ok_and(|address: IpAddr| {
            self.networks
                .iter()
                .any(|network| network.contains(&address))
        })
    }

    /// The same for a value, or nothing for what is no text.
    #[must_use]
    pub fn test(&self, value: &Value<'_>) -> Option<bool> {
        value.as_text().map(|address| self.contain(address))
    }
}

/// A network; a bare address is one of a single address, and host bits are dropped.
fn network(text: &str) -> Option<IpNet> {
    if text.contains('/') {
        return text.parse().ok().map(|network: IpNet| network.trunc());
    }
    text.parse()
        .ok()
        .map(|address: IpAddr| IpNet::from(address))
}

/// The arguments behind the first: `"10.0.0.0/8", "::1/128"`.
impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.networks.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            print::text(&network.to_string(), f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(network: &str, address: &str, expected: bool) {
        let networks = Networks::parse([network]).unwrap();
        assert_eq!(networks.contain(address), expected, "{network} {address}");
    }

    #[test]
    fn host_bits_do_not_count() {
        check("10.6.48.157/8", "10.1.2.3", true);
        check("10.6.48.157", "10.6.48.157", true);
        check("10.6.48.157", "10.6.48.158", false);
        check("fe80::/10", "FE80::1", true);
        check("0.0.0.0/0", "255.255.255.255", true);
    }

    #[test]
    fn families_never_match_each_other() {
        check("0.0.0.0/0", "::1", false);
        check("::/0", "10.0.0.1", false);
        check("10.0.0.0/8", "::ffff:10.0.0.1", false);
        check("::ffff:0:0/96", "::ffff:10.0.0.1", true);
    }

    #[test]
    fn what_is_no_address_lies_in_no_network() {
        check("0.0.0.0/0", "LOCAL", false);
        check("0.0.0.0/0", "", false);
        check("::/0", "fe80::1%eth0", false);
    }

    #[test]
    fn a_bad_network_is_named() {
        for bad in [
            "10.0.0.0/99",
            "10.0.0/8",
            "",
            "10.0.0.0/-1",
            "::/129",
            "a/b",
        ] {
            assert_eq!(Networks::parse(["::1", bad]), Err(1), "{bad}");
        }
    }
}
