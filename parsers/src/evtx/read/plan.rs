//! What a template means, worked out once: which substitution goes into which field.

use super::budget::BYTES_PER_NODE;
use super::extent::Extent;
use super::place::Place;
use super::section::Section;
use super::system::Field;
use super::texts::{TextId, Texts};

/// The steps that turn the values of an instance into fields. Running them needs no look at the
/// template any more.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// Pieces of the contents that have several.
    pub(super) pieces: Vec<Source>,
    /// What running it costs: its steps, and the bytes that had to be read for it. It is the same
    /// whether the plan was kept or had to be made again.
    pub(super) cost: usize,
    /// Whether it points into the chunk it was made from, and is worthless for others.
    pub(super) local: bool,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Goes on at `target` if the instance lacks the substitution: its element is left out.
    SkipIfNull { index: u16, target: u32 },
    /// The part of the event that says what happened begins.
    Section(Section),
    /// Gives the section its name, if it has none.
    SectionName(Source),
    /// Sets a field of `System` to a value of the instance.
    FieldValue { field: Field, index: u16 },
    /// Sets a field of `System` to something else.
    Field { field: Field, from: Source },
    /// Gives the next value its name, which is not a constant.
    DataName(Source),
    /// Adds a value.
    Datum(DatumStep),
    /// Reads a BinXML fragment that stands in the chunk itself.
    Fragment(Extent, Place),
    /// Reads a template instance that stands in the chunk itself.
    Instance(u32, Place),
}

/// Adds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DatumStep {
    pub(super) section: Section,
    pub(super) name: NameFrom,
    pub(super) from: Source,
    pub(super) presence: Presence,
    /// What the elements are children of, if the value turns out to be a fragment.
    pub(super) inner: Place,
}

/// Where a value's name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameFrom {
    /// It is always the same; empty, if there is none.
    Text(TextId),
    /// The last [`Step::DataName`].
    Step,
}

/// When a value is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// An element that exists for its value: always, even without one.
    Always,
    /// An attribute, or text beside attributes or other elements: unless it is empty.
    IfNotEmpty,
}

/// Where a value comes from: a single piece, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// There is none.
    Nothing,
    /// Text of the template.
    Text(TextId),
    /// A value in the chunk itself, in content that has no template.
    Literal(Extent),
    /// A value of the instance.
    Substitution(u16),
    /// Several pieces, put together to a text: a range of [`Plan::pieces`].
    Several { start: u32, count: u32 },
}

impl Step {
    /// Sets a field of `System`. Almost all of them are values of the instance, so these have a step
    /// of their own.
    pub(super) fn field(field: Field, from: Source) -> Self {
        match from {
            Source::Substitution(index) => Self::FieldValue { field, index },
            from => Self::Field { field, from },
        }
    }
}

impl Plan {
    /// An empty plan with room for the steps of most templates.
    pub(super) fn with_room() -> Self {
        Self {
            steps: Vec::with_capacity(64),
            ..Self::default()
        }
    }

    /// Empties it and keeps its memory.
    pub(super) fn clear(&mut self) {
        self.steps.clear();
        self.pieces.clear();
        self.cost = 0;
        self.local = false;
    }

    /// Sets the cost of a plan that was made from that many bytes. Whoever takes the values reads
    /// their names, too, and many can share a long one.
    pub(super) fn made_from(&mut self, bytes: usize, texts: &Texts) {
        let steps = self.steps.len().saturating_add(self.pieces.len());
        let names = self.steps.iter().map(|step| match step {
            Step::Datum(DatumStep {
                name: NameFrom::Text(id),
                ..
            }) => texts.get(*id).len(),
            _ => 0,
        });
        let bytes = names.fold(bytes, usize::saturating_add);
        self.cost = steps.saturating_add(bytes / BYTES_PER_NODE);
    }

    /// Bytes it occupies, roughly.
    pub(super) fn bytes(&self) -> usize {
        let steps = self.steps.capacity().saturating_mul(size_of::<Step>());
        let pieces = self.pieces.capacity().saturating_mul(size_of::<Source>());
        steps.saturating_add(pieces)
    }

    /// The pieces of a source.
    pub(super) fn pieces_of(&self, start: u32, count: u32) -> &[Source] {
        let start = start as usize;
        self.pieces
            .get(start..start.saturating_add(count as usize))
            .unwrap_or(&[])
    }

    /// The steps from one on.
    #[inline]
    pub(super) fn steps_from(&self, first: u32) -> std::slice::Iter<'_, Step> {
        self.steps.get(first as usize..).unwrap_or(&[]).iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_small() {
        assert!(size_of::<Step>() <= 40);
    }
}
