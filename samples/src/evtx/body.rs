//! An event's own data: the inner template, and the values that fill it.

use super::element::Content::{Element as Child, Slot, Text};
use super::element::{Content, Element, end_fragment};
use super::guid::Guid;
use super::page::{Page, narrow_u16};
use super::template::{Identity, Values, write_instance};
use super::value::Value;

/// Names and values in the order in which the provider's manifest declares them.
pub type Fields = Vec<(&'static str, Value)>;

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// `<EventData>` with one `<Data Name="…">` per field; a field without a name is a `<Data>` without one, and
    /// `Binary` is an element of that name.
    EventData(Fields),
    /// `<UserData>` with an element of the provider's own, and one element per field in it.
    UserData {
        /// The name of that element.
        element: &'static str,
        /// Its `xmlns`.
        namespace: &'static str,
        /// The fields.
        fields: Fields,
    },
}

impl Body {
    /// The fields, whatever element they are in.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        match self {
            Self::EventData(fields) | Self::UserData { fields, .. } => fields,
        }
    }

    /// A fragment without a header, as it stands in the outer template's last slot.
    pub(super) fn write(&self, page: &mut Page) {
        write_instance(page, self.identity(), || self.element());
        let fields = self.fields();
        let mut values = Values::begin(page, fields.len());
        for (_, value) in fields {
            values.fill(page, value.stored(), |page| value.write(page));
        }
        end_fragment(page);
    }

    fn identity(&self) -> Guid {
        let mut identity = match self {
            Self::EventData(_) => Identity::of("EventData"),
            Self::UserData {
                element, namespace, ..
            } => {
                let mut identity = Identity::of("UserData");
                identity.add(element.as_bytes());
                identity.add(namespace.as_bytes());
                identity
            }
        };
        for (name, value) in self.fields() {
            identity.add(name.as_bytes());
            identity.add(&[value.declared()]);
        }
        identity.guid()
    }

    fn element(&self) -> Element<'static> {
        let (name, attributes, wrap): (_, _, fn(&'static str, Content<'static>) -> _) = match self {
            Self::EventData(_) => ("EventData", Vec::new(), named_data),
            Self::UserData {
                element, namespace, ..
            } => (*element, vec![("xmlns", Text(namespace))], own_element),
        };
        let content = self.fields().iter().enumerate();
        Element {
            name,
            only_with: None,
            attributes,
            content: content
                .map(|(index, (name, value))| wrap(name, Slot(narrow_u16(index), value.declared())))
                .collect(),
        }
    }
}

fn named_data(name: &'static str, slot: Content<'static>) -> Content<'static> {
    if name == "Binary" {
        return own_element(name, slot);
    }
    if name.is_empty() {
        return own_element("Data", slot);
    }
    Child(Element {
        name: "Data",
        only_with: None,
        attributes: vec![("Name", Text(name))],
        content: vec![slot],
    })
}

fn own_element(name: &'static str, slot: Content<'static>) -> Content<'static> {
    Child(Element {
        name,
        only_with: None,
        attributes: Vec::new(),
        content: vec![slot],
    })
}
