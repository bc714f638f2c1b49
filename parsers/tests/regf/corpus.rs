//! The hives of the corpus. `scripts/judge-hives` holds them against other readers value by value.

use std::path::{Path, PathBuf};

use parsers::regf::read::FaultKind;

use crate::dump::Dump;

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    path.is_dir().then_some(path)
}

#[expect(clippy::disallowed_methods, reason = "a test opens files")]
fn bytes_of(path: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// The hive at a path of the corpus, with the logs that lie beside it.
fn read(corpus: &Path, path: &str) -> Dump {
    let hive = bytes_of(&corpus.join(path)).expect("the hive can be read");
    let logs: Vec<Vec<u8>> = ["LOG1", "LOG2"]
        .iter()
        .filter_map(|ending| bytes_of(&corpus.join(format!("{path}.{ending}"))).ok())
        .collect();
    let logs: Vec<&[u8]> = logs.iter().map(Vec::as_slice).collect();
    Dump::of(&hive, &logs)
}

/// The path of a key, or also name and data of a value.
type Now = (String, Option<(String, Vec<u8>)>);

/// Paths and data of what is there now, as another reader of the recovered file would see it.
fn now(dump: &Dump) -> Vec<Now> {
    let is_now = |origin: &str| matches!(origin, "live" | "log");
    let keys = dump.keys.iter().filter(|(_, key)| is_now(key.0));
    let values = dump.values.iter().filter(|(_, value)| is_now(value.0));
    let keys = keys.map(|(path, _)| (path.clone(), None));
    let values =
        values.map(|((path, name), value)| (path.clone(), Some((name.clone(), value.2.clone()))));
    keys.chain(values).collect()
}

#[test]
fn replayed_hives_are_as_windows_recovered_them() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: no corpus");
        return;
    };
    for (folder, hive, recovered) in [
        ("NewDirtyHive1", "NewDirtyHive", "RecoveredHive_Windows10"),
        ("OldDirtyHive", "OldDirtyHive", "RecoveredHive_Windows7"),
    ] {
        let at = |name: &str| format!("msuhanov+yarp/hives_for_tests/{folder}/{name}");
        let ours = read(&corpus, &at(hive));
        let windows = read(&corpus, &at(recovered));
        assert_eq!(now(&ours), now(&windows), "{folder}");
        assert!(ours.issues.is_empty() && ours.faults.is_empty());
    }
}

#[test]
fn all_hives_are_read_and_damage_is_told() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: no corpus");
        return;
    };
    let mut hives = 0;
    let mut damaged = Vec::new();
    for entry in walkdir::WalkDir::new(&corpus).sort_by_file_name() {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(&corpus).unwrap();
        let bytes = if entry.file_type().is_file() {
            bytes_of(entry.path()).unwrap()
        } else {
            Vec::new()
        };
        if !bytes.starts_with(b"regf") || bytes.get(28..32) != Some(&[0; 4]) {
            continue;
        }
        let dump = read(&corpus, path.to_str().unwrap());
        hives += 1;
        assert!(!dump.keys.is_empty(), "{}", path.display());
        if !dump.faults.is_empty() || !dump.issues.is_empty() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            damaged.push(name);
        }
    }
    assert!(hives >= 50, "{hives}");
    damaged.sort();
    assert_eq!(
        damaged,
        [
            "BadBaseBlockHive",
            "BadLogHive",
            "BadLogHive",
            "BadSubkeyHive",
            "DeletedDataHiveTruncated",
            "EffectiveSizeHive",
            "GarbageHive",
            "TruncatedHive",
            "TruncatedNameHive",
            "corrupt_sub_key_list.hiv",
        ]
    );
}

/// What `scripts/judge-hives` explains: each hive that other readers read otherwise, and what ours says of it.
#[test]
fn where_readers_differ_the_bytes_decide() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: no corpus");
        return;
    };
    let yarp = |name: &str| format!("msuhanov+yarp/hives_for_tests/{name}");
    // A log whose base block is broken, and one without the list of its pages: nothing of them is applied.
    for (name, issue) in [
        ("BadLogHive1/BadLogHive", "hive-log-checksum"),
        ("BadLogHive2/BadLogHive", "hive-log-cut"),
    ] {
        let ours = read(&corpus, &yarp(name));
        let on_disk = Dump::of(&bytes_of(&corpus.join(yarp(name))).unwrap(), &[]);
        assert_eq!(ours.issues, [issue]);
        assert_eq!(now(&ours), now(&on_disk));
    }
    // Two logs whose entries follow each other, the first of which begin behind entries of another time.
    let ours = read(&corpus, &yarp("BadLogHive3/BadLogHive"));
    assert_eq!(
        ours.of_origin("log"),
        ["Key3", r"Key3\Key3_1", r"Key3\Key3_2", r"Key3\Key3_3"]
    );
    assert_eq!(
        ours.of_origin("before"),
        ["Key1", "Key2", r"Key2\Key2_1", r"Key2\Key2_2"]
    );
    // An older log left an entry behind the newest one, which would take away what the newest made.
    let ours = read(
        &corpus,
        "AndrewRathbun+DFIRArtifactMuseum/Windows/Amcache/Win10/APTSimulatorVM/Amcache.hve",
    );
    let folder = r"Root\InventoryApplicationFile";
    let made = format!(r"{folder}\gkape.exe|cf356c8f87c2c3bd");
    assert!(ours.of_origin("log").contains(&made.as_str()));
    assert!(
        !ours
            .keys
            .contains_key(&format!(r"{folder}\PermissionsCheckTestKey"))
    );
    // A key that two lists have is one key, and the second way to it is a fault.
    let ours = read(&corpus, &yarp("BadSubkeyHive"));
    let faults: Vec<_> = ours.faults.iter().map(|(_, fault)| fault.kind).collect();
    assert_eq!(faults, [FaultKind::Visited]);
    assert_eq!(ours.of_origin("live"), ["", "1", "2", "3", "4"]);
    // A list with a bad entry: the entries behind it are sound.
    let ours = read(
        &corpus,
        "log2timeline+plaso/test_data/regf/corrupt_sub_key_list.hiv",
    );
    let live = ours.of_origin("live");
    assert!(live.contains(&"17") && !live.contains(&"16"));
    assert_eq!(ours.faults.len(), 1);
}
