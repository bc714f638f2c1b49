//! Entries with very many names, and records that claim what is others'.

use samples::ntfs::{FileReference, MftRecord, Namespace, Times};

use crate::table::{
    FIRST, earlier, extension, first, information, later, name_at, place, put, table,
};
use crate::told::{Collected, Told};

const ROOT: FileReference = FileReference::ROOT;

fn told(bytes: Vec<u8>) -> Told {
    Collected::table(bytes).of_table()
}

/// Distinct in all eight times.
fn many_times() -> [Times; 2] {
    [1, 5].map(|start| Times {
        created: later(start),
        modified: later(start + 1),
        changed: later(start + 2),
        accessed: earlier(start + 3),
    })
}

/// Further records of one entry with so many names in all.
fn with_names(base: u64, count: u64) -> Vec<MftRecord> {
    let [standard, named] = many_times();
    let mut records = vec![MftRecord::new(first(base)).with(information(standard))];
    for number in 0..count {
        let name = name_at(ROOT, &format!("{number}"), Namespace::Posix, named);
        let has_room = records.len() > 1
            && records
                .last()
                .is_some_and(|last| last.needed() + 0x70 < last.size);
        if !has_room {
            let own = first(base + records.len() as u64);
            records.push(extension(own, first(base)));
        }
        records.last_mut().expect("the base is there").push(name);
    }
    records
}

#[test]
fn an_entry_may_have_two_thousand_names() {
    let told = told(table(&with_names(FIRST, 2_000)));
    assert_eq!(told.at(r"C:\1999").len(), 8);
    assert_eq!(told.events.len(), 1 + 8 * 2_000);
    assert_eq!(told.issues(), [""; 0]);
}

#[test]
fn no_name_is_dropped_in_silence() {
    let told = told(table(&with_names(FIRST, 3_000)));
    assert!(told.events.len() > 8 * 3_000 || !told.issues().is_empty());
}

#[test]
fn records_that_give_the_same_number_do_not_multiply_each_other() {
    let mut bytes = table(&with_names(FIRST, 200));
    let own = bytes[place(FIRST)..place(FIRST + 1)].to_vec();
    for copy in 100..200 {
        put(&mut bytes, copy, &own);
    }
    let size = bytes.len();
    let told = told(bytes);
    assert!(
        told.events.len() < size / 10,
        "{} of {size}",
        told.events.len()
    );
}

#[test]
fn headers_that_lie_about_whose_they_are_do_not_break_anything() {
    let sound = table(&with_names(FIRST, 12));
    for at in place(FIRST)..place(FIRST + 2) {
        if at % 1024 < 0x38 {
            for value in [0, 0x5, 0x1e, 0x1f, 0x7f, 0xff] {
                let mut bytes = sound.clone();
                bytes[at] = value;
                let told = told(bytes);
                assert!(!told.at(r"C:\").is_empty());
                assert!(told.events.len() < 200);
            }
        }
    }
}
