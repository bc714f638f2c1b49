//! Lines of OpenSSH's server, as its one event has them.

use std::borrow::Cow;

use timeline::{Field, fields as f};

use crate::ecs::{Values, address};
use crate::evtx::record::LogRecord;

/// What a line says, by its first words. Longer beginnings stand before shorter ones.
const LINES: &[(&str, Line)] = &[
    ("Accepted ", Line::Accepted),
    ("Failed ", Line::Failed),
    ("Invalid user ", Line::Unknown),
    (
        "error: maximum authentication attempts exceeded ",
        Line::Failed,
    ),
    ("Connection closed by ", Line::Disconnected),
    ("Connection reset by ", Line::Disconnected),
    ("Disconnected from ", Line::Disconnected),
    ("Disconnecting ", Line::Disconnected),
    ("Received disconnect from ", Line::Disconnected),
    ("Starting session: ", Line::Session),
    ("Connection from ", Line::Connected),
];

#[derive(Clone, Copy)]
enum Line {
    Accepted,
    Failed,
    /// A user that the host does not have.
    Unknown,
    Disconnected,
    Session,
    Connected,
}

/// Words between the beginning of a line and the user.
const BEFORE_USER: &[&str] = &["invalid user ", "authenticating user ", "user "];

/// What [`put`] fills.
pub(super) const FIELDS: [Field; 4] = [f::SOURCE_IP, f::SOURCE_PORT, f::USER_DOMAIN, f::USER_NAME];
/// The categories, types and actions that it gives.
pub(super) const WORDS: &[(Field, &str)] = &[
    (f::EVENT_CATEGORY, "authentication"),
    (f::EVENT_CATEGORY, "session"),
    (f::EVENT_CATEGORY, "network"),
    (f::EVENT_CATEGORY, "process"),
    (f::EVENT_TYPE, "start"),
    (f::EVENT_TYPE, "end"),
    (f::EVENT_TYPE, "info"),
    (f::EVENT_ACTION, "ssh-logon-succeeded"),
    (f::EVENT_ACTION, "ssh-logon-failed"),
    (f::EVENT_ACTION, "ssh-disconnected"),
    (f::EVENT_ACTION, "ssh-session-started"),
    (f::EVENT_ACTION, "ssh-connected"),
];

/// Puts category, type, action, outcome, user and address of a line; nothing for what else a server
/// says.
pub(super) fn put<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let payload = record.get("payload").unwrap_or_default();
    let known = LINES
        .iter()
        .find_map(|(start, line)| Some((payload.strip_prefix(start)?, *line)));
    let Some((rest, line)) = known else {
        values.put(f::EVENT_CATEGORY, "process");
        values.put(f::EVENT_TYPE, "info");
        return;
    };
    put_line(line, values);
    let (user, ip, port) = who(rest, line);
    values.put_some(f::SOURCE_IP, ip.and_then(address));
    values.put_some(f::SOURCE_PORT, port);
    let Some(user) = user else { return };
    match user.split_once('\\') {
        Some((domain, name)) => {
            values.put(f::USER_DOMAIN, domain);
            // The server writes the backslash twice.
            values.put(f::USER_NAME, name.trim_start_matches('\\'));
        }
        None => values.put(f::USER_NAME, Cow::Borrowed(user)),
    }
}

fn put_line(line: Line, values: &mut Values<'_>) {
    let (category, kind, action, outcome) = match line {
        Line::Accepted => ("authentication", "start", "ssh-logon-succeeded", "success"),
        Line::Failed | Line::Unknown => ("authentication", "start", "ssh-logon-failed", "failure"),
        Line::Disconnected => ("authentication", "end", "ssh-disconnected", ""),
        Line::Session => ("session", "start", "ssh-session-started", ""),
        Line::Connected => ("network", "start", "ssh-connected", ""),
    };
    values.put(f::EVENT_CATEGORY, category);
    values.put(f::EVENT_TYPE, kind);
    values.put(f::EVENT_ACTION, action);
    if !outcome.is_empty() {
        values.put(f::EVENT_OUTCOME, outcome);
    }
}

/// User, address and port of what follows a line's beginning: `password for alice from 192.0.2.7
/// port 50270 ssh2`, `invalid user bob 192.0.2.7 port 50270: …`. Users choose their names, and clients
/// the reason they end with, so a name's end is looked for from behind, an address without a name
/// before it from the front.
fn who(rest: &str, line: Line) -> (Option<&str>, Option<&str>, Option<i64>) {
    let can_be_nameless = matches!(line, Line::Disconnected | Line::Connected);
    let has_method = matches!(line, Line::Accepted | Line::Failed | Line::Session);
    let front = rest.split_once(" port ");
    let nameless = front.filter(|(head, _)| can_be_nameless && address(head).is_some());
    let Some((head, tail)) = nameless.or_else(|| rest.rsplit_once(" port ")) else {
        return (None, None, None);
    };
    let digits = tail.find(|c: char| !c.is_ascii_digit());
    let port = tail.get(..digits.unwrap_or(tail.len()));
    let port = port.and_then(|port| port.parse().ok());
    let (before, ip) = head.rsplit_once(' ').unwrap_or(("", head));
    let before = before.strip_suffix(" from").unwrap_or(before);
    let before = match before.split_once("for ") {
        Some((_, user)) if has_method => user,
        _ => before,
    };
    let user = BEFORE_USER
        .iter()
        .find_map(|start| before.strip_prefix(start))
        .unwrap_or(before);
    ((!user.is_empty()).then_some(user), Some(ip), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_addresses_of_lines() {
        for (rest, line, expected) in [
            (
                "password for alice from 192.0.2.7 port 50270 ssh2",
                Line::Accepted,
                "alice 192.0.2.7 50270",
            ),
            (
                "publickey for corp\\\\alice from 2001:db8::1 port 5 ssh2: RSA SHA256:ab",
                Line::Accepted,
                "corp\\\\alice 2001:db8::1 5",
            ),
            (
                "none for invalid user x from 203.0.113.9 port 1 from 192.0.2.7 port 2 ssh2",
                Line::Failed,
                "x from 203.0.113.9 port 1 192.0.2.7 2",
            ),
            (
                "bob for x from 192.0.2.7 port 9",
                Line::Unknown,
                "bob for x 192.0.2.7 9",
            ),
            (
                "invalid user bob 192.0.2.7 port 9: Too many [preauth]",
                Line::Disconnected,
                "bob 192.0.2.7 9",
            ),
            (
                "192.0.2.7 port 9:11: at port 7",
                Line::Disconnected,
                "– 192.0.2.7 9",
            ),
            (
                "shell on windows-pty for alice from 192.0.2.7 port 9 id 0",
                Line::Session,
                "alice 192.0.2.7 9",
            ),
            ("nobody", Line::Failed, "– – –"),
        ] {
            let (user, ip, port) = who(rest, line);
            let port = port.map(|port| port.to_string());
            let actual = [user, ip, port.as_deref()].map(|part| part.unwrap_or("–"));
            assert_eq!(actual.join(" "), expected, "{rest}");
        }
    }
}
