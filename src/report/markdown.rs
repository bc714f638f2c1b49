//! `report.md`: who, where, when, how, with proof.

use std::fmt::Write;

use detectors::movement::{Absence, Corroboration, Grade, Movement};
use timeline::{Reader, Ticks};

use super::coverage::{gaps, seconds};
use super::text::{code, end_code, prose};
use crate::case::CaseResult;
use crate::export::{
    Rules, absence_text, corroborating, event_code, finding_id, message, movement_id, proof,
};
use crate::plan::Plan;

/// The whole report.
pub(super) fn render(plan: &Plan, case: &CaseResult) -> String {
    let mut out = String::new();
    head(&mut out, plan, case);
    summary(&mut out, plan, case);
    for (place, movement) in case.movements.iter().enumerate() {
        describe(&mut out, plan, case, place, movement);
    }
    coverage(&mut out, case);
    issues(&mut out, case);
    files(&mut out, case);
    method(&mut out, plan, case);
    out
}

fn head(out: &mut String, plan: &Plan, case: &CaseResult) {
    out.push_str("# Lateral movement report\n\n");
    if !plan.case_id.is_empty() {
        let _ = writeln!(out, "Case: {}  ", code(&plan.case_id));
    }
    if !plan.examiner.is_empty() {
        let _ = writeln!(out, "Examiner: {}  ", code(&plan.examiner));
    }
    let counts = case.counts;
    let _ = writeln!(
        out,
        "Evidence: {} files, {} hosts, {} events. All times are UTC.\n",
        case.inputs.len(),
        case.hosts.len(),
        counts.events - counts.duplicates
    );
}

fn summary(out: &mut String, plan: &Plan, case: &CaseResult) {
    out.push_str("## Summary\n\n");
    if case.movements.is_empty() {
        let _ = writeln!(
            out,
            "No lateral movement was found. What that is worth depends on the logs that were \
             collected: see *What the evidence covers* below. {} findings that are no movement are \
             in findings.csv.\n",
            case.findings.len()
        );
        return;
    }
    out.push_str(
        "| id | grade | start | from | to | account | how | what ran or was placed |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for (place, movement) in case.movements.iter().enumerate() {
        let rules = Rules::of(plan, case, movement);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            movement_id(place),
            movement.grade.as_str(),
            movement.start.map(seconds).unwrap_or_default(),
            end_code(&movement.source_host, &movement.source_ip, "unknown"),
            end_code(&movement.target_host, &movement.target_ip, "unknown"),
            or_unknown(&movement.account),
            prose(&rules.names.join("; ")),
            code(&movement.ran.join("; ")),
        );
    }
    out.push('\n');
    grades(out, case);
}

/// What the grades mean, as far as they occur.
fn grades(out: &mut String, case: &CaseResult) {
    for (grade, meaning) in [
        (
            Grade::Confirmed,
            "both sides were seen, or one connection or session ties the source to the action",
        ),
        (
            Grade::Probable,
            "the other side is named, and the action lies inside that session or window",
        ),
        (
            Grade::Possible,
            "a rule matched; the source is not known from the evidence, or the time is not",
        ),
        (Grade::Contradicted, "evidence speaks against it"),
    ] {
        if case
            .movements
            .iter()
            .any(|movement| movement.grade == grade)
        {
            let _ = writeln!(out, "- **{}**: {meaning}.", grade.as_str());
        }
    }
    out.push('\n');
}

fn or_unknown(text: &str) -> String {
    if text.is_empty() {
        "not recorded".into()
    } else {
        code(text)
    }
}

fn describe(out: &mut String, plan: &Plan, case: &CaseResult, place: usize, movement: &Movement) {
    let rules = Rules::of(plan, case, movement);
    let _ = writeln!(
        out,
        "## {}: {} to {}, {}\n",
        movement_id(place),
        end_code(&movement.source_host, &movement.source_ip, "unknown source"),
        end_code(&movement.target_host, &movement.target_ip, "unknown target"),
        movement.grade.as_str()
    );
    let _ = writeln!(out, "{}\n", sentence(&rules, movement));
    let time = |time: Option<Ticks>| time.map(|time| time.to_string()).unwrap_or_default();
    let rows = [
        (
            "when",
            format!("{} to {}", time(movement.start), time(movement.end)),
        ),
        (
            "from",
            with_port(
                &movement.source_host,
                &movement.source_ip,
                &movement.source_port,
            ),
        ),
        (
            "to",
            with_port(
                &movement.target_host,
                &movement.target_ip,
                &movement.target_port,
            ),
        ),
        ("account", or_unknown(&movement.account)),
        ("account SID", code(&movement.account_sid)),
        ("logon type", code(&movement.logon_type)),
        ("ran as", code(&movement.ran_as)),
        ("what ran or was placed", code(&movement.ran.join("; "))),
        ("technique", prose(&rules.technique.join("; "))),
        ("ATT&CK", prose(&rules.attack.join(", "))),
        ("also possible", also(movement)),
        ("corroborated by", found(&movement.found)),
        ("expected, not found", missing(&movement.missing)),
        ("innocent explanation", rules_text(&rules.innocent)),
    ];
    out.push_str("| | |\n|---|---|\n");
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "| {name} | {value} |");
    }
    out.push('\n');
    evidence(out, plan, case, movement);
}

/// Our own words, from rule files: they may be anybody's, too.
fn rules_text(texts: &[String]) -> String {
    texts
        .iter()
        .map(|text| prose(text))
        .collect::<Vec<_>>()
        .join("; ")
}

fn with_port(host: &str, ip: &str, port: &str) -> String {
    let end = end_code(host, ip, "unknown");
    if port.is_empty() {
        end
    } else {
        format!("{end}, port {}", code(port))
    }
}

fn sentence(rules: &Rules, movement: &Movement) -> String {
    let mut text = rules
        .names
        .iter()
        .map(|name| prose(name))
        .collect::<Vec<_>>()
        .join(" and ");
    if movement.slack {
        text.push_str(
            ". The events are out of order by their times, within the delay that such logs have",
        );
    }
    if movement.source_host.is_empty() && movement.source_ip.is_empty() {
        text.push_str(". The evidence does not say from where");
    }
    text + "."
}

fn also(movement: &Movement) -> String {
    let fields = movement.also.iter().map(|(field, names)| {
        let names: Vec<String> = names.iter().map(|name| code(name)).collect();
        format!("{}: {}", field.replace('_', " "), names.join(", "))
    });
    fields.collect::<Vec<_>>().join("; ")
}

fn found(corroborations: &[Corroboration]) -> String {
    let each = corroborations
        .iter()
        .map(|found| format!("{}: {}", prose(&found.text), code(&corroborating(found))));
    each.collect::<Vec<_>>().join("; ")
}

fn missing(absences: &[Absence]) -> String {
    absences
        .iter()
        .map(|absence| code(&absence_text(absence)))
        .collect::<Vec<_>>()
        .join("; ")
}

fn evidence(out: &mut String, plan: &Plan, case: &CaseResult, movement: &Movement) {
    out.push_str("Evidence, in order:\n\n| time | host | event | what | evidence file | record |\n|---|---|---|---|---|---|\n");
    let reader = Reader::new(&case.events);
    for &row in &movement.events {
        let own = &case.events.rows[row as usize];
        let (file, record) = proof(case, row);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {record} |",
            own.time.map(|time| time.to_string()).unwrap_or_default(),
            code(case.events.strings.get(own.host)),
            code(&format!(
                "{} {}",
                case.events.strings.get(own.channel),
                event_code(case, row)
            )),
            code(&message(&reader, row)),
            code(&file),
        );
    }
    let findings: Vec<String> = movement
        .findings
        .iter()
        .map(|&finding| {
            let rule = &plan.rules.rules[case.findings[finding].rule];
            format!("{} ({})", finding_id(finding), prose(&rule.name))
        })
        .collect();
    let _ = writeln!(out, "\nFindings: {}\n", findings.join(", "));
}

fn coverage(out: &mut String, case: &CaseResult) {
    out.push_str("## What the evidence covers\n\n");
    if case.coverage.iter().next().is_none() {
        out.push_str("No event with a believable time was read.\n\n");
        return;
    }
    out.push_str("| host | log | first event | last event | events |\n|---|---|---|---|---|\n");
    for covered in case.coverage.iter() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(&covered.host),
            code(&covered.channel),
            seconds(covered.first),
            seconds(covered.last),
            covered.events
        );
    }
    out.push('\n');
    for gap in gaps(case) {
        let _ = writeln!(out, "- {}", code(&gap));
    }
    out.push_str(
        "\nWhat happened outside of these times, or on hosts and in logs that are not listed, cannot \
         be seen here.\n\n",
    );
}

/// The evidence files that movements rest on, with their hashes.
fn files(out: &mut String, case: &CaseResult) {
    let mut cited: Vec<u32> = case
        .movements
        .iter()
        .flat_map(|movement| &movement.events)
        .flat_map(|&row| case.events.provenances(row))
        .map(|place| place.evidence.0)
        .collect();
    cited.sort_unstable();
    cited.dedup();
    if cited.is_empty() {
        return;
    }
    out.push_str("## Evidence files that movements rest on\n\n| file | SHA-256 |\n|---|---|\n");
    for file in cited
        .iter()
        .filter_map(|&file| case.evidence.get(file as usize))
    {
        let _ = writeln!(out, "| {} | {} |", code(&file.path), code(&file.sha256));
    }
    out.push('\n');
}

fn issues(out: &mut String, case: &CaseResult) {
    if case.counts.losses == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "## What could not be read\n\n{} losses, {} notes; all are in issues.csv. The first losses:\n",
        case.counts.losses, case.counts.notes
    );
    for (file, message) in &case.named_losses {
        let _ = writeln!(out, "- {} {}", code(file), code(message));
    }
    out.push('\n');
}

fn method(out: &mut String, plan: &Plan, case: &CaseResult) {
    let counts = case.counts;
    out.push_str("## How this was made\n\n");
    let _ = writeln!(
        out,
        "- {} {} read {} records; {} were copies of the same record in another file.",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        counts.records,
        counts.duplicates
    );
    if !plan.period.is_everything() {
        let _ = writeln!(
            out,
            "- {} events outside of the chosen period were left out.",
            counts.filtered
        );
    }
    if counts.undated > 0 {
        let _ = writeln!(
            out,
            "- {} events have no believable time and are in undated.csv.",
            counts.undated
        );
    }
    let _ = writeln!(
        out,
        "- {} rules were run; their hash is {}.",
        plan.rules.rules.len(),
        code(&plan.rules.sha256())
    );
    out.push_str(
        "- Every event above is named by evidence file and record number; manifest.json has the \
         SHA-256 of every file read and written.\n- A source or account is named only when the \
         evidence names it.\n",
    );
}
