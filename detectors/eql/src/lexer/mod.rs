//! Text into tokens.

mod escape;
mod number;
mod string;
mod token;

pub(crate) use token::{Token, TokenKind, is_reserved, is_word};

use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// What a step of reading yields: the first thing that is wrong ends it.
pub(crate) type Read<T> = Result<T, Diagnostic>;

/// All tokens of a query; the last one is always the end of the text.
pub(crate) fn tokens(text: &str) -> Read<Vec<Token>> {
    let mut lexer = Lexer { text, position: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.token()?;
        let end = token.kind == TokenKind::End;
        tokens.push(token);
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    position: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }

    fn token(&mut self) -> Read<Token> {
        self.skip_blanks()?;
        let start = self.position;
        let kind = self.kind()?;
        Ok(Token {
            kind,
            span: Span::new(start, self.position),
        })
    }

    fn kind(&mut self) -> Read<TokenKind> {
        let rest = self.rest();
        match rest.chars().next() {
            None => Ok(TokenKind::End),
            Some('"') => self.string(),
            Some('`') => self.quoted_name(),
            Some(first) if token::starts_word(first) => Ok(self.word()),
            Some(_) if number::starts(rest) => self.number(),
            Some(_) => self.symbol(),
        }
    }

    fn skip_blanks(&mut self) -> Read<()> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
            self.position += rest.len() - trimmed.len();
            let Some(length) = self.comment(trimmed)? else {
                return Ok(());
            };
            self.position += length;
        }
    }

    /// The length of the comment that the text starts with.
    fn comment(&self, rest: &str) -> Read<Option<usize>> {
        if rest.starts_with("//") {
            return Ok(Some(rest.find('\n').unwrap_or(rest.len())));
        }
        let Some(body) = rest.strip_prefix("/*") else {
            return Ok(None);
        };
        match body.find("*/") {
            Some(end) => Ok(Some(end + 4)),
            None => Err(self.error(2, "this comment has no end")),
        }
    }

    fn word(&mut self) -> TokenKind {
        let rest = self.rest();
        let length = token::word_length(rest);
        let tilde =
            rest[length..].starts_with('~') && rest.starts_with(|c: char| c.is_ascii_alphabetic());
        let length = length + usize::from(tilde);
        self.position += length;
        TokenKind::of_word(&rest[..length])
    }

    /// A name between back-quotes, where two stand for one.
    fn quoted_name(&mut self) -> Read<TokenKind> {
        let whole = self.rest();
        let mut name = String::new();
        let mut rest = &whole[1..];
        while let Some((part, after)) = rest.split_once('`') {
            name.push_str(part);
            let Some(more) = after.strip_prefix('`') else {
                return self.finish_name(name, whole.len() - after.len());
            };
            name.push('`');
            rest = more;
        }
        Err(self.error(1, "this back-quoted name has no end"))
    }

    fn finish_name(&mut self, name: String, length: usize) -> Read<TokenKind> {
        if name.is_empty() {
            return Err(self.error(length, "a name cannot be empty"));
        }
        self.position += length;
        Ok(TokenKind::Quoted(name))
    }

    fn symbol(&mut self) -> Read<TokenKind> {
        let rest = self.rest();
        if let Some(problem) = self.foreign_symbol(rest) {
            return Err(problem);
        }
        let Some(symbol) = token::symbol(rest) else {
            return Err(self.unknown_character(rest));
        };
        self.position += symbol.len();
        Ok(TokenKind::Fixed(symbol))
    }

    /// Forms of the original engine and of other languages, which deserve a better answer than
    /// "unexpected character".
    fn foreign_symbol(&self, rest: &str) -> Option<Diagnostic> {
        let (form, message, help) = token::FOREIGN
            .iter()
            .find(|(form, _, _)| rest.starts_with(form))?;
        Some(self.error(form.len(), *message).with_help(*help))
    }

    fn unknown_character(&self, rest: &str) -> Diagnostic {
        let character = rest.chars().next().unwrap_or_default();
        let message = format!(
            "the character `{}` has no meaning here",
            character.escape_debug()
        );
        self.error(character.len_utf8(), message)
    }

    /// An error about the next `length` bytes.
    fn error(&self, length: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(Span::new(self.position, self.position + length), message)
    }
}

#[cfg(test)]
mod tests;
