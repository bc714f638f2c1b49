//! What PowerShell's commands were given (Windows PowerShell 800, Operational 4103).

use std::borrow::Cow;

use timeline::{Field, fields as f};

use super::super::source::setting;
use crate::ecs::Values;
use crate::evtx::record::LogRecord;

/// Invocations and bound parameters of one record that become values; the record keeps all.
const MOST_DETAILS: usize = 256;

/// What [`put_connected_user`] fills.
pub(super) const CONNECTED_USER: [Field; 2] =
    [f::DESTINATION_USER_DOMAIN, f::DESTINATION_USER_NAME];

/// With a connected user, the session runs for who came from elsewhere: the user of the record is
/// the destination's (ECS.md §4.2).
pub(super) fn put_connected_user<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let Some(context) = record.get("ContextInfo").map(Cow::Borrowed) else {
        return;
    };
    if setting(&context, "Connected User").is_none() {
        return;
    }
    let Some(user) = setting(&context, "User") else {
        return;
    };
    if let Some((domain, name)) = user
        .split_once('\\')
        .filter(|(_, name)| !name.contains('\\'))
    {
        values.put(f::DESTINATION_USER_DOMAIN, domain.to_owned());
        values.put(f::DESTINATION_USER_NAME, name.to_owned());
    }
}

/// What [`put_invocations`] fills.
pub(super) const INVOCATIONS: [Field; 4] = [
    f::POWERSHELL_INVOCATION_TYPE,
    f::POWERSHELL_INVOCATION_RELATED_COMMAND,
    f::POWERSHELL_INVOCATION_NAME,
    f::POWERSHELL_INVOCATION_VALUE,
];

/// `powershell.command.invocation_details.*`: what was called, and what its parameters were bound to.
pub(super) fn put_invocations<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let text = record.get("Payload").or_else(|| record.get("param3"));
    for detail in details(text.unwrap_or_default())
        .into_iter()
        .take(MOST_DETAILS)
    {
        values.put(f::POWERSHELL_INVOCATION_TYPE, detail.kind);
        values.put(f::POWERSHELL_INVOCATION_RELATED_COMMAND, detail.command);
        values.put_some(f::POWERSHELL_INVOCATION_NAME, detail.name);
        values.put(f::POWERSHELL_INVOCATION_VALUE, detail.value);
    }
}

/// One line of a pipeline's details:
/// `ParameterBinding(Add-Type): name="AssemblyName"; value="System.Web"`, or
/// `CommandInvocation(Add-Type): "Add-Type"`.
#[derive(Debug, PartialEq, Eq)]
struct Detail<'a> {
    kind: &'a str,
    command: &'a str,
    name: Option<&'a str>,
    value: &'a str,
}

/// The details of a pipeline. A value may go on over lines, up to the next line that begins one.
fn details(text: &str) -> Vec<Detail<'_>> {
    let mut starts = Vec::new();
    let mut place = 0_usize;
    for line in text.split_inclusive('\n') {
        if head(line).is_some() {
            starts.push(place);
        }
        place = place.saturating_add(line.len());
        if starts.len() > MOST_DETAILS {
            break;
        }
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let spans = starts.iter().copied().zip(ends);
    spans
        .filter_map(|(start, end)| Detail::parse(text.get(start..end)?))
        .collect()
}

/// `Kind(Command): ` at the beginning of a line, and what follows.
fn head(line: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = line.trim_start().split_once('(')?;
    let is_word = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    let (command, rest) = rest.split_once("): ").filter(|_| is_word)?;
    (!command.contains('\n')).then_some((kind, command, rest))
}

impl<'a> Detail<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (kind, command, rest) = head(text)?;
        let rest = rest.trim();
        let named = rest.strip_prefix("name=");
        let (name, value) = match named.and_then(|rest| rest.split_once("; value=")) {
            Some((name, value)) => (Some(unquoted(name)), unquoted(value)),
            None => (None, unquoted(rest)),
        };
        Some(Self {
            kind,
            command,
            name,
            value,
        })
    }
}

fn unquoted(text: &str) -> &str {
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail<'a>(
        kind: &'a str,
        command: &'a str,
        name: Option<&'a str>,
        value: &'a str,
    ) -> Detail<'a> {
        Detail {
            kind,
            command,
            name,
            value,
        }
    }

    #[test]
    fn invocations_and_parameters_are_told_apart() {
        let text = "CommandInvocation(Add-Type): \"Add-Type\"\r\nParameterBinding(Add-Type): name=\"AssemblyName\"; value=\"System.Web\"\r\n";
        assert_eq!(
            details(text),
            [
                detail("CommandInvocation", "Add-Type", None, "Add-Type"),
                detail(
                    "ParameterBinding",
                    "Add-Type",
                    Some("AssemblyName"),
                    "System.Web"
                ),
            ]
        );
    }

    #[test]
    fn a_value_goes_on_up_to_the_next_detail() {
        let text = "ParameterBinding(New-Item): name=\"Value\"; value=\"one\r\n(two): three\r\n\"\nTerminatingError(New-Item): \"no; value=such\"";
        assert_eq!(
            details(text),
            [
                detail(
                    "ParameterBinding",
                    "New-Item",
                    Some("Value"),
                    "one\r\n(two): three\r\n"
                ),
                detail("TerminatingError", "New-Item", None, "no; value=such"),
            ]
        );
    }

    #[test]
    fn text_without_details_has_none() {
        for text in ["", "hello", "a(b", "a b(c): d", "(x): y", "a(b):"] {
            assert_eq!(details(text), [], "{text}");
        }
    }
}
