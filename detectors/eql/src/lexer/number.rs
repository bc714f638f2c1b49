//! Numbers: `5`, `1.`, `1.5`, `.5`, `1e3`. The sign is an operator, not part of them.

use super::{Lexer, Read, TokenKind};

/// Whether the text starts with a number.
pub(super) fn starts(text: &str) -> bool {
    let text = text.strip_prefix('.').unwrap_or(text);
    text.starts_with(|c: char| c.is_ascii_digit())
}

impl Lexer<'_> {
    pub(super) fn number(&mut self) -> Read<TokenKind> {
        let text = &self.rest()[..length(self.rest())];
        let kind = match text.parse::<i64>() {
            Ok(whole) => TokenKind::Integer(whole),
            Err(_) => TokenKind::Decimal(self.decimal(text)?),
        };
        self.position += text.len();
        Ok(kind)
    }

    /// Whole numbers beyond 64 bits come here, too: they are decimals.
    fn decimal(&self, text: &str) -> Read<f64> {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.error(text.len(), "this number is too large")),
        }
    }
}

fn length(text: &str) -> usize {
    let whole = digits(text);
    let fraction = match text[whole..].strip_prefix('.') {
        Some(after) => 1 + digits(after),
        None => 0,
    };
    let mantissa = whole + fraction;
    mantissa + exponent_length(&text[mantissa..])
}

/// The length of `e5` or `E-5`; nought if no digits follow, as in `5 else`.
fn exponent_length(text: &str) -> usize {
    let Some(after) = text.strip_prefix(['e', 'E']) else {
        return 0;
    };
    let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
    match digits(unsigned) {
        0 => 0,
        count => text.len() - unsigned.len() + count,
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}
