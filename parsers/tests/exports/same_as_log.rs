//! A log and its export are the same events. The XML is that of the `evtx` crate, which knows
//! nothing of our reader.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use evtx::{EvtxParser, ParserSettings};
use walkdir::WalkDir;

use crate::keep::Keep;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/evidence");
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus");

fn logs(folder: &str) -> Vec<PathBuf> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = files.flatten().map(walkdir::DirEntry::into_path);
    let is_log = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("evtx"))
    };
    files.filter(is_log).collect()
}

/// The events of a log as one document.
fn to_xml(log: &[u8]) -> String {
    let settings = ParserSettings::default().num_threads(1).indent(false);
    let mut parser = EvtxParser::from_buffer(log.to_vec()).unwrap();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Events>");
    let settings = Arc::new(settings);
    for chunk in parser.chunks() {
        let Ok(mut data) = chunk else { continue };
        let Ok(mut chunk) = data.parse(Arc::clone(&settings)) else {
            continue;
        };
        for record in chunk.iter().flatten() {
            let event = record.into_xml().unwrap().data;
            let declaration = event.find("?>").map_or(0, |at| at + 2);
            xml.push_str(event[declaration..].trim());
            xml.push('\n');
        }
    }
    xml.push_str("</Events>");
    xml
}

#[expect(clippy::disallowed_methods, reason = "a test opens files")]
fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn the_samples_and_their_xml_are_the_same_events() {
    let logs = logs(SAMPLES);
    assert!(!logs.is_empty());
    for path in logs {
        let log = bytes_of(&path);
        let xml = to_xml(&log);
        let ours = Keep::read(&log, "evtx");
        let utf8 = Keep::read(xml.as_bytes(), "evtx-xml");
        let utf16: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16 = Keep::read(&utf16, "evtx-xml");
        assert_eq!(utf8.issues, [], "{}", path.display());
        assert_eq!(utf16.issues, [], "{}", path.display());
        assert_eq!(ours.events(), utf8.events(), "{}", path.display());
        assert_eq!(ours.events(), utf16.events(), "{}", path.display());
    }
}

/// What the crate's XML cannot say makes a few records differ: characters that XML does not allow,
/// and what two readers make of the rest of a damaged record.
#[test]
fn the_corpus_and_its_xml_are_the_same_events() {
    let logs = logs(CORPUS);
    if logs.is_empty() {
        println!("skipped: corpus not present");
        return;
    }
    let (mut same, mut all) = (0, 0);
    for path in logs {
        let log = bytes_of(&path);
        let xml = to_xml(&log);
        if !xml.contains("<Event ") {
            continue;
        }
        let identities = |keep: &Keep| keep.events().into_iter().map(|(uid, _)| uid);
        let ours: BTreeSet<_> = identities(&Keep::read(&log, "evtx")).collect();
        let theirs = Keep::read(xml.as_bytes(), "evtx-xml");
        assert_eq!(theirs.losses(), [], "{}", path.display());
        all += theirs.segment.len();
        same += identities(&theirs).filter(|uid| ours.contains(uid)).count();
    }
    println!("{same} of {all} events are the same");
    assert!(all - same < 20, "{same} of {all}");
}
