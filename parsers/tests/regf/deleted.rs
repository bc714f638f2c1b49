//! Keys and values in free cells.

use samples::regf::{Data, Key};

use crate::dump::{Dump, TIME, hive, text};
use parsers::regf::read::{Hive, former_values};

#[test]
fn deleted_keys_are_found_with_path_time_and_values() {
    let mut root = Key::new("ROOT", TIME);
    root.at("Living").text("a", "x");
    let key = root.at(r"Living\Gone");
    key.text("secret", "was here");
    key.is_deleted = true;
    let dump = Dump::of(&hive(root).bytes(), &[]);
    assert_eq!(dump.of_origin("free"), [r"Living\Gone"]);
    assert_eq!(dump.keys[r"Living\Gone"].1.cast_unsigned(), TIME.0);
    assert_eq!(
        dump.data(r"Living\Gone", "secret"),
        Some(&text("was here")[..])
    );
    assert!(dump.lost.is_empty() && dump.faults.is_empty());
}

#[test]
fn a_deleted_value_stands_behind_the_end_of_its_list() {
    let mut root = Key::new("ROOT", TIME);
    let key = root.at("Key");
    key.text("a", "stays")
        .set("b", Data::Sz("a text that went".into()));
    key.values[1].is_deleted = true;
    let bytes = hive(root).bytes();
    let hive = Hive::read(&bytes, &[], u64::MAX).unwrap();
    let key = hive.root().unwrap().subkey("Key").unwrap();
    let former: Vec<_> = former_values(&key).collect();
    assert_eq!(former.len(), 1);
    assert_eq!(former[0].name(), "b");
    assert_eq!(former[0].data().bytes, text("a text that went"));
    let living: Vec<_> = key.values().map(|value| value.unwrap().name()).collect();
    assert_eq!(living, ["a"]);
}

#[test]
fn what_no_key_leads_to_is_an_orphan_below_a_name_that_no_key_has() {
    let mut root = Key::new("ROOT", TIME);
    root.at(r"Above\Below").text("a", "x");
    let mut bytes = hive(root).bytes();
    // The list of the root's subkeys becomes another cell: nothing leads to `Above` any more.
    let list = bytes.windows(2).position(|pair| pair == b"lh");
    let lists: Vec<usize> = (0..bytes.len() - 2)
        .filter(|&at| &bytes[at..at + 2] == b"lh")
        .collect();
    assert_eq!(list, lists.first().copied());
    for at in lists {
        bytes[at] = b'?';
    }
    let dump = Dump::of(&bytes, &[]);
    assert_eq!(dump.of_origin("orphan"), ["Above", r"Above\Below"]);
    assert_eq!(dump.data(r"Above\Below", "a"), Some(&text("x")[..]));
    assert_eq!(dump.faults.len(), 1);
}
