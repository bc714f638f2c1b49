//! Passwords of archives.

use std::fmt;
use std::sync::Arc;

/// What people who share malware and collections use (CASE.md, "Smaller promises").
const USUAL: [&str; 4] = ["infected", "malware", "password", "virus"];

/// A password that was typed: it is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Password(Option<String>);

impl Password {
    pub(crate) fn new(typed: Option<String>) -> Self {
        Self(typed)
    }

    /// The passwords to try: the typed one first.
    pub(super) fn candidates(&self) -> Vec<Arc<[u8]>> {
        let typed = self.0.iter().map(String::as_str);
        typed
            .chain(USUAL)
            .map(|password| Arc::from(password.as_bytes()))
            .collect()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
