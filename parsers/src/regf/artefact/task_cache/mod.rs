//! The task cache: tasks as the Task Scheduler reads them (EVIDENCE.md §2.5, ECS.md §9.2).

pub(crate) mod actions;
mod dynamic_info;
mod lookups;
mod reader;
mod triggers;

use std::io;

use timeline::{Issue, fields as f};

use self::actions::{Action, ActionKind, Actions};
use self::dynamic_info::DynamicInfo;
pub(in super::super) use self::lookups::Lookups;
use self::triggers::Triggers;
use super::super::node::Node;
use super::super::out::{Certainty, Out, Place, When};
use super::super::raw::{put_data, put_path};
use super::super::read::ValueCell;
use crate::ecs::{Values, decoded_commands, split_command_line};
use crate::task::Steps;

/// Tasks\{GUID}: one event for each action when the task was registered, and for its last run.
pub(super) fn task(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let Some(value) = node.key.value("Actions") else {
        return Ok(());
    };
    let bytes = value.data().bytes;
    let actions = Actions::decode(&bytes);
    if let Some((at, why)) = actions.end.filter(|_| value.data_type() == 3) {
        let message = format!(
            "The actions of the task {} cannot be read further: {why}.",
            node.text("Path").unwrap_or_else(|| node.name().to_owned())
        );
        out.issue(
            Issue::loss("task-actions", message)
                .at(super::super::read::BINS + u64::from(value.offset()))
                .in_record(node.name())
                .expected("an action", format!("offset {at} of {} bytes", bytes.len())),
        );
    }
    let path = node.text("Path").or_else(|| node.text("URI"));
    let task = Task {
        node,
        reconciled: path.as_deref().and_then(|path| {
            // What was deleted or replaced need not have a file any more.
            let is_now = !node.is_superseded && node.key.is_allocated();
            let files =
                Some(&out.machine.task_files).filter(|files| is_now && !files.is_empty())?;
            Some(match files.get(&path.to_lowercase()) {
                None => "no_file",
                Some(own) if *own == steps(&actions.list) => "same",
                Some(_) => "differs",
            })
        }),
        info: node
            .bytes("DynamicInfo")
            .and_then(|info| DynamicInfo::decode(&info)),
        context: &actions.context,
        path,
        triggers: node
            .bytes("Triggers")
            .and_then(|bytes| Triggers::decode(&bytes)),
        listed: node.root.as_ref().map_or_else(Vec::new, |root| {
            let lookups = out.lookups.in_state(root, node.is_superseded);
            lookups.triggers(node.name()).to_vec()
        }),
    };
    for (number, action) in (1_i64..).zip(&actions.list) {
        task.registered(out, &value, &bytes, number, action)?;
    }
    if actions.list.is_empty() && actions.end.is_none() {
        // A task without actions was registered, too.
        let nothing = Action {
            id: String::new(),
            kind: ActionKind::Exec {
                command: String::new(),
                arguments: String::new(),
                working_directory: String::new(),
            },
        };
        task.registered(out, &value, &bytes, 0, &nothing)?;
    }
    task.ran(out, &value, &actions.list)
}

/// Tree\PATH: a task whose security descriptor was taken away is shown by no tool of Windows.
pub(super) fn tree(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let Some(id) = node.text("Id") else {
        return Ok(());
    };
    let has_descriptor = !out.mount.has_task_descriptors || node.key.value("SD").is_some();
    let is_unlisted = node.number("Index") == Some(0);
    if has_descriptor && !is_unlisted {
        return Ok(());
    }
    let path = node
        .path
        .split_once(r"TaskCache\Tree")
        .map_or("", |(_, path)| path);
    let mut values = out.values();
    out.put_key(&mut values, node.path);
    values.put_all(f::EVENT_CATEGORY, ["iam", "configuration"]);
    values.put(f::EVENT_TYPE, "info");
    values.put(f::EVENT_ACTION, "scheduled-task-hidden");
    values.put(f::SCHEDULED_TASK_NAME, path.to_owned());
    values.put(f::SCHEDULED_TASK_GUID, id.clone());
    values.put(f::SCHEDULED_TASK_SETTINGS_HIDDEN, true);
    put_path(&mut values, &out.mount, node.path, None);
    let when = node.written(Certainty::UpperBound);
    out.put(node.place(), when, "hidden", &[id.as_bytes()], values)
}

/// What is known of a task beside its actions.
struct Task<'n, 'w, 'h> {
    node: &'n Node<'w, 'h>,
    info: Option<DynamicInfo>,
    context: &'n str,
    path: Option<String>,
    /// Whether the file of the task says the same.
    reconciled: Option<&'static str>,
    triggers: Option<Triggers>,
    /// What starts it, by the keys that list tasks.
    listed: Vec<&'static str>,
}

impl Task<'_, '_, '_> {
    fn put_task(&self, values: &mut Values<'_>) {
        values.put_some(f::SCHEDULED_TASK_NAME, self.path.clone());
        values.put(f::SCHEDULED_TASK_GUID, self.node.name().to_owned());
        values.put_some(f::SCHEDULED_TASK_RECONCILED, self.reconciled);
        values.put_some(f::SCHEDULED_TASK_URI, self.node.text("URI"));
        values.put_some(f::SCHEDULED_TASK_AUTHOR, self.node.text("Author"));
        // Local time of whoever registered it, without a zone.
        values.put_some(f::SCHEDULED_TASK_DATE, self.node.text("Date"));
        self.put_triggers(values);
        if !self.context.is_empty() {
            values.put(f::SCHEDULED_TASK_ACTIONS_CONTEXT, self.context.to_owned());
        }
    }

    fn put_triggers(&self, values: &mut Values<'_>) {
        let Some(triggers) = &self.triggers else {
            values.put_all(f::SCHEDULED_TASK_TRIGGERS_TYPE, self.listed.iter().copied());
            return;
        };
        for trigger in &triggers.list {
            values.put(f::SCHEDULED_TASK_TRIGGERS_TYPE, trigger.kind);
            if !trigger.start.is_empty() {
                values.put(f::SCHEDULED_TASK_TRIGGERS_START, trigger.start.clone());
            }
        }
        values.put_some(f::SCHEDULED_TASK_PRINCIPALS_USER_ID, triggers.sid.clone());
        values.put_some(f::SCHEDULED_TASK_PRINCIPALS_NAME, triggers.user.clone());
        values.put(
            f::SCHEDULED_TASK_PRINCIPALS_RUN_LEVEL,
            if triggers.is_highest {
                "HighestAvailable"
            } else {
                "LeastPrivilege"
            },
        );
        values.put(f::SCHEDULED_TASK_SETTINGS_ENABLED, triggers.is_enabled);
        values.put(f::SCHEDULED_TASK_SETTINGS_HIDDEN, triggers.is_hidden);
    }

    /// One action, when the task was registered.
    fn registered(
        &self,
        out: &mut Out<'_>,
        value: &ValueCell<'_>,
        bytes: &[u8],
        number: i64,
        action: &Action,
    ) -> io::Result<()> {
        let mut values = out.values();
        out.put_key(&mut values, self.node.path);
        // What was registered is the value, too: rules know it by either.
        values.put_all(f::EVENT_CATEGORY, ["iam", "configuration", "registry"]);
        values.put_all(f::EVENT_TYPE, ["creation", "admin", "change"]);
        values.put_all(f::EVENT_ACTION, ["scheduled-task-created", "modification"]);
        self.put_task(&mut values);
        put_path(&mut values, &out.mount, self.node.path, Some("Actions"));
        put_data(
            &mut values,
            self.node.path,
            "Actions",
            value.data_type(),
            bytes,
        );
        values.put(f::SCHEDULED_TASK_ACTIONS_NUMBER, number);
        let server = self.server_of(out, action);
        put_action(&mut values, action, server.as_deref());
        values.put(f::REGISTRY_DATA_STRINGS, definition(action));
        let created = self.info.and_then(|info| info.created);
        let when = created.filter(|time| time.is_believable()).map_or_else(
            || self.node.written(Certainty::UpperBound),
            |time| When::exact(time, "task_registered"),
        );
        let which = format!("task-registered {number}");
        let place = self.place(value);
        out.put(place, when, &which, &[bytes], values)?;
        Ok(())
    }

    /// The program or library that a COM handler is in.
    fn server_of(&self, out: &mut Out<'_>, action: &Action) -> Option<String> {
        let ActionKind::ComHandler { class, .. } = &action.kind else {
            return None;
        };
        let root = self.node.root?;
        let lookups = out.lookups.in_state(&root, self.node.is_superseded);
        lookups.server_of(&root, class)
    }

    fn place(&self, value: &ValueCell<'_>) -> Place {
        self.node.place_of(value)
    }

    /// The last run of the task, and its last end.
    fn ran(&self, out: &mut Out<'_>, value: &ValueCell<'_>, actions: &[Action]) -> io::Result<()> {
        let Some(info) = self.info else {
            return Ok(());
        };
        let happenings = [
            (
                info.last_run,
                "scheduled-task-action-started",
                "task_last_run",
            ),
            (
                info.last_success,
                "scheduled-task-completed",
                "task_last_completed",
            ),
        ];
        for (time, action, meaning) in happenings {
            let Some(time) = time.filter(|time| time.is_believable()) else {
                continue;
            };
            let mut values = out.values();
            out.put_key(&mut values, self.node.path);
            values.put(f::EVENT_CATEGORY, "process");
            values.put(f::EVENT_TYPE, "info");
            values.put(f::EVENT_ACTION, action);
            self.put_task(&mut values);
            if meaning == "task_last_run" && info.last_error != 0 {
                values.put(f::ERROR_CODE, format!("{:#x}", info.last_error));
            }
            let first = actions.iter().find_map(exec);
            if let Some((command, arguments)) = first {
                let line = line(command, arguments);
                values.put_all(f::PROCESS_ARGS, split_command_line(&line));
                values.put(f::PROCESS_COMMAND_LINE, line);
            }
            let place = self.place(value);
            out.put(place, When::exact(time, meaning), action, &[], values)?;
        }
        Ok(())
    }
}

/// What actions do, in a form that can be compared with a definition in XML.
pub(in super::super) fn steps(actions: &[Action]) -> Steps {
    let mut steps = Steps::default();
    for action in actions {
        match &action.kind {
            ActionKind::Exec {
                command,
                arguments,
                working_directory,
            } => steps.add("exec", &[command, arguments, working_directory]),
            ActionKind::ComHandler { class, data } => steps.add("com_handler", &[class, data]),
            ActionKind::Email {
                server,
                to,
                subject,
                body,
                ..
            } => steps.add("send_email", &[server, to, subject, body]),
            ActionKind::Message { title, text } => steps.add("show_message", &[title, text]),
        }
    }
    steps
}

fn exec(action: &Action) -> Option<(&str, &str)> {
    match &action.kind {
        ActionKind::Exec {
            command, arguments, ..
        } if !command.is_empty() => Some((command, arguments)),
        _ => None,
    }
}

fn line(command: &str, arguments: &str) -> String {
    if arguments.is_empty() {
        command.to_owned()
    } else {
        format!("{command} {arguments}")
    }
}

/// One action in one text, as people write it.
fn definition(action: &Action) -> String {
    let parts: Vec<&str> = match &action.kind {
        ActionKind::Exec {
            command, arguments, ..
        } => vec![command, arguments],
        ActionKind::ComHandler { class, data } => vec![class, data],
        ActionKind::Email {
            to, subject, body, ..
        } => vec![to, subject, body],
        ActionKind::Message { title, text } => vec![title, text],
    };
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

fn put_action(values: &mut Values<'_>, action: &Action, server: Option<&str>) {
    let mut put = |field, text: &str| {
        if !text.is_empty() {
            values.put(field, text.to_owned());
        }
    };
    put(f::SCHEDULED_TASK_ACTIONS_ID, &action.id);
    let kind = match &action.kind {
        ActionKind::Exec {
            command,
            arguments,
            working_directory,
        } => {
            put(f::SCHEDULED_TASK_ACTIONS_COMMAND, command);
            put(f::SCHEDULED_TASK_ACTIONS_ARGUMENTS, arguments);
            put(
                f::SCHEDULED_TASK_ACTIONS_WORKING_DIRECTORY,
                working_directory,
            );
            for decoded in decoded_commands(arguments) {
                put(f::SCHEDULED_TASK_ACTIONS_DECODED, &decoded);
            }
            "exec"
        }
        ActionKind::ComHandler { class, data } => {
            put(f::SCHEDULED_TASK_ACTIONS_CLASS_ID, class);
            put(f::SCHEDULED_TASK_ACTIONS_DATA, data);
            put(
                f::SCHEDULED_TASK_ACTIONS_CLASS_SERVER,
                server.unwrap_or_default(),
            );
            "com_handler"
        }
        ActionKind::Email {
            from,
            to,
            cc,
            bcc,
            server,
            subject,
            body,
            attachments,
            ..
        } => {
            put(f::SCHEDULED_TASK_ACTIONS_MAIL_FROM, from);
            for to in [to, cc, bcc] {
                put(f::SCHEDULED_TASK_ACTIONS_MAIL_TO, to);
            }
            put(f::SCHEDULED_TASK_ACTIONS_MAIL_SERVER, server);
            put(f::SCHEDULED_TASK_ACTIONS_TITLE, subject);
            put(f::SCHEDULED_TASK_ACTIONS_TEXT, body);
            for attachment in attachments {
                put(f::SCHEDULED_TASK_ACTIONS_MAIL_ATTACHMENT, attachment);
            }
            "send_email"
        }
        ActionKind::Message { title, text } => {
            put(f::SCHEDULED_TASK_ACTIONS_TITLE, title);
            put(f::SCHEDULED_TASK_ACTIONS_TEXT, text);
            "show_message"
        }
    };
    put(f::SCHEDULED_TASK_ACTIONS_TYPE, kind);
    put(f::SCHEDULED_TASK_ACTIONS_DEFINITION, &definition(action));
}
