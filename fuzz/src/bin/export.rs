//! The readers of exported logs, on any text. The first byte says which one, and whether the text is
//! in UTF-16 or compressed.

#![no_main]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use fuzz::watch;
use libfuzzer_sys::fuzz_target;
use parsers::{EvtxNdjson, EvtxXml, Profile};

fuzz_target!(|bytes: &[u8]| {
    let Some((form, bytes)) = bytes.split_first() else {
        return;
    };
    let watched = match form % 8 {
        0..=2 => watch(&EvtxXml, bytes, Profile::Ours),
        3 => watch(&EvtxXml, &in_utf16(bytes), Profile::Ours),
        4..=6 => watch(&EvtxNdjson, bytes, Profile::Ours),
        _ => watch(&EvtxNdjson, &compressed(bytes), Profile::Ours),
    };
    assert!(watched.counts.events <= watched.counts.records);
});

fn in_utf16(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).expect("it is memory");
    out.finish().expect("it is memory")
}
