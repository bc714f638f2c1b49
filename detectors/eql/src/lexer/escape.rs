//! Backslash sequences in strings.

use super::{Lexer, Read};

impl Lexer<'_> {
    /// The character that the sequence at hand stands for.
    pub(super) fn escape(&mut self) -> Read<char> {
        let letter = self.rest().chars().nth(1).unwrap_or_default();
        let character = match letter {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            '"' | '\'' | '\\' => letter,
            'u' => return self.unicode(),
            _ => return Err(self.unknown_escape(letter)),
        };
        self.position += 2;
        Ok(character)
    }

    /// `\u{…}` with two to eight hexadecimal digits.
    fn unicode(&mut self) -> Read<char> {
        let Some((digits, length)) = braced(self.rest()) else {
            return self.bad_unicode(2, "`\\u` needs a code point in braces");
        };
        let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hexadecimal || !(2..=8).contains(&digits.len()) {
            return self.bad_unicode(length, "a code point has 2 to 8 hexadecimal digits");
        }
        let code = u32::from_str_radix(digits, 16).ok();
        let Some(character) = code.and_then(char::from_u32) else {
            return self.bad_unicode(length, "there is no such character");
        };
        self.position += length;
        Ok(character)
    }

    fn bad_unicode(&self, length: usize, message: &str) -> Read<char> {
        let help = "write it like `\\u{e9}`, up to `\\u{10ffff}`";
        Err(self.error(length, message).with_help(help))
    }

    fn unknown_escape(&self, letter: char) -> crate::diagnostic::Diagnostic {
        let length = 1 + self.rest()[1..].chars().next().map_or(0, char::len_utf8);
        let message = format!("`\\{}` is no escape", letter.escape_debug());
        self.error(length, message)
            .with_help("write `\\\\` for a backslash, or use a \"\"\"raw string\"\"\"")
    }
}

/// What stands between the braces of `\u{…}`, and the length of it all. Only a few characters are
/// looked at, so that a missing brace is reported where it is missing.
fn braced(text: &str) -> Option<(&str, usize)> {
    let body = text.strip_prefix("\\u{")?;
    let end = body.find(['}', '"', '\n'])?;
    body[end..]
        .starts_with('}')
        .then_some((&body[..end], end + 4))
}
