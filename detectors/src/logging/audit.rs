//! What a machine audits: its policy in the registry, and the changes that its Security log has.

use std::collections::BTreeMap;

use timeline::{Segment, Ticks, fields as f};

/// The subcategories that tell of lateral movement, as `auditpol` calls them.
pub(super) const SUBCATEGORIES: [&str; 14] = [
    "Logon",
    "Logoff",
    "Special Logon",
    "Other Logon/Logoff Events",
    "Credential Validation",
    "Kerberos Authentication Service",
    "Kerberos Service Ticket Operations",
    "Process Creation",
    "File Share",
    "Detailed File Share",
    "Filtering Platform Connection",
    "Security System Extension",
    "Other Object Access Events",
    "Audit Policy Change",
];

/// What a machine audits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// The latest policy: when it was set at the latest, and what of each subcategory is audited.
    policy: Option<(Option<Ticks>, BTreeMap<usize, String>)>,
    /// The latest change of each subcategory.
    changes: BTreeMap<usize, (Ticks, String)>,
}

fn subcategory(name: &str) -> Option<usize> {
    SUBCATEGORIES.iter().position(|known| *known == name)
}

impl Audit {
    /// A policy of the registry.
    pub(super) fn read(&mut self, segment: &Segment, row: u32) {
        let mut settings = BTreeMap::new();
        for value in segment.all(f::REGISTRY_EXT_AUDITED, row) {
            let text = value.to_string();
            let Some((name, setting)) = text.split_once(": ") else {
                continue;
            };
            settings.extend(subcategory(name).map(|place| (place, setting.to_lowercase())));
        }
        for value in segment.all(f::REGISTRY_EXT_NOT_AUDITED, row) {
            settings.extend(subcategory(&value.to_string()).map(|place| (place, "none".into())));
        }
        if !settings.is_empty() {
            let policy = Some((segment.rows[row as usize].time, settings));
            self.policy = self.policy.take().max(policy);
        }
    }

    /// An event 4719.
    pub(super) fn change(&mut self, segment: &Segment, row: u32, time: Ticks) {
        let name = segment.text(f::DATA_SUB_CATEGORY, row);
        let Some(place) = name.and_then(subcategory) else {
            return;
        };
        let changes = segment.all(f::DATA_AUDIT_POLICY_CHANGES_DESCRIPTION, row);
        let changes: Vec<String> = changes
            .map(|text| text.to_string().to_lowercase())
            .collect();
        self.put(place, (time, changes.join(", ")));
    }

    fn put(&mut self, place: usize, change: (Ticks, String)) {
        let latest = self.changes.entry(place).or_insert_with(|| change.clone());
        if *latest < change {
            *latest = change;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.policy = self.policy.take().max(other.policy.clone());
        for (place, change) in &other.changes {
            self.put(*place, change.clone());
        }
    }

    /// Whether what succeeds is audited, if that is known.
    #[must_use]
    pub fn audits(&self, name: &str) -> Option<bool> {
        let place = subcategory(name)?;
        let policy = self.policy.as_ref();
        let setting = policy.and_then(|(set, settings)| Some((*set, settings.get(&place)?)));
        let change = self.changes.get(&place);
        let changed = change.and_then(|(time, change)| {
            let to = [("success added", true), ("success removed", false)];
            let found = to.iter().find(|(words, _)| change.contains(words));
            found.map(|(_, is_audited)| (Some(*time), *is_audited))
        });
        let set = setting.map(|(time, setting)| (time, setting.contains("success")));
        match (set, changed) {
            (Some(set), Some(changed)) if set.0 < changed.0 => Some(changed.1),
            (Some(set), _) => Some(set.1),
            (None, changed) => changed.map(|changed| changed.1),
        }
    }

    /// In short words: what is audited of each subcategory, as far as it is known.
    #[must_use]
    pub fn words(&self) -> String {
        let each = SUBCATEGORIES
            .iter()
            .enumerate()
            .filter_map(|(place, name)| {
                let policy = self.policy.as_ref();
                let setting = policy.and_then(|(_, settings)| settings.get(&place));
                let change = self.changes.get(&place);
                let change = change.map(|(time, change)| format!("{change} {time}"));
                Some(match (setting, change) {
                    (Some(setting), Some(change)) => format!("{name}: {setting} ({change})"),
                    (Some(setting), None) => format!("{name}: {setting}"),
                    (None, Some(change)) => format!("{name}: {change}"),
                    (None, None) => return None,
                })
            });
        each.collect::<Vec<_>>().join("; ")
    }
}
