//! Exported logs: the same events as those of the log itself, what is special to each form, and
//! damage.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod datasets;
mod keep;
mod ndjson;
mod same_as_log;
mod xml;
