//! The sample evidence: is it what the story says, does the ground truth hold, is the rest quiet?
#![expect(
    clippy::unwrap_used,
    reason = "what cannot be made or read fails the test"
)]

mod naive;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use naive::Event;
use samples::committed;
use samples::corp::{APP04, DC01, FS03};
use samples::evidence::log_files;
use samples::expected::{Cited, Expected, expected};
use samples::intrusion::{CAST, MOVEMENTS, Movement};
use samples::ntfs::{Disk, Written, reason};
use samples::onward;
use samples::volumes::{disks, volume_files};
use samples::windows::{Host, Log};

const MOST_BYTES: usize = 1_500_000;
/// A log that is mostly empty has a chunk nevertheless.
const MOST_BYTES_OF_A_QUIET_LOG: usize = 140_000;
/// `FileDeleteDetected`.
const DELETED: u64 = 26;
const MOST_BYTES_OF_VOLUMES: usize = 900_000;

/// The movements of the whole story.
fn movements() -> impl Iterator<Item = Movement> {
    let onward = onward::MOVEMENTS.into_iter();
    MOVEMENTS
        .into_iter()
        .chain(onward.map(|(_, movement)| movement))
}

/// The records of one log.
fn log(host: &Host<'_>, log: Log) -> Vec<Event> {
    let mut files = log_files().unwrap().into_iter();
    let file = files.find(|file| file.host.name == host.name && file.log == log);
    naive::read(file.unwrap().bytes)
}

fn logs() -> Vec<Vec<Event>> {
    let files = log_files().unwrap();
    files
        .into_iter()
        .map(|file| naive::read(file.bytes))
        .collect()
}

fn truth() -> Expected {
    expected(&log_files().unwrap(), &disks().unwrap())
}

#[test]
fn the_committed_files_are_what_would_be_written() {
    let wrong = committed::check(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(wrong.is_empty(), "run `cargo run -p samples`: {wrong:?}");
}

#[test]
fn the_evidence_is_small_and_every_log_of_the_first_two_has_a_hundred_quiet_events() {
    let files = log_files().unwrap();
    assert!(files.iter().map(|file| file.bytes.len()).sum::<usize>() < MOST_BYTES);
    let (first, others) = files.split_at(3);
    for file in others {
        assert!(
            file.bytes.len() < MOST_BYTES_OF_A_QUIET_LOG,
            "{}",
            file.path()
        );
    }
    for file in first {
        let quiet = file
            .records
            .iter()
            .filter(|noted| noted.tag.is_empty())
            .count();
        assert!((100..300).contains(&quiet), "{quiet} in {}", file.path());
    }
}

#[test]
fn records_are_numbered_in_the_order_of_their_times() {
    for log in logs() {
        for pair in log.windows(2) {
            assert_eq!(pair[0].id + 1, pair[1].id);
            assert!(pair[0].created <= pair[1].created, "{pair:?}");
        }
    }
}

#[test]
fn exactly_the_expected_findings_are_there() {
    let all: Vec<_> = logs().into_iter().flatten().collect();
    let found: BTreeSet<_> = naive::matches(&all).into_iter().collect();
    let truth = truth();
    let findings = truth
        .movements
        .iter()
        .flat_map(|movement| &movement.findings);
    let due: BTreeSet<_> = findings
        // The naive matching knows the rules of telemetry.
        .filter_map(|finding| {
            let rule = MOVEMENTS.iter().flat_map(|movement| movement.findings);
            let rule = rule
                .map(|(rule, _)| *rule)
                .find(|rule| *rule == finding.rule)?;
            let records = finding.records.iter();
            Some((rule, records.map(|record| record.record_id).collect()))
        })
        .collect();
    assert_eq!(found, due);
    assert_eq!(due.len(), 6);
}

#[test]
fn every_cited_record_is_what_the_ground_truth_says() {
    let all: Vec<_> = logs().into_iter().flatten().collect();
    let truth = truth();
    let cited = truth
        .movements
        .iter()
        .flat_map(|movement| &movement.records);
    for Cited {
        host,
        channel,
        record_id,
        event_id,
        created,
        ..
    } in cited
    {
        let own = |event: &&Event| {
            event.id == *record_id && event.channel == *channel && event.computer == *host
        };
        let event = all.iter().find(own).unwrap();
        assert_eq!(event.code, u64::from(*event_id));
        assert_eq!(event.created, *created);
    }
}

#[test]
fn every_mark_that_is_cited_is_on_a_record() {
    let files = log_files().unwrap();
    let marks: BTreeSet<_> = files
        .iter()
        .flat_map(|file| file.records.iter().map(|noted| noted.tag))
        .collect();
    for movement in movements() {
        let tags = movement.findings.iter().flat_map(|(_, tags)| *tags);
        for tag in tags.chain(movement.also) {
            assert!(marks.contains(tag), "{tag}");
        }
    }
}

#[test]
fn connections_are_written_one_to_two_seconds_late() {
    let files = log_files().unwrap();
    let records = files.iter().flat_map(|file| &file.records);
    for noted in records.filter(|noted| noted.event_id == 3) {
        let late = (noted.created.0 - noted.time.0) / 10_000;
        assert!((1_000..=2_000).contains(&late), "{late} ms");
    }
}

#[test]
fn all_events_of_a_process_agree_on_it() {
    for log in logs() {
        let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
        let mut ended = BTreeMap::new();
        for event in log
            .iter()
            .filter(|event| !event.text("ProcessGuid").is_empty())
        {
            let guid = event.text("ProcessGuid");
            let own = (event.text("ProcessId"), event.text("Image"));
            assert_eq!(
                *known.entry(guid.clone()).or_insert_with(|| own.clone()),
                own
            );
            if event.is_sysmon(5) {
                ended.insert(guid, event.time);
            }
        }
        for event in &log {
            if let Some(end) = ended.get(&event.text("ProcessGuid")) {
                assert!(event.time <= *end, "{event:?}");
            }
        }
    }
}

#[test]
fn a_start_in_sysmon_is_a_start_in_the_security_log() {
    let logs = logs();
    let (sysmon, security) = (&logs[1], &logs[2]);
    for start in sysmon.iter().filter(|event| event.is_sysmon(1)) {
        let pid = format!("0x{:x}", start.data["ProcessId"].as_u64().unwrap());
        let twin = security.iter().find(|event| {
            event.code == 4688
                && event.text("NewProcessId") == pid
                && event.time.abs_diff(start.time) < 10
        });
        let twin = twin.unwrap_or_else(|| panic!("no 4688 for {start:?}"));
        assert_eq!(twin.text("CommandLine"), start.text("CommandLine"));
        let logon = start.text("LogonId");
        assert!([twin.text("SubjectLogonId"), twin.text("TargetLogonId")].contains(&logon));
    }
}

#[test]
fn a_session_that_does_something_on_the_server_has_logged_on_there() {
    let logs = logs();
    let (sysmon, security) = (&logs[1], &logs[2]);
    let logged_on: BTreeSet<_> = security
        .iter()
        .filter(|event| event.code == 4624)
        .map(|event| event.text("TargetLogonId"))
        .collect();
    let of_services = ["0x3e7", "0x3e4", "0x3e5"];
    let used = sysmon
        .iter()
        .filter(|event| event.is_sysmon(1))
        .map(|event| event.text("LogonId"));
    let used = used.chain(
        security
            .iter()
            .filter(|event| matches!(event.code, 4672 | 4697 | 4698 | 5140 | 5145))
            .map(|event| event.text("SubjectLogonId")),
    );
    for logon in used.filter(|logon| !of_services.contains(&logon.as_str())) {
        assert!(logged_on.contains(&logon), "{logon}");
    }
}

#[test]
fn both_ends_of_each_connection_between_the_hosts_say_the_same() {
    let logs = logs();
    let ends = |log: &[Event], initiated: bool| -> BTreeSet<_> {
        log.iter()
            .filter(|event| event.is_sysmon(3) && event.data["Initiated"] == initiated)
            .filter(|event| {
                event.text("SourceIp") == "10.20.30.11"
                    && event.text("DestinationIp") == "10.20.30.22"
            })
            .map(|event| (event.text("SourcePort"), event.text("DestinationPort")))
            .collect()
    };
    let (out, into) = (ends(&logs[0], true), ends(&logs[1], false));
    assert_eq!(out, into);
    assert_eq!(out.len(), 5);
}

#[test]
fn the_evening_has_everything_that_a_movement_is_mistaken_for() {
    let logs = logs();
    let server = &logs[1];
    let codes: BTreeSet<_> = logs[2].iter().map(|event| event.code).collect();
    for code in [4624, 4625, 4634, 4672, 4688, 4689, 4697, 4698, 5140, 5145] {
        assert!(codes.contains(&code), "{code}");
    }
    let kinds: BTreeSet<_> = logs[2]
        .iter()
        .filter(|event| event.code == 4624)
        .map(|event| event.text("LogonType"))
        .collect();
    assert_eq!(kinds, ["2", "3", "5", "7", "10"].map(str::to_owned).into());
    let with = |code, field: &str, part: &str| {
        server
            .iter()
            .any(|event| event.is_sysmon(code) && event.text(field).contains(part))
    };
    assert!(with(3, "SourceIp", "127.0.0.1"));
    assert!(with(3, "SourceIp", "0:0:0:0:0:0:0:1"));
    assert!(with(11, "TargetFilename", r"D:\Projects"));
    assert!(with(
        11,
        "TargetFilename",
        r"C:\Windows\SoftwareDistribution"
    ));
    assert!(with(
        13,
        "TargetObject",
        r"-1123\Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU"
    ));
    assert!(with(4, "State", "Started"));
}

/// Else an analysis would have to leave the source open.
#[test]
fn nobody_else_comes_in_within_a_minute_of_a_movement() {
    let all: Vec<_> = logs().into_iter().flatten().collect();
    let own = |event: &&Event| event.text("SourceIp") == "10.20.30.11";
    let (intruder, others): (Vec<_>, Vec<_>) =
        all.iter().filter(|event| event.is_inbound()).partition(own);
    assert_eq!(intruder.len(), 5);
    assert!(others.len() > 10);
    for (one, other) in intruder
        .iter()
        .flat_map(|one| others.iter().map(move |other| (one, other)))
    {
        assert!(one.time.abs_diff(other.time) > 60_000, "{other:?}");
    }
}

#[test]
fn logs_are_named_after_their_channels() {
    assert_eq!(
        Log::Sysmon.file_name(),
        format!("{}.evtx", Log::Sysmon.channel().replace('/', "%4"))
    );
}

/// Both hosts' Sysmon logs and disks: the workstation's, then the server's.
fn sysmon_and_disks() -> [(Vec<Event>, Disk); 2] {
    let mut logs = logs().into_iter();
    let [workstation, server, _] = disks().unwrap();
    [workstation, server].map(|(_, disk)| (logs.next().unwrap(), disk))
}

/// The time and the last part of the path of each file event.
fn files_of(log: &[Event], code: u64) -> BTreeSet<(String, String)> {
    let events = log.iter().filter(|event| event.is_sysmon(code));
    let events = events.filter(|event| event.text("TargetFilename").starts_with(r"C:\"));
    let name = |path: String| path.rsplit('\\').next().unwrap().to_owned();
    events
        .map(|event| (event.text("UtcTime"), name(event.text("TargetFilename"))))
        .collect()
}

/// The same of what the journal has for a reason.
fn files_in(disk: &Disk, reasons: u32) -> BTreeSet<(String, String)> {
    let records = disk.records.iter().map(|(_, record)| record);
    let records = records.filter(|record| record.reasons == reasons);
    let name = |name: &[u16]| String::from_utf16(name).unwrap();
    records
        .map(|record| (record.time.to_sysmon_text(), name(&record.name)))
        .collect()
}

#[test]
fn every_file_event_is_in_the_journal_at_the_same_time() {
    for (log, disk) in sysmon_and_disks() {
        let created = files_of(&log, 11);
        assert!(created.len() > 10);
        assert!(created.is_subset(&files_in(&disk, reason::FILE_CREATE)));
        let gone = files_in(&disk, reason::FILE_DELETE | reason::CLOSE);
        assert!(files_of(&log, DELETED).is_subset(&gone));
    }
    let [_, (server, _)] = sysmon_and_disks();
    assert_eq!(files_of(&server, DELETED).len(), 1);
}

#[test]
fn no_program_comes_or_goes_that_sysmon_did_not_see() {
    for (log, disk) in sysmon_and_disks() {
        let (first, last) = (log[0].text("UtcTime"), log[log.len() - 1].text("UtcTime"));
        let deleted = reason::FILE_DELETE | reason::CLOSE;
        for (code, reasons) in [(11, reason::FILE_CREATE), (DELETED, deleted)] {
            let mut found = files_in(&disk, reasons);
            found.retain(|(time, name)| {
                let ending = name.rsplit('.').next().unwrap();
                *time >= first && *time <= last && ["exe", "dll", "lnk"].contains(&ending)
            });
            assert!(found.is_subset(&files_of(&log, code)), "{found:?}");
        }
    }
}

#[test]
fn what_came_over_the_network_is_the_intruders_own() {
    let [_, (_, disk)] = sysmon_and_disks();
    let file = |name: &str| -> &Written {
        let is_it = |file: &&Written| file.paths.iter().any(|path| path.ends_with(name));
        disk.files.iter().find(is_it).unwrap()
    };
    let (tool, shortcut) = (file("winhlp64.exe"), file("sync.lnk"));
    assert_eq!([tool.owner, shortcut.owner], [CAST.account.sid(); 2]);
    assert!(tool.is_deleted && tool.times.modified < tool.times.created);
    assert!(!shortcut.is_deleted);
    assert_eq!(file("hs64.dll").owner.to_string(), "S-1-5-18");
}

#[test]
fn what_was_copied_again_is_the_intruders_own_too() {
    let [.., (host, disk)] = disks().unwrap();
    assert_eq!(host, APP04);
    let is_it = |file: &&Written| file.paths == [r"C:\Windows\winhlp64.exe"];
    let tool = disk.files.iter().find(is_it).unwrap();
    assert_eq!(tool.owner, CAST.account.sid());
    assert!(!tool.is_deleted && tool.times.modified < tool.times.created);
}

#[test]
fn nothing_is_logged_on_the_file_server_but_what_is_by_default() {
    let security = log(&FS03, Log::Security);
    let codes: BTreeSet<_> = security.iter().map(|event| event.code).collect();
    assert!(
        codes.is_subset(&[4624, 4625, 4634, 4647, 4648, 4672].into()),
        "{codes:?}"
    );
    let codes: BTreeSet<_> = log(&FS03, Log::System)
        .iter()
        .map(|event| event.code)
        .collect();
    for code in [12, 13, 6005, 6006, 6009, 7036, 7045] {
        assert!(codes.contains(&code), "{code}");
    }
}

#[test]
fn no_logon_over_the_network_is_left_where_the_log_was_cleared() {
    let security = log(&APP04, Log::Security);
    assert_eq!(security[0].code, 1102);
    let intruders = |event: &&Event| event.text("TargetUserName") == CAST.account.name;
    let left: Vec<_> = security
        .iter()
        .filter(intruders)
        .map(|event| event.code)
        .collect();
    assert_eq!(left, [4634]);
}

#[test]
fn every_logon_by_kerberos_has_its_ticket_on_the_domain_controller() {
    let controller = log(&DC01, Log::Security);
    let tickets: BTreeMap<_, _> = controller
        .iter()
        .filter(|event| event.code == 4769)
        .map(|event| (event.text("LogonGuid"), event))
        .collect();
    let mut services = BTreeSet::new();
    for logon in logs().into_iter().flatten() {
        if logon.code != 4624 || logon.text("AuthenticationPackageName") != "Kerberos" {
            continue;
        }
        let ticket = tickets[&logon.text("LogonGuid")];
        assert!(ticket.time <= logon.time && logon.time - ticket.time < 10);
        let address = format!("::ffff:{}", logon.text("IpAddress"));
        assert_eq!(ticket.text("IpAddress"), address);
        let (host, _) = logon.computer.split_once('.').unwrap();
        assert_eq!(ticket.text("ServiceName"), format!("{host}$"));
        services.insert(host.to_owned());
    }
    assert_eq!(
        services,
        ["APP04", "DC01", "FS03", "SRV02"].map(str::to_owned).into()
    );
}

#[test]
fn the_volumes_are_small() {
    let files = volume_files().unwrap();
    let bytes = files.iter().map(|file| file.bytes.len()).sum::<usize>();
    assert!(bytes < MOST_BYTES_OF_VOLUMES, "{bytes}");
    let hosts = files
        .chunks(3)
        .map(|files| files.iter().map(|file| file.path.as_str()));
    for paths in hosts {
        let names: Vec<_> = paths.map(|path| path.split_once('/').unwrap().1).collect();
        assert_eq!(names, ["$MFT", "$Extend/$J", "$Secure_$SDS"]);
    }
}
