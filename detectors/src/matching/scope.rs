//! Which data sets a rule is for: its `index` patterns (ECS.md §8).
//!
//! Index patterns are part of a rule's meaning: a PowerShell engine start is `process` and `start`,
//! too, and a rule for endpoint events must not see it.

use eql::plan::Wildcard;
use timeline::{Segment, fields as f};

use super::row_set::RowSet;
use crate::rule::{Basis, Rule};

/// The events that a rule sees.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scope {
    /// All.
    Everything,
    /// Those of an index that one of the patterns fits.
    Indices {
        /// The patterns.
        patterns: Vec<Wildcard>,
        /// One event for each start of a process: not the Security log's beside Sysmon's (ECS.md C8),
        /// or a sequence would count one start twice.
        one_start: bool,
    },
}

/// What a rule without patterns sees when it stands on telemetry: endpoint, Sysmon and Security.
const TELEMETRY: [&str; 3] = [
    "logs-endpoint.events.*",
    "logs-windows.sysmon_operational-*",
    "logs-system.security*",
];

impl Scope {
    pub(super) fn of(rule: &Rule) -> Self {
        let residue = rule
            .sidetrack
            .as_ref()
            .is_some_and(|table| table.basis == Basis::Residue);
        let patterns: Vec<&str> = match (rule.index.is_empty(), residue) {
            // A query asks for all there is.
            (false, _) if rule.index == ["*"] => return Self::Everything,
            (false, _) => rule.index.iter().map(String::as_str).collect(),
            (true, true) => return Self::Everything,
            (true, false) => TELEMETRY.to_vec(),
        };
        Self::of_patterns(&patterns, &rule.text)
    }

    fn of_patterns(patterns: &[&str], query: &str) -> Self {
        let patterns: Vec<_> = patterns
            .iter()
            .map(|pattern| Wildcard::new(pattern, false))
            .collect();
        // A rule that sees only the Security log has no other record of the start, and one that names
        // 4688 means that record.
        let sees_sysmon = fits(&patterns, &indices("windows.sysmon_operational", "1"));
        Self::Indices {
            one_start: sees_sysmon && !query.contains("4688"),
            patterns,
        }
    }

    /// The rows of the segment that are in scope. An event without a data set is in every scope: no
    /// pattern can speak of it.
    pub(super) fn rows(&self, segment: &Segment) -> RowSet {
        let Self::Indices {
            patterns,
            one_start,
        } = self
        else {
            return RowSet::all(segment.len());
        };
        let mut rows = RowSet::all(segment.len());
        let mut outside = RowSet::none(segment.len());
        let duplicates = segment.column(f::EVENT_EXT_DUPLICATE_OF);
        for &row in duplicates
            .filter(|_| *one_start)
            .iter()
            .flat_map(|c| &c.rows)
        {
            outside.insert(row);
        }
        let Some(column) = segment.column(f::EVENT_DATASET) else {
            rows.intersect(&outside.complement());
            return rows;
        };
        let mut seen: Vec<(String, String, bool)> = Vec::new();
        let mut last = None;
        for &row in &column.rows {
            if last.replace(row) == Some(row) {
                continue;
            }
            let dataset = segment.text(f::EVENT_DATASET, row).unwrap_or_default();
            let code = segment.text(f::EVENT_CODE, row).unwrap_or_default();
            let known = seen.iter().find(|(d, c, _)| d == dataset && c == code);
            let inside = known.map_or_else(
                || fits(patterns, &indices(dataset, code)),
                |&(_, _, inside)| inside,
            );
            if known.is_none() {
                seen.push((dataset.to_owned(), code.to_owned(), inside));
            }
            if !inside {
                outside.insert(row);
            }
        }
        rows.intersect(&outside.complement());
        rows
    }
}

fn fits(patterns: &[Wildcard], indices: &[&str]) -> bool {
    patterns
        .iter()
        .any(|pattern| indices.iter().any(|index| pattern.matches(index)))
}

/// The indices that an event of this data set and id would be in.
fn indices(dataset: &str, code: &str) -> Vec<&'static str> {
    if let Some(kind) = dataset.strip_prefix("offline.") {
        return residue(kind);
    }
    let mut indices = vec!["winlogbeat-8", "logs-windows.forwarded-default"];
    match dataset {
        "windows.sysmon_operational" => {
            indices.push("logs-windows.sysmon_operational-default");
            indices.extend(endpoint_of_sysmon(code));
        }
        "system.security" => {
            indices.push("logs-system.security-default");
            indices.extend(endpoint_of_security(code));
        }
        "windows.powershell" => indices.push("logs-windows.powershell-default"),
        "windows.powershell_operational" => {
            indices.push("logs-windows.powershell_operational-default");
        }
        "system.system" => indices.push("logs-system.system-default"),
        "system.application" => indices.push("logs-system.application-default"),
        _ => {}
    }
    indices
}

/// What was never logged, but is left over (ECS.md §8).
fn residue(kind: &str) -> Vec<&'static str> {
    match kind {
        "registry" => vec![REGISTRY, "offline-residue-registry"],
        "mft" | "usn" => vec![FILE, "offline-residue-file"],
        _ => vec!["offline-residue-other"],
    }
}

const PROCESS: &str = "logs-endpoint.events.process-default";
const FILE: &str = "logs-endpoint.events.file-default";
const REGISTRY: &str = "logs-endpoint.events.registry-default";
const NETWORK: &str = "logs-endpoint.events.network-default";
const LIBRARY: &str = "logs-endpoint.events.library-default";
const SECURITY: &str = "logs-endpoint.events.security-default";

fn endpoint_of_sysmon(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" | "5" | "8" | "25" => PROCESS,
        "2" | "11" | "15" | "23" | "26" | "29" => FILE,
        "12" | "13" | "14" => REGISTRY,
        "3" | "22" => NETWORK,
        "6" | "7" => LIBRARY,
        _ => return None,
    })
}

fn endpoint_of_security(code: &str) -> Option<&'static str> {
    Some(match code {
        "4688" | "4689" => PROCESS,
        "4657" => REGISTRY,
        "4663" => FILE,
        "5156" => NETWORK,
        "4624" | "4625" | "4634" | "4647" | "4697" | "4698" => SECURITY,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use timeline::json;

    use super::*;

    #[test]
    fn patterns_choose_data_sets() {
        let objects: Vec<_> = [
            serde_json::json!({"event.dataset": "windows.sysmon_operational", "event.code": "1"}),
            serde_json::json!({"event.dataset": "system.security", "event.code": "4624"}),
            serde_json::json!({"event.dataset": "windows.powershell", "event.code": "400"}),
            serde_json::json!({"event.code": "1"}),
            serde_json::json!({
                "event.dataset": "system.security", "event.code": "4688",
                "event.Ext.duplicate_of": "0a",
            }),
        ]
        .iter()
        .filter_map(|json| json.as_object().cloned())
        .collect();
        let segment = json::read(&objects);
        for (patterns, query, expected) in [
            (vec!["logs-endpoint.events.process-*"], "", vec![0, 3]),
            (vec!["winlogbeat-*"], "", vec![0, 1, 2, 3]),
            (
                vec!["winlogbeat-*"],
                r#"process where event.code == "4688""#,
                vec![0, 1, 2, 3, 4],
            ),
            (
                vec!["logs-system.security*", "logs-windows.powershell*"],
                "",
                vec![1, 2, 3, 4],
            ),
            (vec!["endgame-*"], "", vec![3]),
        ] {
            let rows = Scope::of_patterns(&patterns, query).rows(&segment);
            assert_eq!(
                rows.iter().collect::<Vec<_>>(),
                expected,
                "{patterns:?} {query}"
            );
        }
    }
}
