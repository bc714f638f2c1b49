//! Transaction logs of hives around the fuzzer's bytes.

use samples::regf::seal_entries;

/// A log of these entries whose base block is right; so are the hashes of each entry that is as long as it
/// says.
pub fn sealed_log(entries: &[u8]) -> Vec<u8> {
    let mut log = vec![0; 512];
    log[..4].copy_from_slice(b"regf");
    log[4] = 1;
    log[8] = 1;
    log[28] = 6;
    log.extend(entries);
    log.resize(log.len().next_multiple_of(512), 0);
    seal_entries(&mut log);
    log
}
