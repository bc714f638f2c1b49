//! A compressed member, read as it is decoded: in its order, once, without room on disk.
//!
//! Readers of logs go from the front to the back. What reads a place again that has left the window
//! makes the decoder begin anew.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use parsers::ReadAt;
use sha2::{Digest, Sha256};

/// Decoded bytes that are kept behind the place that was read last.
const WINDOW: usize = 256 * 1024;
/// Bytes decoded at once.
const STEP: usize = 64 * 1024;

/// Gives the decoded bytes from their start on, as often as it is asked.
pub(crate) trait Open: Send + Sync {
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;
}

/// The decoded bytes of a member.
pub(super) struct Streamed {
    from: Arc<dyn Open>,
    length: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    decoder: Option<Box<dyn Read + Send>>,
    /// The last bytes that were decoded, and where they begin.
    window: Vec<u8>,
    start: u64,
    /// Of the bytes up to `hashed`.
    hash: Sha256,
    hashed: u64,
    /// Why there is nothing behind them.
    fault: Option<String>,
    ended: bool,
}

impl State {
    fn end(&self) -> u64 {
        self.start + self.window.len() as u64
    }

    fn rewind(&mut self) {
        self.decoder = None;
        self.window.clear();
        self.start = 0;
        self.ended = false;
    }

    /// Decodes some more; nothing at the end, or where the member is damaged.
    fn more(&mut self, from: &dyn Open) -> io::Result<()> {
        if self.window.len() >= WINDOW + STEP {
            let gone = self.window.len() - WINDOW;
            self.window.drain(..gone);
            self.start += gone as u64;
        }
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            None => self.decoder.insert(from.open()?),
        };
        let before = self.window.len();
        self.window.resize(before + STEP, 0);
        let count = loop {
            match decoder.read(&mut self.window[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(count) => break count,
                Err(error) => {
                    // What was decoded counts; why there is no more is told when all is read.
                    self.fault = Some(error.to_string());
                    break 0;
                }
            }
        };
        self.window.truncate(before + count);
        self.ended = count == 0;
        if self.end() > self.hashed {
            let new = usize::try_from(self.end() - self.hashed).unwrap_or(0);
            self.hash.update(&self.window[self.window.len() - new..]);
            self.hashed = self.end();
        }
        Ok(())
    }
}

impl Streamed {
    pub(super) fn new(from: Arc<dyn Open>, length: u64) -> Self {
        Self {
            from,
            length,
            state: Mutex::default(),
        }
    }

    /// SHA-256 of all that can be decoded, and how much that is.
    pub(super) fn sha256(&self) -> io::Result<(String, u64)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.ended {
            state.more(&*self.from)?;
        }
        // A second time through gives no more than the first.
        Ok((timeline::hex(&state.hash.clone().finalize()), state.hashed))
    }

    /// Why not all of it could be decoded.
    pub(super) fn fault(&self) -> Option<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.fault.clone()
    }
}

impl ReadAt for Streamed {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if offset < state.start {
            state.rewind();
        }
        let mut filled = 0;
        while filled < buffer.len() {
            let at = offset.saturating_add(filled as u64);
            if at < state.end() {
                let from = usize::try_from(at - state.start).unwrap_or(usize::MAX);
                let known = &state.window[from..];
                let count = known.len().min(buffer.len() - filled);
                buffer[filled..filled + count].copy_from_slice(&known[..count]);
                filled += count;
            } else if state.ended {
                break;
            } else {
                state.more(&*self.from)?;
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Counting(Vec<u8>, Arc<AtomicU32>);

    impl Open for Counting {
        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            self.1.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(io::Cursor::new(self.0.clone())))
        }
    }

    fn bytes(count: u32) -> Vec<u8> {
        (0..count).flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn any_place_can_be_read_and_the_hash_is_that_of_all() {
        let (all, opened) = (bytes(500_000), Arc::default());
        let from = Counting(all.clone(), Arc::clone(&opened));
        let streamed = Streamed::new(Arc::new(from), all.len() as u64);
        let mut buffer = vec![0; 70_000];
        for (offset, times) in [(0, 1), (60_000, 1), (1_500_000, 1), (10, 2), (1_999_000, 2)] {
            let count = streamed.read_at(offset, &mut buffer).unwrap();
            let place = usize::try_from(offset).unwrap();
            let expected = &all[place..all.len().min(place + buffer.len())];
            assert_eq!(&buffer[..count], expected, "{offset}");
            assert_eq!(opened.load(Ordering::Relaxed), times, "{offset}");
        }
        let (hash, length) = streamed.sha256().unwrap();
        assert_eq!(hash, timeline::hex(&Sha256::digest(&all)));
        assert_eq!(length, all.len() as u64);
        assert_eq!(streamed.fault(), None);
    }

    #[test]
    fn what_comes_before_a_fault_is_read() {
        struct Torn;
        impl Open for Torn {
            fn open(&self) -> io::Result<Box<dyn Read + Send>> {
                struct Broken;
                impl Read for Broken {
                    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                        Err(io::Error::other("torn"))
                    }
                }
                Ok(Box::new(io::Cursor::new(b"sound").chain(Broken)))
            }
        }
        let streamed = Streamed::new(Arc::new(Torn), 100);
        let mut buffer = [0; 16];
        assert_eq!(streamed.read_at(0, &mut buffer).unwrap(), 5);
        assert_eq!(&buffer[..5], b"sound");
        assert_eq!(streamed.fault().as_deref(), Some("torn"));
    }
}
