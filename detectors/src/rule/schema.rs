//! The fields that queries can name: the field table, and what evidence brings.

use eql::{FieldType, Schema};
use timeline::{FIELDS, Kind, fields};

/// Prefixes of names that evidence brings; any name below them is a keyword.
const OPEN: [&str; 5] = [
    "winlog.event_data.",
    "winlog.user_data.",
    "winlog.processing_error_data.",
    "winlog.rendering_info.",
    "winlog.other_data.",
];

/// The field table as EQL sees it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Table;

/// What a field holds, if any evidence can ever fill it.
#[must_use]
pub fn field_kind(name: &str) -> Option<Kind> {
    if name == timeline::json::TIMESTAMP {
        return Some(Kind::Date);
    }
    if let Some(info) = fields::by_name(name).and_then(timeline::Field::info) {
        return Some(info.kind);
    }
    OPEN.iter()
        .any(|prefix| name.starts_with(prefix))
        .then_some(Kind::Keyword)
}

impl Schema for Table {
    fn field_type(&self, name: &str) -> Option<FieldType> {
        field_kind(name).map(|kind| match kind {
            Kind::Keyword => FieldType::Keyword,
            Kind::Integer => FieldType::Integer,
            Kind::Double => FieldType::Double,
            Kind::Boolean => FieldType::Boolean,
            Kind::Ip => FieldType::Ip,
            Kind::Date => FieldType::Date,
        })
    }

    fn names(&self) -> Vec<&str> {
        FIELDS
            .iter()
            .map(|info| info.name)
            .chain([timeline::json::TIMESTAMP])
            .collect()
    }
}
