//! Chunks and logs around arbitrary bytes, with all checksums right.

/// Bytes of a chunk.
pub const CHUNK: usize = 0x1_0000;
/// Bytes of its header.
pub const HEADER: usize = 512;
const FILE_HEADER: usize = 4096;

/// A chunk whose records are these bytes, as far as they fit.
pub fn chunk(content: &[u8]) -> Vec<u8> {
    let content = &content[..content.len().min(CHUNK - HEADER)];
    let free = HEADER + content.len();
    let mut chunk = vec![0; HEADER];
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    for at in [8, 24] {
        put(&mut chunk, at, &1_u64.to_le_bytes());
    }
    for at in [16, 32] {
        put(&mut chunk, at, &3_u64.to_le_bytes());
    }
    put(&mut chunk, 40, &128_u32.to_le_bytes());
    let free = u32::try_from(free).expect("a chunk is small");
    put(&mut chunk, 48, &free.to_le_bytes());
    put(&mut chunk, 52, &crc32fast::hash(content).to_le_bytes());
    let mut sum = crc32fast::Hasher::new();
    sum.update(&chunk[..120]);
    sum.update(&chunk[128..]);
    put(&mut chunk, 124, &sum.finalize().to_le_bytes());
    chunk.extend_from_slice(content);
    chunk.resize(CHUNK, 0);
    chunk
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// A log of chunks.
pub fn log(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut file = vec![0; FILE_HEADER];
    file[..8].copy_from_slice(b"ElfFile\0");
    let count = u16::try_from(chunks.len()).expect("there are few chunks");
    for (at, number) in [(32, 128), (36, 1), (38, 3), (40, 4096), (42, count)] {
        put(&mut file, at, &number.to_le_bytes());
    }
    let sum = crc32fast::hash(&file[..120]);
    put(&mut file, 124, &sum.to_le_bytes());
    file.extend(chunks.iter().flatten());
    file
}

/// The records of a log's first chunk.
pub fn content(log: &[u8]) -> Option<&[u8]> {
    let chunk = log.get(FILE_HEADER..)?;
    let free = u32::from_le_bytes(chunk.get(48..52)?.try_into().ok()?);
    chunk.get(HEADER..usize::try_from(free).ok()?)
}
