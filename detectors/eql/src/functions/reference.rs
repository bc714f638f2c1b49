//! The reference page, written from the list.

use super::signature::Presence;
use super::{FUNCTIONS, Function, Parameter};

/// `FUNCTIONS.md`: every function with its arguments, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(
        "# Functions of EQL\n\n\
         Written by a test from the list in `src/functions/mod.rs`. Names may be written in any \
         case. A null argument makes the result null, unless it is marked `= null`, where it means \
         the same as leaving the argument out. Positions and lengths count UTF-16 units.\n\n\
         | function | gives | what it does |\n|---|---|---|\n",
    );
    page.extend(FUNCTIONS.iter().map(row));
    page
}

fn row(function: &Function) -> String {
    let Function {
        returns, summary, ..
    } = function;
    let signature = signature(function);
    let tilde = if function.folds_case {
        " (also `~`)"
    } else {
        ""
    };
    format!("| `{signature}`{tilde} | {returns} | {summary} |\n")
}

fn signature(function: &Function) -> String {
    let parameters: Vec<_> = function.parameters.iter().map(parameter).collect();
    let more = if function.repeats { ", …" } else { "" };
    format!("{}({}{more})", function.name, parameters.join(", "))
}

fn parameter(parameter: &Parameter) -> String {
    let Parameter { name, kind, .. } = parameter;
    let constant = if parameter.constant { "constant " } else { "" };
    match parameter.presence {
        Presence::Required => format!("{name}: {constant}{kind}"),
        Presence::Optional => format!("[{name}: {constant}{kind}]"),
        Presence::NullIsAbsent => format!("[{name}: {constant}{kind} = null]"),
    }
}
