//! Damaged logs: what is sound is read, what is lost is said, and nothing panics, hangs or grows.
//!
//! `EVTX_MUTATIONS=100000 cargo test --release -p parsers --test evtx mutations` looks longer.

use std::path::Path;

use parsers::ReadAt;
use parsers::evtx::read::{ReadError, Reader};
use timeline::Severity;

use crate::build::{Chunk, Content, log, log_of, sum, text};
use crate::corpus::{CORPUS, bytes_of, logs};
use crate::read::{CHUNK, HEADER_BLOCK, Ours};

fn event(content: &mut Content) {
    let body = |content: &mut Content| {
        content.open("Event").start().system();
        content.open("EventData").start().data("x", 0).close();
        content.close();
    };
    content.instance(1, &body, &[text("value")]);
}

/// A chunk with three records, and where they begin in it.
fn three(first: u64) -> (Vec<u8>, [usize; 3]) {
    let mut chunk = Chunk::new(first);
    let places = [event, event, event].map(|event| chunk.record(event));
    (chunk.finish(), places)
}

/// Reads a log of one chunk of three records after some damage to the chunk.
#[track_caller]
fn check(damage: impl FnOnce(&mut Vec<u8>, [usize; 3]), numbers: &[u64], issues: &[&str]) {
    let (mut chunk, places) = three(5);
    damage(&mut chunk, places);
    check_file(&log(&[chunk]), numbers, issues);
}

/// Asserts which records a log gives, and which issues, losses first.
#[track_caller]
fn check_file(file: &dyn ReadAt, numbers: &[u64], issues: &[&str]) {
    let ours = Ours::of(file);
    let found: Vec<_> = ours
        .chunks
        .values()
        .flatten()
        .map(|record| record.number)
        .collect();
    assert_eq!(found, numbers);
    let mut kinds = ours.kinds(Severity::Loss);
    kinds.extend(ours.kinds(Severity::Note));
    assert_eq!(kinds, issues);
}

#[test]
fn a_sound_log_is_silent() {
    check(|_, _| {}, &[5, 6, 7], &[]);
}

#[test]
fn a_record_that_cannot_be_decoded_costs_only_itself() {
    let damage = |chunk: &mut Vec<u8>, [_, second, _]: [usize; 3]| {
        // An unknown token where the instance should be.
        chunk[second + 28] = 0x3f;
        sum(chunk);
    };
    check(damage, &[5, 7], &["record-token"]);
}

#[test]
fn a_damaged_magic_costs_one_record() {
    let damage = |chunk: &mut Vec<u8>, [_, second, _]: [usize; 3]| {
        chunk[second] = b'+';
        sum(chunk);
    };
    check(damage, &[5, 7], &["record-magic"]);
}

#[test]
fn a_damaged_size_costs_one_record() {
    for size in [0_u32, 27, 0xffff_ffff, 40_000] {
        let damage = |chunk: &mut Vec<u8>, [_, second, _]: [usize; 3]| {
            chunk[second + 4..second + 8].copy_from_slice(&size.to_le_bytes());
            sum(chunk);
        };
        let (_, places) = three(5);
        // A size that still lies in the chunk reads as a frame whose end is damaged.
        let loss = if size == 40_000 {
            "record-torn"
        } else {
            "record-size"
        };
        let numbers: &[u64] = if size == 40_000 { &[5, 6, 7] } else { &[5, 7] };
        assert!(places[1] < 40_000);
        check(damage, numbers, &[loss]);
    }
}

#[test]
fn a_damaged_copy_of_the_size_costs_nothing() {
    let damage = |chunk: &mut Vec<u8>, [_, _, third]: [usize; 3]| {
        chunk[third - 4] ^= 1;
        sum(chunk);
    };
    check(damage, &[5, 6, 7], &["record-size"]);
}

#[test]
fn wrong_checksums_are_noted() {
    check(
        |chunk, _| chunk[52] ^= 1,
        &[5, 6, 7],
        &["chunk-checksum", "chunk-checksum"],
    );
    check(|chunk, _| chunk[124] ^= 1, &[5, 6, 7], &["chunk-checksum"]);
    // Unless the chunk says that it has none.
    check(|chunk, _| chunk[120] = 4, &[5, 6, 7], &[]);
}

#[test]
fn a_damaged_chunk_header_hides_no_record() {
    let damage = |chunk: &mut Vec<u8>, [_, second, _]: [usize; 3]| {
        let end = u32::try_from(second).unwrap();
        chunk[48..52].copy_from_slice(&end.to_le_bytes());
    };
    check(damage, &[5, 6, 7], &["chunk-checksum", "chunk-checksum"]);
    let damage = |chunk: &mut Vec<u8>, _: [usize; 3]| chunk[48..52].fill(0xff);
    check(damage, &[5, 6, 7], &["chunk-checksum"]);
    let damage = |chunk: &mut Vec<u8>, _: [usize; 3]| chunk[..512].fill(0);
    check(damage, &[5, 6, 7], &["chunk-magic", "chunk-checksum"]);
}

#[test]
fn records_of_a_chunks_former_use_are_not_live() {
    let (mut chunk, [_, _, third]) = three(5);
    // Only two records are live; the third was there before.
    chunk[48..52].copy_from_slice(&u32::try_from(third).unwrap().to_le_bytes());
    chunk[32] = 6;
    chunk[third + 8] = 2;
    sum(&mut chunk);
    check_file(&log(&[chunk]), &[5, 6], &[]);
}

#[test]
fn records_that_a_sound_header_names_are_missed() {
    let (mut chunk, _) = three(5);
    chunk[32] = 9;
    sum(&mut chunk);
    check_file(&log(&[chunk]), &[5, 6, 7], &["records-missing"]);
}

#[test]
fn a_gap_between_chunks_is_a_loss_and_unused_places_are_not() {
    let (first, second) = (three(1).0, three(4).0);
    let empty = vec![0; 65_536];
    let garbage = vec![0x55; 65_536];
    let all = [1, 2, 3, 4, 5, 6];
    let between = [first.clone(), empty.clone(), second.clone()];
    check_file(&log(&between), &all, &["chunk-missing"]);
    let counted = [first.clone(), second.clone(), empty.clone()];
    check_file(&log(&counted), &all, &["chunk-missing"]);
    let mut file = log(&[first.clone(), second.clone()]);
    file.extend([empty, garbage].concat());
    check_file(&file, &all, &[]);
    let mut file = log(&[first]);
    file.extend(second);
    check_file(&file, &all, &["stale-header"]);
}

#[test]
fn chunks_are_found_where_bytes_were_lost_or_put_in() {
    let (first, second) = (three(1).0, three(4).0);
    let all = [1, 2, 3, 4, 5, 6];
    let mut file = log(&[first.clone(), second.clone()]);
    let between = file.len() - 65_536;
    file.splice(between..between, [0x55; 512]);
    check_file(&file, &all, &["chunk-missing", "stale-header"]);
    // Chunks alone, without the header block.
    let file = [first, second].concat();
    check_file(&file, &all, &["file-header"]);
}

#[test]
fn a_log_cut_off_is_read_up_to_the_cut() {
    let (chunk, [_, _, third]) = three(1);
    let file = log(&[three(4).0, chunk]);
    let cut = |at: usize| file[..4096 + 65_536 + at].to_vec();
    check_file(&cut(third + 40), &[4, 5, 6, 1, 2], &["chunk-torn"]);
    check_file(&cut(third), &[4, 5, 6, 1, 2], &["chunk-torn"]);
    check_file(&cut(700), &[4, 5, 6], &["chunk-torn"]);
    check_file(&cut(300), &[4, 5, 6], &["chunk-torn"]);
    check_file(&cut(0), &[4, 5, 6], &["file-truncated"]);
    // Behind the records there is nothing to lose.
    check_file(&cut(60_000), &[4, 5, 6, 1, 2, 3], &[]);
}

#[test]
fn a_damaged_file_header_is_noted() {
    let mut file = log(&[three(1).0]);
    file[20] ^= 1;
    check_file(&file, &[1, 2, 3], &["file-header"]);
    file[..8].fill(0);
    check_file(&file, &[1, 2, 3], &["file-header"]);
}

#[test]
fn what_is_no_log_says_so() {
    check_file(&Vec::<u8>::new(), &[], &["empty-file"]);
    check_file(&log(&[]), &[], &[]);
    check_file(
        &log(&[three(1).0])[..2000].to_vec(),
        &[],
        &["file-truncated"],
    );
    // Not even the header is whole.
    check_file(
        &log(&[three(1).0])[..100].to_vec(),
        &[],
        &["file-truncated", "file-header"],
    );
    let mut random = Random(7);
    for size in [1, 100, 5000, 200_000] {
        let bytes: Vec<u8> = (0..size).map(|_| random.byte()).collect();
        let read = Reader::new().read(&bytes, &mut Ours::default());
        assert!(matches!(read, Err(ReadError::NotAnEventLog { .. })));
        check_file(&bytes, &[], &["not-evtx"]);
    }
}

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Damages up to 16 places of `bytes[range]`.
fn mutate(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(16) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes[at] = random.byte(),
            1 => bytes[at] ^= 1 << random.below(8),
            2 => {
                let end = bytes.len().min(at + 8);
                bytes[at..end].fill(if random.below(2) == 0 { 0 } else { 0xff });
            }
            _ => {
                let from = random.below(bytes.len());
                let size = random.below(64).min(bytes.len() - from.max(at));
                bytes.copy_within(from..from + size, at);
            }
        }
    }
}

/// The first chunks of some logs that differ much.
fn samples() -> Vec<Vec<u8>> {
    let names = [
        "/issue_201.evtx",
        "/MSExchange_Management_wec.evtx",
        "/sysmon.evtx",
        "/dns_log_malformed.evtx",
        "RathbunVM/System.evtx",
        "RathbunVM/Microsoft-Windows-WMI-Activity%4Operational.evtx",
    ];
    let mut samples: Vec<_> = logs()
        .iter()
        .filter(|path| {
            let path = path.to_string_lossy();
            names.iter().any(|name| path.ends_with(name))
        })
        .map(|path| {
            let mut bytes = bytes_of(path);
            bytes.truncate(4096 + 2 * 65_536);
            bytes
        })
        .collect();
    samples.push(log(&[three(1).0, three(4).0]));
    samples.push(log_of(|content| {
        content.open("Event").start().system();
        content.open("UserData").start().open("A").start();
        content.leaf("B", "c").close().close().close();
    }));
    samples
}

/// Peak memory of the process in KiB, where the system tells.
#[expect(clippy::disallowed_methods, reason = "a test opens files")]
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.map_or(0, |number| number.parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "how long to look")]
fn mutations() -> usize {
    let wanted = std::env::var("EVTX_MUTATIONS").ok();
    wanted.map_or(250, |wanted| wanted.parse().unwrap())
}

#[test]
fn mutations_never_panic_hang_or_grow() {
    let mut random = Random(1);
    let mut reader = Reader::new();
    let samples = samples();
    let before = peak_memory();
    for round in 0..mutations() {
        for sample in &samples {
            let mut file = sample.clone();
            if round % 8 == 7 {
                file.truncate(random.below(file.len()));
            }
            if !file.is_empty() {
                // Damage is likelier where the structures are than in the text behind them.
                let end = if random.below(2) == 0 {
                    file.len()
                } else {
                    file.len().min(6000)
                };
                mutate(&mut file[..end], &mut random);
            }
            let start = std::time::Instant::now();
            let ours = Ours::with(&mut reader, &file);
            assert!(start.elapsed().as_secs() < 10, "round {round}");
            // What the reader has learned from other logs must not show.
            let fresh = Ours::of(&file);
            assert_eq!(ours.issues, fresh.issues, "round {round}");
            assert_eq!(ours.chunks, fresh.chunks, "round {round}");
        }
    }
    let grown = peak_memory().saturating_sub(before);
    assert!(grown < 400_000, "{grown} KiB more at the peak");
}

#[test]
fn damage_stays_in_its_chunk() {
    let path = Path::new(CORPUS)
        .join("omerbenamram+evtx/samples/2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational.evtx");
    if !path.exists() {
        println!("skipped: corpus not present");
        return;
    }
    let mut file = bytes_of(&path);
    file.truncate(4096 + 5 * 65_536);
    let sound = Ours::of(&file).chunks;
    let mut random = Random(2);
    let mut reader = Reader::new();
    for _ in 0..mutations() / 3 {
        let mut damaged = file.clone();
        let start = usize::try_from(HEADER_BLOCK + 2 * CHUNK).unwrap();
        mutate(&mut damaged[start..start + 65_536], &mut random);
        let ours = Ours::with(&mut reader, &damaged).chunks;
        for chunk in [0, 1, 3, 4] {
            assert_eq!(ours[&chunk], sound[&chunk]);
        }
    }
}
