//! What a thousand rules cost, beside what building the segments costs: `cargo bench --bench rules`.
//!
//! The events are those of `samples generate` (`EVENTS`, 200,000 by default), read back from a case so
//! that they are enriched. The rules have the shapes of spec/RULES.md, each with names of its own.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use detectors::matching::{Matching, Options, Seen};
use detectors::rule::{Rule, RuleSet};
use divan::Bencher;
use divan::counter::ItemsCount;
use parsers::{Input, Parser, evtx::Evtx};
use timeline::parquet::{EvidenceNames, read};
use timeline::sort::{Batch, Sorter};
use timeline::{Event, Field, Issue, Segment, Sink};

fn main() {
    divan::main();
}

/// How many rules.
const RULES: usize = 1000;

struct Data {
    /// Logs as they are read.
    logs: Vec<Vec<u8>>,
    /// Their events as a case has them.
    segments: Vec<Segment>,
    _folder: tempfile::TempDir,
}

static DATA: LazyLock<Data> = LazyLock::new(|| {
    let events = std::env::var("EVENTS").map_or(200_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence");
    let plan = samples::bulk::Plan {
        events,
        hosts: 8,
        seed: 7,
        out: evidence.clone(),
    };
    samples::bulk::generate(&plan).unwrap();
    let case = folder.path().join("case");
    let status = Command::new(env!("CARGO_BIN_EXE_sidetrack"))
        .arg("analyze")
        .arg(&evidence)
        .arg("--output")
        .arg(&case)
        .args(["--no-builtin-rules", "--timeline", "none", "--quiet"])
        .status();
    assert!(status.unwrap().success());
    Data {
        logs: files(&evidence, "evtx")
            .iter()
            .map(|path| std::fs::read(path).unwrap())
            .collect(),
        segments: segments(&case),
        _folder: folder,
    }
});

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    let paths = entries.into_iter().map(|entry| entry.unwrap().into_path());
    paths
        .filter(|path| path.extension().is_some_and(|own| own == ending))
        .collect()
}

/// The store of a case.
fn segments(case: &Path) -> Vec<Segment> {
    let manifest = std::fs::read(case.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let inputs = manifest["inputs"].as_array().unwrap();
    let names = inputs.iter().map(|input| timeline::parquet::EvidenceName {
        path: input["path"].as_str().unwrap().to_owned(),
        sha256: input["sha256"].as_str().unwrap().to_owned(),
    });
    let names = EvidenceNames::new(&names.collect::<Vec<_>>());
    files(case, "parquet")
        .iter()
        .map(|path| read(std::fs::File::open(path).unwrap(), &names).unwrap())
        .collect()
}

/// Keeps events as columns, a segment after the other.
#[derive(Default)]
struct Columns {
    segment: Segment,
    full: usize,
}

impl Sink for Columns {
    fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        self.segment.names.own_field(prefix, name)
    }

    fn event(&mut self, event: &Event<'_>) -> std::io::Result<()> {
        self.segment.push(event);
        if self.segment.is_full() {
            self.full += std::mem::take(&mut self.segment).len();
        }
        Ok(())
    }

    fn issue(&mut self, _: Issue) {}
}

fn events() -> ItemsCount {
    ItemsCount::new(DATA.segments.iter().map(Segment::len).sum::<usize>())
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn building_the_segments(bencher: Bencher<'_, '_>) {
    bencher.counter(events()).bench_local(|| {
        let mut sink = Columns::default();
        for log in &DATA.logs {
            Evtx.parse(&Input::new(log), &mut sink).unwrap();
        }
        sink.full + sink.segment.len()
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn a_thousand_rules(bencher: Bencher<'_, '_>) {
    let rules = rules();
    bencher.counter(events()).bench_local(|| findings(&rules));
}

/// Scans all segments and matches the candidates, on one thread.
fn findings(rules: &[Rule]) -> usize {
    let matching = Matching::new(rules, Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut sorter = Sorter::new(folder.path(), 64 << 20);
    let mut seen = Seen::default();
    let mut kept = Vec::new();
    for (number, segment) in (0u32..).zip(&DATA.segments) {
        let (mut batch, mut expected) = (Batch::default(), Batch::default());
        let candidates = matching.scan(segment, number, &mut batch, &mut expected);
        sorter.absorb(&batch).unwrap();
        kept.push(segment.select(&candidates.rows));
        seen.merge(&candidates.seen);
    }
    let complete = matching.complete(&seen);
    for (number, segment) in (0u32..).zip(&kept) {
        let mut batch = Batch::default();
        matching.collect(segment, number, &complete, &mut batch);
        sorter.absorb(&batch).unwrap();
    }
    let mut found = 0;
    let each = &mut |_| {
        found += 1;
        Ok(())
    };
    matching.run(sorter.finish().unwrap(), each).unwrap();
    found
}

/// Rules of ten shapes.
fn rules() -> Vec<Rule> {
    let texts: Vec<String> = (0..RULES).map(rule).collect();
    let names: Vec<String> = (0..RULES).map(|number| format!("{number}.toml")).collect();
    let pairs = names.iter().map(String::as_str);
    let set = RuleSet::read(pairs.zip(texts.iter().map(String::as_str)));
    set.unwrap_or_else(|errors| panic!("{}", errors[0])).rules
}

fn rule(number: usize) -> String {
    let query = SHAPES[number % SHAPES.len()].replace("NN", &number.to_string());
    let mut text = String::new();
    write!(
        text,
        "[rule]\nname = \"rule {number}\"\nrule_id = \"{number:08}\"\ntype = \"eql\"\nquery = '''\n{query}\n'''\n"
    )
    .unwrap();
    text
}

const SHAPES: [&str; 10] = [
    r#"process where event.type == "start" and
         (process.name : ("toolNN.exe", "altNN.exe") or process.pe.original_file_name : "ToolNN.EXE") and
         process.args : ("*/shareNN*", "\\\\*\\cNN$*", "-encNN*") and
         not process.parent.executable : ("?:\\Program Files\\vendorNN\\*.exe", "?:\\Windows\\ccmNN\\*")"#,
    r#"process where event.type == "start" and process.parent.name : ("wmiprvse.exe", "parentNN.exe") and
         process.command_line : ("*127.0.0.1\\ADMIN$\\__NN*", "*cmd.exe /Q /c *NN* 1> *") and
         not user.id in ("S-1-5-18", "S-1-5-19", "S-1-5-20")"#,
    r#"sequence by host.id, process.entity_id with maxspan=30s
         [network where event.type == "start" and process.pid == 4 and destination.port == NN and
            network.direction : ("incoming", "ingress") and source.ip != null and
            not cidrMatch(source.ip, "127.0.0.0/8", "::1/128")]
         [file where event.type in ("creation", "change") and process.pid == 4 and
            file.extension : ("exe", "dll", "bat", "cmd") and file.path : "*\\dirNN\\*"]"#,
    r#"sequence with maxspan=1m
         [file where event.type in ("creation", "change") and process.pid == 4 and
            file.extension : ("exe", "scr", "pif", "com") and file.name : "aNN*"] by host.id, file.Ext.path_key
         [process where event.type == "start" and
            not process.executable : ("?:\\Windows\\ccmsetup\\NN\\*.exe", "?:\\Windows\\AM_Delta*NN.exe")] by host.id, process.Ext.executable_key"#,
    r#"registry where event.type == "change" and registry.value : ("Actions", "valueNN") and
         registry.path : ("HKLM\\SOFTWARE\\*\\TaskCache\\NN\\*", "*\\Software\\RunNN\\*") and
         registry.data.strings : ("cmdNN*", "powershell*NN*", "?:\\Users\\*NN*")"#,
    r#"sequence by winlog.computer_name, winlog.logon.id with maxspan=1m
         [authentication where event.action == "logged-in" and winlog.logon.type : "Network" and
            event.outcome == "success" and source.ip != null and source.ip != "127.0.0.1" and source.ip != "::1" and
            user.name : "admNN*"]
         [iam where event.action == "service-installed" and winlog.event_data.ServiceName : "svcNN*"]"#,
    r#"sequence by host.id with maxspan=1m
         [network where event.type == "start" and process.name : "svchost.exe" and destination.port == NN and
            network.direction : ("incoming", "ingress")]
         [registry where event.type == "change" and process.name : "explorer.exe" and
            registry.path : "HKEY_USERS\\*\\RunMRU\\NN*"]
         [process where event.type == "start" and process.parent.name : ("cmd.exe", "powershell.exe") and
            process.args : "\\\\tsclient\\*NN.exe"]"#,
    r#"file where event.type == "creation" and file.name : ("psexesvcNN.exe", "*NN.key") and
         file.path : ("?:\\Windows\\*NN*", "\\\\*\\ADMIN$\\NN*") and not process.executable : "?:\\Windows\\System32\\NN.exe""#,
    r#"library where dll.name : ("taskschd.dll", "dllNN.dll") and process.name : ("powershell.exe", "procNN.exe") and
         not dll.code_signature.trusted == true and dll.path : "?:\\Users\\*\\NN\\*""#,
    r#"any where event.code in ("4624", "4648", "NN") and winlog.event_data.TargetUserName : ("svcNN", "adminNN*") and
         not winlog.event_data.IpAddress : ("10.NN.*", "192.168.NN.*")"#,
];
