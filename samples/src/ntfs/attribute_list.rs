//! `$ATTRIBUTE_LIST`: which record has which attribute, when one record has no room for all.

use super::attribute::{Attribute, Form, kind, padded};
use super::field::{byte, put, short};
use super::reference::FileReference;

/// Bytes before the name of an entry.
const HEADER: usize = 0x1A;

/// The list of these attributes, each with the record that it is in; in the order of their types, as readers
/// expect.
#[must_use]
pub fn attribute_list(places: &[(FileReference, &Attribute)]) -> Attribute {
    let mut places = places.to_vec();
    places.sort_by_key(|(_, attribute)| attribute.kind);
    let entries = places
        .iter()
        .flat_map(|(record, attribute)| entry(*record, attribute));
    Attribute::resident(kind::ATTRIBUTE_LIST, entries.collect())
}

fn entry(record: FileReference, attribute: &Attribute) -> Vec<u8> {
    let mut bytes = vec![0; HEADER];
    bytes.extend(attribute.name.iter().flat_map(|unit| unit.to_le_bytes()));
    let mut bytes = padded(bytes);
    let length = short(bytes.len());
    let first = match &attribute.form {
        Form::Resident(_) => 0,
        Form::NonResident(content) => content.first,
    };
    put(&mut bytes, 0, attribute.kind.to_le_bytes());
    put(&mut bytes, 4, length.to_le_bytes());
    bytes[6] = byte(attribute.name.len());
    bytes[7] = byte(HEADER);
    put(&mut bytes, 8, first.to_le_bytes());
    put(&mut bytes, 16, record.to_u64().to_le_bytes());
    put(&mut bytes, 24, attribute.id.to_le_bytes());
    bytes
}
