//! What the responder knows already: which host had which address (`--hosts`), and whose connections are
//! expected (`--known`). CSV files with a heading line.

use std::net::IpAddr;
use std::path::Path;

use detectors::identity::Given;
use detectors::movement::{Known, KnownEnd};
use ipnet::IpNet;
use serde::Deserialize;
use timeline::Ticks;

use crate::exit::UsageError;
use crate::visible::visible;

/// A line of `--hosts`: a host, one of its addresses, and when it had it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HostLine {
    host: String,
    address: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// A line of `--known`: what it is, its name, address or network, and a remark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownLine {
    kind: String,
    value: String,
    #[serde(default)]
    comment: String,
}

/// What `--known` tells apart.
const KINDS: [&str; 3] = ["scanner", "management", "jump"];

/// Reads the file of `--hosts`.
pub(crate) fn read_hosts(path: &Path) -> anyhow::Result<Vec<Given>> {
    read(
        "--hosts",
        "host,address,from,to",
        path,
        |line: &HostLine| {
            if line.host.trim().is_empty() {
                return Err("there is no host".into());
            }
            let address = line.address.trim();
            let Ok(ip) = address.parse::<IpAddr>() else {
                return Err(format!("expected an IP address; found `{address}`"));
            };
            let time = |text: &str| match text.trim() {
                "" => Ok(None),
                text => Ticks::parse(text).map(Some).ok_or_else(|| {
                    format!("expected a time such as 2026-03-02T21:00:00Z; found `{text}`")
                }),
            };
            let (from, to) = (time(&line.from)?, time(&line.to)?);
            if let (Some(from), Some(to)) = (from, to)
                && to <= from
            {
                return Err(format!("{to} is not after {from}"));
            }
            Ok(Given {
                host: line.host.trim().to_owned(),
                ip: ip.to_canonical().to_string(),
                from,
                to,
            })
        },
    )
}

/// Reads the file of `--known`.
pub(crate) fn read_known(path: &Path) -> anyhow::Result<Vec<Known>> {
    read("--known", "kind,value,comment", path, |line: &KnownLine| {
        let kind = line.kind.trim();
        if !KINDS.contains(&kind) {
            return Err(format!("expected {}; found `{kind}`", KINDS.join(", ")));
        }
        let value = line.value.trim();
        let is_network = value.contains('/');
        let what = match (value.parse::<IpNet>(), value.parse::<IpAddr>()) {
            (Ok(network), _) => KnownEnd::Network(network),
            (_, Ok(ip)) => KnownEnd::Network(IpNet::from(ip.to_canonical())),
            _ if is_network => {
                return Err(format!(
                    "expected a network such as 10.1.0.0/16; found `{value}`"
                ));
            }
            _ if value.is_empty() => return Err("there is no host, address or network".into()),
            _ => KnownEnd::Host(value.to_owned()),
        };
        Ok(Known {
            kind: kind.to_owned(),
            comment: line.comment.trim().to_owned(),
            what,
        })
    })
}

/// Reads a CSV file line by line.
fn read<Line: for<'de> Deserialize<'de>, T>(
    option: &str,
    heading: &str,
    path: &Path,
    take: impl Fn(&Line) -> Result<T, String>,
) -> anyhow::Result<Vec<T>> {
    let wrong = |line: Option<u64>, why: &str| {
        let line = line
            .map(|line| format!(", line {line}"))
            .unwrap_or_default();
        UsageError::because(format!(
            "{option}: {}{line}: {why}; the file is CSV with the heading {heading}",
            path.display()
        ))
    };
    let reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .comment(Some(b'#'))
        .from_path(path);
    let mut reader = reader.map_err(|error| wrong(None, &error.to_string()))?;
    let headers = reader
        .headers()
        .map_err(|error| wrong(None, &error.to_string()))?;
    let headers = headers.clone();
    let mut taken = Vec::new();
    for record in reader.records() {
        let mut record = record.map_err(|error| wrong(None, &error.to_string()))?;
        let line = record.position().map(csv::Position::line);
        // Spreadsheets leave out what is empty at the end of a line.
        while record.len() < headers.len() {
            record.push_field("");
        }
        let parsed: Line = record
            .deserialize(Some(&headers))
            .map_err(|error| wrong(line, &error.to_string()))?;
        taken.push(take(&parsed).map_err(|why| wrong(line, &visible(&why)))?);
    }
    if taken.is_empty() {
        return Err(wrong(None, "there are no lines"));
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn hosts_are_checked_line_by_line() {
        let good = "host,address,from,to\n# office\nWS01,10.0.0.5,,\nWS01,10.0.0.6,2026-03-01,2026-03-02\nSRV,fe80::1\n";
        assert_eq!(read_hosts(file(good).path()).unwrap().len(), 3);
        for (wrong, what) in [
            (
                "host,address\nWS01,10.0.0\n",
                "line 2: expected an IP address",
            ),
            ("host,address\n,10.0.0.1\n", "there is no host"),
            (
                "host,address,from,to\na,10.0.0.1,2026-03-02,2026-03-01\n",
                "is not after",
            ),
            ("name,ip\na,10.0.0.1\n", "heading host,address"),
            ("", "there are no lines"),
            ("host,address\n\u{0}\n", "heading host,address"),
        ] {
            let error = read_hosts(file(wrong).path()).unwrap_err().to_string();
            assert!(error.contains(what), "{wrong:?}: {error}");
        }
        assert!(read_hosts(Path::new("/nowhere/hosts.csv")).is_err());
    }

    #[test]
    fn known_things_are_of_a_kind() {
        let good =
            "kind,value,comment\nscanner,10.1.0.0/16,Nessus\njump,JUMP01,\nmanagement,10.0.0.9,\n";
        assert_eq!(read_known(file(good).path()).unwrap().len(), 3);
        for (wrong, what) in [
            (
                "kind,value\nprinter,10.0.0.1\n",
                "expected scanner, management, jump",
            ),
            ("kind,value\nscanner,10.0.0.0/99\n", "expected a network"),
            ("kind,value\nscanner,\n", "there is no host"),
        ] {
            let error = read_known(file(wrong).path()).unwrap_err().to_string();
            assert!(error.contains(what), "{wrong:?}: {error}");
        }
    }
}
