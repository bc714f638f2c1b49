//! Every form of `export`, of a case whose every string is an attacker's.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use quick_xml::events::Event;
use serde_json::Value;
use tempfile::TempDir;

use crate::case::{path, story};
use crate::common::{Case, Row, sidetrack};
use crate::has;
use crate::outputs::{is_csv, is_formula, is_json, is_sound, is_visible};
use crate::payload::{CLASSES, classes, mark, marks};

/// A form, and what reads the main file of it.
struct Form {
    profile: &'static str,
    file: &'static str,
    /// Whether it takes `--raw` and `--tags`.
    takes_raw: bool,
    takes_tags: bool,
    check: fn(&str, &str),
}

const fn form(profile: &'static str, file: &'static str, check: fn(&str, &str)) -> Form {
    Form {
        profile,
        file,
        takes_raw: true,
        takes_tags: true,
        check,
    }
}

/// A form whose columns are fixed.
const fn fixed(profile: &'static str, file: &'static str, check: fn(&str, &str)) -> Form {
    Form {
        takes_raw: false,
        ..form(profile, file, check)
    }
}

/// A form of movements.
const fn of_movements(profile: &'static str) -> Form {
    Form {
        takes_tags: false,
        ..fixed(profile, "x.json", is_document)
    }
}

/// Every profile, in each of its forms.
const FORMS: [Form; 15] = [
    form("default", "x.csv", is_csv),
    form("default", "x.jsonl", is_lines),
    form("minimal", "x.csv", is_csv),
    form("minimal", "x.jsonl", is_lines),
    form("excel", "x.csv", is_sheet),
    form("tle", "x.csv", is_sheet),
    form("timesketch", "x.csv", is_csv),
    form("timesketch", "x.jsonl", is_lines),
    form("ecs", "x.ndjson", is_lines),
    form("l2tcsv", "x.csv", |what, text| {
        is_parted(what, text, ',', 17);
    }),
    fixed("bodyfile", "x.body", |what, text| {
        is_parted(what, text, '|', 11);
    }),
    fixed("tln", "x.tln", |what, text| is_parted(what, text, '|', 5)),
    fixed("masstin", "x.csv", |what, text| {
        is_parted(what, text, ',', 14);
    }),
    of_movements("navigator"),
    of_movements("stix"),
];

/// CSV as spreadsheets want it.
fn is_sheet(what: &str, text: &str) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    assert_eq!(
        text.matches('\n').count(),
        text.matches("\r\n").count(),
        "{what}"
    );
    is_csv(what, &text.replace("\r\n", "\n"));
}

/// Lines of JSON that are safe to look at.
fn is_lines(what: &str, text: &str) {
    assert!(is_json(what, text).iter().all(Value::is_object), "{what}");
}

/// One value in JSON, in as many lines as it likes.
fn is_document(what: &str, text: &str) {
    is_visible(what, text, &['\n']);
    serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{what}: {error}"));
}

/// Lines of so many values that nothing quotes, none of which a spreadsheet runs.
fn is_parted(what: &str, text: &str, separator: char, count: usize) {
    is_visible(what, text, &['\n']);
    for line in text.lines() {
        let cells: Vec<&str> = line.split(separator).collect();
        assert_eq!(cells.len(), count, "{what}: {line}");
        // `-` alone is plaso's word for nothing. What has no commas is no table of a spreadsheet.
        let is_run = |cell: &&&str| separator == ',' && **cell != "-" && is_formula(cell);
        assert_eq!(cells.iter().find(is_run), None, "{what}: {line}");
    }
}

/// A workbook of texts, numbers and dates, which calculates nothing and leads nowhere.
fn is_workbook(what: &str, file: &Path) -> BTreeSet<String> {
    let mut zip = zip::ZipArchive::new(File::open(file).unwrap()).unwrap();
    let mut found = BTreeSet::new();
    for place in 0..zip.len() {
        let mut part = zip.by_index(place).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut xml = String::new();
        part.read_to_string(&mut xml).unwrap();
        let what = format!("{what}: {name}");
        is_visible(&what, &xml, &['\n']);
        let mut reader = quick_xml::Reader::from_str(&xml);
        loop {
            match reader
                .read_event()
                .unwrap_or_else(|error| panic!("{what}: {error}"))
            {
                Event::Start(tag) | Event::Empty(tag) => {
                    let tag_name = tag.name().as_ref().to_owned();
                    let is_active = [
                        "f",
                        "hyperlink",
                        "hyperlinks",
                        "oleObject",
                        "ddeLink",
                        "definedName",
                    ]
                    .contains(&tag_name.as_str());
                    // A filter is a name that the program defines.
                    let is_ours =
                        tag_name == "definedName" && xml.contains("_xlnm._FilterDatabase");
                    assert!(!is_active || is_ours, "{what}: {tag_name}");
                    for attribute in tag.attributes() {
                        let attribute = attribute.unwrap();
                        assert_ne!(attribute.value.to_string(), "External", "{what}");
                    }
                }
                Event::Text(words) => found.extend(marks(&words)),
                Event::Eof => break,
                _ => {}
            }
        }
    }
    found
}

/// What was written, by the names of the files.
struct Export {
    folder: TempDir,
}

impl Export {
    /// The form, with tags, and whole events where it takes them.
    fn of(case: &Case, form: &Form, tags: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join(form.file);
        let mut arguments = vec!["export", path(&case.path), "--profile", form.profile];
        arguments.extend(["--output", path(&output)]);
        if let Some(tags) = tags.filter(|_| form.takes_tags) {
            arguments.extend(["--tags", tags]);
            arguments.extend(form.takes_raw.then_some("--raw"));
        }
        is_sound(form.profile, &sidetrack(&arguments), 0);
        Self { folder }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Holds each file against what it must be, and gives the marks in all of them.
    fn checked(&self, form: &Form) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let what = format!("{} {name}", form.profile);
            if Path::new(&name)
                .extension()
                .is_some_and(|ending| ending == "xlsx")
            {
                found.extend(is_workbook(&what, &self.folder.path().join(&name)));
                continue;
            }
            let text = self.text(&name);
            let is_document_of_ours = ["manifest.json", "template.json", "tle_sess"]
                .iter()
                .any(|ending| name.ends_with(ending));
            if is_document_of_ours {
                is_document(&what, &text);
            } else if form.profile == "tle" && name == "x-undated.csv" {
                is_sheet(&what, &text);
            } else {
                (form.check)(&what, &text);
                found.extend(marks(&text));
            }
        }
        found
    }
}

/// A file of tags that an attacker had a hand in: each class is a tag of some event, and a remark.
fn tags(folder: &Path, events: &[Row]) -> String {
    let payloads = story().payloads();
    let mut lines = String::new();
    for class in classes() {
        let tag = payloads.text(class, "tt");
        let line = serde_json::json!({
            "event_uid": events[class * 7]["event_uid"],
            "tag": [tag],
            "comment": payloads.text(class, "tm"),
        });
        let _ = writeln!(lines, "{line}");
    }
    let file = folder.join("tags.jsonl");
    fs::write(&file, lines).unwrap();
    path(&file).to_owned()
}

/// The marks of some columns of the timeline.
fn of_columns(events: &[Row], columns: &[&str]) -> BTreeSet<String> {
    let cells = events
        .iter()
        .flat_map(|row| columns.iter().map(|column| &row[*column]));
    cells.flat_map(|cell| marks(cell)).collect()
}

/// What a form must have of the timeline, of every class.
fn expected(form: &Form, events: &[Row]) -> BTreeSet<String> {
    const MINIMAL: [&str; 5] = ["message", "host", "user", "command", "src_ip"];
    match form.profile {
        "minimal" => of_columns(events, &MINIMAL),
        // Logons and movements: whose, and on what.
        "masstin" | "navigator" | "stix" => classes()
            .flat_map(|class| [mark(class, "ua"), mark(class, "hs")])
            .collect(),
        "bodyfile" => classes().map(|class| mark(class, "hs")).collect(),
        "tln" => of_columns(events, &["message"]),
        _ => of_columns(
            events,
            &[
                "message",
                "host",
                "user",
                "command",
                "src_ip",
                "process",
                "object",
                "channel_or_key",
            ],
        ),
    }
}

#[test]
fn no_form_of_export_is_an_attackers() {
    let case = &story().case;
    let events = case.rows("timeline.csv");
    let folder = tempfile::tempdir().unwrap();
    let tags = tags(folder.path(), &events);
    for form in &FORMS {
        let export = Export::of(case, form, Some(&tags));
        let found = export.checked(form);
        let what = format!("{} {}", form.profile, form.file);
        has(&what, &found, &expected(form, &events));
        if form.takes_tags && !matches!(form.profile, "bodyfile" | "masstin" | "minimal") {
            let own = classes().map(|class| mark(class, "tt")).collect();
            has(&what, &found, &own);
        }
    }
    assert!(events.len() > CLASSES.len() * 100);
}

/// Holds every form of a case against what it must be.
pub(crate) fn all_forms_are_sound(case: &Case) {
    for form in &FORMS {
        Export::of(case, form, None).checked(form);
    }
}

/// What is asked for may be an attacker's word, too.
#[test]
fn filters_of_hostile_words_steer_nothing() {
    let story = story();
    let folder = tempfile::tempdir().unwrap();
    for class in classes() {
        let word = |field| {
            story
                .payloads()
                .text(class, field)
                .replace(['\0', '\u{f8f0}'], "")
        };
        let output = folder.path().join(format!("{class}.csv"));
        let (host, user) = (word("hs"), word("ua"));
        let host = format!("--host={host}");
        let user = format!("--user={user}");
        let query = format!("--eql=any where process.name == {:?}", word("pn"));
        let export = ["export", story.path(), "--profile", "minimal", "--force"];
        for filters in [&[host.as_str(), &user][..], &[&query]] {
            let exported =
                sidetrack(&[&export, &["--output", path(&output)][..], filters].concat());
            let code = exported.status.code().unwrap();
            // What a class has in it can be no query.
            assert!(
                code == 0 || (code == 2 && filters == [&query]),
                "{filters:?}"
            );
            is_sound("export", &exported, code);
            let manifest = path(&output).to_owned() + ".manifest.json";
            if code == 0 {
                is_document("manifest", &fs::read_to_string(manifest).unwrap());
                is_csv("minimal", &fs::read_to_string(&output).unwrap());
            }
        }
    }
}
