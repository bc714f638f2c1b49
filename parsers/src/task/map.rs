//! Definitions of scheduled tasks (ECS.md §3.3, 4698–4702).

use std::borrow::Cow;

use timeline::{Field, fields as f};

use crate::ecs::{Node, Values, nodes};
use crate::evtx::truth;

/// Actions, triggers and principals of one definition that become values.
pub(super) const MOST_PARTS: usize = 64;

/// What [`put_definition`] fills.
pub(crate) const DEFINITION_FIELDS: [Field; 16] = [
    f::SCHEDULED_TASK_ACTIONS_ARGUMENTS,
    f::SCHEDULED_TASK_ACTIONS_CLASS_ID,
    f::SCHEDULED_TASK_ACTIONS_COMMAND,
    f::SCHEDULED_TASK_ACTIONS_CONTEXT,
    f::SCHEDULED_TASK_ACTIONS_DEFINITION,
    f::SCHEDULED_TASK_ACTIONS_TYPE,
    f::SCHEDULED_TASK_ACTIONS_WORKING_DIRECTORY,
    f::SCHEDULED_TASK_PRINCIPALS_GROUP_ID,
    f::SCHEDULED_TASK_PRINCIPALS_LOGON_TYPE,
    f::SCHEDULED_TASK_PRINCIPALS_RUN_LEVEL,
    f::SCHEDULED_TASK_PRINCIPALS_USER_ID,
    f::SCHEDULED_TASK_SETTINGS_ENABLED,
    f::SCHEDULED_TASK_SETTINGS_HIDDEN,
    f::SCHEDULED_TASK_TRIGGERS_START,
    f::SCHEDULED_TASK_TRIGGERS_TYPE,
    f::SCHEDULED_TASK_URI,
];

/// Puts `winlog.scheduled_task.*` from a definition in XML.
pub(crate) fn put_definition(definition: &str, values: &mut Values<'_>) {
    let mut parts = 0;
    let mut action: Option<Action> = None;
    for node in nodes(definition) {
        let below = node.path.strip_prefix("Task/").unwrap_or_default();
        let mut path = below.splitn(3, '/');
        let place = (path.next(), path.next(), path.next());
        if matches!(
            place,
            (Some("Actions" | "Triggers" | "Principals"), Some(_), None)
        ) {
            parts += 1;
        }
        if parts > MOST_PARTS {
            break;
        }
        match place {
            (Some("RegistrationInfo"), Some("URI"), None) => {
                put_text(values, f::SCHEDULED_TASK_URI, &node);
            }
            (Some("Settings"), Some(name), None) => put_setting(values, name, &node),
            (Some("Triggers"), Some(kind), inner) => put_trigger(values, kind, inner, &node),
            (Some("Principals"), Some("Principal"), Some(name)) => {
                put_principal(values, name, &node);
            }
            (Some("Actions"), None, None) => {
                let context = node.attribute("Context").map(Cow::into_owned);
                values.put_some(f::SCHEDULED_TASK_ACTIONS_CONTEXT, context);
            }
            (Some("Actions"), Some(kind), None) => {
                if let Some(done) = action.replace(Action::new(kind)) {
                    done.put(values);
                }
            }
            (Some("Actions"), Some(_), Some(name)) => {
                if let Some(action) = &mut action {
                    action.take(name, &node);
                }
            }
            _ => {}
        }
    }
    if let Some(action) = action {
        action.put(values);
    }
}

fn put_text(values: &mut Values<'_>, field: Field, node: &Node<'_>) {
    if !node.text.is_empty() {
        values.put(field, node.text.clone().into_owned());
    }
}

fn put_setting(values: &mut Values<'_>, name: &str, node: &Node<'_>) {
    let field = match name {
        "Enabled" => f::SCHEDULED_TASK_SETTINGS_ENABLED,
        "Hidden" => f::SCHEDULED_TASK_SETTINGS_HIDDEN,
        _ => return,
    };
    if !values.has(field) {
        values.put_some(field, truth(&node.text));
    }
}

fn put_trigger(values: &mut Values<'_>, kind: &str, inner: Option<&str>, node: &Node<'_>) {
    match inner {
        None => {
            let kind = kind.strip_suffix("Trigger").unwrap_or(kind);
            values.put(f::SCHEDULED_TASK_TRIGGERS_TYPE, snake_case(kind));
        }
        Some("StartBoundary") => put_text(values, f::SCHEDULED_TASK_TRIGGERS_START, node),
        Some(_) => {}
    }
}

fn put_principal(values: &mut Values<'_>, name: &str, node: &Node<'_>) {
    let field = match name {
        "UserId" => f::SCHEDULED_TASK_PRINCIPALS_USER_ID,
        "GroupId" => f::SCHEDULED_TASK_PRINCIPALS_GROUP_ID,
        "LogonType" => f::SCHEDULED_TASK_PRINCIPALS_LOGON_TYPE,
        "RunLevel" => f::SCHEDULED_TASK_PRINCIPALS_RUN_LEVEL,
        _ => return,
    };
    put_text(values, field, node);
}

/// `ComHandler` as `com_handler`.
fn snake_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    for (place, char) in name.chars().enumerate() {
        if char.is_ascii_uppercase() && place > 0 {
            text.push('_');
        }
        text.push(char.to_ascii_lowercase());
    }
    text
}

/// An action while it is read.
#[derive(Default)]
struct Action {
    kind: String,
    /// What it does, in one text: command and arguments, or class and data.
    definition: Vec<String>,
    fields: Vec<(Field, String)>,
}

impl Action {
    fn new(kind: &str) -> Self {
        Self {
            kind: snake_case(kind),
            ..Self::default()
        }
    }

    fn take(&mut self, name: &str, node: &Node<'_>) {
        let field = match name {
            "Command" => Some(f::SCHEDULED_TASK_ACTIONS_COMMAND),
            "Arguments" => Some(f::SCHEDULED_TASK_ACTIONS_ARGUMENTS),
            "WorkingDirectory" => Some(f::SCHEDULED_TASK_ACTIONS_WORKING_DIRECTORY),
            "ClassId" => Some(f::SCHEDULED_TASK_ACTIONS_CLASS_ID),
            _ => None,
        };
        let is_shown = matches!(
            name,
            "Command" | "Arguments" | "ClassId" | "Data" | "To" | "Subject" | "Title" | "Body"
        );
        if node.text.is_empty() {
            return;
        }
        if is_shown {
            self.definition.push(node.text.clone().into_owned());
        }
        if let Some(field) = field {
            self.fields.push((field, node.text.clone().into_owned()));
        }
    }

    fn put(self, values: &mut Values<'_>) {
        values.put(f::SCHEDULED_TASK_ACTIONS_TYPE, self.kind);
        for (field, text) in self.fields {
            values.put(field, text);
        }
        if !self.definition.is_empty() {
            values.put(
                f::SCHEDULED_TASK_ACTIONS_DEFINITION,
                self.definition.join(" "),
            );
        }
    }
}
