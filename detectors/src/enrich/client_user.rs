//! The user that a remote desktop client named (EVIDENCE.md §3, J10): the client records a hash of the name, and the
//! names that the case knows tell whose it is.

use std::collections::{HashMap, HashSet};
use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use timeline::{Segment, Value, fields as f};

use super::edit;
use super::facts::Facts;

const PROVIDER: &str = "Microsoft-Windows-TerminalServices-ClientActiveXCore";

/// Fills `user.target.name` and `.domain` of 1029 from the accounts of the whole case.
pub(super) fn name(segment: &mut Segment, facts: &Facts) -> io::Result<()> {
    let Some(field) = segment.names.find("winlog.event_data.TraceMessage") else {
        return Ok(());
    };
    let is_hash = |row: u32| {
        segment.text(f::EVENT_PROVIDER, row) == Some(PROVIDER)
            && segment.text(f::EVENT_CODE, row) == Some("1029")
    };
    let rows = (0u32..)
        .zip(&segment.rows)
        .map(|(row, _)| row)
        .filter(|&row| is_hash(row));
    let hashed: Vec<(u32, String)> = rows
        .filter_map(|row| Some((row, segment.text(field, row)?.trim().to_owned())))
        .collect();
    if hashed.is_empty() {
        return Ok(());
    }
    let users = by_hash(facts, &hashed)?;
    let (mut names, mut domains) = (Vec::new(), Vec::new());
    for (row, hash) in hashed {
        let Some((name, of_domain)) = users.get(mark_off(&hash)) else {
            continue;
        };
        names.push((row, Value::from(name.clone())));
        // Many hosts have an account of that name.
        if let Some(domain) = of_domain {
            domains.push((row, Value::from(domain.clone())));
        }
    }
    edit::add(segment, f::USER_TARGET_NAME, &names);
    edit::add(segment, f::USER_TARGET_DOMAIN, &domains);
    Ok(())
}

/// The record ends with a mark of its own.
fn mark_off(hash: &str) -> &str {
    hash.trim_end_matches('-')
}

/// The accounts of the case that have one of these hashes: their name, and their domain where only one has that name.
fn by_hash(
    facts: &Facts,
    hashed: &[(u32, String)],
) -> io::Result<HashMap<String, (String, Option<String>)>> {
    let wanted: HashSet<&str> = hashed.iter().map(|(_, hash)| mark_off(hash)).collect();
    let mut users: HashMap<String, (String, Option<String>)> = HashMap::new();
    facts.accounts(|domain, name| {
        for spelled in spellings(domain, name) {
            for hash in hashes(&spelled)
                .into_iter()
                .filter(|hash| wanted.contains(hash.as_str()))
            {
                let new = || (name.to_owned(), Some(domain.to_owned()));
                let (_, only) = users.entry(hash).or_insert_with(new);
                if only
                    .as_deref()
                    .is_some_and(|only| !only.eq_ignore_ascii_case(domain))
                {
                    *only = None;
                }
            }
        }
    })?;
    Ok(users)
}

/// How a name can have been typed.
fn spellings(domain: &str, name: &str) -> [String; 5] {
    [
        name.to_owned(),
        name.to_lowercase(),
        name.to_uppercase(),
        format!("{domain}\\{name}"),
        format!("{name}@{domain}"),
    ]
}

/// Base64 of SHA-256, and of SHA-1 as Windows 7 has it, over the name in UTF-16.
fn hashes(name: &str) -> [String; 2] {
    let bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [
        STANDARD.encode(Sha256::digest(&bytes)),
        STANDARD.encode(Sha1::digest(&bytes)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Python's hashlib and base64 have them.
    #[test]
    fn a_name_has_the_hashes_that_clients_record() {
        assert_eq!(
            hashes("Administrator"),
            [
                "UmTGMgTFbA35+PSgMOoZ2ToPpAK+awC010ZOYWQQIfc=",
                "Fzr3XPlLZ81S2mb0LIhulrNE7MQ="
            ]
        );
    }
}
