//! The reader of event logs, on any bytes. The first byte says what the others are: a whole file, the
//! records of one chunk (checksums are made right), or of two, which share what is learned of
//! templates.

#![no_main]

use fuzz::{chunk, log, watch};
use libfuzzer_sys::fuzz_target;
use parsers::Profile;
use parsers::evtx::Evtx;

fuzz_target!(|bytes: &[u8]| {
    let Some((form, bytes)) = bytes.split_first() else {
        return;
    };
    let file = match form % 4 {
        0 => bytes.to_vec(),
        1 | 2 => log(&[chunk(bytes)]),
        _ => {
            let Some((at, bytes)) = bytes.split_first_chunk() else {
                return;
            };
            let at = usize::from(u16::from_le_bytes(*at)).min(bytes.len());
            let (first, second) = bytes.split_at(at);
            log(&[chunk(first), chunk(second), chunk(first)])
        }
    };
    let watched = watch(&Evtx, &file, Profile::Ours);
    let counts = watched.counts;
    assert_eq!(counts.events, counts.records + counts.recovered);
});
