//! What a browser's parser makes of a page: elements, attributes, and the words between them.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// The words directly in it.
    pub(crate) words: String,
}

/// A page, parsed.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// In the order of the page.
    pub(crate) elements: Vec<Element>,
    /// All words that are not a script or a style.
    pub(crate) text: String,
    /// What the parser found odd.
    pub(crate) errors: Vec<String>,
    /// Comments: we write none.
    pub(crate) comments: usize,
}

impl Page {
    pub(crate) fn parse(html: &str) -> Self {
        // As the page is where scripts are off: what stands in `noscript` is seen, too.
        let mut options = ParseOpts::default();
        options.tree_builder.scripting_enabled = false;
        options.tokenizer.exact_errors = true;
        let dom = parse_document(RcDom::default(), options).one(html);
        let mut page = Self::default();
        let errors = dom.errors.borrow();
        page.errors = errors.iter().map(ToString::to_string).collect();
        page.add(&dom.document, "");
        page
    }

    fn add(&mut self, node: &Handle, inside: &str) {
        let mut name_here = inside.to_owned();
        match &node.data {
            NodeData::Text { contents } if !["script", "style"].contains(&inside) => {
                self.text.push_str(&contents.borrow());
            }
            NodeData::Comment { .. } => self.comments += 1,
            NodeData::Element { name, attrs, .. } => {
                name_here = name.local.to_string();
                let attribute = |attribute: &html5ever::Attribute| {
                    (
                        attribute.name.local.to_string(),
                        attribute.value.to_string(),
                    )
                };
                self.elements.push(Element {
                    name: name_here.clone(),
                    attributes: attrs.borrow().iter().map(attribute).collect(),
                    words: words(node),
                });
            }
            _ => {}
        }
        for child in node.children.borrow().iter() {
            self.add(child, &name_here);
        }
        if matches!(node.data, NodeData::Element { .. }) {
            self.text.push(' ');
        }
    }

    /// The elements of a name.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.elements
            .iter()
            .filter(move |element| element.name == name)
    }

    /// The title.
    pub(crate) fn title(&self) -> &str {
        let mut titles = self.named("title");
        titles.next().map_or("", |title| &title.words)
    }

    /// Whether something has this value in an attribute of this name.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.elements
            .iter()
            .any(|element| element.get(name) == Some(value))
    }
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let (_, value) = attributes.find(|(attribute, _)| attribute == name)?;
        Some(value)
    }
}

fn words(node: &Handle) -> String {
    let children = node.children.borrow();
    let text = |child: &Handle| match &child.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        _ => String::new(),
    };
    children.iter().map(text).collect()
}
