//! Memory does not grow with the input: ten times the events, at most a fifth more.
//!
//! The figure of the contract (CASE.md: 200,000 to 2,000,000 events under 512M) is measured by
//! `scripts/measure-memory`; this is the same on a scale that a test can have.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may fail")]

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
    let mut run = Command::new(env!("CARGO_BIN_EXE_sidetrack"))
        .args([
            Path::new("analyze"),
            &evidence,
            Path::new("--output"),
            &case,
        ])
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
    let text = std::fs::read_to_string(case.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["counts"]["timeline_rows"], events);
    assert!(manifest["counts"]["movements"].as_u64().unwrap() >= u64::from(hosts));
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
