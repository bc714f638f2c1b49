//! What putting sessions and identities together costs: `cargo bench --bench sessions`.
//!
//! `HOSTS` hosts (2,000 by default) with `LOGONS` logons in all (1,000,000 by default), each with its privileges and
//! its logoff: three events. They are noted segment by segment, as the second look does, and put together; what is
//! measured leaves out the making of the events. Sorters keep 8 MiB each.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail")]
#![expect(clippy::print_stdout, reason = "a benchmark's result")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use detectors::enrich::Facts;
use detectors::identity::{self, Identities};
use detectors::session::{self, Session, Sessions};
use timeline::sort::{Batch, Sorter};
use timeline::{Event, EvidenceId, Provenance, Segment, State, Ticks, Uid, Value};

const BUDGET: usize = 8 << 20;
const SECOND: i64 = 10_000_000;
/// Users of the domain, beside the machines' accounts.
const USERS: u64 = 5_000;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn main() {
    // Whoever only wants to know that it compiles.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let (hosts, logons) = (number("HOSTS", 2_000), number("LOGONS", 1_000_000));
    let folder = tempfile::tempdir().unwrap();
    let empty = || Sorter::new(folder.path(), BUDGET);
    let (mut of_sessions, mut of_identities) = (empty(), empty());
    let mut noting = Duration::ZERO;
    for host in 0..hosts {
        let segment = evening(host, hosts, logons / hosts);
        let machine = format!("srv{host:04}.corp.example.com");
        let began = Instant::now();
        let mut batch = Batch::default();
        session::note(&segment, &machine, &mut batch);
        of_sessions.absorb(&batch).unwrap();
        batch.clear();
        identity::note(&segment, &machine, &mut batch);
        of_identities.absorb(&batch).unwrap();
        noting += began.elapsed();
    }
    let before = peak();
    let began = Instant::now();
    let sorted = of_sessions.finish().unwrap();
    let (sessions, by_time) = Sessions::build(folder.path(), BUDGET, sorted).unwrap();
    let in_order = by_time.filter(|item| Session::of_item(item.as_ref().unwrap()).is_some());
    let told = in_order.count();
    let putting = began.elapsed();
    let began = Instant::now();
    let built = identities(folder.path(), of_identities, hosts);
    let naming = began.elapsed();
    assert_eq!(told as u64, sessions.count);
    println!(
        "{hosts} hosts, {} events, {told} sessions, {} accounts, {} hosts named",
        3 * (logons / hosts) * hosts,
        built.accounts.len(),
        built.hosts.len()
    );
    println!(
        "noted in {:.1} s, sessions put together in {:.1} s, hosts and accounts in {:.1} s: {:.1} s on one core",
        noting.as_secs_f64(),
        putting.as_secs_f64(),
        naming.as_secs_f64(),
        (noting + putting + naming).as_secs_f64()
    );
    println!(
        "peak memory {} MiB, {before} MiB of it before they were put together",
        peak()
    );
}

fn identities(folder: &Path, notes: Sorter, hosts: u64) -> identity::Built {
    let names: BTreeMap<String, String> = (0..hosts)
        .map(|host| format!("srv{host:04}.corp.example.com"))
        .map(|name| (name.clone(), name.to_uppercase()))
        .collect();
    let facts = Facts::build(folder, Sorter::new(folder, BUDGET)).unwrap();
    let sorted = notes.finish().unwrap();
    Identities::build(folder, sorted, &names, str::to_owned, &facts, Vec::new()).unwrap()
}

/// One host's logons, a minute apart, every eighth of them by a machine.
fn evening(host: u64, hosts: u64, logons: u64) -> Segment {
    let mut segment = Segment::default();
    let begin = Ticks::from_unix(1_772_480_000, 0).unwrap();
    for logon in 0..logons {
        let id = format!("{:#x}", 0x10_0000 + logon * 0x51);
        let from = (host * 7 + logon) % hosts;
        let user = (host * 31 + logon * 17) % USERS;
        let (name, rid) = if logon % 8 == 0 {
            (format!("SRV{from:04}$"), 10_000 + from)
        } else {
            (format!("user{user}"), 1_100 + user)
        };
        let own: [(&str, String); 9] = [
            (
                "event.provider",
                "Microsoft-Windows-Security-Auditing".into(),
            ),
            ("winlog.logon.id", id),
            ("winlog.logon.type", "Network".into()),
            ("winlog.event_data.LogonType", "3".into()),
            ("user.domain", "CORP".into()),
            ("user.name", name),
            (
                "user.id",
                format!("S-1-5-21-1804652287-3120057731-2267493018-{rid}"),
            ),
            (
                "winlog.event_data.LogonGuid",
                format!("{{{host:08X}-{logon:04X}-0000-0000-000000000001}}"),
            ),
            (
                "source.ip",
                format!("10.{}.{}.{}", from / 65_536, from / 256 % 256, from % 256),
            ),
        ];
        for (place, code) in ["4624", "4672", "4634"].into_iter().enumerate() {
            let second = i64::try_from(60 * logon).unwrap() + i64::try_from(place * 5).unwrap();
            push(
                &mut segment,
                Ticks(begin.0 + second * SECOND),
                (host, logon * 3 + place as u64),
                code,
                &own,
            );
        }
    }
    segment
}

fn push(
    segment: &mut Segment,
    time: Ticks,
    (host, record): (u64, u64),
    code: &str,
    own: &[(&str, String)],
) {
    let mut uid = [0; 16];
    uid[..8].copy_from_slice(&host.to_be_bytes());
    uid[8..].copy_from_slice(&record.to_be_bytes());
    let name = format!("SRV{host:04}.corp.example.com");
    let mut values: Vec<_> = own
        .iter()
        .map(|(name, text)| (segment.names.field(name), Value::from(text.as_str())))
        .collect();
    values.push((segment.names.field("event.code"), Value::from(code)));
    segment.push(&Event {
        time: Some(time),
        host: &name,
        channel: "Security",
        provenance: Provenance {
            evidence: EvidenceId(0),
            record,
            offset: 0,
            state: State::Live,
        },
        uid: Uid(uid),
        values: &values,
    });
}

/// The most memory that the process had, in MiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes =
        line.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
