//! Array values: one substitution that holds several values ([MS-EVEN6] §3.1.4.7.5).

use super::value::Value;
use super::value_type as kind;
use super::{sid, value_type};

/// Several values of one type, borrowed from the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Array<'a> {
    element: u8,
    bytes: &'a [u8],
}

impl<'a> Array<'a> {
    /// An array of elements of type `element`, unless the bytes cannot be one.
    pub(super) fn new(element: u8, bytes: &'a [u8]) -> Option<Self> {
        let splits = match element {
            kind::UTF16 => bytes.len().is_multiple_of(2),
            kind::ANSI | kind::SID => true,
            _ => value_type::fixed_size(element)
                .is_some_and(|size| bytes.len().is_multiple_of(size.into())),
        };
        splits.then_some(Self { element, bytes })
    }

    /// How many elements there are.
    #[must_use]
    pub fn count(self) -> usize {
        self.into_iter().count()
    }
}

impl<'a> IntoIterator for Array<'a> {
    type Item = Value<'a>;
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        Elements {
            one: None,
            element: self.element,
            rest: self.bytes,
        }
    }
}

/// Values one after the other: those of an [`Array`], or a single one.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    one: Option<Value<'a>>,
    element: u8,
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(super) fn one(value: Value<'a>) -> Self {
        Self {
            one: Some(value),
            element: kind::NULL,
            rest: &[],
        }
    }

    fn next_of_array(&mut self) -> Option<Value<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (element, rest) = match self.element {
            kind::UTF16 => split_utf16(self.rest),
            kind::ANSI => split_ansi(self.rest),
            // A broken identifier takes the rest with it, to be shown as bytes.
            kind::SID => sid::split(self.rest).unwrap_or((self.rest, &[])),
            _ => split_fixed(self.element, self.rest),
        };
        self.rest = rest;
        Some(Value::decode(self.element, element))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        match self.one.take() {
            None => self.next_of_array(),
            one => one,
        }
    }
}

/// Strings end with a NUL each; the last one may lack it.
fn split_utf16(bytes: &[u8]) -> (&[u8], &[u8]) {
    let units = bytes.as_chunks::<2>().0;
    let Some(units) = units.iter().position(|unit| *unit == [0, 0]) else {
        return (bytes, &[]);
    };
    let (text, rest) = bytes
        .split_at_checked(units.saturating_mul(2))
        .unwrap_or((bytes, &[]));
    (text, rest.get(2..).unwrap_or(&[]))
}

fn split_ansi(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    (parts.next().unwrap_or(&[]), parts.next().unwrap_or(&[]))
}

fn split_fixed(element: u8, bytes: &[u8]) -> (&[u8], &[u8]) {
    value_type::fixed_size(element)
        .and_then(|size| bytes.split_at_checked(size.into()))
        .unwrap_or((bytes, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(element: u8, bytes: &[u8], expected: &[&str]) {
        let value = Value::decode(element | kind::ARRAY, bytes);
        let texts: Vec<String> = value.elements().map(|element| element.to_text()).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn strings_split_at_nul() {
        check(kind::UTF16, b"a\0\0\0\0\0b\0", &["a", "", "b"]);
        check(kind::UTF16, b"a\0\0\0", &["a"]);
        check(kind::UTF16, b"\0\0", &[""]);
        check(kind::ANSI, b"a\0\0b", &["a", "", "b"]);
    }

    #[test]
    fn numbers_split_at_their_size() {
        check(kind::UINT16, &[1, 0, 2, 0], &["1", "2"]);
        check(kind::HEX32, &[1, 0, 0, 0], &["0x1"]);
        check(kind::UINT16, &[1, 0, 2], &["010002"]);
    }

    #[test]
    fn identifiers_split_at_their_own_length() {
        let system = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
        let nobody = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        check(
            kind::SID,
            &[system, nobody].concat(),
            &["S-1-5-18", "S-1-0-0"],
        );
        check(
            kind::SID,
            &[&system[..], &[1, 5]].concat(),
            &["S-1-5-18", "0105"],
        );
    }

    #[test]
    fn an_empty_array_is_one_absent_value() {
        check(kind::UTF16, b"", &[""]);
    }

    #[test]
    fn joined_elements_have_commas() {
        let value = Value::decode(kind::UINT8 | kind::ARRAY, &[1, 2, 3]);
        assert_eq!(value.to_text(), "1,2,3");
    }
}
