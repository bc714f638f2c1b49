//! The values of one JSON object with the names that lead to them, joined with dots: `{"a":{"b":1}}`
//! and `{"a.b":1}` are the same. Elements of an array have the name of the array.
//!
//! The text is read once and from the front, into buffers with a limit, so that no line can cost
//! much more than its size; and of a line that is cut off, what comes before is there.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Values of one line. Genuine ones have a few hundred.
const MOST_LEAVES: usize = 1 << 15;
/// Bytes of names and values.
const MOST_TEXT: usize = 32 << 20;

/// The values of a line. It serves for one line after the other.
#[derive(Debug, Default)]
pub(super) struct Leaves {
    text: String,
    spans: Vec<Span>,
    /// The way to the value at hand.
    path: String,
}

#[derive(Debug)]
struct Span {
    path: Range<usize>,
    value: Range<usize>,
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf<'a> {
    pub(super) path: &'a str,
    /// Numbers and truth values as text; nothing for `null`.
    pub(super) value: &'a str,
}

impl Leaves {
    /// Reads one line.
    pub(super) fn read(&mut self, line: &str) -> serde_json::Result<()> {
        self.text.clear();
        self.spans.clear();
        self.path.clear();
        let mut json = serde_json::Deserializer::from_str(line);
        Node(self).deserialize(&mut json)?;
        json.end()
    }

    /// All values in their order. What a search engine wraps around a document is taken off.
    pub(super) fn iter(&self) -> impl Iterator<Item = Leaf<'_>> {
        self.spans.iter().map(|span| {
            let path = self.at(&span.path);
            Leaf {
                path: path.strip_prefix("_source.").unwrap_or(path),
                value: self.at(&span.value),
            }
        })
    }

    /// The first value of that name that is not empty.
    pub(super) fn get(&self, path: &str) -> Option<&str> {
        self.iter()
            .find(|leaf| leaf.path == path && !leaf.value.is_empty())
            .map(|leaf| leaf.value)
    }

    fn at(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    fn push<E: Error>(&mut self, value: &str) -> Result<(), E> {
        let size = self.text.len() + self.path.len() + value.len();
        if self.spans.len() >= MOST_LEAVES || size > MOST_TEXT {
            return Err(E::custom("more values than an event has"));
        }
        let path = self.put_path();
        let start = self.text.len();
        self.text.push_str(value);
        self.spans.push(Span {
            path,
            value: start..self.text.len(),
        });
        Ok(())
    }

    fn put_path(&mut self) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(&self.path);
        start..self.text.len()
    }
}

/// A value of any kind.
struct Node<'l>(&'l mut Leaves);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.push(text)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<(), E> {
        self.0.push(if truth { "true" } else { "false" })
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.0.push(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.0.push(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.0.push(&number.to_string())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.push("")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Node(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let length = self.0.path.len();
        while entries.next_key_seed(Key(&mut self.0.path))?.is_some() {
            entries.next_value_seed(Node(self.0))?;
            self.0.path.truncate(length);
        }
        Ok(())
    }
}

/// The name of a value, which leads on from where its object is.
struct Key<'p>(&'p mut String);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        if !self.0.is_empty() {
            self.0.push('.');
        }
        self.0.push_str(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (bool, Vec<(String, String)>) {
        let mut leaves = Leaves::default();
        let is_whole = leaves.read(line).is_ok();
        let all = leaves
            .iter()
            .map(|leaf| (leaf.path.to_owned(), leaf.value.to_owned()));
        (is_whole, all.collect())
    }

    #[track_caller]
    fn check(line: &str, is_whole: bool, expected: &[(&str, &str)]) {
        let expected = expected
            .iter()
            .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
        assert_eq!(read(line), (is_whole, expected.collect()), "{line}");
    }

    #[test]
    fn names_are_ways_and_values_are_text() {
        check(
            r#"{"b":{"a":1,"x.y":[true,null,{"z":-2}]},"a":"\u00e9\n","f":1.5}"#,
            true,
            &[
                ("b.a", "1"),
                ("b.x.y", "true"),
                ("b.x.y", ""),
                ("b.x.y.z", "-2"),
                ("a", "é\n"),
                ("f", "1.5"),
            ],
        );
        check(r#"{"_source":{"a":1}}"#, true, &[("a", "1")]);
    }

    #[test]
    fn what_comes_before_the_damage_is_there() {
        check(r#"{"a":1,"b":"x"#, false, &[("a", "1")]);
        check(r#"{"a":1} x"#, false, &[("a", "1")]);
        check("", false, &[]);
    }

    #[test]
    fn a_line_costs_no_more_than_its_size() {
        let mut leaves = Leaves::default();
        assert!(leaves.read(&format!("[{}0]", "0,".repeat(40_000))).is_err());
        assert!(leaves.read(&"[".repeat(1 << 20)).is_err());
        let long = format!("{{\"{}\":[{}0]}}", "n".repeat(1 << 16), "0,".repeat(1000));
        assert!(leaves.read(&long).is_err());
    }
}
