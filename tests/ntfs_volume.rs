//! A volume that other software made: mkntfs formats it, ntfscp writes files on it, and what its table says must
//! come out.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use common::{Case, analyze, sidetrack};
use serde_json::Value;
use tempfile::TempDir;
use timeline::Ticks;

/// Where Debian has what only root is meant to run.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/bin"];
/// So many files more that the table grows beyond what it is formatted with.
const MANY: usize = 80;

/// Runs a program of ntfs-3g: what it writes, or nothing when it is not installed.
#[expect(clippy::print_stdout, reason = "a test says what it leaves out")]
fn run(name: &str, arguments: &[&OsStr]) -> Option<Vec<u8>> {
    let path = FOLDERS.map(|folder| Path::new(folder).join(name));
    let Some(path) = path.iter().find(|path| path.exists()) else {
        println!("skipped: {name} is not installed (Debian: ntfs-3g)");
        return None;
    };
    let output = Command::new(path).args(arguments).output().unwrap();
    assert!(output.status.success(), "{name}: {output:?}");
    Some(output.stdout)
}

/// A volume in a file.
struct Volume {
    folder: TempDir,
    image: PathBuf,
    /// When the first tool was run.
    from: Ticks,
}

fn now() -> Ticks {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Ticks::from_filetime(116_444_736_000_000_000 + u64::try_from(since.as_nanos() / 100).unwrap())
        .unwrap()
}

impl Volume {
    /// Formatted, with sectors of so many bytes. None when the tools are not here.
    fn format(sector: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (image, from) = (folder.path().join("image"), now());
        std::fs::File::create(&image)
            .unwrap()
            .set_len(24 << 20)
            .unwrap();
        let options = [
            "-F", "-Q", "-q", "-s", sector, "-p", "0", "-H", "0", "-S", "0",
        ];
        let arguments = options.iter().map(OsStr::new).chain([image.as_os_str()]);
        run("mkntfs", &arguments.collect::<Vec<_>>())?;
        Some(Self {
            folder,
            image,
            from,
        })
    }

    /// Writes a file, or, with a name, one of its further streams.
    fn write(&self, path: &str, stream: Option<&str>, content: &[u8]) -> Option<()> {
        let source = self.folder.path().join("source");
        std::fs::write(&source, content).unwrap();
        let mut arguments = vec![OsStr::new("-q"), OsStr::new("-f")];
        if let Some(stream) = stream {
            arguments.extend([OsStr::new("-N"), OsStr::new(stream)]);
        }
        arguments.extend([self.image.as_os_str(), source.as_os_str(), OsStr::new(path)]);
        run("ntfscp", &arguments).map(|_| ())
    }

    /// The table as it lies on the volume. (`ntfscat` gives records whose fix-ups are undone.)
    fn table(&self) -> Vec<u8> {
        let image = std::fs::read(&self.image).unwrap();
        let cluster = number(&image, 0x0b, 2) * number(&image, 0x0d, 1);
        let record_size = match image[0x40].cast_signed() {
            power @ ..0 => 1 << -power,
            clusters => clusters.unsigned_abs() as usize * cluster,
        };
        let start = number(&image, 0x30, 8) * cluster;
        let mut record = image[start..start + record_size].to_vec();
        undo_fix_ups(&mut record);
        let data = attribute(&record, 0x80);
        let mut table = Vec::new();
        for (place, count) in runs(&data[number(data, 0x20, 2)..]) {
            table.extend(&image[place * cluster..(place + count) * cluster]);
        }
        table.truncate(number(data, 0x30, 8));
        table
    }

    /// The case of a collection that has this table.
    fn analyze(&self, name: &str, table: &[u8]) -> Case {
        let folder = self.folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("$MFT"), table).unwrap();
        let case = analyze(&[&folder], &[]);
        assert_eq!(case.code, 0, "{}", case.stderr);
        case
    }
}

fn number(bytes: &[u8], at: usize, size: usize) -> usize {
    let places = bytes[at..at + size].iter().rev();
    places.fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn undo_fix_ups(record: &mut [u8]) {
    let (at, count) = (number(record, 4, 2), number(record, 6, 2));
    for sector in 1..count {
        let saved = at + 2 * sector;
        record.copy_within(saved..saved + 2, sector * 512 - 2);
    }
}

/// The first attribute of this type.
fn attribute(record: &[u8], kind: usize) -> &[u8] {
    let mut at = number(record, 0x14, 2);
    while number(record, at, 4) != kind {
        at += number(record, at + 4, 4);
    }
    &record[at..]
}

/// Where clusters lie, and how many.
fn runs(mut list: &[u8]) -> Vec<(usize, usize)> {
    let (mut found, mut place) = (Vec::new(), 0_usize);
    while list[0] != 0 {
        let (lengths, places) = (usize::from(list[0] & 15), usize::from(list[0] >> 4));
        let bits = usize::BITS as usize - 8 * places;
        // Each place is told from the one before, forwards or backwards.
        let step = (number(list, 1 + lengths, places) << bits).cast_signed() >> bits;
        place = place.checked_add_signed(step).unwrap();
        found.push((place, number(list, 1, lengths)));
        list = &list[1 + lengths + places..];
    }
    found
}

/// What a case says of a file.
#[derive(Debug, Default, PartialEq)]
struct Told {
    size: Option<String>,
    streams: BTreeSet<String>,
    times: BTreeMap<String, String>,
}

/// The first, or only, value of a field.
fn text(event: &Value, path: &[&str]) -> Option<String> {
    let value = path.iter().fold(event, |value, name| &value[*name]);
    let value = value.as_array().map_or(value, |values| &values[0]);
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn texts(event: &Value, path: &[&str]) -> Vec<String> {
    let value = path.iter().fold(event, |value, name| &value[*name]);
    match value {
        Value::Array(values) => values
            .iter()
            .map(|value| value.as_str().unwrap().to_owned())
            .collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

fn events(case: &Case) -> Vec<Value> {
    let query = r#"file where event.provider == "ntfs-mft""#;
    let output = sidetrack(&[
        "query",
        case.path.to_str().unwrap(),
        query,
        "--format",
        "jsonl",
    ]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let hits = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    hits.map(|mut hit| hit["_source"].take()).collect()
}

fn files(case: &Case) -> BTreeMap<String, Told> {
    let mut files: BTreeMap<String, Told> = BTreeMap::new();
    for event in events(case) {
        let told = files
            .entry(text(&event, &["file", "path"]).unwrap())
            .or_default();
        told.size = text(&event, &["file", "size"]);
        told.streams = texts(&event, &["file", "Ext", "stream"])
            .into_iter()
            .collect();
        // What mkntfs only reserves has no times.
        let time = text(&event, &["@timestamp"]).unwrap_or_default();
        for kind in texts(&event, &["event", "Ext", "timestamp_kind"]) {
            told.times.insert(kind, time.clone());
        }
    }
    files
}

/// Checks what is told of a file that was written between two times.
fn check(
    files: &BTreeMap<String, Told>,
    path: &str,
    size: usize,
    streams: &[&str],
    span: (Ticks, Ticks),
) {
    let told = files
        .get(path)
        .unwrap_or_else(|| panic!("{path} in {:?}", files.keys()));
    assert_eq!(told.size, Some(size.to_string()), "{path}");
    assert!(
        told.streams.iter().eq(streams),
        "{path}: {:?}",
        told.streams
    );
    assert_eq!(told.times.len(), 8, "{path}: {:?}", told.times);
    for (kind, time) in &told.times {
        let time = Ticks::parse(time).unwrap();
        assert!(
            span.0 <= time && time <= span.1,
            "{path} {kind}: {time}, not in {span:?}"
        );
    }
}

fn written_files_come_out(sector: &str) -> Option<()> {
    let volume = Volume::format(sector)?;
    let formatted = volume.table().len();
    volume.write("small.txt", None, b"fits into its record")?;
    volume.write(
        "A name longer than 8.3, and ünusual.data",
        None,
        &vec![7; 300_000],
    )?;
    volume.write("$Extend/below.exe", None, b"MZ")?;
    volume.write("small.txt", Some("hidden"), b"a stream")?;
    volume.write(
        "small.txt",
        Some("Zone.Identifier"),
        b"[ZoneTransfer]\r\nZoneId=3\r\n",
    )?;
    volume.write("small.txt", Some("large"), &vec![7; 100_000])?;
    for number in 0..MANY {
        volume.write(&format!("{number}.log"), None, &vec![b'x'; number * 40])?;
    }
    let span = (volume.from, now());
    assert!(volume.table().len() > formatted);
    let case = volume.analyze("raw", &volume.table());
    let found = files(&case);
    let check = |path: &str, size, streams: &[&str]| check(&found, path, size, streams, span);
    check(r"C:\small.txt", 20, &["Zone.Identifier", "hidden", "large"]);
    check(r"C:\A name longer than 8.3, and ünusual.data", 300_000, &[]);
    check(r"C:\$Extend\below.exe", 2, &[]);
    for number in 0..MANY {
        check(&format!(r"C:\{number}.log"), number * 40, &[]);
    }
    let zone =
        r#"file where file.path : "C:\\small.txt" and file.Ext.windows.zone_identifier == 3"#;
    let output = sidetrack(&[
        "query",
        case.path.to_str().unwrap(),
        zone,
        "--format",
        "jsonl",
    ]);
    assert!(!output.stdout.is_empty(), "{output:?}");

    let arguments = ["-i", "0"]
        .map(OsStr::new)
        .into_iter()
        .chain([volume.image.as_os_str()]);
    let undone = run("ntfscat", &arguments.collect::<Vec<_>>())?;
    assert_ne!(undone, volume.table());
    assert_eq!(files(&volume.analyze("undone", &undone)), found);
    Some(())
}

#[test]
fn what_other_software_wrote_comes_out() {
    written_files_come_out("512");
}

/// Its records are of 4 KiB.
#[test]
fn so_it_does_with_large_sectors() {
    written_files_come_out("4096");
}
