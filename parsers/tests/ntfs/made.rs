//! The volumes of the samples, whose writer tells what it wrote: all of it is told, and nothing else.

use std::collections::BTreeMap;

use samples::ntfs::{Disk, FileName, FileReference, Namespace, Times, Written, reason};
use samples::time::FileTime;

use crate::told::{Collected, Event, all, one};

/// Kinds of times, in the order of both attributes.
const KINDS: [[&str; 4]; 2] = [
    ["si_created", "si_modified", "si_changed", "si_accessed"],
    ["fn_created", "fn_modified", "fn_changed", "fn_accessed"],
];
const ATTRIBUTES: [(u32, &str); 6] = [
    (0x1, "readonly"),
    (0x2, "hidden"),
    (0x4, "system"),
    (0x20, "archive"),
    (0x400, "reparse_point"),
    (0x2000, "not_content_indexed"),
];
/// What the samples' journals tell, with the actions of it.
const DEEDS: [(u32, &str); 8] = [
    (reason::FILE_CREATE, "creation"),
    (reason::DATA_OVERWRITE, "overwrite"),
    (
        reason::DATA_EXTEND | reason::DATA_TRUNCATION,
        "modification",
    ),
    (reason::DATA_TRUNCATION, "truncation"),
    (reason::RENAME_NEW_NAME, "rename"),
    (
        reason::STREAM_CHANGE | reason::NAMED_DATA_EXTEND,
        "stream-changed",
    ),
    (
        reason::BASIC_INFO_CHANGE
            | reason::SECURITY_CHANGE
            | reason::HARD_LINK_CHANGE
            | reason::REPARSE_POINT_CHANGE,
        "metadata-changed",
    ),
    (reason::FILE_DELETE, "deletion"),
];

fn disks() -> Vec<(Disk, Collected)> {
    let disks = samples::volumes::disks().expect("the volumes can be made");
    let disks = disks.into_iter().map(|(_, disk)| {
        let collected = Collected {
            table: Some(disk.mft.clone()),
            journal: disk.journal.clone(),
            security: Some(disk.security.clone()),
            letter: "E:",
            ..Collected::default()
        };
        (disk, collected)
    });
    disks.collect()
}

/// What was written, looked up by the entry.
struct Truth<'d>(BTreeMap<u64, &'d Written>);

impl<'d> Truth<'d> {
    fn of(disk: &'d Disk) -> Self {
        let files = disk.files.iter();
        Self(files.map(|file| (file.reference.entry, file)).collect())
    }

    /// The path of a folder, as long as no other file has its entry.
    fn folder(&self, reference: FileReference) -> String {
        if reference == FileReference::ROOT {
            return "E:".into();
        }
        let file = self.0.get(&reference.entry);
        let Some(file) = file.filter(|file| file.reference == reference && file.is_folder) else {
            return r"E:\$Orphan".into();
        };
        let name = long_names(file).last().expect("folders have names");
        format!(r"{}\{}", self.folder(name.parent), name.text())
    }

    fn path(&self, file: &Written, name: &FileName) -> String {
        if file.reference == FileReference::ROOT {
            return r"E:\".into();
        }
        format!(r"{}\{}", self.folder(name.parent), name.text())
    }
}

fn long_names(file: &Written) -> impl Iterator<Item = &FileName> {
    let names = file.names.iter();
    names.filter(|name| name.namespace != Namespace::Dos)
}

/// The distinct times, each with all that it is.
fn moments(standard: &Times, name: Option<&Times>) -> BTreeMap<FileTime, Vec<&'static str>> {
    let mut moments: BTreeMap<FileTime, Vec<&str>> = BTreeMap::new();
    for (times, kinds) in std::iter::once(standard).chain(name).zip(KINDS) {
        let all = [times.created, times.modified, times.changed, times.accessed];
        for (time, kind) in all.into_iter().zip(kinds) {
            moments.entry(time).or_default().push(kind);
        }
    }
    moments
}

fn text(time: FileTime) -> String {
    time.to_string()
}

/// What is to be told of a file by one of its names.
fn due(truth: &Truth<'_>, file: &Written, name: Option<&FileName>) -> Vec<String> {
    let FileReference { entry, sequence } = file.reference;
    let of_header = sequence + u16::from(file.is_deleted);
    let path = name.map_or_else(
        || format!(r"E:\$Orphan\$Unnamed-{entry}"),
        |name| truth.path(file, name),
    );
    let is_set = |(bit, name): (u32, &'static str)| (file.attributes & bit != 0).then_some(name);
    let attributes: Vec<&str> = ATTRIBUTES.into_iter().filter_map(is_set).collect();
    let shorts = file.names.iter().filter(|short| {
        short.namespace == Namespace::Dos && Some(short.parent) == name.map(|name| name.parent)
    });
    let shorts: Vec<String> = shorts.map(FileName::text).collect();
    let Times {
        created,
        modified,
        changed,
        accessed,
    } = file.times;
    let times = [created, modified, changed, accessed].map(text).join(" ");
    let size = if file.is_folder { 0 } else { file.length };
    let parent = name.map_or_else(String::new, |name| {
        format!("{}-{}", name.parent.entry, name.parent.sequence)
    });
    // A creation of the name stands beside that of the file where it is another.
    let of_name = name.map(|name| name.times);
    let of_name = of_name.filter(|times| times.created != created);
    let facts = format!(
        "{entry}-{of_header} {path} {} in {parent} short {} {size} [{}] {} [{}] {times} {} ",
        if file.is_folder { "dir" } else { "file" },
        shorts.join(" "),
        file.streams.join(" "),
        file.owner,
        attributes.join(" "),
        of_name.map_or_else(String::new, |times| text(times.created)),
    );
    let moments = moments(&file.times, name.map(|name| &name.times));
    let last = moments.keys().next_back().copied();
    let mut lines: Vec<String> = moments
        .into_iter()
        .map(|(time, kinds)| format!("{facts}{} {}", text(time), kinds.join(" ")))
        .collect();
    if let Some(last) = last.filter(|_| file.is_deleted) {
        lines.push(format!("{facts}{} deleted_after", text(last)));
    }
    lines
}

/// The same of an event.
fn told(event: &Event) -> String {
    let many = |field| all(event, field).join(" ");
    let one = |field| one(event, field);
    let size = one("file.size");
    format!(
        "{}-{} {} {} in {} short {} {} [{}] {} [{}] {} {} {} {} {} {} {}",
        one("file.inode"),
        one("file.Ext.mft.sequence"),
        one("file.path"),
        one("file.type"),
        one("file.Ext.mft.parent"),
        many("file.Ext.mft.short_name"),
        if size.is_empty() { "0" } else { &size },
        many("file.Ext.stream"),
        one("file.uid"),
        many("file.attributes"),
        one("file.created"),
        one("file.mtime"),
        one("file.ctime"),
        one("file.accessed"),
        one("file.Ext.mft.fn_created"),
        one("time"),
        many("event.Ext.timestamp_kind"),
    )
}

/// The first difference, for lists of thousands.
#[track_caller]
fn assert_same(mut told: Vec<String>, mut due: Vec<String>) {
    told.sort();
    due.sort();
    let missing = due.iter().find(|line| told.binary_search(line).is_err());
    let wrong = told.iter().find(|line| due.binary_search(line).is_err());
    assert_eq!((wrong, missing), (None, None));
    assert_eq!(told.len(), due.len());
}

#[test]
fn every_name_and_every_time_of_every_entry_is_told() {
    for (disk, collected) in disks() {
        let truth = Truth::of(&disk);
        let told_ = collected.of_table();
        assert_eq!(told_.issues(), [""; 0]);
        let mut lines = Vec::new();
        for file in &disk.files {
            if file.names.is_empty() {
                lines.extend(due(&truth, file, None));
            }
            for name in long_names(file) {
                lines.extend(due(&truth, file, Some(name)));
            }
        }
        assert_same(told_.events.iter().map(told).collect(), lines);
        let in_use = |event: &&Event| one(event, "file.Ext.mft.in_use") == "true";
        let living = told_.events.iter().filter(in_use);
        assert!(living.clone().all(|event| {
            let entry = one(event, "file.inode").parse().unwrap();
            !truth.0[&entry].is_deleted
        }));
        assert!(told_.events.len() > living.count());
    }
}

#[test]
fn paths_of_files_that_are_there_are_those_that_they_were_given() {
    let orphans = [
        ["Draft offer 1.docx", "Draft offer 2.docx"],
        ["payload.cab", "manifest.xml"],
    ];
    for ((disk, collected), orphans) in disks().into_iter().zip(orphans) {
        let mut paths = collected.of_table().paths();
        let living = disk.files.iter().filter(|file| !file.is_deleted);
        let named = living.filter(|file| file.reference != FileReference::ROOT);
        for path in named.flat_map(|file| &file.paths) {
            let path = path.replacen("C:", "E:", 1);
            assert!(paths.contains(&path), "{path}");
        }
        // The folders of these were used again.
        paths.retain(|path| path.contains("$Orphan") && !path.contains("$Unnamed"));
        assert_eq!(paths, orphans.map(|name| format!(r"E:\$Orphan\{name}")));
    }
}

#[test]
fn every_record_of_the_journal_is_told_with_what_is_new_in_it() {
    for (disk, collected) in disks() {
        let told = collected.of_journal();
        assert_eq!(told.issues(), [""; 0]);
        assert_eq!(told.keep.counts.records, disk.records.len() as u64);
        let mut known: BTreeMap<u128, u32> = BTreeMap::new();
        let mut old = String::new();
        let mut lines = Vec::new();
        for (usn, record) in &disk.records {
            let before = known.insert(record.file.0, record.reasons);
            let is_late = before.is_none() && record.reasons & reason::CLOSE != 0;
            let mut new = record.reasons & !before.unwrap_or_default();
            if record.reasons & reason::CLOSE != 0 {
                known.remove(&record.file.0);
            }
            let name = String::from_utf16_lossy(&record.name);
            if new & reason::RENAME_OLD_NAME != 0 {
                old = name;
                continue;
            }
            if is_late {
                assert_ne!(new & reason::FILE_DELETE, 0, "only deletions come alone");
                new = reason::FILE_DELETE;
            }
            let deeds = DEEDS.iter().filter(|(reasons, _)| new & reasons != 0);
            let deeds: Vec<&str> = deeds.map(|(_, deed)| *deed).collect();
            let was = if deeds.contains(&"rename") { &old } else { "" };
            if !deeds.is_empty() {
                let id = u64::try_from(record.file.0).unwrap();
                lines.push(format!(
                    "{usn:010} {} {}-{} {name} {} was {was}",
                    text(record.time),
                    id & 0xffff_ffff_ffff,
                    id >> 48,
                    deeds.join(" ")
                ));
            }
        }
        let line = |event: &Event| {
            assert!(one(event, "file.path").starts_with(r"E:\"));
            format!(
                "{:0>10} {} {}-{} {} {} was {}",
                one(event, "record"),
                one(event, "time"),
                one(event, "file.inode"),
                one(event, "file.Ext.mft.sequence"),
                one(event, "file.name"),
                all(event, "event.action").join(" "),
                one(event, "file.Ext.original.name"),
            )
        };
        assert_same(told.events.iter().map(line).collect(), lines);
    }
}

#[test]
fn a_file_that_was_moved_is_told_with_the_folders_of_each_moment() {
    let (_, workstation) = disks().into_iter().next().unwrap();
    let told = workstation.of_journal();
    let renamed: Vec<(String, String)> = told
        .events
        .iter()
        .filter(|event| all(event, "event.action") == ["rename"])
        .map(|event| {
            (
                one(event, "file.Ext.original.path"),
                one(event, "file.path"),
            )
        })
        .filter(|(_, path)| path.contains("Harbour Quay 2026") || path.contains("Site plan"))
        .collect();
    let below = r"E:\Users\j.moreau\Documents";
    assert_eq!(
        renamed,
        [
            (
                format!(r"{below}\Site plan Harbour Quay.pdf"),
                format!(r"{below}\Harbour Quay\Site plan Harbour Quay.pdf"),
            ),
            (
                format!(r"{below}\Harbour Quay"),
                format!(r"{below}\Harbour Quay 2026"),
            ),
        ]
    );
    // What happened in the folder before has its old name.
    let photo = format!(r"{below}\Harbour Quay\Site photos\IMG_2041.jpg");
    assert!(!told.at(&photo).is_empty());
}
