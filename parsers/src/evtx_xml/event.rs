//! From the XML of one event to a record: what each element and attribute means at its place. The
//! rules are those by which `evtx::read` flattens an event, so that both give the same record:
//!
//! - A child of `System` that we know, or its attribute, is a field. What is unknown there is a
//!   value of `System`.
//! - A `Data` of `EventData` is a value named by its attribute `Name`, or without a name.
//! - `UserData` is called by the name of its first child. Each leaf below is a value; its name is the
//!   path of elements from that child on, joined with dots.
//! - An attribute that is not empty is a value named by its element's path, a dot and its name.
//!   Declarations of name spaces are not data.
//! - An element with attributes or children is a value of its own only if it has text, too.
//!
//! Text is taken as it is written: Windows writes line ends as the event has them, so they are not
//! made one character, as XML would have it.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::reference;
use crate::evtx::read::Section;
use crate::evtx::{Draft, Field, TooMuch};

/// Elements within elements. Genuine events have less than ten.
const MAX_ELEMENTS: usize = 128;

/// Why the XML of an event cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Byte of the event's text where it was seen.
    pub(crate) at: u64,
    /// What should have been there.
    pub(crate) expected: &'static str,
    /// What was there.
    pub(crate) found: String,
}

/// Reads the XML of one event, from `<Event` to `</Event>`, into an empty draft.
pub(crate) fn read(xml: &str, draft: &mut Draft) -> Result<(), Fault> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().allow_dangling_amp = true;
    let mut filling = Filling::new(draft);
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Err(fault(reader.error_position(), WELL_FORMED, &error)),
        };
        let at = reader.buffer_position();
        match filling.take(event) {
            Ok(true) => {}
            Ok(false) => break,
            Err(wrong) => return Err(wrong.at(at)),
        }
    }
    if filling.draft.has_no_system() {
        return Err(fault(0, "a System element", "none"));
    }
    Ok(())
}

const WELL_FORMED: &str = "well-formed XML";

fn fault(at: u64, expected: &'static str, found: &(impl ToString + ?Sized)) -> Fault {
    Fault {
        at,
        expected,
        found: found.to_string(),
    }
}

/// Why an event is refused.
enum Wrong {
    Depth,
    TooMuch,
    Cut,
    Attribute(String),
}

impl Wrong {
    fn at(self, at: u64) -> Fault {
        match self {
            Self::Depth => fault(at, "at most 128 elements within elements", "more"),
            Self::TooMuch => fault(at, "at most 32768 values and 32 MiB of text", "more"),
            Self::Cut => fault(at, "</Event>", "the end"),
            Self::Attribute(found) => fault(at, WELL_FORMED, &found),
        }
    }
}

impl From<TooMuch> for Wrong {
    fn from(_: TooMuch) -> Self {
        Self::TooMuch
    }
}

/// What elements are children of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Document,
    Event,
    System,
    EventData,
    UserData { first: bool },
    Inside(Section),
}

impl Place {
    fn section(self) -> Section {
        match self {
            Self::Document | Self::Event => Section::Other,
            Self::System => Section::System,
            Self::EventData => Section::EventData,
            Self::UserData { .. } => Section::UserData,
            Self::Inside(section) => section,
        }
    }
}

/// What the text of an element is.
#[derive(Clone, Copy, Debug)]
enum Role {
    Field(Field),
    /// A value called by its path, even if it is empty.
    Value,
    /// A value without a name.
    Unnamed,
    /// It exists for its children: a value called by its name if it has text.
    Container,
}

/// An element that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    outer: Place,
    inner: Place,
    role: Role,
    /// Where its name begins and ends in [`Filling::names`].
    name: (usize, usize),
    /// Where its path begins and ends there.
    path: (usize, usize),
    /// Where its text begins in [`Filling::text`].
    text: usize,
    /// Whether it has attributes that are values, or children.
    more: bool,
}

/// Fills a draft while it goes through an event.
struct Filling<'d> {
    draft: &'d mut Draft,
    open: Vec<Open>,
    /// Names and paths of the elements that are open, one behind the other.
    names: String,
    /// Texts of the elements that are open, one behind the other.
    text: String,
    value: String,
    /// The prefix that `Event` and all elements of the event's own have, with its colon.
    prefix: String,
}

impl<'d> Filling<'d> {
    fn new(draft: &'d mut Draft) -> Self {
        Self {
            draft,
            open: Vec::new(),
            names: String::new(),
            text: String::new(),
            value: String::new(),
            prefix: String::new(),
        }
    }

    /// Takes the next piece of XML, and says whether there is more of the event.
    fn take(&mut self, event: Event<'_>) -> Result<bool, Wrong> {
        match event {
            Event::Start(tag) => self.start(&tag)?,
            Event::Empty(tag) => {
                self.start(&tag)?;
                self.end()?;
            }
            Event::End(_) => self.end()?,
            Event::Text(text) => self.text.push_str(&text),
            Event::CData(text) => self.text.push_str(&text),
            Event::GeneralRef(name) => reference::push(&name, &mut self.text),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => {}
            Event::Eof => return Err(Wrong::Cut),
        }
        Ok(!self.open.is_empty())
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), Wrong> {
        if self.open.len() >= MAX_ELEMENTS {
            return Err(Wrong::Depth);
        }
        let qualified = tag.name().0;
        if self.open.is_empty() {
            let colon = qualified.find(':').map_or(0, |colon| colon + 1);
            let prefix = qualified.get(..colon).unwrap_or_default();
            prefix.clone_into(&mut self.prefix);
        }
        let name = qualified
            .strip_prefix(self.prefix.as_str())
            .unwrap_or(qualified);
        self.enter(name)?;
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| Wrong::Attribute(error.to_string()))?;
            let mut value = std::mem::take(&mut self.value);
            value.clear();
            reference::unescape(&attribute.value, &mut value);
            let taken = self.attribute(attribute.key.0, &value);
            self.value = value;
            taken?;
        }
        Ok(())
    }

    /// Opens an element: decides what it is at its place.
    fn enter(&mut self, name: &str) -> Result<(), Wrong> {
        let (outer, path) = match self.open.last_mut() {
            Some(parent) => {
                parent.more = true;
                (parent.inner, parent.path)
            }
            None => (Place::Document, (0, 0)),
        };
        if let Some(parent) = self.open.last_mut()
            && let Place::UserData { first } = &mut parent.inner
        {
            *first = false;
        }
        let start = self.names.len();
        self.names.push_str(name);
        let own = (start, self.names.len());
        let nowhere = (start, start);
        let (inner, role, path) = match outer {
            Place::Document => (Place::Event, Role::Container, nowhere),
            Place::Event => self.section(name, own),
            Place::System => match Field::of_path(name) {
                Some(field) => (Place::Inside(Section::System), Role::Field(field), own),
                None => (Place::Inside(Section::System), Role::Container, own),
            },
            Place::EventData if name == "Data" => {
                (Place::Inside(Section::EventData), Role::Unnamed, own)
            }
            Place::EventData => (Place::Inside(Section::EventData), Role::Value, own),
            Place::UserData { first: true } => {
                self.draft.name_user_data(name)?;
                (Place::Inside(Section::UserData), Role::Container, nowhere)
            }
            Place::UserData { first: false } => {
                (Place::Inside(Section::UserData), Role::Value, own)
            }
            Place::Inside(section) => {
                let path = self.join(path, name)?;
                (Place::Inside(section), Role::Value, path)
            }
        };
        self.open.push(Open {
            outer,
            inner,
            role,
            name: own,
            path,
            text: self.text.len(),
            more: false,
        });
        Ok(())
    }

    /// A child of `Event`.
    fn section(&mut self, name: &str, own: (usize, usize)) -> (Place, Role, (usize, usize)) {
        let nowhere = (own.0, own.0);
        let section = section_of(name);
        self.draft.enter(section);
        match section {
            Section::System => (Place::System, Role::Container, nowhere),
            Section::EventData => (Place::EventData, Role::Container, nowhere),
            Section::UserData => (Place::UserData { first: true }, Role::Container, nowhere),
            Section::Other => (Place::Inside(section), Role::Value, own),
            _ => (Place::Inside(section), Role::Container, nowhere),
        }
    }

    fn attribute(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        let Some(open) = self.open.last().copied() else {
            return Ok(());
        };
        if value.is_empty() || is_namespace(name) {
            return Ok(());
        }
        let element = self.names(open.name);
        match (open.outer, element, name) {
            (Place::EventData, "Data", "Name") => self.name_datum(value),
            (Place::Event, "EventData" | "UserData", "Name") => {
                Ok(self.draft.name_user_data(value)?)
            }
            (Place::System, element, name) => match Field::of_path(&format!("{element}.{name}")) {
                Some(field) => Ok(self.draft.set(field, value)?),
                None => self.attribute_datum(open, name, value),
            },
            _ => self.attribute_datum(open, name, value),
        }
    }

    /// `Name` of a `Data`.
    fn name_datum(&mut self, name: &str) -> Result<(), Wrong> {
        let path = self.join((0, 0), name)?;
        if let Some(open) = self.open.last_mut() {
            open.role = Role::Value;
            open.path = path;
        }
        Ok(())
    }

    fn attribute_datum(&mut self, open: Open, name: &str, value: &str) -> Result<(), Wrong> {
        let length = self.names.len();
        let path = self.join(open.path, name)?;
        let path = self.names.get(path.0..path.1).unwrap_or_default();
        self.draft.push(open.inner.section(), path, value)?;
        self.names.truncate(length);
        if let Some(open) = self.open.last_mut() {
            open.more = true;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Wrong> {
        let Some(open) = self.open.pop() else {
            return Err(Wrong::Cut);
        };
        let text = self.text.get(open.text..).unwrap_or_default();
        let is_container = matches!(open.role, Role::Container);
        // Blanks between elements are layout.
        let text = if (open.more || is_container) && text.trim().is_empty() {
            ""
        } else {
            text
        };
        let names = |(start, end)| self.names.get(start..end).unwrap_or_default();
        let name = match open.role {
            Role::Field(field) => {
                self.draft.set(field, text)?;
                None
            }
            _ if (open.more || is_container) && text.is_empty() => None,
            Role::Container => Some(names(open.name)),
            Role::Value => Some(names(open.path)),
            Role::Unnamed => Some(""),
        };
        if let Some(name) = name {
            self.draft.push(open.inner.section(), name, text)?;
        }
        self.text.truncate(open.text);
        self.names.truncate(open.name.0);
        Ok(())
    }

    /// A path and a name below it, at the end of [`Filling::names`].
    fn join(&mut self, path: (usize, usize), name: &str) -> Result<(usize, usize), Wrong> {
        // Crafted names that repeat in each of many elements would otherwise cost their product.
        const MOST_NAMES: usize = 16 << 20;
        if self.names.len() + (path.1 - path.0) + name.len() > MOST_NAMES {
            return Err(Wrong::TooMuch);
        }
        let start = self.names.len();
        if path.1 > path.0 {
            self.names.extend_from_within(path.0..path.1);
            self.names.push('.');
        }
        self.names.push_str(name);
        Ok((start, self.names.len()))
    }

    fn names(&self, (start, end): (usize, usize)) -> &str {
        self.names.get(start..end).unwrap_or_default()
    }
}

fn section_of(name: &str) -> Section {
    match name {
        "System" => Section::System,
        "EventData" => Section::EventData,
        "UserData" => Section::UserData,
        "DebugData" => Section::DebugData,
        "BinaryEventData" => Section::BinaryEventData,
        "ProcessingErrorData" => Section::ProcessingErrorData,
        "RenderingInfo" => Section::RenderingInfo,
        _ => Section::Other,
    }
}

fn is_namespace(attribute: &str) -> bool {
    attribute
        .strip_prefix("xmlns")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}
