//! ATT&CK techniques of a rule: ids and their words.

use serde::Deserialize;

/// An entry of `rule.threat`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Threat {
    #[serde(default)]
    tactic: Tactic,
    #[serde(default)]
    technique: Vec<Technique>,
}

#[derive(Debug, Default, Deserialize)]
struct Tactic {
    #[serde(default)]
    id: String,
}

/// ATT&CK's id of the tactic Lateral Movement.
const LATERAL_MOVEMENT: &str = "TA0008";

/// Whether the rule is for lateral movement, by its tactic or its tags.
pub(super) fn is_lateral_movement(threats: &[Threat], tags: &[String]) -> bool {
    let by_tactic = threats
        .iter()
        .any(|threat| threat.tactic.id == LATERAL_MOVEMENT);
    by_tactic || tags.iter().any(|tag| tag.contains(LATERAL_MOVEMENT))
}

#[derive(Debug, Deserialize)]
struct Technique {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    subtechnique: Vec<Technique>,
}

/// Every technique as id and name, the sub-techniques where there are any instead of their parent.
pub(super) fn techniques(threats: &[Threat]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for technique in threats.iter().flat_map(|threat| &threat.technique) {
        let finest = if technique.subtechnique.is_empty() {
            std::slice::from_ref(technique)
        } else {
            &technique.subtechnique
        };
        for technique in finest {
            let pair = (technique.id.clone(), technique.name.clone());
            if !all.contains(&pair) {
                all.push(pair);
            }
        }
    }
    all
}
