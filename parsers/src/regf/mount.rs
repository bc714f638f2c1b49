//! Which hive it is, and where Windows has it in the registry: told by what it holds, not by what it is
//! called (ECS.md §9.2).

use std::collections::HashSet;

use super::read::{Hive, Key};
use crate::Machine;

/// A kind of hive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    System,
    Software,
    Sam,
    Security,
    /// That of a user, and of nobody (DEFAULT).
    User,
    /// A user's classes (UsrClass.dat).
    UserClasses,
    Amcache,
    Other,
}

/// Where a hive is in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) kind: Kind,
    /// What stands before the paths of its keys: `HKLM\SYSTEM`.
    pub(super) prefix: String,
    /// The part of a path that the hive lacks because it is a saved part of one: `Software`.
    pub(super) inner: &'static str,
    /// The hive in lists of what was collected: `SYSTEM`, `NTUSER.DAT`.
    pub(super) name: &'static str,
    /// Whose profile it is.
    pub(super) owner: Option<String>,
    /// Whether tasks have security descriptors in their tree: then one without is hidden.
    pub(super) has_task_descriptors: bool,
    /// The control set that the machine ran with: `ControlSet001`.
    pub(super) current_set: Option<String>,
}

impl Mount {
    /// Looks at what a hive holds; its path in the case and the machine's profiles tell whose it is.
    pub(super) fn of(hive: &Hive, path: &str, machine: &Machine) -> Self {
        let Ok(root) = hive.root() else {
            return Self::new(
                Kind::Other,
                format!("HIVE\\{}", file_name(hive, path)),
                "hive",
            );
        };
        let has = |path: &str| root.descendant(path).is_some();
        if has("Select") && (has("ControlSet001") || has("ControlSet002")) {
            let mut mount = Self::new(Kind::System, r"HKLM\SYSTEM".into(), "SYSTEM");
            mount.current_set = current_set(&root);
            return mount;
        }
        if has(r"SAM\Domains") {
            return Self::new(Kind::Sam, r"HKLM\SAM".into(), "SAM");
        }
        if has("Policy") && (has("Policy\\PolAdtEv") || has("RXACT") || has("Policy\\Secrets")) {
            return Self::new(Kind::Security, r"HKLM\SECURITY".into(), "SECURITY");
        }
        if has(r"Root\InventoryApplicationFile") || has(r"Root\File") || has(r"Root\Programs") {
            return Self::new(Kind::Amcache, "AMCACHE".into(), "Amcache.hve");
        }
        if let Some(owner) = owner_of_classes(&root, path) {
            return Self::of_classes(hive, path, machine, owner);
        }
        if has("Software") || (has("Control Panel") && has("Environment")) {
            return Self::of_user(hive, path, machine, "");
        }
        if has(r"Microsoft\Windows NT\CurrentVersion") && !is_of_user(&root) {
            let mut mount = Self::new(Kind::Software, r"HKLM\SOFTWARE".into(), "SOFTWARE");
            mount.has_task_descriptors = has_task_descriptors(&root);
            return mount;
        }
        if is_of_user(&root) {
            // A part that was saved: `reg save HKCU\Software`.
            return Self::of_user(hive, path, machine, "Software");
        }
        let name = file_name(hive, path);
        let named = [
            ("SYSTEM", Kind::System, r"HKLM\SYSTEM", "SYSTEM"),
            ("SOFTWARE", Kind::Software, r"HKLM\SOFTWARE", "SOFTWARE"),
            ("SAM", Kind::Sam, r"HKLM\SAM", "SAM"),
            ("SECURITY", Kind::Security, r"HKLM\SECURITY", "SECURITY"),
            ("COMPONENTS", Kind::Other, r"HKLM\COMPONENTS", "COMPONENTS"),
            ("DRIVERS", Kind::Other, r"HKLM\DRIVERS", "DRIVERS"),
            ("BCD", Kind::Other, r"HKLM\BCD00000000", "BCD"),
            ("AMCACHE.HVE", Kind::Amcache, "AMCACHE", "Amcache.hve"),
        ];
        let upper = name.to_uppercase();
        if upper == "NTUSER.DAT" {
            return Self::of_user(hive, path, machine, "");
        }
        named
            .into_iter()
            .find(|(known, ..)| upper == *known)
            .map_or_else(
                || Self::new(Kind::Other, format!("HIVE\\{name}"), "hive"),
                |(_, kind, prefix, name)| Self::new(kind, prefix.into(), name),
            )
    }

    fn new(kind: Kind, prefix: String, name: &'static str) -> Self {
        Self {
            kind,
            prefix,
            inner: "",
            name,
            owner: None,
            has_task_descriptors: false,
            current_set: None,
        }
    }

    fn of_user(hive: &Hive, path: &str, machine: &Machine, inner: &'static str) -> Self {
        let own = file_name(hive, path);
        let is_default = own.eq_ignore_ascii_case("DEFAULT")
            || hive
                .base()
                .file_name
                .to_uppercase()
                .ends_with("CONFIG\\DEFAULT");
        let mut mount = if is_default {
            Self::new(Kind::User, r"HKU\.DEFAULT".into(), "DEFAULT")
        } else {
            let owner = owner(hive, path, machine);
            let prefix = format!("HKU\\{}", name_of_owner(owner.as_deref(), path));
            let mut mount = Self::new(Kind::User, prefix, "NTUSER.DAT");
            mount.owner = owner;
            mount
        };
        if !inner.is_empty() {
            mount.prefix = format!("{}\\{inner}", mount.prefix);
            mount.inner = inner;
        }
        mount
    }

    fn of_classes(hive: &Hive, path: &str, machine: &Machine, named: Option<String>) -> Self {
        let owner = named.or_else(|| owner(hive, path, machine));
        let prefix = format!("HKU\\{}_Classes", name_of_owner(owner.as_deref(), path));
        let mut mount = Self::new(Kind::UserClasses, prefix, "UsrClass.dat");
        mount.owner = owner;
        mount
    }
}

/// Windows links `CurrentControlSet` to it.
fn current_set(root: &Key<'_>) -> Option<String> {
    let current = root.subkey("Select")?.value("Current")?.data();
    let number = u32::from_le_bytes(current.bytes.first_chunk().copied()?);
    Some(format!("ControlSet{number:03}"))
}

/// Keys in the tree of tasks that are looked at for it.
const MOST_TASKS: usize = 1 << 14;

/// Whether any key in the tree of tasks has a security descriptor.
fn has_task_descriptors(root: &Key<'_>) -> bool {
    let tree = root.descendant(r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree");
    let mut left: Vec<Key<'_>> = tree.into_iter().collect();
    // Damage can lead in circles.
    let mut seen = HashSet::new();
    while let Some(key) = left.pop() {
        if !seen.insert(key.offset()) {
            continue;
        }
        if key.value("SD").is_some() {
            return true;
        }
        let below = key.subkeys().filter_map(Result::ok);
        left.extend(below.take(MOST_TASKS));
        if seen.len() > MOST_TASKS {
            break;
        }
    }
    false
}

/// A part of a user's hive, as against the machine's, which has most of the same keys.
fn is_of_user(root: &Key<'_>) -> bool {
    let explorer = r"Microsoft\Windows\CurrentVersion\Explorer";
    [
        "RunMRU",
        "UserAssist",
        "RecentDocs",
        "TypedPaths",
        "MountPoints2",
    ]
    .iter()
    .any(|key| root.descendant(&format!("{explorer}\\{key}")).is_some())
}

/// Whether the hive has a user's classes, and of which user if its root says so.
#[expect(
    clippy::option_option,
    reason = "no such hive, or one of somebody unknown"
)]
fn owner_of_classes(root: &Key<'_>, path: &str) -> Option<Option<String>> {
    let name = root.name();
    if let Some(sid) = name
        .strip_suffix("_Classes")
        .filter(|sid| sid.starts_with("S-1-"))
    {
        return Some(Some(sid.to_owned()));
    }
    let is_named = path.to_ascii_lowercase().ends_with("usrclass.dat");
    let is_it = root
        .descendant(r"Local Settings\Software\Microsoft")
        .is_some();
    (is_it || is_named).then_some(None)
}

/// The SID of the user whose profile the hive is: the machine knows whose folder that is; or else the one
/// user to whom the hive's root grants access.
fn owner(hive: &Hive, path: &str, machine: &Machine) -> Option<String> {
    let folder = profile_folder(path);
    let known = machine.profiles.iter().find(|profile| {
        let own = profile.folder.replace('\\', "/").to_lowercase();
        folder
            .as_ref()
            .is_some_and(|folder| own.ends_with(&folder.to_lowercase()))
    });
    if let Some(profile) = known {
        return Some(profile.sid.clone());
    }
    let mut granted = hive.root().ok()?.security()?.granted();
    granted.retain(|sid| sid.starts_with("S-1-5-21-") || sid.starts_with("S-1-12-1-"));
    granted.sort();
    granted.dedup();
    match &mut granted[..] {
        [only] => Some(std::mem::take(only)),
        _ => None,
    }
}

/// The folder of a profile in a path: `/Users/j.moreau`, `/ServiceProfiles/LocalService`.
fn profile_folder(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let place = parts.iter().rposition(|part| {
        ["users", "documents and settings", "serviceprofiles"]
            .iter()
            .any(|known| part.eq_ignore_ascii_case(known))
    })?;
    let user = parts.get(place + 1).filter(|_| parts.len() > place + 2)?;
    Some(format!("/{}/{user}", parts.get(place)?))
}

/// What stands for the owner in a path: the SID, or else the name of the profile's folder.
fn name_of_owner(owner: Option<&str>, path: &str) -> String {
    let folder = profile_folder(path);
    let user = folder
        .as_deref()
        .and_then(|folder| folder.rsplit('/').next());
    owner.or(user).unwrap_or("unknown").to_owned()
}

/// What the hive is called: by its path in the case, or else where it was loaded from.
fn file_name(hive: &Hive, path: &str) -> String {
    let own = path.rsplit(['/', '!']).next().unwrap_or_default();
    let loaded = hive
        .base()
        .file_name
        .rsplit('\\')
        .next()
        .unwrap_or_default();
    let name = if own.is_empty() { loaded } else { own };
    if name.is_empty() {
        "unknown".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_found_in_paths() {
        for (path, folder) in [
            ("a.zip!C/Users/j.moreau/NTUSER.DAT", Some("/Users/j.moreau")),
            (
                "x/C/Windows/ServiceProfiles/LocalService/NTUSER.DAT",
                Some("/ServiceProfiles/LocalService"),
            ),
            (
                "Users/bob/AppData/Local/Microsoft/Windows/UsrClass.dat",
                Some("/Users/bob"),
            ),
            ("NTUSER.DAT", None),
            ("Users/NTUSER.DAT", None),
        ] {
            assert_eq!(profile_folder(path).as_deref(), folder, "{path}");
        }
    }
}
