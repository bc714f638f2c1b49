//! What a machine's hives tell of it as a whole, before anything else is read of them.

use std::collections::BTreeMap;

use super::artefact::{Actions, steps};
use super::data::text;
use super::mount::{Kind, Mount};
use super::node::text_of;
use super::read::{Hive, Key, same_name};
use crate::ecs::expand;
use crate::task::Steps;
use crate::{Input, UserProfile};

/// Where users' profiles are listed.
const PROFILES: &str = r"Microsoft\Windows NT\CurrentVersion\ProfileList";

/// Where tasks are.
const TASKS: &str = r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks";
/// Tasks of one machine that are compared with their files.
const MOST_TASKS: usize = 1 << 16;

/// What a hive tells of its machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineFacts {
    /// Its NetBIOS name: SYSTEM tells it.
    pub name: Option<String>,
    /// Its name with its domain, when it is in one.
    pub full_name: Option<String>,
    /// Its users' profiles: SOFTWARE tells them.
    pub profiles: Vec<UserProfile>,
    /// Whether NTFS keeps when files were last accessed: SYSTEM tells it.
    pub keeps_last_access: Option<bool>,
    /// What its tasks do, by their paths in lower case: SOFTWARE tells it.
    pub registered_tasks: BTreeMap<String, Steps>,
}

/// Looks into a hive that may be SYSTEM or SOFTWARE; nothing when it is another, or cannot be read.
#[must_use]
pub fn machine_facts(input: &Input<'_>) -> Option<MachineFacts> {
    let hive = Hive::read(input.bytes, input.companions, input.memory).ok()?;
    let mount = Mount::of(&hive, input.path, input.machine);
    let root = hive.root().ok()?;
    match mount.kind {
        Kind::System => Some(of_system(&root, mount.current_set.as_deref())),
        Kind::Software => Some(MachineFacts {
            profiles: profiles(&root),
            registered_tasks: tasks(&root),
            ..MachineFacts::default()
        }),
        _ => None,
    }
}

fn of_system(root: &Key<'_>, current_set: Option<&str>) -> MachineFacts {
    let set = current_set.unwrap_or("ControlSet001");
    let text = |path: &str, name: &str| {
        let key = root.descendant(&format!("{set}\\{path}"))?;
        text_of(&key.value(name)?)
    };
    // Bit 0 says that it does not; Windows 10 tells in bit 1 whether it decided that itself.
    let file_system = root.descendant(&format!(r"{set}\Control\FileSystem"));
    let disabled = file_system.and_then(|key| key.value("NtfsDisableLastAccessUpdate"));
    let disabled = disabled.and_then(|value| crate::le::u32(&value.data().bytes, 0));
    let name = text(r"Control\ComputerName\ComputerName", "ComputerName");
    let tcpip = r"Services\Tcpip\Parameters";
    let host = ["NV Hostname", "Hostname"]
        .iter()
        .find_map(|value| text(tcpip, value));
    let domain = ["Domain", "NV Domain"]
        .iter()
        .find_map(|value| text(tcpip, value));
    let full_name = host
        .as_ref()
        .zip(domain)
        .map(|(host, domain)| format!("{host}.{domain}"));
    MachineFacts {
        name: name.or(host),
        full_name,
        keeps_last_access: disabled.map(|disabled| disabled & 1 == 0),
        ..MachineFacts::default()
    }
}

fn tasks(root: &Key<'_>) -> BTreeMap<String, Steps> {
    let list = root.descendant(TASKS);
    let keys = list
        .into_iter()
        .flat_map(|key| key.subkeys())
        .filter_map(Result::ok);
    let task = |key: Key<'_>| {
        let path = text_of(&key.value("Path")?)?;
        let actions = Actions::decode(&key.value("Actions")?.data().bytes);
        Some((path.to_lowercase(), steps(&actions.list)))
    };
    keys.take(MOST_TASKS).filter_map(task).collect()
}

fn profiles(root: &Key<'_>) -> Vec<UserProfile> {
    let Some(list) = root.descendant(PROFILES) else {
        return Vec::new();
    };
    let keys = list.subkeys().filter_map(Result::ok);
    let mut profiles: Vec<UserProfile> = keys
        .filter_map(|key| {
            let folder = text(&key.value("ProfileImagePath")?.data().bytes);
            let folder = expand(&folder, None).unwrap_or(folder);
            // A profile that could not be loaded has a second key.
            let sid = key.name();
            let sid = sid.strip_suffix(".bak").unwrap_or(&sid).to_owned();
            Some(UserProfile { folder, sid })
        })
        .collect();
    profiles.sort();
    profiles.dedup_by(|a, b| same_name(&a.folder, &b.folder) && a.sid == b.sid);
    profiles
}
