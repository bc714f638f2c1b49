//! Registry hives, on any bytes. The first byte says what the others are: a hive; a hive and a log of it (the
//! hashes of entries are made right); or the actions of a task in a sound hive.

#![no_main]

use fuzz::{sealed_log, watch_input};
use libfuzzer_sys::fuzz_target;
use parsers::regf::{RegistryHive, machine_facts};
use parsers::{Input, ReadAt, Registry};
use samples::regf::{Data, Hive, Key};
use samples::time::FileTime;

/// The fuzzer need not find these: where the bins begin, and what a hive begins with.
const BINS: usize = 4096;

fuzz_target!(|bytes: &[u8]| {
    let Some((form, bytes)) = bytes.split_first() else {
        return;
    };
    let (hive, log) = match form % 3 {
        0 => (hive(bytes), Vec::new()),
        1 => {
            let Some((at, bytes)) = bytes.split_first_chunk() else {
                return;
            };
            let at = usize::from(u16::from_le_bytes(*at)).min(bytes.len());
            let (bins, log) = bytes.split_at(at);
            (hive(bins), sealed_log(log))
        }
        _ => (with_actions(bytes), Vec::new()),
    };
    let logs: [&dyn ReadAt; 1] = [&log];
    let logs = if log.is_empty() { &[][..] } else { &logs[..] };
    for registry in [Registry::Full, Registry::Artefacts] {
        let input = Input {
            registry,
            companions: logs,
            ..Input::new(&hive)
        };
        watch_input(&RegistryHive, &input);
        let _ = machine_facts(&input);
    }
});

/// A hive of these bins, whose base block is right but for what it does not say of them.
fn hive(bins: &[u8]) -> Vec<u8> {
    let made = Hive {
        root: Key::new("ROOT", FileTime::day(2026, 3, 2)),
        file_name: String::new(),
        written: FileTime::day(2026, 3, 2),
        sequence: 1,
        minor: 5,
        granted: Vec::new(),
    };
    let mut bytes = made.bytes();
    bytes.truncate(BINS);
    bytes.extend(bins);
    bytes
}

fn with_actions(actions: &[u8]) -> Vec<u8> {
    let mut root = Key::new("ROOT", FileTime::day(2026, 3, 2));
    root.at(r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks\{1}")
        .set("Actions", Data::Binary(actions.to_vec()))
        .set("Triggers", Data::Binary(actions.to_vec()))
        .set("DynamicInfo", Data::Binary(actions.to_vec()));
    let made = Hive {
        root,
        file_name: String::new(),
        written: FileTime::day(2026, 3, 2),
        sequence: 1,
        minor: 5,
        granted: Vec::new(),
    };
    made.bytes()
}
