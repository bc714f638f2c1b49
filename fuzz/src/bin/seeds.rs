//! Writes what the fuzzer starts from: `seeds OUT [LOGS]`. The golden records in every form and, of
//! the event logs below a folder, small first chunks.

use std::fs;
use std::path::Path;

use fuzz::{GOLDEN, SAMPLE, content};

/// Chunks with more in them make the fuzzer slow.
const SMALL: usize = 12 * 1024;
/// Bytes of tables and journals.
const PIECE: usize = 16 * 1024;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let out = arguments.next().expect("usage: seeds OUT [LOGS]");
    let out = Path::new(&out);
    for target in [
        "event_log",
        "mapper",
        "export",
        "hive",
        "query",
        "mft",
        "usn",
    ] {
        fs::create_dir_all(out.join(target))?;
    }
    let (mut logs, mut volumes) = (Vec::new(), vec![SAMPLE.mft.clone(), SAMPLE.journal.clone()]);
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
        for (number, file) in files.enumerate() {
            if file.extension().is_some_and(|end| end == "evtx") {
                logs.push((format!("log-{number}"), fs::read(file)?));
            } else if is_of_volume(&file) {
                volumes.push(fs::read(file)?);
            }
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
    for (number, bytes) in volumes.iter().enumerate() {
        of_volume(out, number, bytes)?;
    }
    let whole = with_form(0, &GOLDEN[0].log());
    fs::write(out.join("event_log/whole"), whole)
}

/// Whether a file of the corpus is a table or a journal.
fn is_of_volume(path: &Path) -> bool {
    let is_table = path.extension().is_some_and(|end| end == "mft");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    is_table || name == "$MFT" || name.to_ascii_lowercase().starts_with("usnjrnl")
}

/// The start of a table or a journal, and the attributes of single records of a table.
fn of_volume(out: &Path, number: usize, bytes: &[u8]) -> std::io::Result<()> {
    if !bytes.starts_with(b"FILE") {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap_or_default();
        let rest = bytes.get(start & !7..).unwrap_or_default();
        let pages = rest.get(..rest.len().min(PIECE)).unwrap_or_default();
        fs::write(out.join(format!("usn/alone-{number}")), with_form(0, pages))?;
        return fs::write(out.join(format!("usn/table-{number}")), with_form(2, pages));
    }
    let pieces = bytes.chunks(PIECE).take(4);
    for (piece, records) in pieces.enumerate() {
        let path = out.join(format!("mft/table-{number}-{piece}"));
        fs::write(path, with_form(0, records))?;
    }
    let mut records = Vec::new();
    for record in bytes
        .chunks_exact(1024)
        .filter(|record| record.starts_with(b"FILE"))
    {
        let used = usize::from(u16::from_le_bytes([record[0x18], record[0x19]]));
        let attributes = record.get(0x38..used.min(510)).unwrap_or_default();
        let length = u16::try_from(attributes.len())
            .unwrap_or_default()
            .to_le_bytes();
        // Every third continues the first of its piece.
        let flags = if records.len() % 3 == 2 {
            0x87
        } else {
            record[0x16] | 1
        };
        records.push([&[flags, record[0x2c], 30][..], &length, attributes].concat());
    }
    for (piece, records) in records.chunks(9).take(6).enumerate() {
        let path = out.join(format!("mft/records-{number}-{piece}"));
        fs::write(path, with_form(1, &records.concat()))?;
    }
    fs::write(out.join("mft/owners"), with_form(2, &SAMPLE.security))
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
