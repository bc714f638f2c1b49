//! Puts the values of a record into the plan of its template.

use super::budget::{BYTES_PER_NODE, Budget};
use super::cursor::Cursor;
use super::extent::Extent;
use super::fault::{Fault, FaultKind};
use super::flatten::{Context, Workspace, flatten};
use super::instance::Instance;
use super::output::{Bound, Output, Stored, View};
use super::place::Place;
use super::place_map::PlaceMap;
use super::plan::{DatumStep, NameFrom, Plan, Presence, Source, Step};
use super::section::Section;
use super::system::Field;
use super::templates::Templates;
use super::texts::{TextId, Texts};
use super::token::{END, FRAGMENT, Form, INSTANCE, Tokens};
use super::value::Value;
use super::value_type::can_be;

/// Fragments within fragments. Genuine events have two.
const MAX_FRAGMENTS: usize = 32;

/// Decodes one record after the other, and keeps what it learned about templates.
#[derive(Debug)]
pub(super) struct Decoder {
    texts: Texts,
    templates: Templates,
    names: PlaceMap<TextId>,
    budget: Budget,
    work: Workspace,
    /// The plan of content without a template, which is good for once.
    single: Plan,
    /// The values of the instances that are being read, innermost last.
    values: Vec<Extent>,
    /// The last name that was not a constant.
    data_name: TextId,
    /// Where the records of today end, while one of the chunk's former use is read.
    left_over: Option<usize>,
    output: Output,
}

/// A chunk, and how deep in a record we are.
#[derive(Clone, Copy)]
struct Nested<'c> {
    chunk: &'c [u8],
    depth: usize,
}

/// What the steps of a plan work with.
#[derive(Clone, Copy)]
struct Run<'c, 'p> {
    nested: Nested<'c>,
    plan: &'p Plan,
    /// Where the values of the instance begin.
    base: usize,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self {
            texts: Texts::new(),
            templates: Templates::default(),
            names: PlaceMap::default(),
            budget: Budget::new(),
            work: Workspace::default(),
            single: Plan::default(),
            values: Vec::new(),
            data_name: TextId::EMPTY,
            left_over: None,
            output: Output::new(),
        }
    }

    /// Forgets the last log, so that nothing of this one depends on it, and keeps what room there is.
    pub(super) fn start_log(&mut self) {
        self.names.clear();
        self.texts.start_log();
        self.templates.forget();
    }

    /// The places of the last chunk mean nothing any more.
    pub(super) fn start_chunk(&mut self) {
        self.names.clear();
        self.budget.start_chunk();
        let forget = self.texts.forget_temporary();
        self.templates.start_chunk(forget);
    }

    /// Decodes BinXML that was left over from the chunk's former use: whatever it refers to elsewhere
    /// in the chunk may be overwritten, so only what proves to be intact, or is known from another
    /// place, is used.
    pub(super) fn decode_left_over(
        &mut self,
        chunk: &[u8],
        start: usize,
        end: usize,
        live_end: usize,
    ) -> Result<(), Fault> {
        self.left_over = Some(live_end);
        let decoded = self.decode(chunk, start, end);
        self.left_over = None;
        decoded
    }

    /// Decodes the BinXML at `chunk[start..end]`.
    pub(super) fn decode(&mut self, chunk: &[u8], start: usize, end: usize) -> Result<(), Fault> {
        self.output.clear();
        self.values.clear();
        self.data_name = TextId::EMPTY;
        self.budget.start_record();
        let mut cursor = Cursor::new(chunk, start, end);
        let nested = Nested { chunk, depth: 0 };
        match self.fragment(nested, &mut cursor, Place::Document) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Fault::new(FaultKind::Empty, start, 0)),
            // A limit is reached by the record as a whole.
            Err(fault) if fault.kind == FaultKind::Limit => Err(Fault { at: start, ..fault }),
            Err(fault) => Err(fault),
        }
    }

    /// The last decoded record.
    pub(super) fn view<'a>(&'a self, chunk: &'a [u8]) -> View<'a> {
        View {
            chunk,
            texts: &self.texts,
            output: &self.output,
        }
    }

    /// Reads a fragment up to its end, and says whether there was anything in it.
    fn fragment(
        &mut self,
        nested: Nested<'_>,
        cursor: &mut Cursor<'_>,
        place: Place,
    ) -> Result<bool, Fault> {
        let mut found = false;
        loop {
            match cursor.peek() {
                None | Some(END) => return Ok(found),
                Some(FRAGMENT) => {
                    cursor.array::<4>()?;
                }
                Some(INSTANCE) => {
                    cursor.u8()?;
                    self.instance(nested, cursor, place)?;
                    found = true;
                }
                // Names outside of a template cannot be vouched for.
                Some(_) if self.left_over.is_some() => {
                    return Err(Fault::new(FaultKind::Empty, cursor.position(), 0));
                }
                Some(_) => {
                    self.elements(nested, cursor, place)?;
                    found = true;
                }
            }
        }
    }

    /// Reads an instance: looks up the plan of its template and runs it with its values.
    fn instance(
        &mut self,
        nested: Nested<'_>,
        cursor: &mut Cursor<'_>,
        place: Place,
    ) -> Result<(), Fault> {
        let base = self.values.len();
        let instance = Instance::read(cursor, &mut self.values)?;
        let mut context = Context {
            chunk: nested.chunk,
            texts: &mut self.texts,
            names: &mut self.names,
            budget: &mut self.budget,
            work: &mut self.work,
        };
        let plan = if let Some(live_end) = self.left_over {
            let own = self.values.get(base..).unwrap_or_default();
            if !own.iter().all(|value| can_be(value.value_type, value.size)) {
                return Err(Fault::new(FaultKind::Substitutions, cursor.position(), 0));
            }
            let values = own.len();
            self.templates
                .plan_of_left_over(instance, live_end, values, place, &mut context)?
        } else {
            self.templates
                .plan(instance.definition, place, &mut context)?
        };
        self.run(Run {
            nested,
            plan: &plan,
            base,
        })?;
        self.values.truncate(base);
        Ok(())
    }

    /// Reads an element that has no template.
    #[inline(never)]
    fn elements(
        &mut self,
        nested: Nested<'_>,
        cursor: &mut Cursor<'_>,
        place: Place,
    ) -> Result<(), Fault> {
        let mut plan = std::mem::take(&mut self.single);
        plan.clear();
        let mut context = Context {
            chunk: nested.chunk,
            texts: &mut self.texts,
            names: &mut self.names,
            budget: &mut self.budget,
            work: &mut self.work,
        };
        let mut tokens = Tokens {
            cursor: Cursor::new(nested.chunk, cursor.position(), cursor.end()),
            form: Form::Content,
        };
        flatten(&mut tokens, place, &mut context, &mut plan)?;
        let size = tokens.cursor.position().saturating_sub(cursor.position());
        cursor.take(size)?;
        plan.made_from(0, &self.texts);
        let base = self.values.len();
        self.run(Run {
            nested,
            plan: &plan,
            base,
        })?;
        self.single = plan;
        Ok(())
    }

    /// Takes the steps of a plan.
    fn run(&mut self, run: Run<'_, '_>) -> Result<(), Fault> {
        self.budget.nodes(run.plan.cost)?;
        let mut steps = run.plan.steps.iter();
        while let Some(step) = steps.next() {
            match step {
                Step::Datum(datum) => self.datum(run, datum)?,
                Step::FieldValue { field, index } => {
                    let value = self.substitution(run, *index);
                    if value.is_fragment() {
                        self.fragment_in_field(run, *field, value)?;
                    } else {
                        self.set_field(*field, Stored::Chunk(value));
                    }
                }
                Step::SkipIfNull { index, target } => {
                    if self.substitution(run, *index).is_null() {
                        steps = run.plan.steps_from(*target);
                    }
                }
                Step::Section(section) => {
                    self.output.section.get_or_insert(*section);
                }
                rare => self.rare_step(run, rare)?,
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn rare_step(&mut self, run: Run<'_, '_>, step: &Step) -> Result<(), Fault> {
        match *step {
            Step::Field { field, from } => self.field(run, field, from),
            Step::SectionName(from) => self.section_name(run, from),
            Step::DataName(from) => {
                self.data_name = self.name(run, from)?;
                Ok(())
            }
            Step::Fragment(extent, place) => self.splice(run.nested, extent, place),
            Step::Instance(at, place) => {
                let at = at as usize;
                let nested = run.nested.deeper(at)?;
                self.budget.nodes(1)?;
                let mut cursor = Cursor::new(nested.chunk, at, nested.chunk.len());
                self.instance(nested, &mut cursor, place)
            }
            Step::Datum(_)
            | Step::FieldValue { .. }
            | Step::SkipIfNull { .. }
            | Step::Section(_) => Ok(()),
        }
    }

    #[inline]
    fn substitution(&self, run: Run<'_, '_>, index: u16) -> Extent {
        let at = run.base.saturating_add(usize::from(index));
        self.values.get(at).copied().unwrap_or(Extent::ABSENT)
    }

    /// Adds a value, or the elements of a fragment that stands in its place.
    #[inline]
    fn datum(&mut self, run: Run<'_, '_>, datum: &DatumStep) -> Result<(), Fault> {
        let Source::Substitution(index) = datum.from else {
            return self.other_datum(run, datum);
        };
        let value = self.substitution(run, index);
        if value.is_fragment() {
            return self.splice(run.nested, value, datum.inner);
        }
        // A template may show one value any number of times, and each time all elements of an array,
        // each of which has the name.
        let mut cost = value.cost();
        if value.is_array() || datum.name == NameFrom::Step {
            let name = self.texts.get(self.name_of(datum)).len();
            cost = cost
                .saturating_add(1)
                .saturating_mul((name / BYTES_PER_NODE).saturating_add(1));
        }
        self.budget.nodes(cost)?;
        if datum.presence == Presence::Always || !value.value(run.nested.chunk).is_empty() {
            self.push(datum, Stored::Chunk(value));
        }
        Ok(())
    }

    #[inline(never)]
    fn other_datum(&mut self, run: Run<'_, '_>, datum: &DatumStep) -> Result<(), Fault> {
        if let Source::Several { start, count } = datum.from {
            return self.composed_datum(run, datum, run.plan.pieces_of(start, count));
        }
        let value = self.piece(run, datum.from);
        self.push_unless_empty(run, datum, value);
        Ok(())
    }

    #[inline]
    fn name_of(&self, datum: &DatumStep) -> TextId {
        match datum.name {
            NameFrom::Text(id) => id,
            NameFrom::Step => self.data_name,
        }
    }

    #[inline]
    fn push(&mut self, datum: &DatumStep, value: Stored) {
        let name = self.name_of(datum);
        self.output.data.push(Bound {
            section: datum.section,
            name,
            value,
        });
    }

    fn push_unless_empty(&mut self, run: Run<'_, '_>, datum: &DatumStep, value: Stored) {
        let empty = datum.presence == Presence::IfNotEmpty
            && self.view(run.nested.chunk).value(value).is_empty();
        if !empty {
            self.push(datum, value);
        }
    }

    fn field(&mut self, run: Run<'_, '_>, field: Field, from: Source) -> Result<(), Fault> {
        let value = match from {
            Source::Several { start, count } => {
                self.compose(run, run.plan.pieces_of(start, count), None)?
            }
            one => self.piece(run, one),
        };
        self.set_field(field, value);
        Ok(())
    }

    /// Sets a field of `System` for the first time. What comes later is kept as a value.
    #[inline]
    fn set_field(&mut self, field: Field, value: Stored) {
        match self.output.fields.get_mut(field as usize) {
            Some(slot) if slot.is_absent() => *slot = value,
            _ => self.second_field(field, value),
        }
    }

    #[cold]
    fn second_field(&mut self, field: Field, value: Stored) {
        if !value.is_absent() {
            let name = self.texts.intern(field.path());
            self.output.data.push(Bound {
                section: Section::System,
                name,
                value,
            });
        }
    }

    #[cold]
    fn fragment_in_field(
        &mut self,
        run: Run<'_, '_>,
        field: Field,
        value: Extent,
    ) -> Result<(), Fault> {
        let path = self.texts.intern(field.path());
        let section = Section::System;
        self.splice(run.nested, value, Place::Inside { section, path })
    }

    fn section_name(&mut self, run: Run<'_, '_>, from: Source) -> Result<(), Fault> {
        if self.output.section_name.is_none() {
            let name = self.name(run, from)?;
            self.output.section_name = Some(name).filter(|id| *id != TextId::EMPTY);
        }
        Ok(())
    }

    /// A source as a name.
    fn name(&mut self, run: Run<'_, '_>, from: Source) -> Result<TextId, Fault> {
        let value = match from {
            Source::Nothing => return Ok(TextId::EMPTY),
            Source::Text(id) => return Ok(id),
            Source::Several { start, count } => {
                self.compose(run, run.plan.pieces_of(start, count), None)?
            }
            one => self.compose(run, &[one], None)?,
        };
        let Stored::Composed { at, .. } = value else {
            return Ok(TextId::EMPTY);
        };
        let text = self.output.text.get(at as usize..).unwrap_or_default();
        let name = self.texts.intern(text);
        self.output.text.truncate(at as usize);
        Ok(name)
    }

    /// Adds a value that is put together from several pieces. Windows repeats the element for each
    /// element of an array among them. Fragments among them come after the text.
    fn composed_datum(
        &mut self,
        run: Run<'_, '_>,
        datum: &DatumStep,
        pieces: &[Source],
    ) -> Result<(), Fault> {
        let array = pieces.iter().enumerate().find_map(|(index, piece)| {
            match self.view(run.nested.chunk).value(self.piece(run, *piece)) {
                Value::Array(array) => Some((index, array.count())).filter(|(_, count)| *count > 1),
                _ => None,
            }
        });
        for element in 0..array.map_or(1, |(_, count)| count) {
            self.budget.nodes(pieces.len())?;
            let value = self.compose(run, pieces, array.map(|(index, _)| (index, element)))?;
            self.push_unless_empty(run, datum, value);
        }
        for piece in pieces {
            if let Stored::Chunk(extent) = self.piece(run, *piece)
                && extent.is_fragment()
            {
                self.splice(run.nested, extent, datum.inner)?;
            }
        }
        Ok(())
    }

    /// Puts pieces together to a text. Of the array at piece `.0` of `element`, only element `.1`.
    fn compose(
        &mut self,
        run: Run<'_, '_>,
        pieces: &[Source],
        element: Option<(usize, usize)>,
    ) -> Result<Stored, Fault> {
        let mut text = std::mem::take(&mut self.output.text);
        let start = text.len();
        let mut spent = start;
        for (index, piece) in pieces.iter().enumerate() {
            let piece = self.piece(run, *piece);
            let mut value = self.view(run.nested.chunk).value(piece);
            if let (Value::Array(array), Some((at, element))) = (value, element)
                && at == index
            {
                value = array.into_iter().nth(element).unwrap_or(Value::Null);
            }
            if !matches!(piece, Stored::Chunk(extent) if extent.is_fragment()) {
                value.write_text(&mut text);
            }
            self.budget.text(text.len().saturating_sub(spent))?;
            spent = text.len();
        }
        self.output.text = text;
        Ok(Stored::Composed {
            at: u32::try_from(start).unwrap_or(u32::MAX),
            size: u32::try_from(spent.saturating_sub(start)).unwrap_or(0),
        })
    }

    /// A single piece.
    #[inline]
    fn piece(&self, run: Run<'_, '_>, piece: Source) -> Stored {
        match piece {
            Source::Substitution(index) => Stored::Chunk(self.substitution(run, index)),
            Source::Text(id) => Stored::Text(id),
            Source::Literal(extent) => Stored::Chunk(extent),
            Source::Nothing | Source::Several { .. } => Stored::NULL,
        }
    }

    /// Reads the fragment that a value is.
    fn splice(&mut self, nested: Nested<'_>, value: Extent, place: Place) -> Result<(), Fault> {
        let (at, size) = (value.at as usize, usize::from(value.size));
        let inner = nested.deeper(at)?;
        self.budget
            .nodes((size / BYTES_PER_NODE).saturating_add(1))?;
        let mut cursor = Cursor::new(nested.chunk, at, at.saturating_add(size));
        self.fragment(inner, &mut cursor, place).map(|_| ())
    }
}

impl Nested<'_> {
    fn deeper(self, at: usize) -> Result<Self, Fault> {
        if self.depth >= MAX_FRAGMENTS {
            return Err(Fault::new(FaultKind::Depth, at, self.depth));
        }
        Ok(Self {
            depth: self.depth.saturating_add(1),
            ..self
        })
    }
}
