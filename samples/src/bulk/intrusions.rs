//! The intrusions hidden in a host's logs: the scenes of the story, with this host in it.

use std::cell::RefCell;

use serde::Serialize;

use super::hosts::Names;
use super::inbox::{Entry, Inbox, Waiting};
use crate::corp::DEPLOY;
use crate::intrusion::{
    Cast, MOVEMENTS, Movement, Play, copy_a_tool_and_run_it, drop_into_startup, register_a_task,
    shell, type_over_remote_desktop,
};
use crate::time::{FileTime, Span};
use crate::windows::Log;

/// Which scene is played, which movement it is, and whether this host is where it leads.
pub(super) const SCENES: [(Play, &Movement, Role); 5] = [
    (copy_a_tool_and_run_it, &MOVEMENTS[0], Role::Target),
    (register_a_task, &MOVEMENTS[2], Role::Target),
    (drop_into_startup, &MOVEMENTS[1], Role::Target),
    (type_over_remote_desktop, &MOVEMENTS[3], Role::Target),
    (register_a_task, &MOVEMENTS[2], Role::Source),
];

/// The part of the collected host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    /// It is left.
    Source,
    /// It is reached.
    Target,
}

/// One intrusion, as a line of `intrusions.jsonl`.
#[derive(Debug, Serialize)]
pub(super) struct Intrusion {
    name: &'static str,
    /// The rules that match on the collected host.
    rules: Vec<&'static str>,
    role: Role,
    source: String,
    source_ip: String,
    target: String,
    target_ip: String,
    account: String,
    begin: String,
    records: Vec<CitedRecord>,
}

#[derive(Debug, Serialize)]
struct CitedRecord {
    channel: &'static str,
    record_id: u64,
    event_id: u16,
    what: &'static str,
}

impl Intrusion {
    /// Plays one of the scenes at this time.
    pub(super) fn play(
        number: usize,
        names: &Names,
        at: FileTime,
        waiting: &RefCell<Waiting>,
    ) -> Self {
        let (play, movement, role) = SCENES[number];
        let (near, far) = (names.machine(), names.far_machine());
        let (source, target) = match role {
            Role::Source => (near, far),
            Role::Target => (far, near),
        };
        let cast = Cast {
            source,
            target,
            account: DEPLOY,
            shell: shell(DEPLOY, at - Span::seconds(900)),
            first_port: 50_112,
            first_logon: 0x7000_0000 + 0x100_0000 * number as u64,
        };
        play(&cast, at, &mut Inbox::intrusion(waiting, number));
        Self {
            name: movement.name,
            rules: rules_of(movement, role),
            role,
            source: source.host.computer.to_owned(),
            source_ip: source.host.ip.to_owned(),
            target: target.host.computer.to_owned(),
            target_ip: target.host.ip.to_owned(),
            account: DEPLOY.full_name(),
            begin: at.to_string(),
            records: Vec::new(),
        }
    }

    /// A marked record of it was written with this id.
    pub(super) fn cite(&mut self, entry: &Entry, record_id: u64) {
        self.records.push(CitedRecord {
            channel: Log::channel(entry.log),
            record_id,
            event_id: entry.record.event_id,
            what: entry.tag,
        });
    }
}

/// Of all rules of the story, one looks at the host that is left.
fn rules_of(movement: &Movement, role: Role) -> Vec<&'static str> {
    let of_source = |rule: &str| rule == "outbound-task-scheduler";
    let rules = movement.findings.iter().map(|(rule, _)| *rule);
    rules
        .filter(|rule| of_source(rule) == (role == Role::Source))
        .collect()
}
