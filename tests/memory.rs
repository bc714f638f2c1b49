//! Memory does not grow with the input: ten times the events, at most a fifth more.
//!
//! The figure of the contract (CASE.md: 200,000 to 2,000,000 events under 512M) is measured by
//! `scripts/measure-memory`; this is the same on a scale that a test can have.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use samples::bulk::{Plan, generate};

/// Peak of the resident memory of an analysis, in kilobytes.
fn peak(events: u64, hosts: u32) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence");
    generate(&Plan {
        events,
        hosts,
        seed: 5,
        out: evidence.clone(),
    })
    .unwrap();
    let case = folder.path().join("case");
    let peak = watched(&evidence, &case);
    let text = std::fs::read_to_string(case.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["counts"]["timeline_rows"], events);
    assert!(manifest["counts"]["movements"].as_u64().unwrap() >= u64::from(hosts));
    peak
}

/// Peak of the resident memory of an analysis under `--memory 128M`, in kilobytes.
fn watched(evidence: &Path, case: &Path) -> u64 {
    let mut run = Command::new(env!("CARGO_BIN_EXE_sidetrack"))
        .args([Path::new("analyze"), evidence, Path::new("--output"), case])
        .args(["--memory", "128M", "--quiet"])
        .spawn()
        .unwrap();
    let mut peak = 0;
    // The kernel keeps the high-water mark; the last look before the end sees it.
    while run.try_wait().unwrap().is_none() {
        peak = peak.max(high_water_mark(run.id()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(run.wait().unwrap().success());
    peak
}

fn high_water_mark(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[test]
fn ten_times_the_events_need_at_most_a_fifth_more_memory() {
    let (small, large) = (peak(40_000, 2), peak(400_000, 20));
    println!("peak: {small} kB for 40,000 events, {large} kB for 400,000");
    assert!(large < 128 << 10, "{large} kB is more than --memory allows");
    assert!(large * 5 <= small * 6, "{small} kB, then {large} kB");
}

/// A ZIP with one stored log: a sound one, and behind it nothing up to `size`; on disk a hole.
fn write_sparse_zip(path: &Path, size: u64) {
    let log = std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("samples/evidence/SRV02/Windows/System32/winevt/Logs/Security.evtx"),
    )
    .unwrap();
    let name = b"C/Windows/System32/winevt/Logs/Security.evtx";
    let mut sizes = [1u16, 16].map(u16::to_le_bytes).concat();
    sizes.extend(size.to_le_bytes().repeat(2));
    // What the local and the central header share: version to date, checksum (nobody asks for that of what
    // is stored), sizes (those of 64 bits count), lengths of name and extra field.
    let mut common = [45u16, 0, 0, 0, 0x21].map(u16::to_le_bytes).concat();
    common.extend([0, u32::MAX, u32::MAX].map(u32::to_le_bytes).concat());
    common.extend(
        [name.len(), sizes.len()]
            .map(|length| u16::try_from(length).unwrap())
            .map(u16::to_le_bytes)
            .concat(),
    );
    let local = [b"PK\x03\x04", &common[..], name, &sizes].concat();
    let mut central = [b"PK\x01\x02\x2d\x00", &common[..]].concat();
    central.extend([0; 14]);
    central.extend([&name[..], &sizes].concat());
    let start = local.len() as u64 + size;
    let end64 = start + central.len() as u64;
    let mut end = b"PK\x06\x06".to_vec();
    end.extend(44u64.to_le_bytes());
    end.extend([45u16, 45].map(u16::to_le_bytes).concat());
    end.extend([0u32, 0].map(u32::to_le_bytes).concat());
    end.extend(
        [1, 1, central.len() as u64, start]
            .map(u64::to_le_bytes)
            .concat(),
    );
    end.extend(b"PK\x06\x07\0\0\0\0");
    end.extend(end64.to_le_bytes());
    end.extend(1u32.to_le_bytes());
    end.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    end.extend([u32::MAX; 2].map(u32::to_le_bytes).concat());
    end.extend([0, 0]);
    let mut file = File::create(path).unwrap();
    file.write_all(&local).unwrap();
    file.write_all(&log).unwrap();
    file.seek(SeekFrom::Start(start)).unwrap();
    file.write_all(&central).unwrap();
    file.write_all(&end).unwrap();
}

/// `scripts/measure-archive` runs this with 5 GB.
#[test]
fn a_large_archive_is_read_where_it_lies() {
    let size = std::env::var("SIDETRACK_ARCHIVE_MB").map_or(500, |size| size.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (archive, case) = (folder.path().join("large.zip"), folder.path().join("case"));
    write_sparse_zip(&archive, size << 20);
    let peak = watched(&archive, &case);
    println!("peak: {peak} kB for an archive of {size} MB");
    assert!(peak < 128 << 10, "{peak} kB is more than --memory allows");
    let text = std::fs::read_to_string(case.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["inputs"][0]["size"], size << 20);
    assert_eq!(manifest["counts"]["timeline_rows"], 258);
}
