//! Damaged hives: no panic, nothing unbounded, and what is sound is read.

use samples::regf::{Data, Key, dirty, new_log, old_log};

use crate::dump::{Dump, TIME, hive};

fn sound(value: &str) -> Vec<u8> {
    let mut root = Key::new("ROOT", TIME);
    for number in 0..6 {
        let key = root.at(&format!(r"Software\Key{number}\Below"));
        key.text("text", value)
            .set("many", Data::Binary(vec![number; 40]));
    }
    root.at("Big").set("big", Data::Binary(vec![1; 40_000]));
    root.at("Gone").text("a", "b");
    root.at("Gone").is_deleted = true;
    hive(root).bytes()
}

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % below
    }
}

#[test]
fn one_corrupt_cell_costs_what_hangs_on_it() {
    let bytes = sound("x");
    let all = Dump::of(&bytes, &[]);
    let places: Vec<usize> = (4096..bytes.len() - 2)
        .filter(|&at| &bytes[at..at + 2] == b"nk" && at % 8 == 4)
        .collect();
    assert!(places.len() > 14);
    // The root is the first.
    for &place in &places[1..] {
        let mut damaged = bytes.clone();
        damaged[place] = b'!';
        let dump = Dump::of(&damaged, &[]);
        let living = dump.of_origin("live").len();
        let orphans = dump.of_origin("orphan").len() + dump.of_origin("free").len();
        assert!(
            living + orphans + 1 >= all.keys.len(),
            "{place}: {living} and {orphans}"
        );
        assert!(living >= 2);
    }
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let states = ["one", "two"].map(sound);
    let hive = dirty(states[0].clone());
    let new = new_log(&hive, &[&states[1]], 7);
    let old = old_log(&hive, &states[1], 8);
    let mut random = Random(1);
    for _ in 0..600 {
        let mut files = [hive.clone(), new.clone(), old.clone()];
        for file in &mut files {
            for _ in 0..=random.next(12) {
                let at = random.next(file.len());
                file[at] = u8::try_from(random.next(256)).unwrap();
            }
            if random.next(4) == 0 {
                file.truncate(4 + random.next(file.len() - 4));
            }
        }
        files[0][..4].copy_from_slice(b"regf");
        if files[0].len() < 512 {
            continue;
        }
        Dump::of(&files[0], &[&files[1]]);
        Dump::of(&files[0], &[&files[2]]);
        Dump::of(&files[0], &[]);
    }
}

#[test]
fn a_hive_cut_anywhere_gives_what_is_left() {
    let bytes = sound("x");
    let mut last = usize::MAX;
    for length in (512..bytes.len()).rev().step_by(101) {
        let dump = Dump::of(&bytes[..length], &[]);
        let living = dump.of_origin("live").len();
        assert!(living <= last);
        last = living;
        assert!(dump.issues.contains(&"hive-short"));
    }
    assert_eq!(last, 0);
}

#[test]
fn circles_end() {
    let bytes = sound("x");
    // Every list entry leads to the root.
    let mut circle = bytes.clone();
    for at in (4096..bytes.len() - 8).step_by(4) {
        if &bytes[at..at + 2] == b"lh" {
            circle[at + 4..at + 8].copy_from_slice(&0x20_u32.to_le_bytes());
        }
    }
    let dump = Dump::of(&circle, &[]);
    assert!(
        dump.faults
            .iter()
            .any(|(_, fault)| { matches!(fault.kind, parsers::regf::read::FaultKind::Visited) })
    );
}
