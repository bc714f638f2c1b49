//! A record as names and texts, once from our reader and once from the XML of the `evtx` crate. The
//! rules of the latter are those that `flatten.rs` documents, written down a second time.

use parsers::evtx::read::{Record, Section};

use crate::xml::Element;

/// One record. Absent fields are empty.
#[derive(Debug, Default)]
pub(crate) struct Flat {
    pub(crate) number: u64,
    pub(crate) is_torn: bool,
    pub(crate) system: Vec<(&'static str, String)>,
    pub(crate) section_name: String,
    pub(crate) data: Vec<(&'static str, String, String)>,
}

impl PartialEq for Flat {
    /// The values of a torn record are not compared: the two readers need not agree on what the
    /// zeros mean that the rest of it was overwritten with.
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
            && (self.is_torn
                || (self.system == other.system
                    && self.section_name == other.section_name
                    && self.data == other.data))
    }
}

impl Flat {
    pub(crate) fn of_record(record: &Record<'_>) -> Self {
        let mut data = Vec::new();
        for datum in record.data() {
            for element in datum.value.elements() {
                let name = datum
                    .name
                    .map_or(String::new(), |name| name.text.to_owned());
                data.push((datum.section.as_str(), name, normal(&element.to_text())));
            }
        }
        let name = record.section_name();
        Self {
            number: record.header_number,
            is_torn: record.is_torn,
            system: record
                .system
                .fields()
                .map(|(name, value)| (name, normal(&value.to_text())))
                .collect(),
            section_name: name.map_or(String::new(), |name| name.text.to_owned()),
            data,
        }
    }

    /// From an event's XML. `fields` are the names of the fields of `System`.
    pub(crate) fn of_xml(number: u64, xml: &str, fields: &[&'static str]) -> Self {
        let event = Element::parse(xml);
        let mut flat = Self {
            number,
            ..Self::default()
        };
        let mut system = Vec::new();
        for child in &event.children {
            flat.child_of_event(child, &mut system);
        }
        for field in fields {
            let found = system.iter().position(|(name, _)| name == field);
            let text = found.map(|index| system.remove(index).1);
            flat.system.push((*field, text.unwrap_or_default()));
        }
        let more = system.into_iter().filter(|(_, text)| !text.is_empty());
        let more = more.map(|(name, text)| ("System", name, text));
        flat.data.splice(0..0, more);
        flat
    }

    fn child_of_event(&mut self, child: &Element, system: &mut Vec<(String, String)>) {
        match child.name.as_str() {
            "System" => {
                for field in &child.children {
                    system.push((field.name.clone(), normal(&field.text)));
                    for (name, value) in data_attributes(field) {
                        system.push((format!("{}.{name}", field.name), normal(value)));
                    }
                }
            }
            "EventData" => self.event_data(child),
            "UserData" => self.user_data(child),
            name => {
                let section = SECTIONS.iter().find(|section| section.as_str() == name);
                match section {
                    Some(section) => self.container(section.as_str(), "", child),
                    None => self.inside("", &child.name, child),
                }
            }
        }
    }

    fn event_data(&mut self, section: &Element) {
        let name = section.attribute("Name").unwrap_or_default();
        name.clone_into(&mut self.section_name);
        for child in &section.children {
            let name = match child.attribute("Name") {
                Some(name) if child.name == "Data" => name,
                _ if child.name == "Data" => "",
                _ => &child.name,
            };
            self.named("EventData", name, &child.name, child);
        }
    }

    fn user_data(&mut self, section: &Element) {
        for (index, child) in section.children.iter().enumerate() {
            if index == 0 {
                self.section_name.clone_from(&child.name);
                self.container("UserData", "", child);
            } else {
                self.inside("UserData", &child.name, child);
            }
        }
    }

    /// A `Data`: its name is an attribute.
    fn named(&mut self, section: &'static str, name: &str, fallback: &str, element: &Element) {
        let path = if name.is_empty() { fallback } else { name };
        let own_name = element.name == "Data";
        let attributes: Vec<_> = data_attributes(element)
            .filter(|(attribute, _)| !own_name || *attribute != "Name")
            .collect();
        for (attribute, value) in &attributes {
            self.push(section, &format!("{path}.{attribute}"), value);
        }
        for child in &element.children {
            self.inside(section, &format!("{path}.{}", child.name), child);
        }
        let leaf = attributes.is_empty() && element.children.is_empty();
        if leaf || !element.text.trim().is_empty() {
            self.push(section, name, &element.text);
        }
    }

    fn container(&mut self, section: &'static str, path: &str, element: &Element) {
        for (attribute, value) in data_attributes(element) {
            self.push(section, &join(path, attribute), value);
        }
        for child in &element.children {
            self.inside(section, &join(path, &child.name), child);
        }
        if !element.text.trim().is_empty() {
            self.push(section, &element.name, &element.text);
        }
    }

    fn inside(&mut self, section: &'static str, path: &str, element: &Element) {
        self.named(section, path, path, element);
    }

    fn push(&mut self, section: &'static str, name: &str, text: &str) {
        self.data.push((section, name.to_owned(), normal(text)));
    }
}

const SECTIONS: [Section; 4] = [
    Section::DebugData,
    Section::BinaryEventData,
    Section::ProcessingErrorData,
    Section::RenderingInfo,
];

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn data_attributes(element: &Element) -> impl Iterator<Item = (&str, &str)> {
    let attributes = element.attributes.iter();
    let attributes = attributes.map(|(name, value)| (name.as_str(), value.as_str()));
    attributes.filter(|(name, _)| *name != "xmlns" && !name.starts_with("xmlns:"))
}

/// Removes the documented differences between the two readers:
///
/// - GUIDs: we write upper case, as rules do; the crate lower case.
/// - A NUL inside of a text: the crate ends the text there, we keep all of it.
/// - Characters that XML does not allow: the crate's XML has `_`, we keep them.
pub(crate) fn normal(text: &str) -> String {
    let text = text.split('\0').next().unwrap_or_default();
    let text: String = text
        .chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => c,
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => '_',
            _ => c,
        })
        .collect();
    lower_guids(&text)
}

/// Lowers the case of what stands in braces and has the length of a GUID.
fn lower_guids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let length = if from.get(37..38) == Some("}") { 38 } else { 1 };
        let (part, after) = from.split_at(length);
        out.push_str(&part.to_lowercase());
        rest = after;
    }
    out.push_str(rest);
    out
}
