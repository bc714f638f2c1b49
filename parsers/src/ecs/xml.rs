//! As much of XML as definitions of scheduled tasks need: elements, attributes, text.
//!
//! What is read is hostile. Nothing is expanded but the five entities and numbers of characters,
//! nothing is fetched, depth and number of nodes are bounded, and what is no XML ends the reading.

use std::borrow::Cow;

/// Levels below which elements are not told apart any more.
const DEEPEST: usize = 32;
/// Bytes of an element's name; genuine ones have a few.
const LONGEST_NAME: usize = 64;
/// Nodes of one text that are read.
const MOST_NODES: usize = 2048;

/// An element of a text with what it holds, in document order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Node<'a> {
    /// Names of the elements around it and its own, without prefixes: `Task/Actions/Exec`.
    pub(crate) path: String,
    /// Attributes, as written.
    pub(crate) attributes: &'a str,
    /// Its text up to its first child.
    pub(crate) text: Cow<'a, str>,
}

impl Node<'_> {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut rest = self.attributes;
        loop {
            let (key, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, tail) = after.get(1..)?.split_once(quote)?;
            if key.trim() == name {
                return Some(unescape(value.trim()));
            }
            rest = tail;
        }
    }
}

/// The elements of a text, as far as it is XML.
pub(crate) fn nodes(text: &str) -> Vec<Node<'_>> {
    let mut reading = Reading::default();
    let mut rest = text;
    while let Some((_, tag)) = rest.split_once('<') {
        if reading.nodes.len() >= MOST_NODES {
            break;
        }
        rest = match reading.tag(tag) {
            Some(rest) => rest,
            None => break,
        };
    }
    reading.nodes
}

#[derive(Default)]
struct Reading<'a> {
    nodes: Vec<Node<'a>>,
    /// Names of the elements that are open.
    open: Vec<&'a str>,
}

impl<'a> Reading<'a> {
    /// Reads what follows a `<`, and gives what follows it; nothing at the end.
    fn tag(&mut self, tag: &'a str) -> Option<&'a str> {
        if let Some(comment) = tag.strip_prefix("!--") {
            return Some(comment.split_once("-->")?.1);
        }
        if let Some(data) = tag.strip_prefix("![CDATA[") {
            return Some(data.split_once("]]>")?.1);
        }
        if tag.starts_with(['?', '!']) {
            return Some(tag.split_once('>')?.1);
        }
        if let Some(end) = tag.strip_prefix('/') {
            self.open.pop();
            return Some(end.split_once('>')?.1);
        }
        let (head, rest) = tag.split_at_checked(end_of_tag(tag)?)?;
        let rest = rest.get(1..)?;
        let (head, is_empty) = match head.strip_suffix('/') {
            Some(head) => (head, true),
            None => (head, false),
        };
        let (name, attributes) = head
            .split_once(|c: char| c.is_ascii_whitespace())
            .unwrap_or((head, ""));
        let name = name.rsplit(':').next().unwrap_or(name);
        if self.open.len() >= DEEPEST || name.is_empty() || name.len() > LONGEST_NAME {
            return None;
        }
        self.open.push(name);
        self.nodes.push(Node {
            path: self.open.join("/"),
            attributes,
            text: if is_empty { "".into() } else { text_of(rest) },
        });
        if is_empty {
            self.open.pop();
        }
        Some(rest)
    }
}

/// Where the `>` of a tag stands, outside of quotes.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, char) in tag.char_indices() {
        match (quote, char) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(char),
            (Some(open), _) if open == char => quote = None,
            _ => {}
        }
    }
    None
}

/// The text that an element begins with.
fn text_of(rest: &str) -> Cow<'_, str> {
    if let Some(data) = rest.trim_start().strip_prefix("<![CDATA[") {
        return data.split_once("]]>").map_or("", |(data, _)| data).into();
    }
    unescape(rest.split('<').next().unwrap_or_default().trim())
}

/// A text with its entities replaced; one that is not known stays as it is.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split('&');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let known = part
            .split_once(';')
            .and_then(|(name, rest)| Some((entity(name)?, rest)));
        if let Some((char, rest)) = known {
            plain.push(char);
            plain.push_str(rest);
        } else {
            plain.push('&');
            plain.push_str(part);
        }
    }
    Cow::Owned(plain)
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let line = |node: &Node<'_>| format!("{}={}", node.path, node.text);
        nodes(text).iter().map(line).collect()
    }

    #[test]
    fn elements_are_read_with_their_text() {
        let text = "<?xml version=\"1.0\"?>\r\n<!-- <x> --><t:Task xmlns:t='urn:x'>\n <A>a &amp; b&#33;</A>\
                    <B/><C><![CDATA[<raw>]]></C></t:Task>";
        assert_eq!(
            read(text),
            ["Task=", "Task/A=a & b!", "Task/B=", "Task/C=<raw>"]
        );
    }

    #[test]
    fn attributes_are_read() {
        let nodes = nodes("<Actions Context=\"Author &gt; x\" b='1>2'>");
        assert_eq!(nodes[0].attribute("Context").as_deref(), Some("Author > x"));
        assert_eq!(nodes[0].attribute("b").as_deref(), Some("1>2"));
        assert_eq!(nodes[0].attribute("c"), None);
    }

    #[test]
    fn hostile_texts_end_soon() {
        assert_eq!(nodes(&"<a>".repeat(100_000)).len(), DEEPEST);
        assert_eq!(nodes(&"<a/>".repeat(100_000)).len(), MOST_NODES);
        assert_eq!(
            read("<!DOCTYPE x [<!ENTITY a \"b\">]><t>&a;</t>")
                .last()
                .unwrap(),
            "t=&a;"
        );
        for text in [
            "<", "<a", "<a b=\"", "</", "<!--", "no xml", "<>", "< a>", "",
        ] {
            assert!(nodes(text).len() <= 1, "{text}");
        }
    }
}
