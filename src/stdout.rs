//! Results that are one text.

use std::io::{ErrorKind, Write};

use crate::exit::Exit;

/// Prints a result. Whoever reads only its beginning closes the pipe: that is no failure.
pub(crate) fn print(text: &str) -> anyhow::Result<Exit> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Done),
    }
}
