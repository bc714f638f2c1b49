//! $MFT, on any bytes. The first byte says what the others are: a whole table; attributes of records whose headers
//! are right; or $Secure:$SDS of a sound table.

#![no_main]

use fuzz::{SAMPLE, table, watch_files};
use libfuzzer_sys::fuzz_target;
use parsers::ntfs::{MasterFileTable, SecurityStream, VolumeFiles};
use parsers::{Input, ReadAt};

fuzz_target!(|bytes: &[u8]| {
    let Some((form, bytes)) = bytes.split_first() else {
        return;
    };
    let (table, security) = match form % 3 {
        0 => (bytes.to_vec(), None),
        1 => (table(bytes), None),
        _ => (SAMPLE.mft.clone(), Some(bytes.to_vec())),
    };
    let files = VolumeFiles {
        table: Some(&table),
        security: security.as_ref().map(|bytes| bytes as &dyn ReadAt),
        ..VolumeFiles::default()
    };
    watch_files(&MasterFileTable, &table, files, form & 0x80 != 0);
    if let Some(security) = &security {
        fuzz::watch_input(&SecurityStream, &Input::new(security));
    }
});
