//! One entry of the table, put together from its records.

use super::read::{
    Attribute, Attributes, FileName, Form, Namespace, Record, Reference, ReparsePoint,
    StandardInformation, kind, reparse_point,
};
use super::text::utf16;
use super::volume::Extension;
use super::zone::Zone;

/// Streams of one entry that are named.
const MOST_STREAMS: usize = 64;
/// Names of one entry: Windows allows 1,024 links.
const MOST_NAMES: usize = 2048;
/// Bytes of content that are shown.
const HEADER_BYTES: usize = 16;

/// An entry.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) standard: Option<StandardInformation>,
    /// Its long names, and those that stand for none.
    pub(super) names: Vec<FileName<'a>>,
    /// Its 8.3 names.
    pub(super) short_names: Vec<FileName<'a>>,
    /// Size of its content.
    pub(super) size: Option<u64>,
    /// The first bytes of its content, when the record holds it.
    pub(super) head: Option<&'a [u8]>,
    /// Names of its further streams.
    pub(super) streams: Vec<String>,
    /// Where it was downloaded from.
    pub(super) zone: Option<Zone>,
    pub(super) reparse: Option<ReparsePoint>,
    /// Whether an attribute leads out of the record.
    pub(super) is_cut: bool,
    /// Whether it has more names or streams than are told.
    pub(super) is_full: bool,
}

impl<'a> Entry<'a> {
    pub(super) fn of(record: &Record<'a>, extensions: &[&'a Extension]) -> Self {
        let mut entry = Self::default();
        let mut attributes = record.attributes();
        for attribute in attributes.by_ref() {
            entry.add(&attribute);
        }
        entry.is_cut |= attributes.is_cut;
        for extension in extensions {
            for attribute in Attributes::new(&extension.attributes, 0) {
                entry.add(&attribute);
            }
        }
        if entry.names.is_empty() {
            // An entry with nothing but an 8.3 name is called that.
            entry.names = std::mem::take(&mut entry.short_names);
        }
        entry
    }

    fn add(&mut self, attribute: &Attribute<'a>) {
        match attribute.kind {
            kind::STANDARD_INFORMATION if self.standard.is_none() => {
                self.standard = attribute.resident().and_then(StandardInformation::read);
            }
            kind::FILE_NAME => {
                let name = attribute.resident().and_then(FileName::read);
                // A name can be longer than the content is said to be.
                self.is_cut |= name.is_none();
                let whole = || attribute.resident_to_end().and_then(FileName::read);
                let Some(name) = name.or_else(whole) else {
                    return;
                };
                let names = match name.namespace {
                    Namespace::Dos => &mut self.short_names,
                    _ => &mut self.names,
                };
                if names.len() < MOST_NAMES {
                    names.push(name);
                } else {
                    self.is_full = true;
                }
            }
            kind::DATA if attribute.name.is_empty() => self.add_content(attribute),
            kind::DATA => self.add_stream(attribute),
            kind::REPARSE_POINT => {
                self.reparse = attribute.resident().and_then(reparse_point);
            }
            _ => {}
        }
    }

    fn add_content(&mut self, attribute: &Attribute<'a>) {
        match attribute.form {
            Form::Resident(content) => {
                self.size = Some(content.len() as u64);
                self.head = content.get(..content.len().min(HEADER_BYTES));
            }
            Form::NonResident {
                first_cluster: 0,
                size,
                ..
            } => self.size = Some(size),
            Form::NonResident { .. } => {}
        }
    }

    fn add_stream(&mut self, attribute: &Attribute<'a>) {
        if !attribute.is_first_part() {
            return;
        }
        let name = utf16(attribute.name);
        if self.zone.is_none() && name.eq_ignore_ascii_case("Zone.Identifier") {
            self.zone = attribute.resident().map(Zone::read);
        }
        if self.streams.len() < MOST_STREAMS {
            self.streams.push(name);
        } else {
            self.is_full = true;
        }
    }

    /// The 8.3 names of a directory.
    pub(super) fn short_names_in(&self, parent: Reference) -> impl Iterator<Item = String> + '_ {
        let in_it = self
            .short_names
            .iter()
            .filter(move |name| name.parent == parent);
        in_it.map(|name| utf16(name.name))
    }
}
