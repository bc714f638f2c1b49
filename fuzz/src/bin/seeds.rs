//! Writes what the fuzzer starts from: `seeds OUT [LOGS]`. The golden records in every form and, of
//! the event logs below a folder, small first chunks.

use std::fs;
use std::path::Path;

use fuzz::{GOLDEN, content};

/// Chunks with more in them make the fuzzer slow.
const SMALL: usize = 12 * 1024;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let out = arguments.next().expect("usage: seeds OUT [LOGS]");
    let out = Path::new(&out);
    for target in ["event_log", "mapper", "export", "hive", "query"] {
        fs::create_dir_all(out.join(target))?;
    }
    let mut logs = Vec::new();
    for (number, golden) in GOLDEN.iter().enumerate() {
        logs.push((format!("golden-{number}"), golden.log()));
        let exports = [
            (0, golden.xml()),
            (4, golden.winlogbeat()),
            (4, golden.nxlog()),
        ];
        for (form, (first, text)) in exports.into_iter().enumerate() {
            let path = out.join(format!("export/golden-{number}-{form}"));
            fs::write(path, with_form(first, text.as_bytes()))?;
        }
    }
    if let Some(folder) = arguments.next() {
        let files = walkdir::WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter();
        let files = files.flatten().map(walkdir::DirEntry::into_path);
        let files = files.filter(|path| path.extension().is_some_and(|end| end == "evtx"));
        for (number, file) in files.enumerate() {
            logs.push((format!("log-{number}"), fs::read(file)?));
        }
    }
    for (name, log) in logs {
        if let Some(content) = content(&log).filter(|content| content.len() <= SMALL) {
            fs::write(out.join("event_log").join(name), with_form(1, content))?;
        }
    }
    for (number, query) in queries()?.into_iter().enumerate() {
        fs::write(out.join(format!("query/{number}")), query)?;
    }
    hives(&out.join("hive"))?;
    let whole = with_form(0, &GOLDEN[0].log());
    fs::write(out.join("event_log/whole"), whole)
}

/// The bins of the samples' hives, with a log where there is one, and the actions of a task.
fn hives(out: &Path) -> std::io::Result<()> {
    let files = samples::hives::hive_files();
    for (number, file) in files.iter().enumerate() {
        let bins = file.bytes.get(4096..).unwrap_or_default();
        if file.path.ends_with("LOG1") || file.path.ends_with("LOG2") {
            let hive = &files[number - 1].bytes;
            let bins = hive.get(4096..).unwrap_or_default();
            let length = u16::try_from(bins.len()).unwrap_or(0).to_le_bytes();
            let entries = file.bytes.get(512..).unwrap_or_default();
            let seed = with_form(1, &[&length[..], bins, entries].concat());
            fs::write(out.join(format!("log-{number}")), seed)?;
        } else {
            fs::write(out.join(format!("hive-{number}")), with_form(0, bins))?;
        }
    }
    let actions = samples::windows::Task::com_handler_actions("Author", [1; 16], "data");
    fs::write(out.join("actions"), with_form(2, &actions))
}

/// The queries of our rules, and those of the language's tests.
fn queries() -> std::io::Result<Vec<String>> {
    let cases = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../detectors/eql/tests/conformance/cases.json"
    );
    let cases: serde_json::Value = serde_json::from_slice(&fs::read(cases)?)?;
    let cases = cases.as_array().into_iter().flatten();
    let queries = cases.filter_map(|case| case["query"].as_str().map(str::to_owned));
    let rules = detectors::rule::BUILTIN.iter();
    let rules = rules.filter_map(
        |(name, text)| match detectors::rule::Rule::parse(name, text) {
            Ok(detectors::rule::Parsed::Eql(rule)) => Some(rule.text),
            _ => None,
        },
    );
    Ok(queries.chain(rules).collect())
}

fn with_form(form: u8, bytes: &[u8]) -> Vec<u8> {
    let mut seed = vec![form];
    seed.extend_from_slice(bytes);
    seed
}
