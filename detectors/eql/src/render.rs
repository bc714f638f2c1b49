//! Diagnostics as pictures: the line of the query with a mark below the place.

use ariadne::{Config, IndexType, Label, Report, ReportKind, Source};

use crate::diagnostic::{Diagnostic, Severity};
use crate::span::Position;

/// A longer line is not drawn: a picture helps nobody when it fills the screen.
const LONGEST_LINE: usize = 2_000;

pub(crate) fn picture(
    diagnostic: &Diagnostic,
    source_name: &str,
    text: &str,
    color: bool,
) -> String {
    if line_length(text, diagnostic.span.start) > LONGEST_LINE {
        return sentence(diagnostic, source_name, text);
    }
    draw(diagnostic, source_name, &harmless(text), color)
        .unwrap_or_else(|| sentence(diagnostic, source_name, text))
}

fn draw(diagnostic: &Diagnostic, source_name: &str, text: &str, color: bool) -> Option<String> {
    let place = (source_name, diagnostic.span.range());
    let mut report = Report::build(kind(diagnostic.severity), place.clone())
        .with_config(config(color))
        .with_message(harmless(&diagnostic.message))
        .with_label(Label::new(place).with_message("here"));
    if let Some(help) = &diagnostic.help {
        report.set_help(harmless(help));
    }
    let mut drawn = Vec::new();
    report
        .finish()
        .write((source_name, Source::from(text)), &mut drawn)
        .ok()?;
    String::from_utf8(drawn).ok()
}

fn config(color: bool) -> Config {
    Config::default()
        .with_color(color)
        .with_index_type(IndexType::Byte)
}

fn kind(severity: Severity) -> ReportKind<'static> {
    match severity {
        Severity::Error => ReportKind::Error,
        Severity::Warning => ReportKind::Warning,
    }
}

/// The diagnostic in words alone.
fn sentence(diagnostic: &Diagnostic, source_name: &str, text: &str) -> String {
    let position = Position::of(text, diagnostic.span.start);
    format!(
        "{source_name}:{position}: {}\n",
        harmless(&diagnostic.to_string())
    )
}

fn line_length(text: &str, offset: usize) -> usize {
    let offset = text.floor_char_boundary(offset);
    let before = text[..offset].rsplit('\n').next().map_or(0, str::len);
    let after = text[offset..].split('\n').next().map_or(0, str::len);
    before + after
}

/// The text without characters that steer a terminal or turn the direction of writing. A rule file
/// is input like any other. Each is replaced by one of the same length, so that places stay right.
fn harmless(text: &str) -> String {
    text.chars().map(harmless_character).collect()
}

fn harmless_character(character: char) -> char {
    match character {
        '\n' | '\t' => character,
        '\0'..='\u{1f}' | '\u{7f}' => '?',
        '\u{80}'..='\u{9f}' => '¿',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn drawn(text: &str, span: Span) -> String {
        picture(
            &Diagnostic::error(span, "no such thing").with_help("try another"),
            "rule.toml",
            text,
            false,
        )
    }

    #[test]
    fn the_picture_shows_place_message_and_help() {
        let picture = drawn("process where é == nope", Span::new(20, 24));
        for part in ["rule.toml:1:20", "no such thing", "try another", "nope"] {
            assert!(picture.contains(part), "{part} in\n{picture}");
        }
    }

    #[test]
    fn a_query_cannot_steer_the_terminal() {
        let picture = drawn("a\u{1b}[31m\u{9b}\u{202e}b\r", Span::new(0, 1));
        assert!(!picture.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r']));
    }

    #[test]
    fn a_very_long_line_is_not_drawn() {
        let text = "x".repeat(100_000);
        assert!(drawn(&text, Span::new(50_000, 50_001)).len() < 200);
    }

    #[test]
    fn a_place_outside_the_text_is_no_panic() {
        drawn("", Span::new(0, 0));
        drawn("ab", Span::new(2, 2));
        drawn("ab", Span::new(7, 9));
    }
}
