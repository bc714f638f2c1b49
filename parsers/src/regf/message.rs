//! The sentences for events from hives.

use std::sync::LazyLock;

use crate::evtx::Message;
use crate::sentences::Sentences;

/// By action, and whether it is a state: what is only known to be so, not since when.
const SENTENCES: [(&str, &str); 24] = [
    (
        "modification",
        "Registry: {registry.path}[ = {registry.data.strings}], set when its key was last written[ ({event.Ext.recovered})]",
    ),
    (
        "modification.state",
        "Registry: {registry.path}[ = {registry.data.strings}], set at the latest when its key was last written[ ({event.Ext.recovered})]",
    ),
    (
        "deletion.state",
        "Registry, deleted: {registry.path}[ = {registry.data.strings}], its key last written then",
    ),
    (
        "scheduled-task-created",
        "Scheduled task registered: {winlog.scheduled_task.name}[ runs {winlog.scheduled_task.actions.definition}][ as {winlog.scheduled_task.principals.name|winlog.scheduled_task.principals.user_id|winlog.scheduled_task.actions.context}][ (decoded: {winlog.scheduled_task.actions.decoded})][; registry and file: {winlog.scheduled_task.reconciled~same}]",
    ),
    (
        "scheduled-task-created.state",
        "Scheduled task: {winlog.scheduled_task.name}[ runs {winlog.scheduled_task.actions.definition}][ as {winlog.scheduled_task.actions.context}][ (decoded: {winlog.scheduled_task.actions.decoded})], registered at the latest then",
    ),
    (
        "scheduled-task-action-started",
        "Scheduled task last ran: {winlog.scheduled_task.name}[, {process.command_line}][, error {error.code}]",
    ),
    (
        "scheduled-task-completed",
        "Scheduled task last completed: {winlog.scheduled_task.name}[, {process.command_line}]",
    ),
    (
        "scheduled-task-hidden.state",
        "Scheduled task hidden from Windows's tools: {winlog.scheduled_task.name}, at the latest then",
    ),
    (
        "service-installed.state",
        "Service {service.name}: {service.Ext.executable}[, runs as {data.AccountName}], installed or changed at the latest then",
    ),
    ("run-dialog-command", "Run dialog: {process.command_line}"),
    (
        "run-dialog-command.state",
        "Run dialog, earlier: {process.command_line}",
    ),
    ("recent-document", "Document opened: {file.name}"),
    (
        "recent-document.state",
        "Document opened earlier: {file.name}",
    ),
    (
        "rdp-client-target",
        "Remote desktop client used for {destination.address}[ as {@user}]",
    ),
    (
        "rdp-client-target.state",
        "Remote desktop client used earlier for {destination.address}[ as {@user}]",
    ),
    ("network-share-mounted", "Share mounted: {file.target_path}"),
    (
        "network-share-mounted.state",
        "Share mounted, at the latest then: {file.target_path}",
    ),
    (
        "network-folder-opened",
        "Folder on the network opened: {file.target_path}",
    ),
    (
        "network-folder-opened.state",
        "Folder on the network opened, at the latest then: {file.target_path}",
    ),
    (
        "userassist-execution",
        "Program started from Explorer: {process.executable}[ ({process.Ext.run_count} times)]",
    ),
    (
        "userassist-execution.state",
        "Program known to Explorer: {process.executable}[ (started {process.Ext.run_count} times)]",
    ),
    (
        "bam-execution",
        "Program last executed: {process.executable}[ by {@user|user.id}]",
    ),
    (
        "shimcache-entry.state",
        "File seen by the compatibility engine (place {event.Ext.mru_rank}): {file.path}[, modified {file.mtime}]",
    ),
    (
        "amcache-entry",
        "File inventoried: {file.path}[, SHA-1 {file.hash.sha1}]",
    ),
];

/// More of them.
const OTHERS: [(&str, &str); 11] = [
    (
        "scheduled-task-defined.state",
        "Scheduled task defined in a file: {winlog.scheduled_task.name}[ runs {winlog.scheduled_task.actions.definition}][ as {winlog.scheduled_task.actions.context}][; registry and file: {winlog.scheduled_task.reconciled}]",
    ),
    (
        "local-account-last-logon",
        "Local account last logged on: {@user}",
    ),
    (
        "local-account-password-set",
        "Password of a local account set: {@user}",
    ),
    (
        "local-account-bad-password",
        "Last wrong password for a local account: {@user}",
    ),
    (
        "local-group-members.state",
        "Local group {group.name}: {group.Ext.members}",
    ),
    (
        "address-leased",
        "Address leased: {related.ip}[ from {destination.ip}]",
    ),
    (
        "audit-policy.state",
        "Audit policy, set at the latest then[; audited: {registry.Ext.audited}][; not audited: {registry.Ext.not_audited}]",
    ),
    ("shutdown", "Machine shut down"),
    (
        "profile-loaded",
        "Profile loaded: {user.name|user.id}[, {file.path}]",
    ),
    (
        "profile-unloaded",
        "Profile unloaded: {user.name|user.id}[, {file.path}]",
    ),
    (
        "modification.key",
        "Registry key: {registry.path}, last written then",
    ),
];

static MESSAGES: LazyLock<Sentences> =
    LazyLock::new(|| Sentences::read(SENTENCES.iter().chain(&OTHERS).copied()));

/// The sentence for an event of an action; `is_state` when it is only known to be so.
#[must_use]
pub fn message(action: &str, is_state: bool) -> Option<&'static Message> {
    MESSAGES.of(action, is_state)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_sentence_can_be_filled() {
        for (action, text) in SENTENCES.iter().chain(&OTHERS) {
            let message = Message::parse(text, &BTreeMap::new());
            assert!(message.is_ok(), "{action}: {message:?}");
        }
        assert!(message("shutdown", false).is_some());
        assert_ne!(
            message("modification", true),
            message("modification", false)
        );
        assert!(message("nothing", true).is_none());
    }
}
