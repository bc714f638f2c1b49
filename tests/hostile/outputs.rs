//! What each kind of output must be, whatever stands in it.

use std::collections::BTreeSet;
use std::process::Output;

use quick_xml::events::Event;
use serde_json::Value;

use crate::page::Page;
use crate::payload::{FORGED_LINE, marks};

/// Whether a character steers a terminal, or cannot be seen, or turns others around.
fn is_hostile(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The first character that must not be in a text, with what is around it.
#[track_caller]
pub(crate) fn is_visible(what: &str, text: &str, allowed: &[char]) {
    let hostile = |&(_, char): &(usize, char)| is_hostile(char) && !allowed.contains(&char);
    if let Some((at, char)) = text.char_indices().find(hostile) {
        let from = text.floor_char_boundary(at.saturating_sub(60));
        let to = text.ceil_char_boundary((at + 60).min(text.len()));
        panic!("{what}: {char:?} in {:?}", &text[from..to]);
    }
}

/// The same, of a table whose columns are parted by tabs.
#[track_caller]
pub(crate) fn is_printable_table(what: &str, output: &[u8]) {
    let text = std::str::from_utf8(output).unwrap();
    let columns = |line: &str| line.matches('\t').count();
    let first = text.lines().next().map(columns);
    assert!(
        text.lines().all(|line| Some(columns(line)) == first),
        "{what}"
    );
    is_printable(what, text.replace('\t', " ").as_bytes());
}

/// What is printed steers no terminal, and no line of it is an attacker's.
#[track_caller]
pub(crate) fn is_printable(what: &str, output: &[u8]) {
    let text = std::str::from_utf8(output).unwrap_or_else(|error| panic!("{what}: {error}"));
    is_visible(what, text, &['\n']);
    let forged = text
        .lines()
        .find(|line| line.trim_start().starts_with(FORGED_LINE));
    assert_eq!(forged, None, "{what}");
}

/// Both streams of a program that ended with this code, and did not panic.
#[track_caller]
pub(crate) fn is_sound(what: &str, output: &Output, code: i32) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{what}: {stderr}");
    assert!(!stderr.contains("panicked"), "{what}: {stderr}");
    if what.contains("table") {
        is_printable_table(what, &output.stdout);
    } else {
        is_printable(what, &output.stdout);
    }
    is_printable(what, &output.stderr);
}

/// Whether a spreadsheet runs a cell.
pub(crate) fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err()
}

/// A table whose rows have all of its columns, and of which a spreadsheet runs nothing.
#[track_caller]
pub(crate) fn is_csv(what: &str, text: &str) {
    is_visible(what, text, &['\n']);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(false)
        .from_reader(text.as_bytes());
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap_or_else(|error| panic!("{what}: {error}"));
        rows += 1;
        for cell in &row {
            assert!(!cell.contains('\n'), "{what}: {cell:?}");
            // Some programs take blanks away first.
            let is_hidden =
                cell.starts_with(' ') && cell.trim_start().starts_with(['=', '+', '-', '@']);
            assert!(!is_formula(cell) && !is_hidden, "{what}: {cell:?}");
        }
    }
    assert_eq!(text.lines().count(), rows, "{what}: a row is no line");
}

/// Lines of JSON, or one value.
#[track_caller]
pub(crate) fn is_json(what: &str, text: &str) -> Vec<Value> {
    is_visible(what, text, &['\n']);
    let values = text.lines().map(|line| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{what}: {error}: {line:.200}"))
    });
    values.collect()
}

/// A graph in XML, each of whose edges leads from one of its nodes to one.
#[track_caller]
pub(crate) fn is_graph(what: &str, xml: &str) -> BTreeSet<String> {
    is_visible(what, xml, &['\n']);
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut nodes, mut ends, mut text) = (BTreeSet::new(), Vec::new(), String::new());
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|error| panic!("{what}: {error}"))
        {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.name().as_ref().to_owned();
                assert!(
                    ["graphml", "key", "graph", "node", "edge", "data"].contains(&name.as_str()),
                    "{what}: {name}"
                );
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    let value = attribute.value.to_string();
                    match (name.as_str(), attribute.key.as_ref()) {
                        ("node", "id") => assert!(nodes.insert(value), "{what}: a node twice"),
                        ("edge", "source" | "target") => ends.push(value),
                        _ => {}
                    }
                }
            }
            Event::Text(words) => text.push_str(&words),
            Event::Eof => break,
            Event::Comment(_) | Event::CData(_) | Event::PI(_) | Event::DocType(_) => {
                panic!("{what}: nothing of ours")
            }
            _ => {}
        }
    }
    assert!(ends.iter().all(|end| nodes.contains(end)), "{what}");
    marks(&text)
}

/// Elements of the page and their attributes; `class` and `id` can be on each.
const ELEMENTS: &[(&str, &[&str])] = &[
    ("html", &["lang"]),
    ("head", &[]),
    ("body", &[]),
    ("meta", &["http-equiv", "content", "charset", "name"]),
    ("title", &[]),
    ("style", &[]),
    ("script", &[]),
    ("header", &[]),
    ("main", &[]),
    ("nav", &["aria-label"]),
    ("footer", &[]),
    ("section", &[]),
    ("article", &["data-grade"]),
    ("details", &["open"]),
    ("summary", &[]),
    ("h1", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("p", &[]),
    ("div", &["tabindex", "role", "aria-label"]),
    ("span", &[]),
    ("strong", &[]),
    ("b", &[]),
    ("i", &[]),
    ("bdi", &[]),
    ("code", &["dir", "tabindex"]),
    ("wbr", &[]),
    ("br", &[]),
    ("a", &["href", "aria-label"]),
    ("ul", &[]),
    ("ol", &[]),
    ("li", &[]),
    ("dl", &[]),
    ("dt", &[]),
    ("dd", &[]),
    ("table", &[]),
    ("thead", &[]),
    ("tbody", &[]),
    ("tr", &["data-grade"]),
    ("th", &["scope"]),
    ("td", &["data-head"]),
    (
        "svg",
        &["viewBox", "width", "height", "role", "aria-labelledby"],
    ),
    ("desc", &[]),
    ("g", &[]),
    ("text", &["x", "y", "transform"]),
    ("tspan", &[]),
    ("line", &["x1", "y1", "x2", "y2"]),
    ("rect", &["x", "y", "width", "height"]),
    ("circle", &["cx", "cy", "r"]),
    ("path", &["d"]),
];

/// A page whose policy comes first, of elements of ours alone, whose links lead to places in it.
#[track_caller]
pub(crate) fn is_page(what: &str, html: &str) -> Page {
    is_visible(what, html, &['\n']);
    let start = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ";
    assert!(html.starts_with(start), "{what}: the policy comes first");
    let page = Page::parse(html);
    assert_eq!(page.errors, [""; 0], "{what}");
    assert_eq!(page.comments, 0, "{what}");
    let mut ids = BTreeSet::new();
    for element in &page.elements {
        let known = ELEMENTS.iter().find(|(name, _)| *name == element.name);
        let (_, attributes) = known.unwrap_or_else(|| panic!("{what}: {element:?}"));
        for (name, value) in &element.attributes {
            let is_ours = (["class", "id"].contains(&name.as_str()) || name.starts_with("aria-"))
                || attributes.contains(&name.as_str());
            assert!(is_ours, "{what}: {element:?}");
            assert!(marks(value).is_empty(), "{what}: {element:?}");
        }
        if let Some(id) = element.get("id") {
            assert!(ids.insert(id), "{what}: {id} twice");
        }
    }
    for link in page.named("a") {
        let to = link.get("href").and_then(|to| to.strip_prefix('#'));
        assert!(to.is_some_and(|to| ids.contains(to)), "{what}: {link:?}");
    }
    for (name, count) in [
        ("script", 1),
        ("style", 1),
        ("h1", 1),
        ("main", 1),
        ("body", 1),
    ] {
        assert_eq!(page.named(name).count(), count, "{what}: {name}");
    }
    page
}

/// Elements that Markdown of ours becomes.
const OF_MARKDOWN: &[&str] = &[
    "html", "head", "body", "h1", "h2", "p", "ul", "li", "strong", "code", "br", "table", "thead",
    "tbody", "tr", "th", "td",
];

/// A program that shows Markdown, by its name.
pub(crate) type Renderer = (&'static str, fn(&str) -> String);

/// Programs that show Markdown, as careless as they can be made.
pub(crate) const RENDERERS: [Renderer; 2] =
    [("markdown", by_markdown), ("pulldown-cmark", by_pulldown)];

fn by_markdown(text: &str) -> String {
    let mut options = markdown::Options::gfm();
    options.compile.allow_dangerous_html = true;
    options.compile.allow_dangerous_protocol = true;
    options.compile.gfm_tagfilter = false;
    markdown::to_html_with_options(text, &options).unwrap()
}

fn by_pulldown(text: &str) -> String {
    let mut html = String::new();
    // Words of ours have `$MFT` and `$J`, which no program that reads mathematics is meant to see.
    let options = pulldown_cmark::Options::all().difference(pulldown_cmark::Options::ENABLE_MATH);
    let parser = pulldown_cmark::Parser::new_ext(text, options);
    pulldown_cmark::html::push_html(&mut html, parser);
    html
}

/// What a program made of our Markdown: elements that it was meant to make, and no others.
#[track_caller]
pub(crate) fn is_of_markdown(what: &str, html: &str, sections: usize) -> Page {
    let page = Page::parse(html);
    for element in &page.elements {
        assert!(
            OF_MARKDOWN.contains(&element.name.as_str()),
            "{what}: {element:?}"
        );
        let is_plain = element.attributes.iter().all(|(name, _)| name == "align");
        assert!(is_plain, "{what}: {element:?}");
    }
    assert_eq!(page.comments, 0, "{what}");
    assert_eq!(page.named("h1").count(), 1, "{what}");
    assert_eq!(page.named("h2").count(), sections - 1, "{what}");
    page
}
