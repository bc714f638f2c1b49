//! Hives made by a writer that shares nothing with the reader.

use parsers::regf::read::Hive;
use samples::evtx::Sid;
use samples::regf::{Data, Key};
use samples::time::{FileTime, Span};

use crate::dump::{Dump, TIME, hive, text};

const LATER: FileTime = FileTime(TIME.0 + Span::seconds(3_600).0);

#[test]
fn every_type_of_data_is_read_as_it_lies() {
    let mut root = Key::new("ROOT", TIME);
    let big: Vec<u8> = (0..100_000_u32).map(|byte| (byte % 251) as u8).collect();
    let edge = vec![7; 16_344];
    root.at(r"Software\Test")
        .text("text", "grün €")
        .set("expand", Data::ExpandSz("%windir%".into()))
        .set("many", Data::MultiSz(vec!["a".into(), "b".into()]))
        .number("number", 42)
        .set("long", Data::Qword(1 << 40))
        .set("none", Data::None)
        .set("three", Data::Binary(vec![1, 2, 3]))
        .set("edge", Data::Binary(edge.clone()))
        .set("big", Data::Binary(big.clone()))
        .set("odd", Data::Other(0xffff_0012, vec![9; 5]))
        .text("", "the key's own");
    let dump = Dump::of(&hive(root).bytes(), &[]);
    let path = r"Software\Test";
    assert_eq!(dump.data(path, "text"), Some(&text("grün €")[..]));
    assert_eq!(dump.data(path, "expand"), Some(&text("%windir%")[..]));
    assert_eq!(dump.data(path, "many"), Some(&text("a\0b\0")[..]));
    assert_eq!(dump.data(path, "number"), Some(&[42, 0, 0, 0][..]));
    assert_eq!(
        dump.data(path, "long"),
        Some(&(1_u64 << 40).to_le_bytes()[..])
    );
    assert_eq!(dump.data(path, "none"), Some(&[][..]));
    assert_eq!(dump.data(path, "three"), Some(&[1, 2, 3][..]));
    assert_eq!(dump.data(path, "edge"), Some(&edge[..]));
    assert_eq!(dump.data(path, "big"), Some(&big[..]));
    assert_eq!(dump.data(path, "odd"), Some(&[9; 5][..]));
    assert_eq!(dump.data(path, ""), Some(&text("the key's own")[..]));
    let types: Vec<u32> = dump.values.values().map(|value| value.1).collect();
    assert_eq!(types, [1, 3, 3, 2, 11, 7, 0, 4, 0xffff_0012, 1, 3]);
    assert_eq!((&dump.faults[..], &dump.issues[..]), (&[][..], &[][..]));
}

#[test]
fn lists_of_lists_of_subkeys_are_followed() {
    let mut root = Key::new("ROOT", TIME);
    for number in 0..1_600 {
        root.at(&format!("Key{number:04}")).number("n", number);
    }
    let dump = Dump::of(&hive(root).bytes(), &[]);
    assert_eq!(dump.keys.len(), 1_601);
    assert_eq!(
        dump.data("Key1599", "n"),
        Some(&1_599_u32.to_le_bytes()[..])
    );
    assert!(dump.faults.is_empty());
}

#[test]
fn names_are_latin1_or_utf16() {
    let mut root = Key::new("ROOT", TIME);
    root.at("Größe").text("Ünïcode", "x");
    root.at("Ключ").text("значение", "y");
    let dump = Dump::of(&hive(root).bytes(), &[]);
    assert_eq!(dump.data("Größe", "Ünïcode"), Some(&text("x")[..]));
    assert_eq!(dump.data("Ключ", "значение"), Some(&text("y")[..]));
}

#[test]
fn keys_have_their_own_times_classes_and_owners() {
    let mut root = Key::new("ROOT", TIME);
    root.at("A").written(LATER).class = Some("8af3c1d2".into());
    let mut made = hive(root);
    let user = Sid::new(5, [21, 1, 2, 3, 1_108]);
    made.granted = vec![Sid::new(5, [18]), user];
    let hive = Hive::read(&made.bytes(), &[], u64::MAX).unwrap();
    let root = hive.root().unwrap();
    let key = root.subkey("a").unwrap();
    assert_eq!(root.last_written().unwrap().0.cast_unsigned(), TIME.0);
    assert_eq!(key.last_written().unwrap().0.cast_unsigned(), LATER.0);
    assert_eq!(key.class_name().as_deref(), Some("8af3c1d2"));
    let security = key.security().unwrap();
    assert_eq!(security.owner().as_deref(), Some("S-1-5-18"));
    assert_eq!(security.granted(), ["S-1-5-18", "S-1-5-21-1-2-3-1108"]);
    assert_eq!(
        security.sddl().as_deref(),
        Some("O:SYG:SYD:(A;CI;KA;;;SY)(A;CI;KA;;;S-1-5-21-1-2-3-1108)")
    );
}

#[test]
fn a_path_leads_to_its_key_whatever_the_case() {
    let mut root = Key::new("ROOT", TIME);
    root.at(r"Software\Größe\Run").text("x", "y");
    let bytes = hive(root).bytes();
    let hive = Hive::read(&bytes, &[], u64::MAX).unwrap();
    let key = hive.root().unwrap().descendant(r"SOFTWARE\GRÖSSE\run");
    assert!(key.is_none(), "a sharp s is no double s");
    let key = hive
        .root()
        .unwrap()
        .descendant(r"SOFTWARE\GRÖßE\run")
        .unwrap();
    assert_eq!(key.value("X").unwrap().data().bytes, text("y"));
}

#[test]
fn a_hive_larger_than_its_memory_is_refused() {
    let bytes = hive(Key::new("ROOT", TIME)).bytes();
    let error = Hive::read(&bytes, &[], 100).err().unwrap();
    assert!(error.to_string().contains("memory"), "{error}");
    assert!(Hive::read(&b"regfi".to_vec(), &[], 100).is_err());
}
