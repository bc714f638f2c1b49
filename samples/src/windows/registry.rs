//! Places in the registry.

use super::account::Account;

/// Where the task scheduler keeps its tasks: names below `Tree`, the rest below `Tasks`.
pub const TASK_CACHE: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache";

/// The value with what a task does, by the task's GUID.
#[must_use]
pub fn task_actions(guid: &str) -> String {
    format!(r"{TASK_CACHE}\Tasks\{guid}\Actions")
}

/// Where Windows remembers what somebody typed into the Run dialog.
#[must_use]
pub fn run_mru(account: &Account<'_>) -> String {
    let sid = account.sid();
    format!(r"HKU\{sid}\Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU")
}
