//! Commands in commands: what PowerShell gets in base64.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Commands lie in each other at most so deep.
const DEEPEST: usize = 5;
/// Shorter words are taken for what they are.
const SHORTEST: usize = 16;

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The texts that a command line has in base64, each followed by those that it has itself.
#[must_use]
pub fn decoded_commands(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    decode(line, 0, &mut found);
    found
}

fn decode(line: &str, depth: usize, found: &mut Vec<String>) {
    if depth >= DEEPEST {
        return;
    }
    let mut is_encoded = false;
    for word in
        line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | ',' | ';'))
    {
        let text = decoded(word, is_encoded);
        is_encoded = is_option(word);
        if let Some(text) = text {
            found.push(text.clone());
            decode(&text, depth + 1, found);
        }
    }
}

/// Whether a word says that the next is a command in base64: PowerShell takes any start of its option.
fn is_option(word: &str) -> bool {
    let name = word.strip_prefix(['-', '/', '\u{2013}', '\u{2014}', '\u{2015}']);
    name.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        name == "ec" || (!name.is_empty() && "encodedcommand".starts_with(&name))
    })
}

/// The text that a word stands for. One that nothing announces must look like a text.
fn decoded(word: &str, is_announced: bool) -> Option<String> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if !word.bytes().all(is_base64) || (word.len() < SHORTEST && !is_announced) || word.is_empty() {
        return None;
    }
    let bytes = ENGINE.decode(word).ok()?;
    // What PowerShell takes is UTF-16.
    let units = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|unit| u16::from_le_bytes(*unit));
    let wide: Option<String> = char::decode_utf16(units).map(Result::ok).collect();
    let wide = wide.filter(|text| bytes.len().is_multiple_of(2) && is_text(text, is_announced));
    wide.or_else(|| {
        let narrow = String::from_utf8(bytes).ok();
        narrow.filter(|text| !is_announced && is_text(text, false))
    })
}

fn is_text(text: &str, is_announced: bool) -> bool {
    let is_shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    let is_usual = |c: char| c.is_ascii() || is_announced;
    !text.is_empty() && text.chars().all(|c| is_shown(c) && is_usual(c))
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn wide(text: &str) -> String {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        STANDARD.encode(bytes)
    }

    #[test]
    fn commands_are_decoded_and_those_in_them() {
        let inner = format!("powershell -e {}", wide("whoami /all"));
        let line = format!("-nop -w hidden -EncodedCommand {}", wide(&inner));
        assert_eq!(decoded_commands(&line), [inner.as_str(), "whoami /all"]);
        let line = format!("/c powershell.exe -ec {}", wide("ls"));
        assert_eq!(decoded_commands(&line), ["ls"]);
        let narrow = STANDARD.encode("net user a b /add");
        let line = format!("IEX ([Convert]::FromBase64String('{narrow}'))");
        assert_eq!(decoded_commands(&line), ["net user a b /add"]);
    }

    #[test]
    fn words_are_no_commands() {
        for line in [
            "/ua /installsource scheduler",
            "sekurlsa::LogonPasswords > C:\\TMP\\o.txt",
            "-executionpolicy bypass -file abcdefghijklmnop",
            "S-1-5-21-2212929841-2730996645",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "-e",
            "",
        ] {
            assert!(decoded_commands(line).is_empty(), "{line}");
        }
    }
}
