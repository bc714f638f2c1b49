//! What only Sysmon has.

use timeline::{TICKS_PER_SECOND, Ticks, fields as f};

use crate::ecs::Values;
use crate::evtx::record::LogRecord;

/// A file that was created before Sysmon tells of its creation was overwritten (ECS.md §2, 11).
pub(super) fn put_overwrite<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let time = |name| record.get(name).and_then(Ticks::parse);
    let age = time("CreationUtcTime")
        .zip(time("UtcTime"))
        .map(|(created, now)| now.0.saturating_sub(created.0));
    if age.is_some_and(|age| age > 2 * TICKS_PER_SECOND) {
        values.put(f::EVENT_ACTION, "overwrite");
        values.put(f::EVENT_TYPE, "change");
    }
}

/// The command of a WMI consumer: it is not the acting process, so it is not put as one.
pub(super) fn put_consumer<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let destination = record.get("Destination").map(unquote);
    values.put_some(f::PROCESS_EXT_CONSUMER_DESTINATION, destination);
}

/// The text of a string literal of WMI: without the quotes around it, its escapes resolved.
fn unquote(literal: &str) -> String {
    let literal = literal.trim();
    let inner = literal
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(literal);
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(char) = chars.next() {
        let escaped = chars.next_if(|next| char == '\\' && matches!(next, '\\' | '"'));
        text.push(escaped.unwrap_or(char));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_unquoted() {
        for (literal, text) in [
            (r#" "C:\\a.exe \"b\"""#, r#"C:\a.exe "b""#),
            (r#""\\\\srv\\x\\""#, r"\\srv\x\"),
            (r"C:\a\b", r"C:\a\b"),
            ("\"", "\""),
            ("", ""),
        ] {
            assert_eq!(unquote(literal), text, "{literal}");
        }
    }
}
