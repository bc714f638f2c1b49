//! Names and constant texts, each kept once and known by a number.

use std::rc::Rc;

use hashbrown::HashMap;

/// A text of [`Texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TextId(u32);

/// A name's number: the same name has the same number in all records of one log, so that a caller
/// can keep what it knows about a name in a plain table. Numbers are small and dense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(u32);

impl NameId {
    /// The number, as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Texts that keep their number for good. A log has some hundreds; a crafted one can invent new
/// ones in each chunk.
const PERMANENT_COUNT: usize = 1 << 16;
/// Bytes of them.
const PERMANENT_BYTES: usize = 4 << 20;

macro_rules! known {
    ($($name:ident $text:literal)*) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "only counts them")]
        enum Index { $($name),* }

        impl TextId {
            $(
                #[doc = concat!("`", $text, "`")]
                pub(super) const $name: Self = Self(Index::$name as u32);
            )*
        }

        const KNOWN: &[&str] = &[$($text),*];
    };
}

known! {
    EMPTY ""
    EVENT "Event"
    SYSTEM "System"
    EVENT_DATA "EventData"
    USER_DATA "UserData"
    DEBUG_DATA "DebugData"
    BINARY_EVENT_DATA "BinaryEventData"
    PROCESSING_ERROR_DATA "ProcessingErrorData"
    RENDERING_INFO "RenderingInfo"
    DATA "Data"
    NAME "Name"
    PROVIDER "Provider"
    GUID "Guid"
    EVENT_SOURCE_NAME "EventSourceName"
    EVENT_ID "EventID"
    QUALIFIERS "Qualifiers"
    VERSION "Version"
    LEVEL "Level"
    TASK "Task"
    OPCODE "Opcode"
    KEYWORDS "Keywords"
    TIME_CREATED "TimeCreated"
    SYSTEM_TIME "SystemTime"
    EVENT_RECORD_ID "EventRecordID"
    CORRELATION "Correlation"
    ACTIVITY_ID "ActivityID"
    RELATED_ACTIVITY_ID "RelatedActivityID"
    EXECUTION "Execution"
    PROCESS_ID "ProcessID"
    THREAD_ID "ThreadID"
    CHANNEL "Channel"
    COMPUTER "Computer"
    SECURITY "Security"
    USER_ID "UserID"
}

/// All texts seen so far.
#[derive(Debug)]
pub(super) struct Texts {
    all: Vec<Rc<str>>,
    ids: HashMap<Rc<str>, TextId>,
    /// How many at the front are kept for good. Beyond the limits, texts live for one chunk.
    permanent: usize,
    bytes: usize,
}

impl Texts {
    pub(super) fn new() -> Self {
        let mut texts = Self {
            all: Vec::new(),
            ids: HashMap::new(),
            permanent: 0,
            bytes: 0,
        };
        for text in KNOWN {
            texts.intern(text);
        }
        texts
    }

    /// The number of a text.
    pub(super) fn intern(&mut self, text: &str) -> TextId {
        match self.ids.get(text) {
            Some(id) => *id,
            None => self.add(text),
        }
    }

    fn add(&mut self, text: &str) -> TextId {
        // A record cannot hold as many texts as would be needed to exceed 32 bits.
        let id = TextId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let shared: Rc<str> = text.into();
        self.all.push(Rc::clone(&shared));
        self.ids.insert(shared, id);
        let bytes = self.bytes.saturating_add(text.len());
        let in_order = self.permanent.saturating_add(1) == self.all.len();
        if in_order && self.permanent < PERMANENT_COUNT && bytes <= PERMANENT_BYTES {
            self.permanent = self.all.len();
            self.bytes = bytes;
        }
        id
    }

    /// The text of a number.
    #[inline]
    pub(super) fn get(&self, id: TextId) -> &str {
        self.all.get(id.0 as usize).map_or("", |text| text)
    }

    /// The number to show to callers, if it stays.
    pub(super) fn public_id(&self, id: TextId) -> Option<NameId> {
        ((id.0 as usize) < self.permanent).then_some(NameId(id.0))
    }

    /// `path.name`, or `name` if the path is empty.
    pub(super) fn join(&mut self, path: TextId, name: TextId) -> TextId {
        if path == TextId::EMPTY {
            return name;
        }
        let joined = format!("{}.{}", self.get(path), self.get(name));
        self.intern(&joined)
    }

    /// Forgets all but the known texts, so that numbers begin anew.
    pub(super) fn start_log(&mut self) {
        for text in self.all.drain(KNOWN.len().min(self.all.len())..) {
            self.ids.remove(&text);
        }
        self.permanent = KNOWN.len();
        self.bytes = KNOWN.iter().map(|text| text.len()).sum();
    }

    /// Forgets the texts that are kept for one chunk only, and says whether there were any.
    pub(super) fn forget_temporary(&mut self) -> bool {
        let temporary = self.all.drain(self.permanent.min(self.all.len())..);
        let count = temporary.len();
        for text in temporary {
            self.ids.remove(&text);
        }
        count > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_texts_have_their_constants() {
        let mut texts = Texts::new();
        assert_eq!(texts.intern("Event"), TextId::EVENT);
        assert_eq!(texts.get(TextId::USER_ID), "UserID");
        assert_eq!(texts.get(TextId::EMPTY), "");
        assert_eq!(texts.all.len(), KNOWN.len());
    }

    #[test]
    fn paths_have_dots() {
        let mut texts = Texts::new();
        let joined = texts.join(TextId::EVENT, TextId::DATA);
        assert_eq!(texts.get(joined), "Event.Data");
        assert_eq!(texts.join(TextId::EMPTY, TextId::DATA), TextId::DATA);
    }

    #[test]
    fn numbers_that_are_shown_stay_and_the_others_go() {
        let mut texts = Texts::new();
        for number in 0..PERMANENT_COUNT {
            texts.intern(&number.to_string());
        }
        let first = texts.intern("0");
        let last = texts.intern("one too many");
        assert!(texts.public_id(first).is_some());
        assert_eq!(texts.public_id(last), None);
        assert_eq!(texts.get(last), "one too many");
        assert!(texts.forget_temporary());
        assert_eq!(texts.get(last), "");
        assert_eq!(texts.intern("0"), first);
        assert!(!texts.forget_temporary());
    }

    #[test]
    fn a_new_log_begins_with_the_known_texts() {
        let mut texts = Texts::new();
        let (before, bytes) = (texts.intern("A"), texts.bytes);
        texts.intern("B");
        texts.start_log();
        assert_eq!(texts.get(before), "");
        assert_eq!(texts.intern("C"), before);
        assert_eq!((texts.get(before), texts.bytes), ("C", bytes));
        assert_eq!(texts.intern("Event"), TextId::EVENT);
    }

    #[test]
    fn long_texts_do_not_fill_the_memory() {
        let mut texts = Texts::new();
        for number in 0..200 {
            texts.intern(&number.to_string().repeat(60_000));
            texts.forget_temporary();
        }
        assert!(texts.bytes <= PERMANENT_BYTES);
        assert!(texts.all.len() < 100);
    }
}
