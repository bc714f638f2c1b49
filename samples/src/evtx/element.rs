//! The tree of elements that a template is, and its tokens.

use super::name::write_name;
use super::page::Page;
use super::value::code;

/// The head of every BinXML fragment: version 1.1, no flags.
const FRAGMENT_HEADER: [u8; 4] = [0x0F, 1, 1, 0];

mod token {
    pub(super) const END_OF_FRAGMENT: u8 = 0x00;
    pub(super) const OPEN_ELEMENT: u8 = 0x01;
    pub(super) const CLOSE_START: u8 = 0x02;
    pub(super) const CLOSE_EMPTY: u8 = 0x03;
    pub(super) const END_ELEMENT: u8 = 0x04;
    pub(super) const TEXT: u8 = 0x05;
    pub(super) const ATTRIBUTE: u8 = 0x06;
    pub(super) const SLOT: u8 = 0x0D;
    pub(super) const OPTIONAL_SLOT: u8 = 0x0E;
    /// Set on an element that has attributes, and on an attribute that another one follows.
    pub(super) const MORE: u8 = 0x40;
}

/// An element of a template.
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    /// The element is left out when this slot holds NULL.
    pub(super) only_with: Option<u16>,
    pub(super) attributes: Vec<(&'a str, Content<'a>)>,
    pub(super) content: Vec<Content<'a>>,
}

/// What stands in an element or is an attribute's value.
pub(super) enum Content<'a> {
    Text(&'a str),
    /// The value with this index, declared with this type.
    Slot(u16, u8),
    /// The same; the attribute or element around it is left out when the value is NULL.
    OptionalSlot(u16, u8),
    Element(Element<'a>),
}

/// Starts a fragment.
pub(super) fn begin_fragment(page: &mut Page) {
    page.bytes(&FRAGMENT_HEADER);
}

/// Ends a fragment, with or without a header of its own.
pub(super) fn end_fragment(page: &mut Page) {
    page.u8(token::END_OF_FRAGMENT);
}

impl Element<'_> {
    pub(super) fn write(&self, page: &mut Page) {
        page.u8(with_more(token::OPEN_ELEMENT, !self.attributes.is_empty()));
        page.u16(self.only_with.unwrap_or(u16::MAX));
        let length = page.reserve(4);
        write_name(page, self.name);
        self.write_attributes(page);
        self.write_content(page);
        page.put_length_since(length);
    }

    fn write_attributes(&self, page: &mut Page) {
        let Some(last) = self.attributes.len().checked_sub(1) else {
            return;
        };
        let length = page.reserve(4);
        for (index, (name, value)) in self.attributes.iter().enumerate() {
            page.u8(with_more(token::ATTRIBUTE, index < last));
            write_name(page, name);
            value.write(page);
        }
        page.put_length_since(length);
    }

    fn write_content(&self, page: &mut Page) {
        if self.content.is_empty() {
            page.u8(token::CLOSE_EMPTY);
            return;
        }
        page.u8(token::CLOSE_START);
        for part in &self.content {
            part.write(page);
        }
        page.u8(token::END_ELEMENT);
    }
}

impl Content<'_> {
    fn write(&self, page: &mut Page) {
        match self {
            Self::Text(text) => {
                page.u8(token::TEXT);
                page.u8(code::TEXT);
                page.counted_text(text);
            }
            Self::Slot(index, kind) => write_slot(page, token::SLOT, *index, *kind),
            Self::OptionalSlot(index, kind) => {
                write_slot(page, token::OPTIONAL_SLOT, *index, *kind);
            }
            Self::Element(element) => element.write(page),
        }
    }
}

fn write_slot(page: &mut Page, token: u8, index: u16, kind: u8) {
    page.u8(token);
    page.u16(index);
    page.u8(kind);
}

fn with_more(token: u8, more: bool) -> u8 {
    if more { token | token::MORE } else { token }
}
