//! What a file is by its place and its name (EVIDENCE.md §2): facts for rules and movements, and which files
//! the timeline has by default.

use timeline::{Ticks, fields as f};

use crate::Machine;
use crate::ecs::Values;

/// Start of task definitions, below the letter of the volume.
const TASKS: &str = r"\windows\system32\tasks\";
const WINDOWS: &str = r"\windows";
const USERS: &str = r"\users";
const STARTUP: [&str; 2] = [
    r"\microsoft\windows\start menu\programs\startup",
    // Windows XP and 2003.
    r"\start menu\programs\startup",
];

/// What runs, or makes something run; what carries such things; what records it.
const NOTABLE: [&str; 78] = [
    "exe", "dll", "sys", "com", "scr", "pif", "cpl", "ocx", "drv", "efi", "msi", "msp", "mst",
    "msix", "appx", "bat", "cmd", "ps1", "psm1", "psd1", "vbs", "vbe", "js", "jse", "wsf", "wsh",
    "wsc", "sct", "hta", "py", "pyw", "pl", "rb", "jar", "class", "lnk", "url", "inf", "reg",
    "job", "xsl", "chm", "mof", "com_", "gadget", "zip", "rar", "7z", "gz", "tgz", "tar", "bz2",
    "xz", "cab", "iso", "img", "vhd", "vhdx", "ace", "arj", "evtx", "evt", "etl", "pf", "dmp",
    "mdmp", "kirbi", "ccache", "keytab", "ntds", "dit", "ova", "docm", "xlsm", "pptm", "dotm",
    "xlam", "ppam",
];

/// A file's path, cut for looking at.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The path in lower case, below the letter: `\windows\temp\a.exe`.
    pub(super) path: &'a str,
    /// The folder's part of that.
    pub(super) folder: &'a str,
    /// The name in lower case.
    pub(super) name: &'a str,
}

impl<'a> Place<'a> {
    /// Of a path in lower case, with the letter.
    pub(super) fn of(key: &'a str) -> Self {
        let path = key.get(2..).unwrap_or_default();
        let at = path.rfind('\\').unwrap_or(0);
        Self {
            path,
            folder: path.get(..at).unwrap_or_default(),
            name: path.get(at + 1..).unwrap_or_default(),
        }
    }

    fn extension(self) -> &'a str {
        self.name
            .rsplit_once('.')
            .map_or("", |(_, extension)| extension)
    }

    /// The task that the file defines, in lower case: `\Microsoft\Windows\…`.
    fn task(self) -> Option<&'a str> {
        let name = self.path.strip_prefix(TASKS)?;
        (!name.is_empty()).then(|| self.path.get(TASKS.len() - 1..))?
    }

    fn is_startup(self) -> bool {
        STARTUP.iter().any(|startup| self.folder.ends_with(startup)) && self.name != "desktop.ini"
    }

    /// The host that PsExec 2.30 and later put into the name of its key: `PSEXEC-HOST-1A2B3C4D.key`.
    fn psexec_source(self) -> Option<&'a str> {
        let middle = self.name.strip_prefix("psexec-")?.strip_suffix(".key")?;
        let (host, number) = middle.rsplit_once('-')?;
        let is_number = number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_number && !host.is_empty() && self.folder == WINDOWS).then_some(host)
    }

    /// The time of the sender's clock in the name of a command's output: `__1772485934.8137`.
    fn remote_clock(self) -> Option<Ticks> {
        let text = self.name.strip_prefix("__")?;
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_time =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_time(seconds) || !is_time(fraction) || fraction.len() > 9 {
            return None;
        }
        let nanoseconds: u32 = format!("{fraction:0<9}").parse().ok()?;
        let time = Ticks::from_unix(seconds.parse().ok()?, nanoseconds)?;
        let is_there =
            [WINDOWS, ""].contains(&self.folder) || self.folder.starts_with(r"\windows\");
        (is_there && time.is_believable()).then_some(time)
    }

    fn is_event_log(self) -> bool {
        self.extension() == "evtx" && self.folder.ends_with(r"\winevt\logs")
    }

    /// The folder of the profile whose hive this is.
    fn profile(self) -> Option<&'a str> {
        let user = self.folder.strip_prefix(USERS)?.strip_prefix('\\')?;
        let is_profile = self.name == "ntuser.dat" && !user.contains('\\');
        is_profile.then_some(user)
    }

    /// Whether the timeline has it by default: what runs or is run by Windows, carries such things, or records
    /// them; what came from elsewhere.
    pub(super) fn is_notable(self) -> bool {
        NOTABLE.contains(&self.extension())
            || self.task().is_some()
            || self.is_startup()
            || self.profile().is_some()
            || self.psexec_source().is_some()
            || self.remote_clock().is_some()
            || self.folder.ends_with(r"\windows\temp")
            || self.folder.ends_with(r"\system32\config")
            || self.folder.ends_with(r"\.ssh")
            || self.name == "consolehost_history.txt"
    }
}

/// Whether the timeline has an event of a file by default: by its path, or its extension alone.
#[must_use]
pub fn is_notable(path_key: &str) -> bool {
    Place::of(path_key).is_notable()
}

/// Puts what the place of a file tells. `path` is the path as it is spelled.
pub(super) fn put_facts(values: &mut Values<'_>, place: Place<'_>, path: &str, machine: &Machine) {
    if let Some(task) = place.task() {
        values.put(f::FILE_EXT_ARTEFACT, "task-definition");
        // The lengths of both spellings can differ.
        let start = path.match_indices('\\').nth(3);
        let spelled = start.and_then(|(start, _)| path.get(start..));
        let spelled = spelled.unwrap_or(task);
        values.put(f::SCHEDULED_TASK_NAME, spelled.to_owned());
        if let Some(steps) = machine.task_files.get(task) {
            values.put_all(f::SCHEDULED_TASK_ACTIONS_DEFINITION, steps.texts());
        }
    }
    if place.is_startup() {
        values.put(f::FILE_EXT_ARTEFACT, "startup-item");
    }
    if let Some(host) = place.psexec_source() {
        values.put(f::FILE_EXT_ARTEFACT, "psexec-key");
        let start = "psexec-".len();
        let name = path.rsplit('\\').next().unwrap_or_default();
        let spelled = name.get(start..start + host.len()).unwrap_or(host);
        values.put(f::SOURCE_DOMAIN, spelled.to_owned());
    }
    if let Some(time) = place.remote_clock() {
        values.put(f::FILE_EXT_ARTEFACT, "command-output");
        values.put(f::FILE_EXT_REMOTE_CLOCK, time);
    }
    if place.is_event_log() {
        values.put(f::FILE_EXT_ARTEFACT, "event-log");
    }
    if place.profile().is_some() {
        values.put(f::FILE_EXT_ARTEFACT, "user-profile");
        let folder = path.rsplit_once('\\').map_or("", |(folder, _)| folder);
        let of_folder = |profile: &&crate::UserProfile| profile.folder.eq_ignore_ascii_case(folder);
        if let Some(profile) = machine.profiles.iter().find(of_folder) {
            values.put(f::USER_TARGET_ID, profile.sid.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_tell_what_files_are() {
        let task = |path| Place::of(path).task().map(str::to_owned);
        assert_eq!(
            task(r"c:\windows\system32\tasks\microsoft\a b").as_deref(),
            Some(r"\microsoft\a b")
        );
        assert_eq!(task(r"c:\windows\system32\tasks\"), None);
        let source = |path| Place::of(path).psexec_source().map(str::to_owned);
        assert_eq!(
            source(r"c:\windows\psexec-ws-01-1a2b3c4d.key").as_deref(),
            Some("ws-01")
        );
        assert_eq!(source(r"c:\windows\psexec-ws-01-xyz.key"), None);
        assert_eq!(source(r"c:\temp\psexec-ws01-1a2b3c4d.key"), None);
        let clock = |path| Place::of(path).remote_clock().map(|time| time.to_string());
        assert_eq!(
            clock(r"c:\windows\__1772485934.8137").as_deref(),
            Some("2026-03-02T21:12:14.8137000Z")
        );
        assert_eq!(clock(r"c:\windows\__output"), None);
        assert_eq!(clock(r"c:\users\x\__1772485934"), None);
        let startup = r"c:\users\x\appdata\roaming\microsoft\windows\start menu\programs\startup";
        assert!(Place::of(&format!(r"{startup}\a.lnk")).is_startup());
        assert!(!Place::of(&format!(r"{startup}\desktop.ini")).is_startup());
        assert_eq!(Place::of(r"c:\users\x\ntuser.dat").profile(), Some("x"));
        assert_eq!(Place::of(r"c:\users\x\y\ntuser.dat").profile(), None);
    }

    #[test]
    fn what_can_run_is_notable_and_a_picture_is_not() {
        assert!(is_notable(r"c:\users\x\a.exe"));
        assert!(is_notable(r"c:\windows\temp\noname"));
        assert!(!is_notable(r"c:\users\x\a.jpg"));
        assert!(!is_notable(r"c:\exe"));
    }
}
