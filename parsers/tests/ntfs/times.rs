//! What times become: one event for each, with all that it means.

use parsers::Machine;
use samples::ntfs::{Attribute, FileReference, MftRecord, Namespace, Times, kind};
use samples::time::{FileTime, Span};

use crate::table::{
    FIRST, TIME, as_folder, deleted, earlier, file, first, information, later, name, name_at,
    table, timed,
};
use crate::told::{Collected, Event, Told, all, one};

fn told(records: &[MftRecord]) -> Told {
    Collected::of_table(&Collected::table(table(records)))
}

fn times(created: FileTime, modified: FileTime, changed: FileTime, accessed: FileTime) -> Times {
    Times {
        created,
        modified,
        changed,
        accessed,
    }
}

/// What a file's events say, in short.
fn said(told: &Told, path: &str) -> Vec<[String; 5]> {
    let many = |event: &Event, field| all(event, field).join(" ");
    let said = told.at(path).into_iter().map(|event| {
        [
            one(event, "time"),
            many(event, "event.Ext.timestamp_kind"),
            many(event, "event.type"),
            many(event, "event.action"),
            format!(
                "{} {}",
                one(event, "event.kind"),
                one(event, "event.Ext.certainty")
            ),
        ]
    });
    said.collect()
}

#[track_caller]
fn check(told: &Told, path: &str, due: &[(FileTime, &str, &str, &str, &str)]) {
    let due: Vec<[String; 5]> = due
        .iter()
        .map(|(time, kinds, types, actions, how)| {
            let [kinds, types, actions, how] =
                [kinds, types, actions, how].map(|text| (*text).into());
            [time.to_string(), kinds, types, actions, how]
        })
        .collect();
    assert_eq!(said(told, path), due);
}

#[test]
fn equal_times_are_one_event_and_distinct_ones_several() {
    let standard = times(TIME, later(5), later(60), later(5));
    let told = told(&[timed(FIRST, "a.txt", standard, Times::all(TIME))]);
    check(
        &told,
        r"C:\a.txt",
        &[
            (
                TIME,
                "si_created fn_created fn_modified fn_changed fn_accessed",
                "creation",
                "creation file-name-created",
                "event exact",
            ),
            (
                later(5),
                "si_modified si_accessed",
                "change access",
                "modification open",
                "event exact",
            ),
            (
                later(60),
                "si_changed",
                "change",
                "metadata-changed",
                "event exact",
            ),
        ],
    );
    let event = told.first(r"C:\a.txt");
    for (field, time) in [
        ("file.created", TIME),
        ("file.mtime", later(5)),
        ("file.ctime", later(60)),
        ("file.accessed", later(5)),
    ] {
        assert_eq!(one(event, field), time.to_string(), "{field}");
    }
    assert_eq!(one(event, "file.Ext.mft.fn_created"), "");
}

#[test]
fn a_tick_is_enough_to_be_another_time() {
    let tick = FileTime(TIME.0 + 1);
    let told = told(&[timed(FIRST, "a.txt", Times::all(TIME), Times::all(tick))]);
    let event = told.first(r"C:\a.txt");
    assert_eq!(one(event, "file.Ext.mft.fn_created"), tick.to_string());
    let times: Vec<String> = told
        .at(r"C:\a.txt")
        .iter()
        .map(|event| one(event, "time"))
        .collect();
    assert_eq!(times, [TIME.to_string(), tick.to_string()]);
}

#[test]
fn the_last_access_is_an_event_only_where_windows_keeps_it() {
    let standard = times(TIME, TIME, TIME, later(90));
    let bytes = table(&[timed(FIRST, "a.txt", standard, Times::all(TIME))]);
    for (keeps, how) in [
        (Some(true), "event exact"),
        (Some(false), "state lower_bound"),
        (None, "state lower_bound"),
    ] {
        let mut collected = Collected::table(bytes.clone());
        collected.machine = Machine {
            keeps_last_access: keeps,
            ..Machine::default()
        };
        let said = said(&collected.of_table(), r"C:\a.txt");
        let due = [
            later(90).to_string(),
            "si_accessed".into(),
            "access".into(),
            "open".into(),
            how.into(),
        ];
        assert_eq!(said[1], due, "{keeps:?}");
    }
}

#[test]
fn a_creation_long_before_that_of_its_name_is_told_by_the_name() {
    let old = earlier(86_400);
    let told = told(&[timed(
        FIRST,
        "a.exe",
        times(old, TIME, TIME, TIME),
        Times::all(TIME),
    )]);
    check(
        &told,
        r"C:\a.exe",
        &[
            (
                old,
                "si_created",
                "info",
                "creation-time-set",
                "state doubtful",
            ),
            (
                TIME,
                "si_modified si_changed si_accessed fn_created fn_modified fn_changed fn_accessed",
                "creation change access",
                "creation modification metadata-changed file-name-created open",
                "event exact",
            ),
        ],
    );
    for event in &told.at(r"C:\a.exe") {
        assert_eq!(all(event, "file.Ext.time_marks"), ["timestomp-suspected"]);
        assert_eq!(one(event, "file.created"), old.to_string());
    }
}

#[test]
fn two_seconds_before_its_name_a_creation_is_believed() {
    for (ticks, is_believed) in [(0, true), (1, false)] {
        let created = FileTime(TIME.0 - Span::seconds(2).0 - ticks);
        let told = told(&[timed(
            FIRST,
            "a",
            times(created, TIME, TIME, TIME),
            Times::all(TIME),
        )]);
        let creation = &said(&told, r"C:\a")[0];
        assert_eq!(creation[3] == "creation", is_believed);
        let marks = all(told.first(r"C:\a"), "file.Ext.time_marks");
        assert_eq!(marks.is_empty(), is_believed);
    }
}

#[test]
fn content_older_than_its_file_was_copied_here() {
    let copied = times(TIME, earlier(900), TIME, TIME);
    let folder = as_folder(timed(FIRST + 1, "folder", copied, Times::all(TIME)));
    let told = told(&[
        timed(FIRST, "a.txt", copied, Times::all(TIME)),
        folder,
        file(FIRST + 2, FileReference::ROOT, "b.txt"),
    ]);
    let marks = |path| all(told.first(path), "file.Ext.time_marks");
    assert_eq!(marks(r"C:\a.txt"), ["copied-in"]);
    assert_eq!(marks(r"C:\folder"), [""; 0]);
    assert_eq!(marks(r"C:\b.txt"), [""; 0]);
}

#[test]
fn a_creation_at_a_whole_second_was_set() {
    let whole = FileTime::day(2026, 3, 2).at(9, 30, 0, 0);
    let named = Times::all(TIME);
    let told = told(&[
        timed(FIRST, "set", Times::all(whole), named),
        timed(FIRST + 1, "both", Times::all(whole), Times::all(whole)),
        timed(FIRST + 2, "sound", named, Times::all(whole)),
    ]);
    let marks = |path| all(told.first(path), "file.Ext.time_marks");
    assert_eq!(marks(r"C:\set"), ["zero-fraction"]);
    assert_eq!(marks(r"C:\both"), [""; 0]);
    assert_eq!(marks(r"C:\sound"), [""; 0]);
}

#[test]
fn a_file_with_two_names_was_renamed_when_the_newer_has_its_time_of_change() {
    let root = FileReference::ROOT;
    let newer = times(TIME, TIME, later(60), TIME);
    let record = MftRecord::new(first(FIRST))
        .with(information(newer))
        .with(name(root, "old"))
        .with(name_at(root, "new", Namespace::Posix, newer));
    let told = told(&[record, timed(FIRST + 1, "alone", newer, newer)]);
    let of_change = |path: &str| {
        let said = said(&told, path);
        let found = said
            .into_iter()
            .find(|said| said[0] == later(60).to_string());
        found.unwrap()[3].clone()
    };
    assert_eq!(of_change(r"C:\old"), "metadata-changed");
    assert_eq!(of_change(r"C:\new"), "metadata-changed rename");
    assert_eq!(of_change(r"C:\alone"), "metadata-changed");
}

#[test]
fn when_an_entry_was_deleted_is_not_known_but_not_before_its_last_time() {
    let standard = times(TIME, TIME, later(60), TIME);
    let told = told(&[deleted(timed(FIRST, "a.txt", standard, Times::all(TIME)))]);
    let said = said(&told, r"C:\a.txt");
    assert_eq!(said.len(), 3);
    assert_eq!(
        said[2],
        [
            &later(60).to_string(),
            "deleted_after",
            "deletion",
            "deletion",
            "state lower_bound"
        ]
    );
    for event in told.at(r"C:\a.txt") {
        assert_eq!(one(event, "file.Ext.mft.in_use"), "false");
        assert_eq!(one(event, "file.Ext.mft.sequence"), "2");
    }
}

#[test]
fn an_entry_without_any_time_is_told_once() {
    let none = Times::all(FileTime(0));
    let far = Times::all(FileTime(u64::MAX));
    let told = told(&[
        timed(FIRST, "none", none, none),
        timed(FIRST + 1, "far", far, none),
        deleted(timed(FIRST + 2, "gone", none, far)),
    ]);
    for (path, kind, action) in [
        (r"C:\none", "none", "file-exists"),
        (r"C:\far", "none", "file-exists"),
        (r"C:\gone", "deleted_after", "deletion"),
    ] {
        let said = said(&told, path);
        assert_eq!(said.len(), 1, "{path}");
        assert_eq!((&said[0][0][..], &said[0][1][..]), ("null", kind));
        assert_eq!(
            (&said[0][3][..], &said[0][4][..]),
            (action, "state lower_bound")
        );
    }
}

#[test]
fn times_of_a_name_that_say_nothing_new_are_states() {
    let named = times(TIME, earlier(7), TIME, TIME);
    let told = told(&[timed(FIRST, "a", Times::all(TIME), named)]);
    assert_eq!(
        said(&told, r"C:\a")[1],
        [
            &earlier(7).to_string(),
            "fn_modified",
            "info",
            "file-name-times",
            "state lower_bound"
        ]
    );
}

#[test]
fn one_attribute_alone_gives_its_own_times() {
    let only_name = MftRecord::new(first(FIRST)).with(name(FileReference::ROOT, "a"));
    let only_times = MftRecord::new(first(FIRST + 1)).with(information(Times::all(TIME)));
    let neither = MftRecord::new(first(FIRST + 2)).with(Attribute::resident(kind::DATA, vec![1]));
    let told = told(&[only_name, only_times, neither]);
    let of = |path: &str| said(&told, path)[0][1].clone();
    assert_eq!(of(r"C:\a"), "fn_created fn_modified fn_changed fn_accessed");
    assert_eq!(
        of(r"C:\$Orphan\$Unnamed-31"),
        "si_created si_modified si_changed si_accessed"
    );
    assert!(!told.each("file.inode").contains(&"32".into()));
}
