//! Which events there are of evidence that is no log, for references: what [`crate::evtx::mapped`] is for
//! logs. Tests hold every event that they make against this list.

use crate::ntfs::{MFT, USN};
use crate::{regf, task};

/// One kind of event. All its lists are of what it can have.
#[derive(Clone, Copy, Debug)]
pub struct ArtefactEvent {
    /// The provider.
    pub provider: &'static str,
    /// ECS categories.
    pub category: &'static [&'static str],
    /// ECS types.
    pub kind: &'static [&'static str],
    /// Actions.
    pub action: &'static [&'static str],
    /// What the names of its fields begin with, beside `event.`, `host.`, `data_stream.` and `related.`.
    pub groups: &'static [&'static str],
}

/// An event of a hive; most of them are `info`.
const fn registry(
    category: &'static [&'static str],
    action: &'static [&'static str],
    groups: &'static [&'static str],
) -> ArtefactEvent {
    ArtefactEvent {
        provider: regf::PROVIDER,
        category,
        kind: &["info"],
        action,
        groups,
    }
}

impl ArtefactEvent {
    const fn of_kind(self, kind: &'static [&'static str]) -> Self {
        Self { kind, ..self }
    }

    /// Whether it can have a field of that name.
    #[must_use]
    pub fn can_have(&self, field: &str) -> bool {
        let in_group = |group: &&str| {
            let rest = field.strip_prefix(*group);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let of_all = ["event", "host", "data_stream", "related"];
        of_all.iter().chain(self.groups).any(in_group)
    }
}

/// The events of NTFS's own files.
const FILE_GROUPS: &[&str] = &["file", "source", "user.target", "winlog.scheduled_task"];

/// A file that hives know by its path.
const PATH_GROUPS: &[&str] = &[
    "file.directory",
    "file.Ext.path_key",
    "file.extension",
    "file.mtime",
    "file.name",
    "file.path",
    "registry",
];

/// A program that ran: hives know nothing of the process but what it ran.
const PROCESS_GROUPS: &[&str] = &[
    "process.args",
    "process.command_line",
    "process.executable",
    "process.name",
    "process.Ext",
    "registry",
    "user",
];

/// Every kind of event of evidence that is no log.
pub const ARTEFACT_EVENTS: &[ArtefactEvent] = &[
    ArtefactEvent {
        provider: MFT,
        category: &["file"],
        kind: &["creation", "change", "access", "deletion", "info"],
        action: &[
            "creation",
            "creation-time-set",
            "deletion",
            "file-exists",
            "file-name-created",
            "file-name-times",
            "metadata-changed",
            "modification",
            "open",
            "rename",
        ],
        groups: FILE_GROUPS,
    },
    ArtefactEvent {
        provider: USN,
        category: &["file"],
        kind: &["creation", "change", "deletion"],
        action: &[
            "creation",
            "deletion",
            "metadata-changed",
            "modification",
            "overwrite",
            "rename",
            "stream-changed",
            "truncation",
        ],
        groups: FILE_GROUPS,
    },
    ArtefactEvent {
        provider: task::PROVIDER,
        category: &["iam", "configuration"],
        kind: &["info"],
        action: &["scheduled-task-defined"],
        groups: &["winlog.scheduled_task"],
    },
    // Every key and value.
    registry(
        &["registry", "configuration"],
        &["modification", "deletion"],
        &["registry"],
    )
    .of_kind(&["change", "deletion"]),
    // What is decoded from them.
    registry(&["file"], &["shimcache-entry"], PATH_GROUPS),
    registry(
        &["file", "process"],
        &["amcache-entry"],
        &[
            "file.directory",
            "file.Ext.path_key",
            "file.extension",
            "file.hash",
            "file.name",
            "file.path",
            "file.pe",
            "process.executable",
            "process.Ext",
            "process.hash",
            "process.name",
            "registry",
        ],
    ),
    registry(
        &["file"],
        &["recent-document"],
        &["file.name", "registry", "user"],
    )
    .of_kind(&["access"]),
    registry(
        &["process"],
        &[
            "bam-execution",
            "run-dialog-command",
            "userassist-execution",
        ],
        PROCESS_GROUPS,
    ),
    registry(
        &["network"],
        &["rdp-client-target", "network-share-mounted"],
        &["destination", "file.target_path", "registry", "user"],
    ),
    registry(
        &["network"],
        &["network-folder-opened"],
        &["destination", "file.target_path", "registry", "user"],
    ),
    registry(
        &["iam", "configuration"],
        &["scheduled-task-hidden"],
        &["registry", "winlog.scheduled_task"],
    ),
    registry(
        &["iam", "configuration", "registry"],
        &["scheduled-task-created", "modification"],
        &["registry", "winlog.scheduled_task"],
    )
    .of_kind(&["creation", "admin", "change"]),
    registry(
        &["process"],
        &["scheduled-task-action-started", "scheduled-task-completed"],
        &[
            "error",
            "process.args",
            "process.command_line",
            "registry",
            "winlog.scheduled_task",
        ],
    ),
    registry(
        &["iam", "configuration"],
        &["service-installed"],
        &["registry", "service", "winlog.event_data"],
    )
    .of_kind(&["admin", "change"]),
    registry(
        &["iam"],
        &[
            "local-account-bad-password",
            "local-account-last-logon",
            "local-account-password-set",
        ],
        &["registry", "user"],
    )
    .of_kind(&["user", "info"]),
    registry(&["iam"], &["local-group-members"], &["group", "registry"])
        .of_kind(&["group", "info"]),
    registry(&["configuration", "host"], &["audit-policy"], &["registry"]),
    registry(
        &["host", "network"],
        &["address-leased"],
        &["destination", "registry"],
    ),
    registry(&["host"], &["shutdown"], &["registry"]).of_kind(&["end"]),
    registry(
        &["session"],
        &["profile-loaded", "profile-unloaded"],
        &["file.path", "registry", "user"],
    )
    .of_kind(&["start", "end"]),
];
