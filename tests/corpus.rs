//! Real captures, and what they show (FACTS.md). They lie beside the project; without them these
//! tests say so and pass.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeSet;

use common::{Case, Row, analyze, corpus};

const LATERAL: &str = "sbousseaden+EVTX-ATTACK-SAMPLES/Lateral Movement";

fn lateral() -> Option<Case> {
    let folder = corpus(LATERAL)?;
    let case = analyze(&[&folder], &[]);
    assert!(matches!(case.code, 0 | 3), "{}", case.stderr);
    Some(case)
}

/// The movements that cite any of these records.
fn citing(case: &Case, file: &str, records: &[u64]) -> Vec<Row> {
    let cites = |row: &Row| {
        [&row["src_evidence"], &row["dst_evidence"]]
            .iter()
            .any(|cell| {
                cell.split("; ")
                    .filter_map(|proof| proof.rsplit_once('#'))
                    .any(|(path, numbers)| {
                        let numbers: BTreeSet<u64> =
                            numbers.split(',').map(|n| n.parse().unwrap()).collect();
                        path.ends_with(file)
                            && records.iter().any(|record| numbers.contains(record))
                    })
            })
    };
    case.rows("movements.csv")
        .into_iter()
        .filter(cites)
        .collect()
}

#[test]
fn d01_has_no_source_and_no_account() {
    let Some(case) = lateral() else { return };
    let rows = citing(
        &case,
        "remote_file_copy_system_proc_file_write_sysmon_11.evtx",
        &[263_572],
    );
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row["src_ip"].as_str(), row["src_host"].as_str()), ("", ""));
    assert_eq!(row["src_basis"], "unknown");
    assert_eq!(row["account"], "");
    assert_eq!(row["ran_as"], "SYSTEM");
    assert_eq!(row["dst_host"], "04246w-win10.threebeesco.com");
    assert_eq!(row["grade"], "POSSIBLE");
}

#[test]
fn d02_is_one_movement_of_two_findings() {
    let Some(case) = lateral() else { return };
    let rows = citing(
        &case,
        "lateral_movement_startup_3_11.evtx",
        &[549_541, 549_542],
    );
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row["src_ip"], "10.0.2.17");
    assert_eq!(row["dst_host"], "MSEDGEWIN10");
    assert_eq!(row["rule_ids"].split(';').count(), 2);
    assert!(row["attack"].contains("T1547.001") && row["attack"].contains("T1021.002"));
    assert_eq!(row["grade"], "PROBABLE");
}

#[test]
fn d03_goes_to_its_target() {
    let Some(case) = lateral() else { return };
    let rows = citing(
        &case,
        "LM_sysmon_remote_task_src_powershell.evtx",
        &[589_693],
    );
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row["dst_ip"], "10.0.2.17");
    assert_eq!(row["src_ip"], "10.0.2.15");
    assert_eq!(row["account"], "MSEDGEWIN10\\IEUser");
    assert_eq!(row["grade"], "PROBABLE");
}

#[test]
fn d08_has_its_runs_and_nothing_of_the_interactive_user() {
    let Some(case) = lateral() else { return };
    let file = "LM_sysmon_3_12_13_1_SharpRDP.evtx";
    for run in [[311_362, 311_367, 311_369], [311_370, 311_375, 311_377]] {
        let rows = citing(&case, file, &run);
        assert_eq!(rows.len(), 1, "{run:?}");
        let cited = run.map(|record| record.to_string()).join(",");
        assert!(
            rows[0]["dst_evidence"].ends_with(&format!("#{cited}")),
            "{run:?}"
        );
        assert_eq!(rows[0]["src_ip"], "192.168.56.1");
        assert_eq!(rows[0]["grade"], "PROBABLE");
    }
    let later: Vec<u64> = (311_378..=311_500).collect();
    assert!(citing(&case, file, &later).is_empty());
}

#[test]
fn nothing_else_is_claimed_of_the_lateral_movement_captures() {
    let Some(case) = lateral() else { return };
    assert_eq!(case.rows("movements.csv").len(), 20, "{}", case.stdout);
}

#[test]
fn d32_is_no_movement() {
    let Some(folder) = corpus("AndrewRathbun+DFIRArtifactMuseum") else {
        return;
    };
    let case = analyze(&[&folder], &[]);
    assert!(case.rows("movements.csv").is_empty(), "{}", case.stdout);
    let said = case.stdout.contains("No lateral movement was found.");
    assert!(said, "{}", case.stdout);
}

/// Beside D31's two records there is only D24, of which nobody knows where it came from.
#[test]
fn d31_is_no_movement() {
    let path = "mdecrevoisier+EVTX-to-MITRE-Attack/TA0003-Persistence/T1543.003-Create or Modify System Process-Windows Service";
    let Some(folder) = corpus(path) else { return };
    let case = analyze(&[&folder], &[]);
    let rows = case.rows("movements.csv");
    let told = rows
        .iter()
        .map(|row| ["dst_host", "src_host", "src_ip", "grade"].map(|c| row[c].as_str()));
    let told: Vec<_> = told.collect();
    assert_eq!(told, [["rootdc1.offsec.lan", "", "", "POSSIBLE"]]);
}

#[test]
fn no_record_of_the_corpus_is_dropped_silently() {
    let Some(folder) = corpus("") else { return };
    let case = analyze(&[&folder], &["--mft", "full"]);
    assert_eq!(case.code, 3, "some files are damaged: {}", case.stderr);
    let manifest = case.manifest();
    let counts = &manifest["counts"];
    let count = |name: &str| counts[name].as_u64().unwrap();
    // A record of a log is one event; hives have as many as their keys have values that tell something, and
    // file tables as many as their names have times.
    let is_log = |kind: &str| !kind.starts_with("registry") && !["mft", "usn"].contains(&kind);
    for input in manifest["inputs"].as_array().unwrap() {
        let number = |name: &str| input[name].as_u64().unwrap();
        if is_log(input["kind"].as_str().unwrap()) {
            let records = number("records") + number("recovered");
            assert_eq!(records, number("events"), "{}", input["path"]);
        }
    }
    assert!(count("recovered") > 500, "{}", count("recovered"));
    let rows = counts["timeline_rows"].as_u64().unwrap() + counts["undated_rows"].as_u64().unwrap();
    assert_eq!(
        rows,
        counts["events"].as_u64().unwrap() - counts["duplicates"].as_u64().unwrap()
    );
    for input in manifest["inputs"].as_array().unwrap() {
        let path = input["path"].as_str().unwrap();
        let issues = case.rows("issues.csv");
        let losses = issues.iter().filter(|row| row["severity"] == "loss");
        let damaged = losses.filter(|row| row["evidence_file"] == path).count() > 0;
        assert_eq!(input["status"] == "damaged", damaged, "{path}");
    }
    check_known_counts(&manifest);
}

/// Logs whose header understates them, and what they hold (FACTS.md).
fn check_known_counts(manifest: &serde_json::Value) {
    for (name, records) in [
        ("APTSimulatorVM/Security.evtx", 5337),
        (
            "APTSimulatorVM/Microsoft-Windows-Sysmon%4Operational.evtx",
            1402,
        ),
        ("RathbunVM/Security.evtx", 5229),
        ("samples/sysmon.evtx", 358),
        ("samples/issue_201.evtx", 1),
    ] {
        let inputs = manifest["inputs"].as_array().unwrap();
        let input = inputs
            .iter()
            .find(|input| input["path"].as_str().unwrap().ends_with(name));
        assert_eq!(input.unwrap()["records"], records, "{name}");
    }
}

/// Cases of several logs of one host, or of several hosts (FACTS.md D04, D09, DM1–DM5): files, address and name of the
/// source, target, account, technique, part of what ran, grade.
#[rustfmt::skip]
const CASES: [[&str; 8]; 7] = [
    [ATEXEC, "10.0.2.17", "", "WIN-77LTAPHIQ1R.example.corp", r"EXAMPLE\Administrator", "T1053.005", "tasklist", "CONFIRMED"],
    [PSEXEC, "10.0.2.19", "", "IEWIN7", "", "T1569.002", "powershell", "PROBABLE"],
    ["schtask_modification", "172.18.39.5", FIVE, SIX, PEDRO, "T1053.005", "powershell", "CONFIRMED"],
    ["covenant_copy_smb_CreateRequest", "172.18.39.5", FIVE, SIX, PEDRO, "T1570", "GruntHTTP.exe", "CONFIRMED"],
    ["covenant_sharpsc_create_dcerpc_smb_svcctl", "172.18.39.5", FIVE, SIX, PEDRO, "T1543.003", "GruntHTTP2.exe", "CONFIRMED"],
    ["covenant_sharpwmi_create_dcerpc_wmi", "172.18.39.5", FIVE, SIX, PEDRO, "T1047", "GruntHTTP2.exe", "CONFIRMED"],
    ["covenant_com_wsman_automation", "172.18.39.5", FIVE, SIX, PEDRO, "T1021.006", "whoami", "CONFIRMED"],
];
const ATEXEC: &str = "Lateral Movement/LM_ScheduledTask_ATSVC_target_host.evtx;Execution/temp_scheduled_task_4698_4699.evtx";
const PSEXEC: &str = "Lateral Movement/LM_sysmon_psexec_smb_meterpreter.evtx";
const FIVE: &str = "WORKSTATION5.theshire.local";
const SIX: &str = "WORKSTATION6.theshire.local";
const PEDRO: &str = r"THESHIRE\pgustavo";

/// The files of a case, when they are there.
fn files_of(names: &str) -> Option<Vec<std::path::PathBuf>> {
    let file = |name: &str| match name.strip_suffix(".evtx") {
        Some(_) => format!("sbousseaden+EVTX-ATTACK-SAMPLES/{name}"),
        None => format!(
            "OTRF+Security-Datasets/datasets/atomic/windows/lateral_movement/host/{name}.zip"
        ),
    };
    names.split(';').map(|name| corpus(&file(name))).collect()
}

#[test]
fn cases_of_several_logs_are_one_movement_each() {
    for [files, ip, host, target, account, attack, ran, grade] in CASES {
        let Some(paths) = files_of(files) else { return };
        let paths: Vec<&std::path::Path> = paths.iter().map(AsRef::as_ref).collect();
        let case = analyze(&paths, &[]);
        let rows = case.rows("movements.csv");
        assert_eq!(rows.len(), 1, "{files}: {}", case.stdout);
        let row = &rows[0];
        for (column, value) in [
            ("src_ip", ip),
            ("src_host", host),
            ("dst_host", target),
            ("account", account),
            ("grade", grade),
        ] {
            assert_eq!(row[column], value, "{files}: {column}");
        }
        assert!(row["attack"].contains(attack), "{files}: {}", row["attack"]);
        assert!(
            row["what_ran"].contains(ran),
            "{files}: {}",
            row["what_ran"]
        );
        let has_session = account.is_empty() || !row["sessions"].is_empty();
        assert!(has_session, "{files}: {}", row["sessions"]);
    }
}

/// An export whose times are not UTC, as its own Sysmon records show: the movement says so.
#[test]
fn a_movement_whose_times_are_in_doubt_says_so() {
    let path = "OTRF+Security-Datasets/datasets/atomic/windows/lateral_movement/host/schtask_modification.zip";
    let Some(archive) = corpus(path) else { return };
    let case = analyze(&[&archive], &[]);
    let movement = &case.rows("movements.csv")[0];
    assert!(
        movement["skew_note"].contains("does not fit"),
        "{movement:?}"
    );
    assert!(movement["dst_evidence"].contains("#@0x"), "{movement:?}");
    assert!(case.text("report.md").contains("| times in doubt | "));
}
