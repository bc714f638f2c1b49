//! What must be true of the page, whatever is in the document.

use std::collections::BTreeSet;
use std::io;

use html5ever::parse_document;
use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use serde_json::Value;

use super::super::document::{Block, Span};
use super::*;
use crate::visible::visible;

/// What attackers would call things, if they knew what becomes of it.
const HOSTILE: &str = "\"'><script>alert(1)</script></title></style></svg></code><!--<img src=x onerror=alert(2)>]]>\
                       &lt;&#60;\u{202e}\u{0}\r\n\t javascript:x `${1}`";

const ELEMENTS: &str = "html head meta title style body a header h1 h2 h3 p ul ol li nav details summary main section \
                        article div table thead tbody tr th td code bdi b strong span i wbr dl dt dd footer script svg \
                        desc g line path rect circle text tspan";
const ATTRIBUTES: &str = "http-equiv content charset name lang class id href dir tabindex scope data-grade data-head \
                          aria-label aria-labelledby aria-hidden role open viewBox width height x y x1 y1 x2 y2 cx cy r \
                          d transform";

fn page_of(sections: &[Section]) -> String {
    let mut out = Vec::new();
    render(|| Ok(sections.iter().cloned().map(Ok)), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The case with the words at the end of everything in it that is text, names of links included.
fn with_everywhere(words: &str) -> Vec<Section> {
    let append = |value: &mut Value| spoil(value, words);
    let each = fixture::document().into_iter().map(|section| {
        let mut value = serde_json::to_value(section).unwrap();
        append(&mut value);
        serde_json::from_value(value).unwrap()
    });
    each.collect()
}

fn spoil(value: &mut Value, words: &str) {
    match value {
        Value::String(text) => text.push_str(words),
        Value::Array(values) => values.iter_mut().for_each(|value| spoil(value, words)),
        Value::Object(fields) => {
            let fields = fields.iter_mut().filter(|(name, _)| *name != "kind");
            fields.for_each(|(_, value)| spoil(value, words));
        }
        _ => {}
    }
}

/// An element of the parsed page.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    /// All text in it.
    text: String,
}

impl Element {
    fn get(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        Some(&attributes.find(|(known, _)| known == name)?.1)
    }
}

/// Every element, in the order of the page, as a browser reads it, which finds nothing wrong.
fn elements(page: &str) -> Vec<Element> {
    let dom = parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(page);
    let errors = dom.errors.borrow();
    assert!(errors.is_empty(), "{errors:?}");
    let mut all = Vec::new();
    walk(&dom.document, &mut all);
    all
}

fn walk(node: &Handle, all: &mut Vec<Element>) -> String {
    let mut text = String::new();
    let place = all.len();
    match &node.data {
        NodeData::Text { contents } => text.push_str(&contents.borrow()),
        NodeData::Comment { contents } => panic!("a comment: {contents}"),
        NodeData::Element { name, attrs, .. } => {
            let attributes = attrs.borrow();
            let attributes = attributes.iter();
            all.push(Element {
                name: name.local.to_string(),
                attributes: attributes
                    .map(|attribute| {
                        (
                            attribute.name.local.to_string(),
                            attribute.value.to_string(),
                        )
                    })
                    .collect(),
                text: String::new(),
            });
        }
        _ => {}
    }
    for child in node.children.borrow().iter() {
        text.push_str(&walk(child, all));
    }
    if let NodeData::Element { .. } = node.data {
        all[place].text.clone_from(&text);
    }
    text
}

/// All words of the evidence in a document, those in pictures apart.
fn shown_words(sections: &[Section]) -> (Vec<String>, Vec<String>) {
    let (mut words, mut drawn) = (Vec::new(), Vec::new());
    let mut line = |line: &Line| {
        words.extend(line.iter().filter_map(|span| match span {
            Span::Shown(words) | Span::Rule(words) => Some(words.clone()),
            _ => None,
        }));
    };
    for section in sections {
        line(&section.title);
        for block in &section.blocks {
            match block {
                Block::Paragraph(words) => line(words),
                Block::Lines(lines) => lines.iter().for_each(&mut line),
                Block::List(items) => items.iter().for_each(|item| line(&item.words)),
                Block::Table(table) => table
                    .rows
                    .iter()
                    .flat_map(|row| &row.cells)
                    .for_each(&mut line),
                Block::Ladder(ladder) => {
                    drawn.extend(ladder.lanes.iter().map(|lane| lane.name.clone()));
                    drawn.extend(ladder.arrows.iter().map(|arrow| arrow.technique.clone()));
                    drawn.extend(ladder.arrows.iter().map(|arrow| arrow.account.clone()));
                }
                Block::Graph(graph) => {
                    drawn.extend(graph.nodes.iter().map(|node| node.name.clone()));
                }
                Block::Periods(periods) => {
                    drawn.extend(
                        periods
                            .iter()
                            .flat_map(|period| [period.host.clone(), period.log.clone()]),
                    );
                }
            }
        }
    }
    (words, drawn)
}

#[test]
fn nothing_in_the_document_becomes_markup_and_all_of_it_is_said() {
    for sections in [fixture::document(), with_everywhere(HOSTILE)] {
        let elements = elements(&page_of(&sections));
        let allowed = |list: &'static str| -> BTreeSet<&str> { list.split(' ').collect() };
        let (known, values) = (allowed(ELEMENTS), allowed(ATTRIBUTES));
        for element in &elements {
            assert!(known.contains(element.name.as_str()), "<{}>", element.name);
            for (name, value) in &element.attributes {
                assert!(values.contains(name.as_str()), "{name}={value}");
                assert!(name != "href" || value.starts_with('#'), "{value}");
            }
        }
        let of = |name: &str| -> String {
            let named = elements.iter().filter(|element| element.name == name);
            named
                .map(|element| element.text.as_str())
                .collect::<Vec<_>>()
                .join("\n")
        };
        let count = |name: &str| {
            elements
                .iter()
                .filter(|element| element.name == name)
                .count()
        };
        assert_eq!((count("script"), count("style"), count("meta")), (1, 1, 6));
        let (body, pictures) = (of("body"), of("svg"));
        let (words, drawn) = shown_words(&sections);
        assert!(words.len() > 100 && drawn.len() > 20);
        for words in words {
            assert!(body.contains(&visible(&words)), "{words:?}");
        }
        for words in drawn {
            assert!(pictures.contains(&visible(&words)), "{words:?}");
        }
    }
}

#[test]
fn the_policy_comes_first_and_allows_our_script_and_our_style_by_their_hashes() {
    let page = page_of(&fixture::document());
    let between = |from: &str, to: &str| {
        let (_, rest) = page.split_once(from).unwrap();
        rest.split_once(to).unwrap().0.to_owned()
    };
    let hash = |text: String| BASE64_STANDARD.encode(Sha256::digest(text));
    let expected = format!(
        "<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; \
         form-action 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'\">",
        hash(between("<script>", "</script>")),
        hash(between("<style>", "</style>"))
    );
    assert!(page.contains(&expected));
    // A browser reads the first 1024 bytes to learn how the others are written.
    assert!(page.find("<meta charset=\"utf-8\">").unwrap() < 900);
    for part in [SCRIPT, STYLE] {
        assert!(
            !part.contains("</")
                && part.is_ascii()
                && !part.contains('\r')
                && !part.contains("url(")
        );
    }
}

#[test]
fn every_link_leads_to_one_place() {
    for sections in [fixture::document(), with_everywhere("-<x>\u{e9}")] {
        let elements = elements(&page_of(&sections));
        let ids: Vec<&str> = elements
            .iter()
            .filter_map(|element| element.get("id"))
            .collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len());
        let mut links = 0;
        for to in elements.iter().filter_map(|element| element.get("href")) {
            assert!(unique.contains(&to[1..]), "{to}");
            links += 1;
        }
        assert!(links > 60, "{links}");
        for element in &elements {
            for id in element
                .get("aria-labelledby")
                .unwrap_or_default()
                .split_whitespace()
            {
                assert!(unique.contains(id), "{id}");
            }
        }
        let movement = sections
            .iter()
            .find(|section| section.kind == Kind::Movement)
            .unwrap();
        assert!(unique.contains(escape::anchor(&movement.anchor).as_str()));
    }
}

#[test]
fn headings_are_in_order_and_what_is_hidden_is_only_folded() {
    let elements = elements(&page_of(&fixture::document()));
    let mut level = 0;
    for element in &elements {
        if let Some(next) = element
            .name
            .strip_prefix('h')
            .and_then(|next| next.parse::<u8>().ok())
        {
            assert!(next <= level + 1, "{}", element.text);
            level = next;
        }
        assert!(element.get("hidden").is_none() && element.get("style").is_none());
    }
    let movements: Vec<&Element> = elements
        .iter()
        .filter(|element| element.name == "article")
        .collect();
    assert_eq!(movements.len(), 7);
    let details = elements.iter().filter(|element| element.name == "details");
    assert_eq!(
        details
            .filter(|details| details.get("open").is_some())
            .count(),
        7
    );
    for scope in elements.iter().filter(|element| element.name == "th") {
        assert!(matches!(scope.get("scope"), Some("col" | "row")));
    }
}

#[test]
fn headings_say_which_movement_how_sure_and_when_and_the_window_which_case() {
    let elements = elements(&page_of(&fixture::document()));
    let headings: Vec<&str> = elements
        .iter()
        .filter(|element| element.name == "h3")
        .map(|element| element.text.as_str())
        .collect();
    assert_eq!(
        headings[1],
        "M-0002 CONFIRMED WS01.corp.example.com to SRV02.corp.example.com 2026-03-02 21:14:02"
    );
    assert!(headings[6].starts_with("M-0007 POSSIBLE unknown source to APP04.corp.example.com "));
    let title = elements.iter().find(|element| element.name == "title");
    assert_eq!(title.unwrap().text, "Lateral movement report, IR-2026-0042");
}

#[test]
fn the_page_is_the_same_every_time_and_empty_documents_are_pages() {
    assert_eq!(page_of(&fixture::document()), page_of(&fixture::document()));
    elements(&page_of(&[]));
    // Movements that are not beside each other, and no title.
    let apart = [
        fixture::movement(0),
        fixture::document().remove(1),
        fixture::movement(1),
    ];
    let page = page_of(&apart);
    elements(&page);
    assert_eq!(page.matches("id=\"_each\"").count(), 1);
}

#[test]
fn a_section_that_cannot_be_read_is_an_error_whenever_it_is_read() {
    for bad in [1, 2] {
        let mut pass = 0;
        let open = || {
            pass += 1;
            let last = if pass == bad {
                Err(anyhow::anyhow!("no section"))
            } else {
                Ok(fixture::movement(1))
            };
            Ok([Ok(fixture::movement(0)), last].into_iter())
        };
        assert!(render(open, &mut Vec::new()).is_err(), "{bad}");
    }
}

/// Remembers how much was written, and how much of it at once.
#[derive(Default)]
struct Meter {
    all: usize,
    most: usize,
}

impl io::Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.all += bytes.len();
        self.most = self.most.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_thousand_movements_are_written_one_by_one() {
    let mut meter = Meter::default();
    render(
        || Ok((0..1000).map(|place| Ok(fixture::movement(place)))),
        &mut meter,
    )
    .unwrap();
    assert!(meter.all > 2_000_000, "{}", meter.all);
    // The style, the contents and the first movement come at once.
    assert!(meter.most < STYLE.len() + 40_000, "{}", meter.most);
}

#[test]
fn a_name_of_a_megabyte_is_all_there_and_scrolls() {
    let mut section = fixture::movement(0);
    section.title.push(Span::Shown("A".repeat(1 << 20)));
    let elements = elements(&page_of(&[section]));
    let long = elements
        .iter()
        .find(|element| element.get("class") == Some("long"))
        .unwrap();
    assert_eq!(long.text.len(), 1 << 20);
    assert_eq!(long.get("tabindex"), Some("0"));
}
