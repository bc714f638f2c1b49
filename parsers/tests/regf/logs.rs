//! Transaction logs: what is applied, and what is not.

use samples::regf::{Key, dirty, new_log, old_log};

use crate::dump::{Dump, TIME, hive, text};

/// A hive with this one value, which fills more than a page.
fn state(value: &str) -> Vec<u8> {
    let mut root = Key::new("ROOT", TIME);
    root.at(r"Software\Run")
        .text("a", value)
        .text("pad", &"x".repeat(3_000));
    hive(root).bytes()
}

fn run(dump: &Dump) -> &[u8] {
    dump.data(r"Software\Run", "a").expect("the value is there")
}

#[test]
fn entries_of_both_logs_are_applied_in_their_order() {
    let states = ["zero", "one!", "two!", "tri!"].map(state);
    let hive = dirty(states[0].clone());
    let first = new_log(&hive, &[&states[1]], 7);
    let second = new_log(&states[1], &[&states[2], &states[3]], 8);
    for logs in [[&first[..], &second[..]], [&second[..], &first[..]]] {
        let dump = Dump::of(&hive, &logs);
        assert_eq!(run(&dump), text("tri!"));
        assert!(dump.issues.is_empty(), "{:?}", dump.issues);
    }
    // One alone, too: entries need not begin with the hive's own number.
    assert_eq!(run(&Dump::of(&hive, &[&first])), text("one!"));
    assert_eq!(run(&Dump::of(&hive, &[&second])), text("tri!"));
}

#[test]
fn entries_older_than_the_hive_are_not_applied() {
    let states = ["zero", "one!"].map(state);
    let old = new_log(&states[0], &[&states[1]], 6);
    let hive = dirty(states[0].clone());
    let dump = Dump::of(&hive, &[&old]);
    assert_eq!(run(&dump), text("zero"));
    assert_eq!(dump.issues, ["hive-dirty"]);
}

#[test]
fn what_an_older_log_left_behind_the_newest_entry_is_not_applied() {
    let states = ["zero", "one!", "two!"].map(state);
    let hive = dirty(states[0].clone());
    let mut log = new_log(&hive, &[&states[1]], 9);
    let stale = new_log(&states[1], &[&states[2]], 7);
    log.extend(&stale[512..]);
    let dump = Dump::of(&hive, &[&log]);
    assert_eq!(run(&dump), text("one!"));
    assert!(dump.issues.is_empty());
}

#[test]
fn logs_that_do_not_follow_each_other_give_the_newer() {
    let states = ["zero", "one!", "two!"].map(state);
    let hive = dirty(states[0].clone());
    let older = new_log(&hive, &[&states[1]], 20);
    let newer = new_log(&hive, &[&states[2]], 30);
    let dump = Dump::of(&hive, &[&older, &newer]);
    assert_eq!(run(&dump), text("two!"));
    assert_eq!(dump.issues, ["hive-log-sequence"]);
}

#[test]
fn a_broken_entry_ends_the_replay_and_is_told() {
    let states = ["zero", "one!", "two!"].map(state);
    let hive = dirty(states[0].clone());
    let mut log = new_log(&hive, &[&states[1], &states[2]], 7);
    let last = log.len() - 1;
    log[last] ^= 1;
    let dump = Dump::of(&hive, &[&log]);
    assert_eq!(run(&dump), text("one!"));
    assert_eq!(dump.issues, ["hive-log-entry"]);
    // The base block of a log is not needed.
    log[last] ^= 1;
    log[4] ^= 1;
    let dump = Dump::of(&hive, &[&log]);
    assert_eq!(run(&dump), text("two!"));
}

#[test]
fn an_entry_cannot_make_the_hive_longer_than_its_pages() {
    let states = ["zero", "one!"].map(state);
    let hive = dirty(states[0].clone());
    let mut huge = states[1].clone();
    huge.resize(huge.len() + (64 << 20), 0);
    // The last page alone, far behind the rest: what lies between is in no log.
    let end = huge.len() - 1;
    huge[end] = 1;
    let mut log = new_log(&hive, &[&states[1]], 7);
    let far = new_log(&huge[..huge.len() - 512], &[&huge], 8);
    log.extend(&far[512..]);
    let dump = Dump::of(&hive, &[&log]);
    assert_eq!(run(&dump), text("one!"));
    assert_eq!(dump.issues, ["hive-log-entry"]);
}

#[test]
fn a_log_of_the_old_format_is_applied_to_a_dirty_hive() {
    let states = ["zero", "one!"].map(state);
    let hive = dirty(states[0].clone());
    let log = old_log(&states[0], &states[1], 8);
    let dump = Dump::of(&hive, &[&log, &[]]);
    assert_eq!(run(&dump), text("one!"));
    assert!(dump.issues.is_empty());
    // Not to a clean one, nor one of another time.
    assert_eq!(run(&Dump::of(&states[0], &[&log])), text("zero"));
    let other = old_log(&states[0], &states[1], 5);
    let dump = Dump::of(&hive, &[&other]);
    assert_eq!(run(&dump), text("zero"));
    assert_eq!(dump.issues, ["hive-log-sequence", "hive-dirty"]);
    // Its pages have no hashes: its base block must be right.
    let mut damaged = log.clone();
    damaged[40] ^= 1;
    let dump = Dump::of(&hive, &[&damaged]);
    assert_eq!(run(&dump), text("zero"));
    assert_eq!(dump.issues, ["hive-log-checksum"]);
}

#[test]
fn a_dirty_hive_without_logs_says_so() {
    let hive = dirty(state("zero"));
    for logs in [&[][..], &[&[][..]]] {
        assert_eq!(Dump::of(&hive, logs).issues, ["hive-dirty"]);
    }
}

#[test]
fn a_damaged_base_block_is_told_by_the_log() {
    let states = ["zero", "one!"].map(state);
    let mut hive = dirty(states[0].clone());
    hive[37] ^= 0x40;
    let log = new_log(&states[0], &[&states[1]], 7);
    let dump = Dump::of(&hive, &[&log]);
    assert_eq!(run(&dump), text("one!"));
    assert_eq!(dump.issues, ["hive-base-block"]);
}

#[test]
fn keys_and_values_tell_whether_only_the_logs_have_them() {
    let mut root = Key::new("ROOT", TIME);
    root.at("Stays").text("a", "x");
    root.at(r"Goes\Below").text("a", "x");
    let before = hive(root.clone()).bytes();
    root.keys.retain(|key| key.name != "Goes");
    root.at(r"Comes\Below").text("a", "x");
    let after = hive(root).bytes();
    let hive = dirty(before);
    let log = new_log(&hive, &[&after], 7);
    let dump = Dump::of(&hive, &[&log]);
    assert_eq!(dump.of_origin("live"), ["", "Stays"]);
    assert_eq!(dump.of_origin("log"), ["Comes", r"Comes\Below"]);
    assert_eq!(dump.of_origin("before"), ["Goes", r"Goes\Below"]);
}
