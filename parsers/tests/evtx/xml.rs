//! Just enough XML to read what the `evtx` crate writes, character for character: a real XML parser
//! would normalise line ends and blanks in attributes.

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// Its own text, without that of its children.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Reads a document.
    pub(crate) fn parse(document: &str) -> Self {
        let mut rest = document;
        if let Some((_, after)) = rest.split_once("?>") {
            rest = after;
        }
        let mut parser = Parser { rest };
        parser.blanks();
        parser.element()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn element(&mut self) -> Element {
        self.expect("<");
        let mut element = Element {
            name: self.until(|c| c == ' ' || c == '>' || c == '/'),
            ..Element::default()
        };
        loop {
            self.blanks();
            if self.skip("/>") {
                return element;
            }
            if self.skip(">") {
                break;
            }
            let name = self.until(|c| c == '=');
            self.expect("=\"");
            let value = unescape(&self.until(|c| c == '"'));
            self.expect("\"");
            element.attributes.push((name, value));
        }
        self.content(&mut element);
        element
    }

    fn content(&mut self, element: &mut Element) {
        loop {
            if self.skip("</") {
                self.until(|c| c == '>');
                self.expect(">");
                return;
            }
            if self.skip("<![CDATA[") {
                let (text, rest) = self.rest.split_once("]]>").unwrap();
                element.text.push_str(text);
                self.rest = rest;
            } else if self.rest.starts_with('<') {
                element.children.push(self.element());
            } else {
                let text = self.until(|c| c == '<');
                element.text.push_str(&unescape(&text));
            }
        }
    }

    fn until(&mut self, end: impl Fn(char) -> bool) -> String {
        let length = self.rest.find(end).unwrap();
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        text.to_owned()
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn skip(&mut self, text: &str) -> bool {
        let after = self.rest.strip_prefix(text);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn expect(&mut self, text: &str) {
        let shown: String = self.rest.chars().take(80).collect();
        assert!(self.skip(text), "expected {text} before {shown}");
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (name, after) = after.split_once(';').unwrap();
        out.push_str(before);
        out.push(match name {
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "amp" => '&',
            _ => {
                let code = name.strip_prefix('#').and_then(|code| code.parse().ok());
                code.and_then(char::from_u32).unwrap()
            }
        });
        rest = after;
    }
    out.push_str(rest);
    out
}
