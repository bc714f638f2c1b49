//! From a stream of tokens to a [`Plan`]: what each element and attribute means at its place.
//!
//! - A child of `System` that we know, or its attribute, is a field of `System`. What is unknown
//!   there is a value of [`Section::System`].
//! - A `Data` of `EventData` is a value named by its attribute `Name`, or without a name.
//! - `UserData` is called by the name of its first child. Each leaf below is a value; its name is
//!   the path of elements from that child on, joined with dots (`Parameters.TargetUser`).
//! - An attribute that is not empty is a value named by its element's path, a dot and its name
//!   (`Culture` on the section's own element). Declarations of name spaces (`xmlns`) are not data.
//! - An element with attributes or children is a value of its own only if it has text, too.

use super::budget::{BYTES_PER_NODE, Budget};
use super::cursor::Cursor;
use super::extent::{Extent, place};
use super::fault::{Fault, FaultKind};
use super::place::{Place, section_of};
use super::place_map::PlaceMap;
use super::plan::{DatumStep, NameFrom, Plan, Presence, Source, Step};
use super::section::Section;
use super::system::Field;
use super::texts::{TextId, Texts};
use super::token::{Form, Token, Tokens, take_name};
use super::utf16::Utf16;

/// Elements within elements. Genuine events have less than ten.
const MAX_ELEMENTS: usize = 128;

/// What flattening reads and adds to.
pub(super) struct Context<'a, 'c> {
    pub(super) chunk: &'c [u8],
    pub(super) texts: &'a mut Texts,
    /// The names of this chunk that were read before, by their place.
    pub(super) names: &'a mut PlaceMap<TextId>,
    pub(super) budget: &'a mut Budget,
    pub(super) work: &'a mut Workspace,
}

/// Buffers of the flattening, kept between runs.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    open: Vec<Open>,
    pieces: Vec<Source>,
    text: String,
}

/// An element that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    name: TextId,
    /// What it is a child of.
    outer: Place,
    /// What its children are children of.
    inner: Place,
    role: Role,
    /// Where its pieces of text begin.
    first_piece: usize,
    /// Whether it has attributes that are values, or children.
    more: bool,
    /// The step that skips it, to be told where it ends.
    skip: Option<usize>,
}

/// What the text of an element is.
#[derive(Clone, Copy, Debug)]
enum Role {
    Field(Field),
    Datum {
        name: NameFrom,
        /// Whether it exists for its children, so that it is a value only if it has text.
        container: bool,
    },
}

/// The attribute whose value is being read.
#[derive(Clone, Copy, Debug)]
struct Attribute {
    name: TextId,
    first_piece: usize,
}

/// Adds the steps for `tokens` to `plan`: for a definition up to its end, for other content up to
/// the end of the first element.
pub(super) fn flatten<'c>(
    tokens: &mut Tokens<'c>,
    place: Place,
    context: &mut Context<'_, 'c>,
    plan: &mut Plan,
) -> Result<(), Fault> {
    context.work.open.clear();
    context.work.pieces.clear();
    let mut flattener = Flattener {
        context,
        plan,
        place,
        form: tokens.form,
        in_start_tag: false,
        attribute: None,
    };
    loop {
        let at = tokens.cursor.position();
        flattener.context.budget.nodes(1)?;
        let Some(token) = tokens.next()? else {
            return flattener.finish(at);
        };
        flattener.token(token, at)?;
        if flattener.form == Form::Content && flattener.context.work.open.is_empty() {
            return Ok(());
        }
    }
}

struct Flattener<'f, 'a, 'c> {
    context: &'f mut Context<'a, 'c>,
    plan: &'f mut Plan,
    place: Place,
    form: Form,
    in_start_tag: bool,
    attribute: Option<Attribute>,
}

impl Flattener<'_, '_, '_> {
    fn token(&mut self, token: Token, at: usize) -> Result<(), Fault> {
        match token {
            Token::OpenElement { name, depends_on } => self.open(name, depends_on, at),
            Token::Attribute { name } => self.attribute(name, at),
            Token::CloseStart => self.close_start(at),
            Token::CloseEmpty => {
                self.close_start(at)?;
                self.close(at)
            }
            Token::CloseElement => self.close(at),
            Token::Literal(literal) => self.literal(literal),
            Token::Character(code) => {
                self.character(code);
                Ok(())
            }
            Token::Entity { name } => self.entity(name),
            Token::Substitution(index) => self.substitution(index, at),
            Token::Instance { at } => self.splice(|outer| Step::Instance(place(at), outer), at),
        }
    }

    fn finish(self, at: usize) -> Result<(), Fault> {
        if self.context.work.open.is_empty() {
            return Ok(());
        }
        Err(Fault::new(FaultKind::Truncated, at, 1))
    }

    fn open(&mut self, name: usize, depends_on: Option<u16>, at: usize) -> Result<(), Fault> {
        let depth = self.context.work.open.len();
        if self.in_start_tag {
            return Err(unexpected(at, 0x01));
        }
        if depth >= MAX_ELEMENTS {
            return Err(Fault::new(FaultKind::Depth, at, depth));
        }
        let name = self.name(name)?;
        let outer = self.enter_child();
        // An event without its root would be no event, so the root depends on nothing.
        let skip = depends_on.filter(|_| depth > 0).map(|index| {
            self.plan.steps.push(Step::SkipIfNull { index, target: 0 });
            self.plan.steps.len().saturating_sub(1)
        });
        let (inner, role) = self.meaning(outer, name)?;
        self.in_start_tag = true;
        self.context.work.open.push(Open {
            name,
            outer,
            inner,
            role,
            first_piece: self.context.work.pieces.len(),
            more: false,
            skip,
        });
        Ok(())
    }

    /// Tells the element that is open that it has a child, and gives the child's place.
    fn enter_child(&mut self) -> Place {
        let inner = match self.context.work.open.last_mut() {
            Some(parent) => {
                parent.more = true;
                &mut parent.inner
            }
            None => &mut self.place,
        };
        let place = *inner;
        if let Place::UserData { first } = inner {
            *first = false;
        }
        place
    }

    /// What an element is at its place: what its children are children of, and what its text is.
    fn meaning(&mut self, place: Place, name: TextId) -> Result<(Place, Role), Fault> {
        let inside = |section, path| Place::Inside { section, path };
        Ok(match place {
            Place::Document if name == TextId::EVENT => (Place::Event, container(name)),
            Place::Document => (inside(Section::Other, name), value(name)),
            Place::Event => self.section(name),
            Place::System => match Field::of_element(name) {
                Some(field) => (inside(Section::System, name), Role::Field(field)),
                None => (inside(Section::System, name), container(name)),
            },
            Place::EventData if name == TextId::DATA => {
                let unnamed = Role::Datum {
                    name: NameFrom::Text(TextId::EMPTY),
                    container: false,
                };
                (inside(Section::EventData, name), unnamed)
            }
            Place::EventData => (inside(Section::EventData, name), value(name)),
            Place::UserData { first: true } => {
                let source = Source::Text(name);
                self.plan.steps.push(Step::SectionName(source));
                (inside(Section::UserData, TextId::EMPTY), container(name))
            }
            Place::UserData { first: false } => (inside(Section::UserData, name), value(name)),
            Place::Inside { section, path } => {
                let path = self.join(path, name)?;
                (inside(section, path), value(path))
            }
        })
    }

    /// A child of `Event`.
    fn section(&mut self, name: TextId) -> (Place, Role) {
        let section = section_of(name);
        if section.is_payload() {
            self.plan.steps.push(Step::Section(section));
        }
        match section {
            Section::System => (Place::System, container(name)),
            Section::EventData => (Place::EventData, container(name)),
            Section::UserData => (Place::UserData { first: true }, container(name)),
            Section::Other => (
                Place::Inside {
                    section,
                    path: name,
                },
                value(name),
            ),
            _ => (
                Place::Inside {
                    section,
                    path: TextId::EMPTY,
                },
                container(name),
            ),
        }
    }

    fn attribute(&mut self, name: usize, at: usize) -> Result<(), Fault> {
        if !self.in_start_tag {
            return Err(unexpected(at, 0x06));
        }
        self.finish_attribute()?;
        let name = self.name(name)?;
        self.attribute = Some(Attribute {
            name,
            first_piece: self.context.work.pieces.len(),
        });
        Ok(())
    }

    fn finish_attribute(&mut self) -> Result<(), Fault> {
        let Some(attribute) = self.attribute.take() else {
            return Ok(());
        };
        let from = self.source(attribute.first_piece)?;
        let Some(open) = self.context.work.open.last().copied() else {
            return Ok(());
        };
        if from == Source::Nothing || self.is_namespace(attribute.name) {
            return Ok(());
        }
        match (open.outer, open.name, attribute.name) {
            (Place::EventData, TextId::DATA, TextId::NAME) => {
                self.name_datum(from);
                Ok(())
            }
            (Place::Event, TextId::EVENT_DATA | TextId::USER_DATA, TextId::NAME) => {
                self.plan.steps.push(Step::SectionName(from));
                Ok(())
            }
            (Place::System, element, name) => match Field::of_attribute(element, name) {
                Some(field) => {
                    self.plan.steps.push(Step::field(field, from));
                    Ok(())
                }
                None => self.attribute_datum(open, name, from),
            },
            (_, _, name) => self.attribute_datum(open, name, from),
        }
    }

    fn is_namespace(&self, attribute: TextId) -> bool {
        let name = self.context.texts.get(attribute);
        name.strip_prefix("xmlns")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    /// `Name` of a `Data`.
    fn name_datum(&mut self, from: Source) {
        let (name, path) = match from {
            Source::Text(TextId::EMPTY) => (NameFrom::Text(TextId::EMPTY), TextId::DATA),
            Source::Text(id) => (NameFrom::Text(id), id),
            _ => {
                self.plan.steps.push(Step::DataName(from));
                (NameFrom::Step, TextId::DATA)
            }
        };
        if let Some(open) = self.context.work.open.last_mut() {
            open.role = Role::Datum {
                name,
                container: false,
            };
            open.inner = Place::Inside {
                section: Section::EventData,
                path,
            };
        }
    }

    fn attribute_datum(&mut self, open: Open, name: TextId, from: Source) -> Result<(), Fault> {
        let path = self.join(open.inner.path(), name)?;
        let section = open.inner.section();
        self.plan.steps.push(Step::Datum(DatumStep {
            section,
            name: NameFrom::Text(path),
            from,
            presence: Presence::IfNotEmpty,
            inner: Place::Inside { section, path },
        }));
        if let Some(open) = self.context.work.open.last_mut() {
            open.more = true;
        }
        Ok(())
    }

    fn close_start(&mut self, at: usize) -> Result<(), Fault> {
        if !self.in_start_tag {
            return Err(unexpected(at, 0x02));
        }
        self.finish_attribute()?;
        self.in_start_tag = false;
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), Fault> {
        if self.in_start_tag {
            return Err(unexpected(at, 0x04));
        }
        let open = self.context.work.open.pop();
        let open = open.ok_or_else(|| unexpected(at, 0x04))?;
        if open.more {
            self.drop_blanks(open.first_piece);
        }
        let from = self.source(open.first_piece)?;
        self.add_content(open, from);
        let end = number(self.plan.steps.len());
        let skip = open.skip.and_then(|index| self.plan.steps.get_mut(index));
        if let Some(Step::SkipIfNull { target, .. }) = skip {
            *target = end;
        }
        Ok(())
    }

    fn add_content(&mut self, open: Open, from: Source) {
        let step = match open.role {
            Role::Field(field) => Step::field(field, from),
            Role::Datum { name, container } => Step::Datum(DatumStep {
                section: open.inner.section(),
                name,
                from,
                presence: if container || open.more {
                    Presence::IfNotEmpty
                } else {
                    Presence::Always
                },
                inner: open.inner,
            }),
        };
        let never = from == Source::Nothing
            && !matches!(
                step,
                Step::Datum(DatumStep {
                    presence: Presence::Always,
                    ..
                })
            );
        if !never {
            self.plan.steps.push(step);
        }
    }

    /// Blanks between elements are layout.
    fn drop_blanks(&mut self, first: usize) {
        let texts = &*self.context.texts;
        let chunk = self.context.chunk;
        let pieces = self.context.work.pieces.get(first..).unwrap_or(&[]);
        let blank = pieces.iter().all(|piece| match piece {
            Source::Text(id) => texts.get(*id).trim().is_empty(),
            Source::Literal(literal) => literal.value(chunk).to_text().trim().is_empty(),
            _ => false,
        });
        if blank {
            self.context.work.pieces.truncate(first);
        }
    }

    fn literal(&mut self, literal: Extent) -> Result<(), Fault> {
        if literal.is_fragment() && self.attribute.is_none() {
            let at = literal.at as usize;
            return self.splice(|outer| Step::Fragment(literal, outer), at);
        }
        if self.form == Form::Content {
            self.push(Source::Literal(literal));
            return Ok(());
        }
        self.context
            .budget
            .nodes(usize::from(literal.size) / BYTES_PER_NODE)?;
        let text = &mut self.context.work.text;
        text.clear();
        literal.value(self.context.chunk).write_text(text);
        let id = self.context.texts.intern(text);
        self.push(Source::Text(id));
        Ok(())
    }

    fn character(&mut self, code: u16) {
        let text = &mut self.context.work.text;
        text.clear();
        Utf16::new(&code.to_le_bytes()).write_text(text);
        let id = self.context.texts.intern(text);
        self.push(Source::Text(id));
    }

    fn entity(&mut self, name: usize) -> Result<(), Fault> {
        let name = self.name(name)?;
        let text = match self.context.texts.get(name) {
            "amp" => "&".to_owned(),
            "lt" => "<".to_owned(),
            "gt" => ">".to_owned(),
            "quot" => "\"".to_owned(),
            "apos" => "'".to_owned(),
            other => format!("&{other};"),
        };
        let id = self.context.texts.intern(&text);
        self.push(Source::Text(id));
        Ok(())
    }

    fn substitution(&mut self, index: u16, at: usize) -> Result<(), Fault> {
        if self.form == Form::Content {
            return Err(unexpected(at, 0x0d));
        }
        self.push(Source::Substitution(index));
        Ok(())
    }

    /// Adds a piece to the attribute or the element that is open.
    fn push(&mut self, piece: Source) {
        let wanted = if self.in_start_tag {
            self.attribute.is_some()
        } else {
            !self.context.work.open.is_empty()
        };
        if wanted {
            self.context.work.pieces.push(piece);
        }
    }

    /// Elements from elsewhere become children of the element that is open.
    fn splice(&mut self, step: impl FnOnce(Place) -> Step, at: usize) -> Result<(), Fault> {
        if self.in_start_tag {
            return Err(unexpected(at, 0x0c));
        }
        let place = self.enter_child();
        self.plan.steps.push(step(place));
        self.plan.local = true;
        Ok(())
    }

    /// Takes the pieces from `first` on.
    fn source(&mut self, first: usize) -> Result<Source, Fault> {
        let pieces = self.context.work.pieces.get(first..).unwrap_or(&[]);
        let source = match pieces {
            [] => Source::Nothing,
            [piece] => *piece,
            several if several.iter().all(|piece| matches!(piece, Source::Text(_))) => {
                Source::Text(self.constant(first)?)
            }
            several => {
                let start = number(self.plan.pieces.len());
                self.plan.pieces.extend_from_slice(several);
                let count = number(several.len());
                Source::Several { start, count }
            }
        };
        self.context.work.pieces.truncate(first);
        Ok(source)
    }

    /// The constant texts from `first` on as one.
    fn constant(&mut self, first: usize) -> Result<TextId, Fault> {
        let Workspace { pieces, text, .. } = &mut *self.context.work;
        text.clear();
        for piece in pieces.iter().skip(first) {
            if let Source::Text(id) = piece {
                let part = self.context.texts.get(*id);
                self.context.budget.text(part.len())?;
                text.push_str(part);
            }
        }
        Ok(self.context.texts.intern(text))
    }

    fn join(&mut self, path: TextId, name: TextId) -> Result<TextId, Fault> {
        let texts = &mut *self.context.texts;
        let length = texts.get(path).len().saturating_add(texts.get(name).len());
        self.context.budget.text(length)?;
        Ok(texts.join(path, name))
    }

    fn name(&mut self, at: usize) -> Result<TextId, Fault> {
        let context = &mut *self.context;
        let id = match context.names.get(&at) {
            Some(id) => *id,
            None => read_name(at, context)?,
        };
        // Charged each time, because whether it is known depends on what was read before.
        let length = context.texts.get(id).len();
        context.budget.nodes(length / BYTES_PER_NODE)?;
        Ok(id)
    }
}

/// Reads a name for the first time in this chunk.
fn read_name(at: usize, context: &mut Context<'_, '_>) -> Result<TextId, Fault> {
    let mut cursor = Cursor::new(context.chunk, at, context.chunk.len());
    let name = take_name(&mut cursor)?;
    context.work.text.clear();
    Utf16::new(name).write_text(&mut context.work.text);
    let id = context.texts.intern(&context.work.text);
    context.names.insert(at, id);
    Ok(id)
}

fn container(name: TextId) -> Role {
    Role::Datum {
        name: NameFrom::Text(name),
        container: true,
    }
}

fn value(name: TextId) -> Role {
    Role::Datum {
        name: NameFrom::Text(name),
        container: false,
    }
}

/// A number of steps or pieces. The budget keeps them far below 32 bits.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn unexpected(at: usize, token: usize) -> Fault {
    Fault::new(FaultKind::Token, at, token)
}
