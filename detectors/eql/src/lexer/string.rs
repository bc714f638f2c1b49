//! Strings in double quotes, and raw ones in three.

use super::{Lexer, Read, TokenKind};

impl<'t> Lexer<'t> {
    pub(super) fn string(&mut self) -> Read<TokenKind> {
        if self.rest().starts_with("\"\"\"") {
            self.raw_string()
        } else {
            self.escaped_string()
        }
    }

    fn escaped_string(&mut self) -> Read<TokenKind> {
        let opening = self.position;
        self.position += 1;
        let mut text = String::new();
        loop {
            let plain = self.plain_part();
            text.push_str(plain);
            match self.rest().chars().next() {
                Some('"') => break,
                Some('\\') => text.push(self.escape()?),
                _ => return self.no_end(opening),
            }
        }
        self.position += 1;
        Ok(TokenKind::Text(text))
    }

    /// Everything up to the next character that means something.
    fn plain_part(&mut self) -> &'t str {
        let rest = self.rest();
        let length = rest.find(['"', '\\', '\n', '\r']).unwrap_or(rest.len());
        self.position += length;
        &rest[..length]
    }

    /// The shortest end wins, but one or two more quotes right behind it belong to the content.
    fn raw_string(&mut self) -> Read<TokenKind> {
        let body = &self.rest()[3..];
        let end = body.find("\"\"\"").unwrap_or(body.len());
        if end == body.len() || body[..end].contains(['\n', '\r']) {
            return self.no_end(self.position);
        }
        let further = body[end + 3..].bytes().take_while(|byte| *byte == b'"');
        let end = end + further.take(2).count();
        self.position += end + 6;
        Ok(TokenKind::Text(body[..end].to_owned()))
    }

    fn no_end<T>(&mut self, opening: usize) -> Read<T> {
        self.position = opening;
        Err(self
            .error(1, "this string has no end")
            .with_help("a string ends on the line on which it starts"))
    }
}
