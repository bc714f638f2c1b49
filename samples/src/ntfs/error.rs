//! What cannot be made.

/// Why a part of a volume could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The attributes of a record are longer than the record.
    #[error("the attributes of MFT entry {entry} take {needed} bytes, and the record has {size}")]
    RecordFull {
        /// The entry's number.
        entry: u64,
        /// Bytes that it takes.
        needed: usize,
        /// Bytes that there are.
        size: usize,
    },
    /// A deed is about a file or folder that is not there at its time.
    #[error("there is no {path} at {at}")]
    NotThere {
        /// Its path.
        path: String,
        /// The deed's time.
        at: String,
    },
    /// A deed makes what is there.
    #[error("there is a {path} at {at}")]
    There {
        /// Its path.
        path: String,
        /// The deed's time.
        at: String,
    },
}
