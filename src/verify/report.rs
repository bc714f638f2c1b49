//! What verify prints: a line for each difference, and what it comes to.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

use crate::exit::Exit;
use crate::visible::visible;

/// What is printed, and what was found so far.
pub(super) struct Report {
    out: BufWriter<Stdout>,
    quiet: bool,
    differences: u64,
    sums: Vec<String>,
}

impl Report {
    /// When it is to be quiet, only differences are printed.
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            out: BufWriter::new(io::stdout()),
            quiet,
            differences: 0,
            sums: Vec::new(),
        }
    }

    /// Prints a difference: of what, and what is different.
    pub(super) fn differs(&mut self, what: &str, path: &str, how: &str) -> anyhow::Result<()> {
        self.differences += 1;
        self.line(&format!("{what}: {path}: {how}"))
    }

    /// Prints what is odd, and no difference.
    pub(super) fn note(&mut self, what: &str, path: &str, how: &str) -> anyhow::Result<()> {
        if self.quiet {
            return Ok(());
        }
        self.line(&format!("note: {what}: {path}: {how}"))
    }

    /// Adds a sentence to the closing words.
    pub(super) fn sum(&mut self, sentence: impl Into<String>) {
        self.sums.push(sentence.into());
    }

    /// Sums up how many of all files of something are sound.
    pub(super) fn sum_files(&mut self, sound: usize, all: usize, what: &str, done: &str) {
        self.sum(match (all, all - sound) {
            (1, 0) => format!("1 file of the {what} is as it was {done}."),
            (_, 0) => format!("{all} files of the {what} are as they were {done}."),
            (1, _) => format!("The only file of the {what} differs or is missing."),
            (_, 1) => format!("1 of {all} files of the {what} differs or is missing."),
            (_, wrong) => format!("{wrong} of {all} files of the {what} differ or are missing."),
        });
    }

    /// Prints the closing words, and says how it ends.
    pub(super) fn finish(mut self) -> anyhow::Result<Exit> {
        if !self.quiet {
            for sentence in std::mem::take(&mut self.sums) {
                self.line(&sentence)?;
            }
        }
        passed(self.out.flush())?;
        Ok(match self.differences {
            0 => Exit::Done,
            _ => Exit::Failed,
        })
    }

    /// Names come from manifests, and those from anybody.
    fn line(&mut self, text: &str) -> anyhow::Result<()> {
        passed(writeln!(self.out, "{}", visible(text)))
    }
}

/// Whoever reads only the first lines closes the pipe: that is no failure, and changes no result.
fn passed(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
