//! `report.html`: the document as one page that asks for nothing.
//!
//! Everything in it is text that has been through `escape`; its script and its style are the only ones that the
//! policy at its head allows, by their hashes. All of it is there with scripts off.

mod blocks;
mod escape;
mod grade;
mod graph;
mod ladder;
mod outline;
mod periods;
mod picture;
mod section;
mod table;
#[cfg(test)]
mod tests;
mod words;

use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::document::{Kind, Line, Section};
use outline::{Entry, Outline};

/// What makes it look as it does.
const STYLE: &str = include_str!("report.css");
/// What sorts and filters.
const SCRIPT: &str = include_str!("report.js");

/// Writes the page. The document is opened twice, once for what has to be known beforehand, and held one
/// section at a time.
pub(crate) fn render<S>(
    mut open: impl FnMut() -> anyhow::Result<S>,
    out: &mut impl io::Write,
) -> anyhow::Result<()>
where
    S: Iterator<Item = anyhow::Result<Section>>,
{
    let mut page = Page {
        outline: Outline::of(open()?)?,
        place: Place::Head,
        has_group: false,
    };
    let mut text = String::new();
    page.head(&mut text);
    for section in open()? {
        page.section(&mut text, &section?);
        out.write_all(text.as_bytes())?;
        text.clear();
    }
    page.end(&mut text);
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// A page on its way.
struct Page {
    outline: Outline,
    place: Place,
    /// Whether there were movements already.
    has_group: bool,
}

/// Where in the page the next section comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the contents.
    Head,
    /// Among the sections.
    Main,
    /// Among the movements.
    Movements,
}

impl Page {
    fn head(&self, out: &mut String) {
        // Before anything that it could be about.
        let head = [
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"",
            &policy(),
            "\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"generator\" content=\"sidetrack ",
            env!("CARGO_PKG_VERSION"),
            "\">\n<title>",
        ];
        out.extend(head);
        escape::push(out, &self.outline.title);
        out.extend([
            "</title>\n<style>",
            STYLE,
            "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#_main\">Skip the contents</a>\n",
        ]);
    }

    fn section(&mut self, out: &mut String, section: &Section) {
        if self.place == Place::Head && section.kind == Kind::Title {
            section::masthead(out, &self.outline, section);
            return self.contents(out);
        }
        if self.place == Place::Head {
            self.contents(out);
        }
        self.group(out, section.kind == Kind::Movement);
        match section.kind {
            Kind::Answer => section::answer(out, &self.outline, section),
            Kind::Movement => section::movement(out, &self.outline, section),
            kind => section::section(out, &self.outline, class(kind), section),
        }
    }

    /// Opens or closes the section that holds the movements.
    fn group(&mut self, out: &mut String, is_movement: bool) {
        match (self.place, is_movement) {
            (Place::Movements, false) => {
                out.push_str("</section>\n");
                self.place = Place::Main;
            }
            (Place::Main, true) => {
                let id = if self.has_group { "" } else { " id=\"_each\"" };
                out.extend(["<section class=\"each\"", id, ">\n<h2>Each movement</h2>\n"]);
                self.has_group = true;
                self.place = Place::Movements;
            }
            _ => {}
        }
    }

    /// The contents, and the beginning of what they are of.
    fn contents(&mut self, out: &mut String) {
        out.push_str("<nav aria-label=\"Contents\"><details class=\"contents\"><summary>Contents</summary>\n<ol>\n");
        for entry in &self.outline.entries {
            match entry {
                Entry::Section(anchor, title) => link(out, anchor, title),
                Entry::Movements => self.movements(out),
            }
        }
        out.push_str("</ol>\n</details></nav>\n<main id=\"_main\">\n");
        self.place = Place::Main;
    }

    /// The contents' entry of the movements, with the first of them.
    fn movements(&self, out: &mut String) {
        out.push_str("<li><a href=\"#_each\">Each movement</a>\n<ol class=\"ids\">\n");
        for (id, grade) in &self.outline.movements {
            out.extend(["<li class=\"", grade, "\">"]);
            words::link(out, id, id);
            out.push_str("</li>\n");
        }
        out.push_str("</ol>");
        let left = self.outline.count - self.outline.movements.len();
        if left > 0 {
            out.push_str(&format!("<p class=\"more\">and {left} more</p>"));
        }
        out.push_str("</li>\n");
    }

    fn end(&mut self, out: &mut String) {
        if self.place == Place::Head {
            self.contents(out);
        }
        self.group(out, false);
        out.extend([
            "</main>\n<footer><p>Made by sidetrack ",
            env!("CARGO_PKG_VERSION"),
            ". All times are UTC. This page is one file: it loads nothing, sends nothing, and says all of this with \
             scripts off, too.</p></footer>\n<script>",
            SCRIPT,
            "</script>\n</body>\n</html>\n",
        ]);
    }
}

/// An entry of the contents: the heading's words, as text.
fn link(out: &mut String, anchor: &str, title: &Line) {
    out.push_str("<li>");
    words::link(out, &super::document::plain(title), anchor);
    out.push_str("</li>\n");
}

/// The name of a kind of section in the style.
fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Title => "title",
        Kind::Answer => "answer",
        Kind::Movements => "movements",
        Kind::Ladder => "ladder",
        Kind::Graph => "graph",
        Kind::Paths => "paths",
        Kind::Movement => "movement",
        Kind::Findings => "findings",
        Kind::Hosts => "hosts",
        Kind::Accounts => "accounts",
        Kind::Coverage => "coverage",
        Kind::Questions => "questions",
        Kind::Issues => "issues",
        Kind::Custody => "custody",
        Kind::Method => "method",
    }
}

/// Nothing but our own script and our own style.
fn policy() -> String {
    format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; script-src '{}'; style-src '{}'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}
