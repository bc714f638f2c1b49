//! The fields of one event while it is mapped.

use std::borrow::Cow;

use timeline::{Field, Value, fields};

/// Fields of one event, in the order they were put.
#[derive(Debug, Default)]
pub(crate) struct Values<'a>(Vec<(Field, Value<'a>)>);

impl<'a> Values<'a> {
    /// Room for an ordinary event.
    pub(crate) fn with_room() -> Self {
        Self(Vec::with_capacity(96))
    }

    /// All of them.
    pub(crate) fn as_slice(&self) -> &[(Field, Value<'a>)] {
        &self.0
    }

    /// Adds a value.
    pub(crate) fn put(&mut self, field: Field, value: impl Into<Value<'a>>) {
        self.0.push((field, value.into()));
    }

    /// Puts a value in place of those that the field has.
    pub(crate) fn replace(&mut self, field: Field, value: impl Into<Value<'a>>) {
        self.0.retain(|(known, _)| *known != field);
        self.put(field, value);
    }

    /// Adds a value if there is one.
    pub(crate) fn put_some(&mut self, field: Field, value: Option<impl Into<Value<'a>>>) {
        if let Some(value) = value {
            self.put(field, value);
        }
    }

    /// Adds several values of one field.
    pub(crate) fn put_all<V: Into<Value<'a>>>(
        &mut self,
        field: Field,
        values: impl IntoIterator<Item = V>,
    ) {
        self.0
            .extend(values.into_iter().map(|value| (field, value.into())));
    }

    /// Adds a value unless the field has that very value already: for the `related.*` unions.
    pub(crate) fn put_new(&mut self, field: Field, value: Cow<'a, str>) {
        let value = Value::Text(value);
        if !self.0.iter().any(|(f, v)| *f == field && *v == value) {
            self.0.push((field, value));
        }
    }

    /// The first text of a field.
    #[cfg(test)]
    pub(crate) fn text(&self, field: Field) -> Option<&str> {
        self.0.iter().find_map(|(f, value)| match value {
            Value::Text(text) if *f == field => Some(text.as_ref()),
            _ => None,
        })
    }

    /// Whether the field has a value.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.0.iter().any(|(f, _)| *f == field)
    }

    /// Copies the values of some fields into a union, each value once, without what names nobody.
    fn gather(&mut self, union: Field, from: &[Field]) {
        for wanted in from {
            for place in 0..self.0.len() {
                let Some((field, Value::Text(text))) = self.0.get(place) else {
                    continue;
                };
                if field == wanted && !matches!(text.as_ref(), "" | "-" | "::" | "0.0.0.0") {
                    let text = text.clone();
                    self.put_new(union, text);
                }
            }
        }
    }

    /// Takes away what the shared algorithms add to upstream's: keys to join by, and further
    /// spellings (ECS.md §7.5b, §7.6).
    pub(crate) fn keep_upstream(&mut self) {
        use fields as f;
        let ours = [
            f::PROCESS_EXT_EXECUTABLE_KEY,
            f::FILE_EXT_PATH_KEY,
            f::DLL_EXT_PATH_KEY,
        ];
        self.0.retain(|(field, _)| !ours.contains(field));
        for field in [f::REGISTRY_PATH, f::REGISTRY_HIVE] {
            let first = self.0.iter().position(|(own, _)| *own == field);
            self.keep_one(field, first);
        }
        // Upstream's key has the value's name, its types are Sysmon's.
        for field in [f::REGISTRY_KEY, f::REGISTRY_DATA_TYPE] {
            let last = self.0.iter().rposition(|(own, _)| *own == field);
            self.keep_one(field, last);
        }
    }

    /// Keeps of a field's values only the one at a place.
    fn keep_one(&mut self, field: Field, kept: Option<usize>) {
        let mut places = 0..;
        self.0.retain(|(own, _)| {
            let place = places.next();
            *own != field || place == kept
        });
    }

    /// The ends of a flow by address, or by name where there is none (ECS.md §7.4).
    pub(crate) fn address(&mut self) {
        use fields as f;
        for (address, ip, domain) in [
            (f::SOURCE_ADDRESS, f::SOURCE_IP, f::SOURCE_DOMAIN),
            (
                f::DESTINATION_ADDRESS,
                f::DESTINATION_IP,
                f::DESTINATION_DOMAIN,
            ),
        ] {
            let of = |wanted| self.0.iter().find(|(field, _)| *field == wanted);
            let either = of(ip).or_else(|| of(domain));
            if let Some(value) = either.map(|(_, value)| value.clone()) {
                self.put(address, value);
            }
        }
    }

    /// Fills `related.*` from the fields that are there.
    pub(crate) fn relate(&mut self) {
        use fields as f;
        self.gather(
            f::RELATED_USER,
            &[
                f::USER_NAME,
                f::USER_EFFECTIVE_NAME,
                f::USER_TARGET_NAME,
                f::USER_CHANGES_NAME,
            ],
        );
        self.gather(
            f::RELATED_IP,
            &[f::SOURCE_IP, f::DESTINATION_IP, f::DNS_RESOLVED_IP],
        );
        self.gather(
            f::RELATED_HOSTS,
            &[
                f::HOST_NAME,
                f::SOURCE_DOMAIN,
                f::DESTINATION_DOMAIN,
                f::DNS_QUESTION_NAME,
            ],
        );
    }
}
