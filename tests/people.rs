//! Sessions, hosts and accounts of a whole run, and what the responder says of them.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::Path;

use common::{Case, Row, analyze, samples};
use samples::corp::{DAY, DEPLOY};
use samples::regf::{Data, Hive, Key};
use samples::time::FileTime;

fn row<'a>(rows: &'a [Row], column: &str, value: &str) -> &'a Row {
    let mut found = rows.iter().filter(|row| row[column] == value);
    let first = found
        .next()
        .unwrap_or_else(|| panic!("no {column} {value}"));
    assert!(found.next().is_none(), "several {column} {value}");
    first
}

fn with_file(option: &str, text: &str) -> Case {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    analyze(&[&samples()], &[option, file.path().to_str().unwrap()])
}

/// The network logon that came first, both tokens and the desktop: one session.
#[test]
fn a_remote_desktop_session_is_one_row() {
    let case = analyze(&[&samples()], &[]);
    let mut sessions = case.rows("sessions.csv");
    sessions.retain(|row| row["host"] == "SRV02.corp.example.com");
    let desktop = row(&sessions, "type", "10");
    assert_eq!(desktop["user"], r"CORP\svc-deploy");
    assert_eq!(desktop["src_ip"], "10.20.30.11");
    assert_eq!(desktop["src_host"], "WS01");
    assert_eq!(desktop["other_logon_ids"].split(';').count(), 2);
    assert_eq!(desktop["end_basis"], "logoff");
    assert_eq!(desktop["admin"], "yes");
    // What ran in it is what Sysmon saw with its id, under the movement, too.
    assert!(desktop["processes"].parse::<u64>().unwrap() >= 4);
    let movements = case.rows("movements.csv");
    let movement = row(&movements, "attack", "T1021.001;T1059.003");
    assert!(movement["sessions"].starts_with(&desktop["logon_id"]));
    assert!(
        movement["process_tree"].contains("; >>> whoami"),
        "{}",
        movement["process_tree"]
    );
    assert!(movement["steps"].starts_with("authenticate="));
}

#[test]
fn hosts_and_accounts_are_known_by_what_proves_them() {
    let case = analyze(&[&samples()], &[]);
    let hosts = case.rows("hosts.csv");
    let server = row(&hosts, "host", "SRV02.corp.example.com");
    assert_eq!(server["names"], "SRV02.corp.example.com;SRV02");
    assert!(
        server["addresses"].starts_with("10.20.30.22@"),
        "{}",
        server["addresses"]
    );
    assert_eq!(server["role"], "server");
    assert!(!server["machine_id"].is_empty());
    let named = row(&hosts, "host", "WS07");
    assert_eq!(
        (named["machine_id"].as_str(), named["basis"].as_str()),
        ("", "machine account")
    );
    let accounts = case.rows("accounts.csv");
    let system = row(&accounts, "sid", "S-1-5-18");
    assert_eq!(
        (system["account"].as_str(), system["kind"].as_str()),
        (r"NT AUTHORITY\SYSTEM", "system")
    );
    let intruder = row(&accounts, "account", r"CORP\svc-deploy");
    assert_eq!(intruder["kind"], "user");
    let sessions = case.rows("sessions.csv");
    let own = sessions
        .iter()
        .filter(|row| row["sid"] == intruder["sid"])
        .count();
    assert_eq!(intruder["sessions"], own.to_string());
    let machine = row(&accounts, "account", r"CORP\WS07$");
    assert_eq!(machine["kind"], "machine");
    // WS01 has no Security log: Sysmon gives the name, and the profile the SID.
    let named = row(&accounts, "account", r"CORP\j.moreau");
    assert_eq!(named["sid"], "");
    assert_eq!(named["hosts"], "WS01.corp.example.com");
    assert_eq!(named["basis"], "own log");
    assert_eq!(named["first_utc"], "2026-03-02T20:51:00.0000000Z");
    let own = |row: &&Row| row["sid"].is_empty() && row["user"] == named["account"];
    let own = sessions.iter().filter(own).count();
    assert_eq!((named["sessions"].as_str(), own), ("1", 1));
    let alone = accounts.iter().filter(|row| row["sid"].is_empty());
    assert_eq!(alone.count(), 1, "all others are known with a SID");
}

/// An address that only the responder knows to be a host's.
#[test]
fn what_the_responder_says_of_addresses_counts_first() {
    let shortcut = |case: &Case| {
        let rows = case.rows("movements.csv");
        let rows = rows
            .into_iter()
            .find(|row| row["what_ran"].ends_with("sync.lnk"));
        let row = rows.unwrap();
        ["src_host", "src_basis", "src_resolved_by"].map(|column| row[column].clone())
    };
    let found = shortcut(&analyze(&[&samples()], &[]));
    assert_eq!(
        found,
        [
            "WS01.corp.example.com",
            "resolved",
            "own log of the connection"
        ]
    );
    let case = with_file("--hosts", "host,address\nVPN-POOL,10.20.30.11\n");
    assert_eq!(shortcut(&case), ["VPN-POOL", "resolved", "given"]);
    let hosts = case.rows("hosts.csv");
    assert_eq!(row(&hosts, "host", "VPN-POOL")["basis"], "given");
    let late = "host,address,from,to\nVPN-POOL,10.20.30.11,2026-03-03,\n";
    assert_eq!(shortcut(&with_file("--hosts", late)), found);
}

/// What is known demotes, says so, and takes nothing away.
#[test]
fn a_known_source_makes_movements_less_sure() {
    let before = analyze(&[&samples()], &[]).rows("movements.csv");
    let known = "kind,value,comment\nmanagement,10.20.30.0/28,deployment\n";
    let case = with_file("--known", known);
    let after = case.rows("movements.csv");
    assert_eq!(after.len(), before.len());
    let from = |rows: &[Row]| {
        let own = rows.iter().filter(|row| row["src_ip"] == "10.20.30.11");
        own.map(|row| row["grade"].clone()).collect::<Vec<_>>()
    };
    assert!(from(&before).iter().all(|grade| grade == "CONFIRMED"));
    assert!(from(&after).iter().all(|grade| grade == "PROBABLE"));
    let hint = "the source is known as a management system (deployment)";
    for row in after.iter().filter(|row| row["src_ip"] == "10.20.30.11") {
        assert!(
            row["false_positive_hint"].starts_with(hint),
            "{}",
            row["false_positive_hint"]
        );
    }
    assert!(case.text("report.md").contains(hint));
}

/// A hive of SRV02 whose BAM has these programs of svc-deploy.
fn hive_with(runs: &[(&str, FileTime)]) -> Vec<u8> {
    let mut root = Key::new("ROOT", DAY.at(0, 0, 0, 0));
    root.at("Select").number("Current", 1);
    let set = root.at("ControlSet001");
    set.at(r"Control\ComputerName\ComputerName")
        .text("ComputerName", "SRV02");
    let user = format!(r"Services\bam\State\UserSettings\{}", DEPLOY.sid());
    for (program, time) in runs {
        let bytes = [&time.0.to_le_bytes()[..], &[0; 16]].concat();
        set.at(&user).set(program, Data::Binary(bytes));
    }
    let hive = Hive {
        root,
        file_name: r"\SystemRoot\System32\Config\SYSTEM".to_owned(),
        written: DAY.at(23, 31, 12, 0),
        sequence: 4,
        minor: 5,
        granted: vec![DEPLOY.sid()],
    };
    hive.bytes()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), &to).unwrap();
        }
    }
}

/// What only the Background Activity Moderator has of the typed command's session is told with that, beside what Sysmon
/// saw.
#[test]
fn what_bam_alone_has_stands_in_the_tree() {
    let folder = tempfile::tempdir().unwrap();
    let host = folder.path().join("SRV02");
    copy(&samples().join("SRV02"), &host);
    let hive = hive_with(&[
        (
            r"\Device\HarddiskVolume3\Tools\probe.exe",
            DAY.at(22, 47, 31, 0),
        ),
        (
            r"\Device\HarddiskVolume3\Windows\System32\cmd.exe",
            DAY.at(22, 47, 27, 0),
        ),
        (
            r"\Device\HarddiskVolume3\Tools\later.exe",
            DAY.at(22, 50, 0, 0),
        ),
    ]);
    std::fs::write(host.join("Windows/System32/config/SYSTEM"), hive).unwrap();
    let case = analyze(&[folder.path()], &[]);
    let movements = case.rows("movements.csv");
    let tree = &row(&movements, "attack", "T1021.001;T1059.003")["process_tree"];
    let end = r"; \Device\HarddiskVolume3\Tools\probe.exe (BAM: last run)";
    assert!(tree.ends_with(end), "{tree}");
    assert_eq!(tree.matches("BAM").count(), 1, "{tree}");
    let report = case.text("report.md");
    let line = r"- 2026-03-02T22:47:31 `\Device\HarddiskVolume3\Tools\probe.exe` as `CORP\svc-deploy`, BAM: last run";
    assert!(report.contains(line));
}

/// A hive that does not say which machine it is of makes no host without a name.
#[test]
fn what_does_not_say_whose_it_is_is_no_host() {
    let folder = tempfile::tempdir().unwrap();
    let hive = samples().join("APP04/Windows/System32/config/SOFTWARE");
    std::fs::copy(hive, folder.path().join("SOFTWARE")).unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert!(case.manifest()["counts"]["events"].as_u64().unwrap() > 0);
    for host in case.rows("hosts.csv") {
        assert_ne!(host["names"], "", "{host:?}");
    }
}
