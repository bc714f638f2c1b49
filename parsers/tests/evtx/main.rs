//! The event log reader, from outside: on the corpus, on made-up logs, on damaged ones.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::print_stdout,
    reason = "a test says when it has nothing to read"
)]

mod build;
mod corpus;
mod damage;
mod fallback;
mod flat;
mod made;
mod read;
mod slack;
mod xml;
