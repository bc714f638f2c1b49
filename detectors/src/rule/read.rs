//! An entry of a movement table: which stage's field gives a value, and which part of it.

use std::borrow::Cow;
use std::net::IpAddr;

use regex_automata::meta::Regex;
use serde::Deserialize;

/// `N:field`, or `{ field = "N:field", capture = '…(…)…' }`.
#[derive(Clone, Debug)]
pub struct Read {
    /// The stage as written, from 1 on.
    pub stage: usize,
    /// The field of the stage's event.
    pub field: String,
    /// Cuts the value out of the field's text: its one group.
    pub capture: Option<Regex>,
}

/// What a rule file says.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"N:field\" or { field = \"N:field\", capture = '…' }"
)]
pub(super) enum Written {
    Plain(String),
    Captured { field: String, capture: String },
}

impl Read {
    pub(super) fn compile(written: &Written) -> Result<Self, String> {
        let (place, pattern) = match written {
            Written::Plain(place) => (place, None),
            Written::Captured { field, capture } => (field, Some(capture)),
        };
        let (stage, field) = place
            .split_once(':')
            .and_then(|(stage, field)| Some((stage.parse().ok()?, field)))
            .ok_or_else(|| format!("`{place}` is not of the form N:field"))?;
        let capture = pattern.map(|pattern| one_group(pattern)).transpose()?;
        Ok(Self {
            stage,
            field: field.to_owned(),
            capture,
        })
    }

    /// The part of a field's text that the entry is about. `None` where it cuts and nothing fits.
    #[must_use]
    pub fn cut<'a>(&self, text: &'a str) -> Option<&'a str> {
        let Some(capture) = &self.capture else {
            return Some(text);
        };
        let mut groups = capture.create_captures();
        capture.captures(text, &mut groups);
        text.get(groups.get_group(1)?.range())
    }
}

fn one_group(pattern: &str) -> Result<Regex, String> {
    let regex = Regex::new(pattern).map_err(|error| format!("capture `{pattern}`: {error}"))?;
    match regex
        .group_info()
        .group_len(regex_automata::PatternID::ZERO)
    {
        2 => Ok(regex),
        groups => Err(format!(
            "capture `{pattern}` has {} groups, not one",
            groups - 1
        )),
    }
}

/// What an entry about a host or an address names: an address in its one form, a host name as it
/// stands. `None` for what names nobody.
#[must_use]
pub fn far_name(read: &Read, text: &str) -> Option<String> {
    let part = read.cut(text)?;
    let host = || as_host(part).map(std::borrow::Cow::into_owned);
    as_address(part)
        .map(|address| address.to_string())
        .or_else(host)
}

/// An address in its one form, or `None` for what is none or names nobody (`::`, `0.0.0.0`).
#[must_use]
pub fn as_address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.trim().parse().ok()?;
    let address = address.to_canonical();
    (!address.is_unspecified()).then_some(address)
}

/// A host name, or `None` for what cannot be one: an address, a path, a blank, `-`.
#[must_use]
pub fn as_host(text: &str) -> Option<Cow<'_, str>> {
    let name = text.trim().trim_start_matches('\\');
    // What NetBIOS allows, without what no name of a host is written with.
    let letters = |c: char| c.is_alphanumeric() || ".-_$!#&()'{}~^".contains(c);
    let is_name = !name.is_empty()
        && name.len() <= 255
        && name.chars().all(letters)
        && name.chars().any(char::is_alphanumeric)
        && name.parse::<IpAddr>().is_err();
    is_name.then_some(Cow::Borrowed(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_can_cut_its_value_out() {
        let written = Written::Captured {
            field: "1:process.command_line".into(),
            capture: r"(?i)/v:(\S+)".into(),
        };
        let read = Read::compile(&written).unwrap();
        assert_eq!(
            (read.stage, read.field.as_str()),
            (1, "process.command_line")
        );
        assert_eq!(read.cut("mstsc /V:10.20.30.22 /f"), Some("10.20.30.22"));
        assert_eq!(read.cut("mstsc"), None);
    }

    #[test]
    fn what_is_not_an_entry_is_refused() {
        for place in ["source.ip", "x:source.ip", ""] {
            assert!(
                Read::compile(&Written::Plain(place.into())).is_err(),
                "{place}"
            );
        }
        let none = Written::Captured {
            field: "1:a".into(),
            capture: "x".into(),
        };
        assert!(Read::compile(&none).unwrap_err().contains("0 groups"));
    }

    #[test]
    fn hosts_and_addresses_are_told_apart() {
        assert_eq!(as_host(r"\\SRV02"), Some("SRV02".into()));
        for text in ["-", "", "10.0.0.1", "a b", r"C:\x", "::1"] {
            assert_eq!(as_host(text), None, "{text}");
        }
        assert_eq!(
            as_address("::ffff:10.0.0.1")
                .map(|ip| ip.to_string())
                .as_deref(),
            Some("10.0.0.1")
        );
        for text in ["0.0.0.0", "::", "-", "SRV02"] {
            assert_eq!(as_address(text), None, "{text}");
        }
    }
}
