//! ATT&CK techniques of a rule: ids and their words.

use serde::Deserialize;

/// An entry of `rule.threat`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Threat {
    #[serde(default)]
    technique: Vec<Technique>,
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
