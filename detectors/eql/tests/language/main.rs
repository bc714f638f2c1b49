//! The language from outside: what text is taken, what it means, and that no text does harm.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conformance;
mod oracle;
mod properties;
mod reference;
mod suites;
