//! Consumers of WMI events, as Sysmon and WMI itself tell of them.

use timeline::{Field, fields as f};

use crate::ecs::Values;
use crate::evtx::record::LogRecord;

/// What both fill.
pub(super) const FIELDS: [Field; 1] = [f::PROCESS_EXT_CONSUMER_DESTINATION];

/// The command of a WMI consumer: it is not the acting process, so it is not put as one.
pub(super) fn put_consumer<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let destination = record.get("Destination").map(unquote);
    values.put_some(f::PROCESS_EXT_CONSUMER_DESTINATION, destination);
}

/// What the consumer of a binding does: the property of its instance that says so.
pub(super) fn put_binding<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let text = record.user_data("PossibleCause").unwrap_or_default();
    let Some((_, consumer)) = text.split_once("Consumer:") else {
        return;
    };
    let property = |name: &str| {
        consumer.lines().find_map(|line| {
            let value = line.trim_start().strip_prefix(name)?.trim_start();
            let value = value.strip_prefix('=')?.trim();
            Some(unquote(value.strip_suffix(';').unwrap_or(value)))
        })
    };
    let names = [
        "CommandLineTemplate",
        "ExecutablePath",
        "ScriptFileName",
        "ScriptText",
    ];
    values.put_some(
        f::PROCESS_EXT_CONSUMER_DESTINATION,
        names.into_iter().find_map(property),
    );
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
