//! What a task does, in a form that can be compared: in the registry, which counts when it runs, and in the
//! file beside it.

use super::map::MOST_PARTS;
use crate::ecs::nodes;

/// What a task does, step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Steps(Vec<Vec<String>>);

impl Steps {
    /// Adds an action: its kind, and what it is given, in a fixed order.
    pub(crate) fn add(&mut self, kind: &str, parts: &[&str]) {
        let parts = parts.iter().map(|part| part.trim().to_owned());
        let step = std::iter::once(kind.to_owned()).chain(parts);
        self.0.push(step.collect());
    }

    /// Whether there is no action.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each step as text: what is run with its arguments, or whatever else the step is given.
    pub(crate) fn texts(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|step| {
            let parts = step.iter().skip(1).take(2).filter(|part| !part.is_empty());
            parts.map(String::as_str).collect::<Vec<_>>().join(" ")
        })
    }
}

/// A definition in XML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// The path of the task, as it says itself.
    pub uri: Option<String>,
    /// What it does.
    pub steps: Steps,
}

/// Kinds of actions and what they are given, in the order of the registry.
const KINDS: [(&str, &str, &[&str]); 4] = [
    (
        "Exec",
        "exec",
        &["Command", "Arguments", "WorkingDirectory"],
    ),
    ("ComHandler", "com_handler", &["ClassId", "Data"]),
    (
        "SendEmail",
        "send_email",
        &["Server", "To", "Subject", "Body"],
    ),
    ("ShowMessage", "show_message", &["Title", "Body"]),
];

impl Definition {
    /// Reads a definition as far as it is one.
    #[must_use]
    pub fn read(xml: &str) -> Self {
        let mut definition = Self::default();
        let mut open: Option<(usize, Vec<String>)> = None;
        for node in nodes(xml) {
            let mut path = node.path.split('/');
            let parts = [path.next(), path.next(), path.next(), path.next()];
            match parts {
                [Some("Task"), Some("RegistrationInfo"), Some("URI"), None] => {
                    definition.uri = Some(node.text.trim().to_owned());
                }
                [Some("Task"), Some("Actions"), Some(kind), None] => {
                    definition.close(open.take());
                    let place = KINDS.iter().position(|(name, ..)| *name == kind);
                    open = place.and_then(|place| {
                        let (.., names) = KINDS.get(place)?;
                        Some((place, vec![String::new(); names.len()]))
                    });
                }
                [Some("Task"), Some("Actions"), Some(_), Some(name)] => {
                    let Some((place, values)) = &mut open else {
                        continue;
                    };
                    let names = KINDS.get(*place).map_or(&[][..], |(.., names)| names);
                    let part = names.iter().position(|known| *known == name);
                    if let Some(value) = part.and_then(|part| values.get_mut(part)) {
                        *value = node.text.clone().into_owned();
                    }
                }
                _ => {}
            }
            if definition.steps.0.len() > MOST_PARTS {
                break;
            }
        }
        definition.close(open);
        definition
    }

    fn close(&mut self, action: Option<(usize, Vec<String>)>) {
        let Some((place, mut values)) = action else {
            return;
        };
        let Some((_, kind, names)) = KINDS.get(place) else {
            return;
        };
        if let (Some(&"ClassId"), Some(class)) = (names.first(), values.first_mut()) {
            *class = class.to_uppercase();
        }
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        self.steps.add(kind, &values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_the_registry() {
        let xml = "<Task><RegistrationInfo><URI>\\A</URI></RegistrationInfo><Actions Context=\"Author\">\
            <Exec><Command>a.exe</Command><Arguments>/b &amp; c</Arguments></Exec>\
            <ComHandler><ClassId>{abc}</ClassId><Data>d</Data></ComHandler></Actions></Task>";
        let definition = Definition::read(xml);
        assert_eq!(definition.uri.as_deref(), Some(r"\A"));
        let mut steps = Steps::default();
        steps.add("exec", &["a.exe", "/b & c", ""]);
        steps.add("com_handler", &["{ABC}", "d"]);
        assert_eq!(definition.steps, steps);
        assert!(Definition::read("<Task><Actions/></Task>").steps.is_empty());
        assert!(Definition::read("no XML").steps.is_empty());
    }
}
