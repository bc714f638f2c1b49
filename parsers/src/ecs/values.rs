//! The fields of one event while it is mapped.

use std::borrow::Cow;

use timeline::{Field, Value, fields};

use crate::recycle::recycled;

/// Fields of one event, in the order they were put.
#[derive(Debug, Default)]
pub(crate) struct Values<'a> {
    all: Vec<(Field, Value<'a>)>,
    present: Present,
}

/// Which of the first fields have a value: those of the table, which are asked for over and over.
#[derive(Debug, Default)]
struct Present([u64; WORDS]);

const WORDS: usize = 16;

impl Present {
    /// The word and the bit of a field; none for one beyond.
    fn place(field: Field) -> Option<(usize, u64)> {
        let word = field.index() / 64;
        (word < WORDS).then(|| (word, 1 << (field.index() % 64)))
    }

    fn add(&mut self, field: Field) {
        if let Some((word, bit)) = Self::place(field)
            && let Some(word) = self.0.get_mut(word)
        {
            *word |= bit;
        }
    }

    fn remove(&mut self, field: Field) {
        if let Some((word, bit)) = Self::place(field)
            && let Some(word) = self.0.get_mut(word)
        {
            *word &= !bit;
        }
    }

    /// Whether a field has a value; nothing when that is not kept.
    fn has(&self, field: Field) -> Option<bool> {
        let (word, bit) = Self::place(field)?;
        self.0.get(word).map(|word| word & bit != 0)
    }
}

/// Memory for the values of one event after the other.
#[derive(Debug, Default)]
pub(crate) struct Room(Vec<(Field, Value<'static>)>);

impl<'a> Values<'a> {
    /// None, in the room of another event's values.
    pub(crate) fn in_room(room: Room) -> Self {
        Self {
            all: recycled(room.0),
            present: Present::default(),
        }
    }

    /// The room that the values took, for the next event's.
    pub(crate) fn into_room(self) -> Room {
        Room(recycled(self.all))
    }

    /// How many there are, for [`Values::cut`].
    pub(crate) fn mark(&self) -> usize {
        self.all.len()
    }

    /// Takes away all that was put since a mark. Fields that have values from before it keep them.
    pub(crate) fn cut(&mut self, mark: usize) {
        for (field, _) in self.all.drain(mark.min(self.all.len())..) {
            self.present.remove(field);
        }
    }

    /// All of them.
    pub(crate) fn as_slice(&self) -> &[(Field, Value<'a>)] {
        &self.all
    }

    /// Adds a value.
    pub(crate) fn put(&mut self, field: Field, value: impl Into<Value<'a>>) {
        self.push(field, value.into());
    }

    /// Puts a value in place of those that the field has.
    pub(crate) fn replace(&mut self, field: Field, value: impl Into<Value<'a>>) {
        self.remove(field);
        self.put(field, value);
    }

    fn remove(&mut self, field: Field) {
        self.all.retain(|(known, _)| *known != field);
        self.present.remove(field);
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
        for value in values {
            self.push(field, value.into());
        }
    }

    /// Adds several words of ours.
    pub(crate) fn put_words(
        &mut self,
        field: Field,
        words: impl IntoIterator<Item = &'static str>,
    ) {
        for word in words {
            self.put(field, word);
        }
    }

    /// Adds a value unless the field has that very value already: for the `related.*` unions.
    pub(crate) fn put_new(&mut self, field: Field, value: Cow<'a, str>) {
        let value = Value::Text(value);
        if !self.all.iter().any(|(f, v)| *f == field && *v == value) {
            self.push(field, value);
        }
    }

    /// The first text of a field.
    #[cfg(test)]
    pub(crate) fn text(&self, field: Field) -> Option<&str> {
        self.all.iter().find_map(|(f, value)| match value {
            Value::Text(text) if *f == field => Some(text.as_ref()),
            _ => None,
        })
    }

    /// Whether the field has a value.
    pub(crate) fn has(&self, field: Field) -> bool {
        let known = self.present.has(field);
        known.unwrap_or_else(|| self.all.iter().any(|(f, _)| *f == field))
    }

    fn push(&mut self, field: Field, value: Value<'a>) {
        self.present.add(field);
        self.all.push((field, value));
    }

    /// Copies the values of some fields into a union, each value once, without what names nobody.
    fn gather(&mut self, union: Field, from: &[Field]) {
        for wanted in from {
            if !self.has(*wanted) {
                continue;
            }
            for place in 0..self.all.len() {
                let Some((field, Value::Text(text))) = self.all.get(place) else {
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
        for field in ours {
            self.remove(field);
        }
        for field in [f::REGISTRY_PATH, f::REGISTRY_HIVE] {
            let first = self.all.iter().position(|(own, _)| *own == field);
            self.keep_one(field, first);
        }
        // Upstream's key has the value's name, its types are Sysmon's.
        for field in [f::REGISTRY_KEY, f::REGISTRY_DATA_TYPE] {
            let last = self.all.iter().rposition(|(own, _)| *own == field);
            self.keep_one(field, last);
        }
    }

    /// Keeps of a field's values only the one at a place.
    fn keep_one(&mut self, field: Field, kept: Option<usize>) {
        let mut places = 0..;
        self.all.retain(|(own, _)| {
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
            if self.has(address) || !(self.has(ip) || self.has(domain)) {
                continue;
            }
            let of = |wanted| self.all.iter().find(|(field, _)| *field == wanted);
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
                f::SOURCE_USER_NAME,
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
