//! Field names.

use super::{Checker, MOST_SUGGESTIONS, Type};
use crate::ast::Field;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::suggest::nearest;

impl Checker<'_> {
    /// The type of a field. One that no event has is worth a warning, unless it is written `?name`.
    pub(super) fn field(&mut self, field: &Field, span: Span) -> Type {
        let field_type = self.schema.field_type(&field.name);
        if field_type.is_none() && !field.optional {
            self.unknown_field(&field.name, span);
        }
        Type::of_field(field_type)
    }

    pub(super) fn is_unknown(&self, field: &Field) -> bool {
        self.schema.field_type(&field.name).is_none()
    }

    /// Said once for each name.
    fn unknown_field(&mut self, name: &str, span: Span) {
        if !self.unknown_fields.insert(name.to_owned()) {
            return;
        }
        let help = self.similar_field(name);
        let message = format!("no event has a field `{name}`: it counts as missing");
        self.report(Diagnostic::warning(span, message).with_optional_help(help));
    }

    fn similar_field(&self, name: &str) -> Option<String> {
        if self.unknown_fields.len() > MOST_SUGGESTIONS {
            return None;
        }
        let meant = nearest(name, self.schema.names())?;
        Some(format!("did you mean `{meant}`?"))
    }
}
