//! Why a record's content could not be decoded.

use timeline::Issue;

/// What was wrong, where, and what was found there. Small and without text, because a damaged
/// template is remembered and blamed by each of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    /// Chunk offset.
    pub(super) at: usize,
    /// What was found; its meaning depends on the kind.
    pub(super) found: usize,
}

/// The kinds of damage inside a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The structure goes on past its end; `found` is the number of missing bytes.
    Truncated,
    /// A token that BinXML does not have or does not allow there; `found` is its byte.
    Token,
    /// A template definition that is not one; `found` is its offset in the chunk.
    Definition,
    /// A substitution table larger than the record; `found` is its count.
    Substitutions,
    /// A literal value of a type that cannot stand there; `found` is the type.
    Literal,
    /// Elements or instances nested too deep; `found` is the depth.
    Depth,
    /// The record would give more than the limits allow; `found` is the limit.
    Limit,
    /// A record without any element.
    Empty,
}

impl Fault {
    pub(super) fn new(kind: FaultKind, at: usize, found: usize) -> Self {
        Self { kind, at, found }
    }

    /// The loss of a record at `record_offset` in a chunk at `chunk_offset` of the file.
    pub(super) fn to_issue(self, chunk_offset: u64, number: u64) -> Issue {
        let (kind, message) = self.kind.words();
        let (expected, found) = self.sides();
        Issue::loss(kind, message)
            .at(chunk_offset.saturating_add(self.at as u64))
            .in_record(number)
            .expected(expected, found)
    }

    fn sides(self) -> (&'static str, String) {
        match self.kind {
            FaultKind::Truncated => ("more bytes", format!("{} bytes too few", self.found)),
            FaultKind::Token => ("a BinXML token", format!("{:#04x}", self.found)),
            FaultKind::Definition => (
                "a template definition",
                format!("none at {:#x} of the chunk", self.found),
            ),
            FaultKind::Substitutions => (
                "substitutions that fit into the record",
                self.found.to_string(),
            ),
            FaultKind::Literal => ("a literal value", format!("type {:#04x}", self.found)),
            FaultKind::Depth => ("shallow nesting", format!("depth {}", self.found)),
            FaultKind::Limit => (
                "output within the limits",
                format!("more than {}", self.found),
            ),
            FaultKind::Empty => ("an Event element", "no element".to_owned()),
        }
    }
}

impl FaultKind {
    /// Whether it is only that the content has a form that we do not know, so that another reader may
    /// know it.
    ///
    /// Content that ends beyond its record is damaged: the `evtx` crate would go on in the next record
    /// and take its bytes for values. And what is refused for its size or depth is known too well.
    pub(super) fn is_of_form(self) -> bool {
        matches!(self, Self::Token | Self::Definition | Self::Literal)
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Truncated => (
                "record-truncated",
                "The content of a record ends too early.",
            ),
            Self::Token => ("record-token", "The content of a record is not BinXML."),
            Self::Definition => (
                "record-template",
                "The template of a record is missing or damaged.",
            ),
            Self::Substitutions => (
                "record-substitutions",
                "The values of a record do not fit into it.",
            ),
            Self::Literal => (
                "record-value",
                "A record holds a literal of a type that cannot be read.",
            ),
            Self::Depth => ("record-depth", "A record is nested too deep to be genuine."),
            Self::Limit => (
                "record-limit",
                "A record unfolds to more data than a genuine one can.",
            ),
            Self::Empty => ("record-empty", "A record holds no event."),
        }
    }
}
