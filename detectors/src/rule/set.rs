//! The rules of one run.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{Parsed, Rule, RuleError};

macro_rules! builtin {
    ($path:literal) => {
        ($path, include_str!(concat!("../../rules/", $path)))
    };
}

/// The rules that come with the program: file name below `detectors/rules/`, and text.
pub const BUILTIN: &[(&str, &str)] = &[
    builtin!("T1021.001/sharprdp.toml"),
    builtin!("T1021.002/execution_of_copied_file.toml"),
    builtin!("T1021.002/execution_via_file_share.toml"),
    builtin!("T1021.006/process_after_winrm.toml"),
    builtin!("T1047/command_output_file.toml"),
    builtin!("T1047/wmi_process_after_rpc.toml"),
    builtin!("T1053.005/outbound_task_scheduler.toml"),
    builtin!("T1053.005/remote_task_taskcache.toml"),
    builtin!("T1053.005/task_of_network_logon.toml"),
    builtin!("T1547.001/startup_folder.toml"),
    builtin!("T1547.001/startup_item_after_network_logon.toml"),
    builtin!("T1547.001/startup_item_of_network_logon.toml"),
    builtin!("T1569.002/psexec_key.toml"),
    builtin!("T1569.002/service_after_network_logon.toml"),
    builtin!("T1569.002/service_command_over_smb.toml"),
    builtin!("T1569.002/service_of_copied_file.toml"),
    builtin!("T1569.002/service_of_network_logon.toml"),
    builtin!("T1570/program_written_to_share.toml"),
    builtin!("T1570/tool_in_staging_folder.toml"),
    builtin!("T1570/tool_owned_by_network_logon.toml"),
    builtin!("T1570/tool_transfer_smb.toml"),
];

/// Rules in the order of their ids, and what they were read from.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// The rules.
    pub rules: Vec<Rule>,
    /// How many files hold a rule of each other type.
    pub others: BTreeMap<String, usize>,
    /// Files that hold no rule.
    pub no_rules: Vec<String>,
    texts: BTreeSet<String>,
}

impl RuleSet {
    /// Reads rule files, given as name and text. All that is wrong with any of them comes at once.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<RuleError>> {
        let (set, errors) = Self::read_all(files);
        if errors.is_empty() {
            Ok(set)
        } else {
            Err(errors)
        }
    }

    /// The rules that can run, and what is wrong with the other files.
    pub fn read_all<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Self, Vec<RuleError>) {
        let mut set = Self::default();
        let mut errors = Vec::new();
        for (source, text) in files {
            set.texts.insert(text.to_owned());
            match Rule::of_file(source, text) {
                Ok(Parsed::Eql(rule)) => set.rules.push(*rule),
                Ok(Parsed::OtherType(kind)) => *set.others.entry(kind).or_default() += 1,
                Ok(Parsed::NoRule) => set.no_rules.push(source.to_owned()),
                Err(error) => errors.push(error),
            }
        }
        set.rules
            .sort_by(|a, b| (&a.id, &a.source).cmp(&(&b.id, &b.source)));
        errors.extend(
            set.rules
                .windows(2)
                .filter_map(|pair| same_id(&pair[0], &pair[1])),
        );
        (set, errors)
    }

    /// A set of rules at hand.
    #[must_use]
    pub fn of_rules(rules: Vec<Rule>) -> Self {
        Self {
            texts: rules.iter().map(|rule| rule.text.clone()).collect(),
            rules,
            ..Self::default()
        }
    }

    /// The set of one query.
    pub fn of_query(text: &str) -> Result<Self, Vec<String>> {
        Ok(Self::of_rules(vec![Rule::of_query("query", text)?]))
    }

    /// SHA-256 over the texts of all rule files, in the order of the texts, for the manifest: the same
    /// rules have the same hash, wherever they lie.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for text in &self.texts {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        timeline::hex(&hash.finalize())
    }
}

fn same_id(a: &Rule, b: &Rule) -> Option<RuleError> {
    if a.id != b.id {
        return None;
    }
    // Blamed is the one that was brought.
    let (ours, other) = if is_builtin(b) { (b, a) } else { (a, b) };
    let from = if is_builtin(ours) {
        ", which comes with the program"
    } else {
        ""
    };
    Some(RuleError {
        source_name: other.source.clone(),
        problems: vec![format!("rule_id {} is that of {}{from}", a.id, ours.source)],
    })
}

fn is_builtin(rule: &Rule) -> bool {
    BUILTIN.iter().any(|(source, _)| *source == rule.source)
}
