//! What the rule book finds in real captures, against what is known of them (`movements.json` beside FACTS.md): recall, and
//! claims that nothing supports. The captures lie beside the project; without them this says so and passes.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::{Path, PathBuf};

use common::{Case, Row, analyze, corpus, root};
use serde_json::Value;

/// What is known of one capture.
struct Expected {
    id: String,
    files: Vec<PathBuf>,
    kind: String,
    attack: Vec<String>,
    /// Names and addresses of the source; none where nothing may be named.
    source: Option<Vec<String>>,
    target: Vec<String>,
    account: Vec<String>,
    /// How many movements at least.
    rows: usize,
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

fn table(corpus: &Path) -> Vec<Expected> {
    let text = std::fs::read_to_string(corpus.join("movements.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let read = |row: &Value| Expected {
        id: row["id"].as_str().unwrap().to_owned(),
        files: texts(&row["files"])
            .iter()
            .map(|file| corpus.join(file))
            .collect(),
        kind: row["kind"].as_str().unwrap().to_owned(),
        attack: texts(&row["attack"]),
        source: row["source"].as_array().map(|_| texts(&row["source"])),
        target: texts(&row["target"]),
        account: texts(&row["account"]),
        rows: row["rows"]
            .as_u64()
            .map_or(1, |rows| usize::try_from(rows).unwrap()),
    };
    rows.iter().map(read).collect()
}

/// Whether two names are of one host: an address, or a name without regard to its domain.
fn same_host(a: &str, b: &str) -> bool {
    let is_address = |name: &str| name.parse::<std::net::IpAddr>().is_ok();
    let label = |name: &str| name.split('.').next().unwrap().to_lowercase();
    if is_address(a) || is_address(b) {
        a == b
    } else {
        label(a) == label(b)
    }
}

fn names_one_of(row: &Row, columns: [&str; 2], known: &[String]) -> bool {
    let named = columns
        .iter()
        .map(|column| &row[*column])
        .filter(|name| !name.is_empty());
    let mut named = named.peekable();
    named.peek().is_some() && named.any(|name| known.iter().any(|known| same_host(name, known)))
}

impl Expected {
    fn has_attack(&self, cell: &str) -> bool {
        let mut ids = cell.split(';');
        self.attack.is_empty() || ids.any(|id| self.attack.iter().any(|known| known == id))
    }

    fn has_ends(&self, row: &Row) -> bool {
        let from = ["src_host", "src_ip"];
        let source = match &self.source {
            Some(known) => names_one_of(row, from, known),
            None => from.iter().all(|column| row[*column].is_empty()),
        };
        source && names_one_of(row, ["dst_host", "dst_ip"], &self.target)
    }

    /// Where an account is known it is that one; the domain counts only where both have it, in its short or its long form.
    fn has_account(&self, row: &Row) -> bool {
        let split = |name: &str| {
            let name = name.to_lowercase();
            let (domain, user) = name.split_once('\\').unwrap_or(("", &name));
            let domain = domain.split('.').next().unwrap().to_owned();
            (domain, user.to_owned())
        };
        let (domain, user) = split(&row["account"]);
        let is_one = |known: &String| {
            let (other, known) = split(known);
            known == user && (domain.is_empty() || other.is_empty() || domain == other)
        };
        self.account.is_empty() || self.account.iter().any(is_one)
    }

    /// What is missing; nothing when all is found that is known.
    fn missing(&self, case: &Case) -> Option<String> {
        let movements = case.rows("movements.csv");
        let findings = case.rows("findings.csv");
        let is_told = || findings.iter().any(|row| self.has_attack(&row["attack"]));
        match self.kind.as_str() {
            "movement" => {
                let told = movements
                    .iter()
                    .filter(|row| self.has_attack(&row["attack"]));
                let told: Vec<&Row> = told.filter(|row| self.has_ends(row)).collect();
                let whole = told.iter().filter(|row| self.has_account(row)).count();
                (whole < self.rows).then(|| {
                    format!(
                        "{} with its technique and ends, {whole} with its account",
                        told.len()
                    )
                })
            }
            "finding" | "attempt" => (!is_told()).then(|| "no finding".to_owned()),
            _ => None,
        }
    }

    /// Movements that nothing known supports.
    fn false_claims(&self, case: &Case) -> Vec<String> {
        let rows = case.rows("movements.csv");
        let is_false = |row: &&Row| match (self.kind.as_str(), row["grade"].as_str()) {
            (_, "POSSIBLE" | "CONTRADICTED") => self.source.is_none() && !row["src_ip"].is_empty(),
            ("movement", _) => !self.has_ends(row),
            ("attempt", grade) => grade == "CONFIRMED" || !self.has_ends(row),
            ("finding", _) => !self.has_ends(row) && !self.target.is_empty(),
            _ => true,
        };
        let told = |row: &Row| {
            format!(
                "{} {}: {} {} > {} {}, {} as {}",
                self.id,
                row["grade"],
                row["src_host"],
                row["src_ip"],
                row["dst_host"],
                row["dst_ip"],
                row["attack"],
                row["account"]
            )
        };
        rows.iter().filter(is_false).map(told).collect()
    }
}

/// The figures, as the README has them.
#[derive(Default)]
struct Score {
    found: usize,
    known: usize,
    missing: Vec<String>,
    false_claims: Vec<String>,
}

impl Score {
    fn words(&self) -> String {
        format!(
            "{} of {} known cases found with technique, source, target and account; {} movements above POSSIBLE that \
             nothing supports",
            self.found,
            self.known,
            self.false_claims.len()
        )
    }
}

/// Cases that are known not to be found in full, and why.
const NOT_FOUND: [(&str, &str); 2] = [
    (
        "D19",
        "the account is in the record of another run, ten minutes before",
    ),
    (
        "D20",
        "the account is that of the shell, which need not be the caller's (MATCHING.md §5)",
    ),
];

#[test]
fn known_cases_are_found_and_nothing_else_is_claimed() {
    let Some(folder) = corpus("") else { return };
    let mut score = Score::default();
    for expected in table(&folder) {
        let files: Vec<&Path> = expected.files.iter().map(AsRef::as_ref).collect();
        let case = analyze(&files, &["--timeline", "none"]);
        assert!(
            matches!(case.code, 0 | 3),
            "{}: {}",
            expected.id,
            case.stderr
        );
        score.false_claims.extend(expected.false_claims(&case));
        if expected.kind == "quiet" {
            continue;
        }
        score.known += 1;
        match expected.missing(&case) {
            None => score.found += 1,
            Some(what) => score.missing.push(format!("{}: {what}", expected.id)),
        }
    }
    println!("{}", score.words());
    for line in score.missing.iter().chain(&score.false_claims) {
        println!("- {line}");
    }
    let missing: Vec<&str> = score
        .missing
        .iter()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    let allowed: Vec<&str> = NOT_FOUND.iter().map(|(id, _)| *id).collect();
    assert_eq!(missing, allowed, "{:#?}", score.missing);
    assert_eq!(score.false_claims, Vec::<String>::new());
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let readme: Vec<&str> = readme.split_whitespace().collect();
    assert!(
        readme.join(" ").contains(&score.words()),
        "README: {}",
        score.words()
    );
}

/// A workstation of whose week nothing is to be told (FACTS.md): no movement above POSSIBLE, and at most one finding of
/// severity high in 100,000 events.
#[test]
fn a_benign_workstation_is_quiet() {
    let benign = "AndrewRathbun+DFIRArtifactMuseum/Windows/EventLogs/Win10/RathbunVM";
    let Some(folder) = corpus(benign) else { return };
    let case = analyze(&[&folder], &["--timeline", "none"]);
    let movements = case.rows("movements.csv");
    let above = movements
        .iter()
        .filter(|row| row["grade"] != "POSSIBLE")
        .count();
    assert_eq!(above, 0, "{movements:#?}");
    let findings = case.rows("findings.csv");
    let high = findings
        .iter()
        .filter(|row| matches!(row["severity"].as_str(), "high" | "critical"));
    let events = case.manifest()["counts"]["events"].as_u64().unwrap();
    let high = high.count() as u64;
    println!("{high} findings of severity high in {events} events");
    assert!(high * 100_000 <= events.max(100_000), "{findings:#?}");
}
