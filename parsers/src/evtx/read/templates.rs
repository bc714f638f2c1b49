//! The plans of all templates seen so far.
//!
//! Each chunk holds its own copy of the definitions it uses, with names as places in that chunk. A
//! definition is recognised across chunks by its GUID *and* its content: the GUID alone is what an
//! attacker, or a provider that forgot to change it, says.

use std::rc::Rc;

use hashbrown::HashMap;

use super::budget::{BYTES_PER_NODE, Budget};
use super::definition::{Content, Definition, feed_content, is_intact, number_at, number_of};
use super::fault::{Fault, FaultKind};
use super::flatten::{Context, flatten};
use super::instance::Instance;
use super::place::Place;
use super::place_map::PlaceMap;
use super::plan::Plan;

/// Bytes of plans and contents to keep.
const MAX_BYTES: usize = 8 << 20;
/// Bytes of a definition's content that are worth keeping. Names can be used over and over, so a
/// crafted one has no bound.
const MAX_CONTENT: usize = 1 << 18;
/// Bytes of most definitions' content.
const USUAL_CONTENT: usize = 1 << 12;
/// Definitions with the same number to keep.
const MAX_VARIANTS: usize = 8;
/// Plans of one definition to keep, one for each place it was used at.
const MAX_PLANS: usize = 8;

/// Definitions and their plans.
#[derive(Debug, Default)]
pub(super) struct Templates {
    all: Vec<Template>,
    /// The templates of a number. Different ones share it by accident or by intent.
    by_number: HashMap<u32, Vec<usize>>,
    /// The definitions of this chunk, by their place.
    here: PlaceMap<Known>,
    /// Whether definitions are whole, by the places in this chunk where records of its former use look
    /// for them.
    intact: PlaceMap<bool>,
    bytes: usize,
}

#[derive(Debug)]
struct Template {
    guid: [u8; 16],
    content: Box<[u8]>,
    /// How many values an instance has.
    values: usize,
    plans: Vec<(Place, Rc<Plan>)>,
}

/// What is known about a place that was said to hold a definition.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// It is this template.
    Template(usize),
    /// It is one, but there is no room to keep it.
    Uncached,
    /// It is none.
    Damaged(Fault),
}

impl Templates {
    /// A new chunk begins: places mean something else now.
    pub(super) fn start_chunk(&mut self, forget: bool) {
        self.here.clear();
        self.intact.clear();
        if forget || self.bytes >= MAX_BYTES {
            self.forget();
        }
    }

    /// Forgets all definitions, and keeps the tables' room.
    pub(super) fn forget(&mut self) {
        self.all.clear();
        self.by_number.clear();
        self.here.clear();
        self.intact.clear();
        self.bytes = 0;
    }

    /// The plan of the definition at chunk offset `at`, for instances at `place`.
    #[inline]
    pub(super) fn plan(
        &mut self,
        at: usize,
        place: Place,
        context: &mut Context<'_, '_>,
    ) -> Result<Rc<Plan>, Fault> {
        let known = match self.here.get(&at) {
            Some(known) => *known,
            None => self.meet(at, context)?,
        };
        match known {
            Known::Damaged(fault) => Err(fault),
            Known::Uncached => self.compile(at, place, context),
            Known::Template(index) => self.plan_of(index, at, place, context),
        }
    }

    /// The plan for an instance that was left over from the chunk's former use: its definition may be
    /// overwritten, but the same template may be known from elsewhere in the log.
    pub(super) fn plan_of_left_over(
        &mut self,
        instance: Instance,
        live_end: usize,
        values: usize,
        place: Place,
        context: &mut Context<'_, '_>,
    ) -> Result<Rc<Plan>, Fault> {
        let Instance {
            template,
            definition,
        } = instance;
        if self.is_intact(instance, live_end, context.chunk) {
            return self.plan(definition, place, context);
        }
        // Of several versions nobody can say which it was.
        let only = match self.by_number.get(&template).map(Vec::as_slice) {
            Some(&[index]) => self.all.get(index),
            _ => None,
        };
        let only = only.filter(|known| known.values == values);
        let mut plans = only.map_or(&[][..], |known| &known.plans).iter();
        let plan = plans.find(|(known, _)| *known == place);
        plan.map(|(_, plan)| Rc::clone(plan))
            .ok_or_else(|| Fault::new(FaultKind::Definition, definition, definition))
    }

    /// Whether the definition of an instance's template still stands whole where the instance looks
    /// for it.
    fn is_intact(&mut self, instance: Instance, live_end: usize, chunk: &[u8]) -> bool {
        let at = instance.definition;
        // Most are not even begun by the template's number.
        if number_at(chunk, at) != Some(instance.template) {
            return false;
        }
        *self
            .intact
            .entry(at)
            .or_insert_with(|| is_intact(chunk, at, live_end))
    }

    fn plan_of(
        &mut self,
        index: usize,
        at: usize,
        place: Place,
        context: &mut Context<'_, '_>,
    ) -> Result<Rc<Plan>, Fault> {
        let plans = self.all.get(index).map_or(&[][..], |known| &known.plans);
        if let Some((_, plan)) = plans.iter().find(|(known, _)| *known == place) {
            return Ok(Rc::clone(plan));
        }
        let room = self.bytes < MAX_BYTES && plans.len() < MAX_PLANS;
        let plan = self.compile(at, place, context)?;
        if let Some(template) = self.all.get_mut(index)
            && room
            && !plan.local
        {
            self.bytes = self.bytes.saturating_add(plan.bytes());
            template.plans.push((place, Rc::clone(&plan)));
        }
        Ok(plan)
    }

    /// Makes a plan. What that costs is not charged here but with each run of the plan, because
    /// whether it was kept must not decide which records are read.
    fn compile(
        &mut self,
        at: usize,
        place: Place,
        context: &mut Context<'_, '_>,
    ) -> Result<Rc<Plan>, Fault> {
        let mut context = Context {
            chunk: context.chunk,
            texts: context.texts,
            names: context.names,
            budget: &mut Budget::new(),
            work: context.work,
        };
        let made = make_plan(at, place, &mut context).map_err(|fault| blame(fault, at));
        if let Err(fault) = made {
            self.here.insert(at, Known::Damaged(fault));
        }
        made.map(Rc::new)
    }

    /// Looks at a definition for the first time in this chunk.
    #[cold]
    fn meet(&mut self, at: usize, context: &mut Context<'_, '_>) -> Result<Known, Fault> {
        let (known, walked) = match Definition::at(context.chunk, at) {
            Ok(definition) => self.identify(&definition, context.chunk),
            Err(fault) => (Err(fault), 0),
        };
        context.budget.nodes(walked / BYTES_PER_NODE)?;
        let known = known.unwrap_or_else(|fault| Known::Damaged(blame(fault, at)));
        self.here.insert(at, known);
        Ok(known)
    }

    /// What a definition is, and how many bytes of it had to be read to know.
    fn identify(&mut self, definition: &Definition, chunk: &[u8]) -> (Result<Known, Fault>, usize) {
        let same = self.by_number.get(&number_of(&definition.guid));
        for index in same.map_or(&[][..], |indices| indices) {
            let known = self.all.get(*index);
            let Some(known) = known.filter(|known| known.guid == definition.guid) else {
                continue;
            };
            let mut compare = Compare(&known.content);
            let (same, walked) = feed(definition, chunk, &mut compare);
            if same == Ok(true) && compare.0.is_empty() {
                return (Ok(Known::Template(*index)), walked);
            }
        }
        let mut keep = Keep(Vec::with_capacity(USUAL_CONTENT));
        let (complete, walked) = feed(definition, chunk, &mut keep);
        let known = complete.map(|complete| self.add(definition.guid, &keep.0, complete));
        (known, walked)
    }

    fn add(&mut self, guid: [u8; 16], content: &[u8], complete: bool) -> Known {
        let variants = self.by_number.entry(number_of(&guid)).or_default();
        if !complete || self.bytes >= MAX_BYTES || variants.len() >= MAX_VARIANTS {
            return Known::Uncached;
        }
        let index = self.all.len();
        variants.push(index);
        self.bytes = self.bytes.saturating_add(content.len());
        self.all.push(Template {
            guid,
            values: values_of(content),
            content: content.into(),
            plans: Vec::new(),
        });
        Known::Template(index)
    }
}

/// How many values the content of a definition asks for: one more than its highest substitution. An
/// index can be anything where the content is not a substitution, so the content is walked.
fn values_of(content: &[u8]) -> usize {
    let mut rest = content;
    let mut values = 0;
    while let Some((&kind, after)) = rest.split_first() {
        let number = |at: usize| {
            let bytes = after.get(at..at.saturating_add(2));
            bytes.map_or(0, |bytes| {
                bytes.iter().rev().fold(0_usize, |number, byte| {
                    number.wrapping_mul(256).wrapping_add(usize::from(*byte))
                })
            })
        };
        let length = match kind {
            // Kind and two bytes, then the length of a name.
            1 | 6 | 9 => number(2).saturating_add(4),
            // Type and size of a literal.
            5 => number(1).saturating_add(3),
            8 => 2,
            0x0d => {
                values = values.max(number(0).saturating_add(1));
                2
            }
            _ => 0,
        };
        rest = after.get(length..).unwrap_or_default();
    }
    values
}

/// Keeps the content of a definition.
struct Keep(Vec<u8>);

impl Content for Keep {
    fn token<const N: usize>(&mut self, token: [u8; N]) -> bool {
        self.bytes(&token)
    }

    fn bytes(&mut self, bytes: &[u8]) -> bool {
        self.0.extend_from_slice(bytes);
        self.0.len() < MAX_CONTENT
    }
}

/// Compares the content of a definition with the rest of a known one.
struct Compare<'t>(&'t [u8]);

impl Content for Compare<'_> {
    #[inline]
    fn token<const N: usize>(&mut self, token: [u8; N]) -> bool {
        match self.0.split_first_chunk() {
            Some((known, rest)) if *known == token => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) -> bool {
        match self.0.strip_prefix(bytes) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }
}

/// Feeds the content of a definition, and gives the number of bytes that were walked.
fn feed(
    definition: &Definition,
    chunk: &[u8],
    receiver: &mut impl Content,
) -> (Result<bool, Fault>, usize) {
    let mut tokens = definition.tokens(chunk);
    let start = tokens.cursor.position();
    let complete = feed_content(&mut tokens, chunk, receiver);
    let walked = tokens.cursor.position().saturating_sub(start);
    (complete, walked)
}

/// What is wrong inside of a definition makes it none.
fn blame(fault: Fault, definition: usize) -> Fault {
    match fault.kind {
        FaultKind::Limit | FaultKind::Depth => fault,
        _ => Fault::new(FaultKind::Definition, fault.at, definition),
    }
}

fn make_plan(at: usize, place: Place, context: &mut Context<'_, '_>) -> Result<Plan, Fault> {
    let definition = Definition::at(context.chunk, at)?;
    let mut plan = Plan::with_room();
    let mut tokens = definition.tokens(context.chunk);
    let start = tokens.cursor.position();
    flatten(&mut tokens, place, context, &mut plan)?;
    let end = tokens.cursor.position();
    if plan.steps.is_empty() {
        return Err(Fault::new(FaultKind::Definition, end, at));
    }
    plan.made_from(end.saturating_sub(start), context.texts);
    plan.steps.shrink_to_fit();
    Ok(plan)
}
