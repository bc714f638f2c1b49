//! Memory for evidence that must be held as a whole: threads wait until there is enough.

use std::sync::{Condvar, Mutex, PoisonError};

/// Memory that threads share.
#[derive(Debug)]
pub(crate) struct Gate {
    all: u64,
    free: Mutex<u64>,
    freed: Condvar,
}

/// A part of it, until it is dropped.
pub(crate) struct Room<'g> {
    gate: &'g Gate,
    taken: u64,
}

impl Gate {
    /// So many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            all: bytes as u64,
            free: Mutex::new(bytes as u64),
            freed: Condvar::new(),
        }
    }

    /// Waits for so many bytes; for all of them when there are not so many.
    pub(crate) fn enter(&self, bytes: u64) -> Room<'_> {
        let taken = bytes.min(self.all);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < taken {
            free = self
                .freed
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *free -= taken;
        Room { gate: self, taken }
    }
}

impl Room<'_> {
    /// How many bytes it has.
    pub(crate) fn memory(&self) -> u64 {
        self.taken
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        let mut free = self
            .gate
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *free += self.taken;
        self.gate.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let gate = Gate::new(100);
        let inside = Mutex::new(0_u64);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let room = gate.enter(60);
                        *inside.lock().unwrap() += 60;
                        std::thread::yield_now();
                        let mut inside = inside.lock().unwrap();
                        assert!(*inside <= 100);
                        *inside -= 60;
                        drop(inside);
                        drop(room);
                    }
                });
            }
        });
        assert_eq!(gate.enter(1000).memory(), 100);
    }
}
