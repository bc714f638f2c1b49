//! The evidence as it lies on a disk, and what is typed and handed over with it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::payload::{LONE_SURROGATE, Payloads, classes, mark};
use crate::story::{Collected, collected, file_name};

/// Every so many classes the collection is an archive.
const EVERY_ARCHIVE: usize = 3;

/// What an analysis is given.
pub(crate) struct Hostile {
    pub(crate) evidence: PathBuf,
    pub(crate) rules: PathBuf,
    pub(crate) hosts: PathBuf,
    pub(crate) known: PathBuf,
    pub(crate) case_id: String,
    pub(crate) examiner: String,
}

impl Hostile {
    /// Writes it all below a folder.
    pub(crate) fn below(folder: &Path, payloads: Payloads) -> Self {
        let hostile = Self {
            evidence: folder.join("evidence"),
            rules: folder.join("rules"),
            hosts: folder.join("hosts.csv"),
            known: folder.join("known.csv"),
            case_id: payloads.all("ci"),
            examiner: payloads.all("ex"),
        };
        for class in classes() {
            let files = collected(payloads, class);
            let name = file_name(&payloads.text(class, "fo"));
            if class % EVERY_ARCHIVE == 0 {
                archive(
                    &hostile.evidence.join(name + ".zip"),
                    payloads,
                    class,
                    &files,
                );
            } else {
                for file in &files {
                    place(&hostile.evidence.join(&name), file);
                }
            }
            odd_files(&hostile.evidence, payloads, class);
            let rule = file_name(&payloads.text(class, "rf")) + ".toml";
            write(
                &hostile.rules.join(rule),
                rule_file(payloads, class).as_bytes(),
            );
        }
        not_unicode(&hostile.evidence);
        write(&hostile.hosts, &hosts(payloads));
        write(&hostile.known, &known(payloads));
        hostile
    }
}

fn place(folder: &Path, file: &Collected) {
    write(&folder.join(&file.path), &file.bytes);
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// The files as members whose folder is called as a payload says, even where that leads elsewhere.
fn archive(path: &Path, payloads: Payloads, class: usize, files: &[Collected]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    let folder = payloads.text(class, "me").replace(LONE_SURROGATE, "");
    for file in files {
        let name = format!("{folder}/{}", file.path);
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&file.bytes).unwrap();
    }
    zip.finish().unwrap();
}

/// What cannot be read, and what no parser reads: it is told by its name.
fn odd_files(evidence: &Path, payloads: Payloads, class: usize) {
    let name = |field| file_name(&payloads.text(class, field));
    write(&evidence.join(name("em") + ".evtx"), b"");
    write(&evidence.join(name("da") + ".zip"), b"PK\x03\x04 cut off");
    write(&evidence.join(name("un") + ".bin"), b"nothing");
    write(&evidence.join(name("pf") + ".pf"), b"\x1e\0\0\0SCCA");
    let task = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" \
         xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\"><RegistrationInfo><Author>{}</Author>\
         <URI>\\{}</URI></RegistrationInfo><Actions Context=\"Author\"><Exec><Command>{}</Command>\
         <Arguments>{}</Arguments></Exec></Actions></Task>",
        xml(&payloads.text(class, "ta")),
        xml(&payloads.text(class, "tu")),
        xml(&payloads.text(class, "tc")),
        xml(&payloads.text(class, "tg")),
    );
    let units = task.encode_utf16().flat_map(u16::to_le_bytes);
    let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
    let tasks = evidence.join("tasks/Windows/System32/Tasks");
    write(&tasks.join(name("tn")), &bytes);
}

/// Text in XML; what XML does not have by its number, as careless programs write it.
fn xml(text: &str) -> String {
    let part = |char: char| match char {
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '&' => "&amp;".into(),
        char if char.is_control() => format!("&#{};", char as u32),
        char => char.to_string(),
    };
    text.chars().map(part).collect()
}

#[cfg(unix)]
fn not_unicode(evidence: &Path) {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    write(
        &evidence.join(OsStr::from_bytes(b"\xff\x1b[31m\xc2\x9b.evtx")),
        b"",
    );
}

#[cfg(not(unix))]
fn not_unicode(_: &Path) {}

/// A rule that finds the service of its class, and says what its author wants a reader to see.
fn rule_file(payloads: Payloads, class: usize) -> String {
    // TOML's escapes are those of JSON, but that a deleted character has none there.
    let text = |field: &str| {
        let json = serde_json::to_string(&payloads.text(class, field)).unwrap();
        json.replace('\u{7f}', "\\u007f")
    };
    format!(
        "[rule]\nrule_id = {}\nname = {}\ndescription = {}\nnote = {}\nreferences = [{}, {}]\ntype = \"eql\"\n\
         severity = \"high\"\ntags = [{}]\nquery = '''\nany where event.action == \"service-installed\" and \
         service.name : (\"*{}*\", {})\n'''\n\n[[rule.threat]]\nframework = \"MITRE ATT&CK\"\n\
         tactic = {{ id = \"TA0008\", name = {} }}\n[[rule.threat.technique]]\nid = {}\nname = {}\n\n\
         [sidetrack]\nbasis = \"residue\"\nside = \"target\"\nstep = \"trigger\"\ninnocent = {}\n\n\
         [sidetrack.movement]\nwhen = \"1\"\ntarget_host = [\"1:host.name\"]\nran = [\"1:service.name\"]\n",
        text("ri"),
        text("rn"),
        text("rs"),
        text("rt"),
        text("rr"),
        serde_json::to_string(&format!("https://{}.example/", mark(class, "rx"))).unwrap(),
        text("tg"),
        mark(class, "sv"),
        serde_json::to_string(&mark(class, "qu")).unwrap(),
        text("tt"),
        text("ti"),
        text("te"),
        text("ri"),
    )
}

fn hosts(payloads: Payloads) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["host", "address"]).unwrap();
    for class in classes() {
        let host = payloads.text(class, "hg");
        csv.write_record([host, format!("10.{}.30.77", 20 + class)])
            .unwrap();
    }
    csv.into_inner().unwrap()
}

fn known(payloads: Payloads) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["kind", "value", "comment"]).unwrap();
    for class in classes() {
        let comment = payloads.text(class, "kn");
        // The first hosts that the others are reached from, as they stand in the evidence.
        let value = format!("10.{}.30.11", 20 + class);
        csv.write_record(["jump".to_owned(), value, comment])
            .unwrap();
    }
    csv.into_inner().unwrap()
}
