//! What is looked up for every task: made once for each state of a hive.

use std::collections::HashMap;

use super::super::super::node::text_of;
use super::super::super::read::{Key, upper_name};

/// Where the task cache is.
const CACHE: &str = r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache";
/// Where the classes are that COM handlers start.
const CLASSES: &str = r"Classes\CLSID";
/// The keys that tell when tasks start, and what that is called in a definition.
const TRIGGERED: [(&str, &str); 4] = [
    ("Boot", "boot"),
    ("Logon", "logon"),
    ("Plain", "plain"),
    ("Maintenance", "maintenance"),
];

/// What the rest of a hive says about its tasks.
#[derive(Debug, Default)]
pub(in super::super::super) struct Lookups {
    /// The state of the hive: whether it is that before its logs.
    of: Option<bool>,
    /// Cells of classes, by their ids in capitals.
    classes: HashMap<String, u32>,
    /// What starts a task, by its GUID in capitals.
    triggered: HashMap<String, Vec<&'static str>>,
}

impl Lookups {
    /// Those of a state of a hive.
    pub(super) fn in_state(&mut self, root: &Key<'_>, is_superseded: bool) -> &Self {
        if self.of != Some(is_superseded) {
            *self = Self {
                of: Some(is_superseded),
                classes: classes(root),
                triggered: triggered(root),
            };
        }
        self
    }

    /// The program or library that a class is in, when the hive says.
    pub(super) fn server_of(&self, root: &Key<'_>, class: &str) -> Option<String> {
        let cell = *self.classes.get(&upper_name(class))?;
        let class = Key::at(root.cells(), cell).ok()?;
        ["LocalServer32", "InprocServer32"].iter().find_map(|name| {
            let server = class.subkey(name)?.value("")?;
            text_of(&server)
        })
    }

    /// What starts a task.
    pub(super) fn triggers(&self, guid: &str) -> &[&'static str] {
        self.triggered
            .get(&upper_name(guid))
            .map_or(&[], Vec::as_slice)
    }
}

fn classes(root: &Key<'_>) -> HashMap<String, u32> {
    let classes = root.descendant(CLASSES);
    let keys = classes.into_iter().flat_map(|key| key.subkeys());
    keys.filter_map(Result::ok)
        .map(|key| (upper_name(&key.name()), key.offset()))
        .collect()
}

fn triggered(root: &Key<'_>) -> HashMap<String, Vec<&'static str>> {
    let mut triggered: HashMap<String, Vec<&'static str>> = HashMap::new();
    let cache = root.descendant(CACHE);
    for (name, word) in TRIGGERED {
        let list = cache.and_then(|cache| cache.subkey(name));
        for key in list
            .into_iter()
            .flat_map(|key| key.subkeys())
            .filter_map(Result::ok)
        {
            let words = triggered.entry(upper_name(&key.name())).or_default();
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    triggered
}
