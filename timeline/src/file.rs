//! Reading a file at a place, from several threads at once.

use std::fs::File;
use std::io;

/// Reads up to `buffer.len()` bytes from `offset` on, without moving any cursor that others use.
#[cfg(unix)]
fn read_some(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_some(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Fills `buffer` from `offset` on; says how many bytes it filled, fewer only at the end. Evidence can name any
/// offset: what no file can reach is behind the end of each.
pub fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    if i64::try_from(offset.saturating_add(buffer.len() as u64)).is_err() {
        return Ok(0);
    }
    let mut filled = 0;
    while filled < buffer.len() {
        match read_some(file, offset + filled as u64, &mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Like [`read_at`], but too few bytes are an error.
pub(crate) fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    if read_at(file, offset, buffer)? == buffer.len() {
        return Ok(());
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
