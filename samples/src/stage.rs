//! Where a story is played: whoever keeps the records.

use crate::time::{FileTime, Span};
use crate::windows::{Happening, Host, Os, Process, Program, Session};

/// A mark on a happening, by which the ground truth cites its records. Most have none.
pub type Tag = &'static str;

/// No mark.
pub const UNMARKED: Tag = "";

/// Takes what happens. The order does not matter: logs sort by time.
pub trait Stage {
    /// Something happens on a host at a time.
    fn note(&mut self, host: &Host<'_>, at: FileTime, tag: Tag, what: &Happening<'_>);
}

/// A host and the processes it runs from boot on.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// The host.
    pub host: Host<'a>,
    /// Its processes.
    pub os: Os<'a>,
}

impl<'a> Machine<'a> {
    /// A host that runs.
    #[must_use]
    pub const fn running(host: Host<'a>) -> Self {
        Self {
            os: Os::since(host.boot),
            host,
        }
    }
}

/// Part of a story with a beginning, from which its times are counted.
pub(crate) struct Scene<'a> {
    stage: &'a mut dyn Stage,
    begin: FileTime,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(stage: &'a mut dyn Stage, begin: FileTime) -> Self {
        Self { stage, begin }
    }

    /// The time so many milliseconds in.
    pub(crate) fn at(&self, milliseconds: u64) -> FileTime {
        self.begin + Span::milliseconds(milliseconds)
    }

    /// A process that starts so many milliseconds in.
    pub(crate) fn process<'p>(
        &self,
        milliseconds: u64,
        pid: u32,
        program: &'p Program<'p>,
        command_line: &'p str,
        session: Session<'p>,
    ) -> Process<'p> {
        Process {
            program,
            pid,
            started: self.at(milliseconds),
            command_line,
            session,
        }
    }

    /// Something happens on a host so many milliseconds in.
    pub(crate) fn on(
        &mut self,
        machine: &Machine<'_>,
        milliseconds: u64,
        tag: Tag,
        what: Happening<'_>,
    ) {
        let at = self.at(milliseconds);
        self.stage.note(&machine.host, at, tag, &what);
    }
}
