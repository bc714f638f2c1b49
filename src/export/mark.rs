//! What findings say about one event.

use detectors::rule::Severity;

/// What the columns that findings fill say of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    severity: Option<Severity>,
    in_movement: bool,
    /// ATT&CK ids.
    attack: Vec<String>,
    /// Ids of the findings.
    findings: Vec<String>,
}

impl Mark {
    /// Adds a finding that the event is part of.
    pub(crate) fn add<'a>(
        &mut self,
        finding: &str,
        severity: Severity,
        attack: impl IntoIterator<Item = &'a str>,
        in_movement: bool,
    ) {
        self.severity = self.severity.max(Some(severity));
        self.in_movement |= in_movement;
        for id in attack {
            add(&mut self.attack, id);
        }
        add(&mut self.findings, finding);
    }

    /// The tags of the event.
    pub(crate) fn tags(&self) -> &'static [&'static str] {
        match (self.findings.is_empty(), self.in_movement) {
            (true, _) => &[],
            (false, false) => &["finding"],
            (false, true) => &["finding", "lateral-movement"],
        }
    }

    /// How bad the worst of the findings is.
    pub(crate) fn severity(&self) -> &'static str {
        self.severity.map_or("info", Severity::as_str)
    }

    /// Their ATT&CK ids.
    pub(crate) fn attack(&self) -> &[String] {
        &self.attack
    }

    /// Their own ids.
    pub(crate) fn findings(&self) -> &[String] {
        &self.findings
    }

    /// The cells of the columns.
    pub(crate) fn cells(&self) -> [String; 4] {
        [
            self.severity().into(),
            self.tags().join(";"),
            self.attack.join(";"),
            self.findings.join(";"),
        ]
    }
}

fn add(list: &mut Vec<String>, id: &str) {
    if !list.iter().any(|known| known == id) {
        list.push(id.to_owned());
    }
}
