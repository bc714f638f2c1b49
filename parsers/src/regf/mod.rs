//! Registry hives: `read` decodes them.

pub mod read;
