//! One host's day: which routine comes next, and when.

use super::routines::Routine;
use crate::corp::Desk;
use crate::stage::{Machine, Stage, UNMARKED};
use crate::time::{FileTime, Span};
use crate::windows::{Connection, Endpoint, Happening, Noise, Process, Program, Session};

/// How far apart routines begin: anything between, in milliseconds.
pub type Gap = (u64, u64);

/// How near to an intrusion only the most harmless routines are played.
const CROWDED: Span = Span::seconds(120);

/// A host, the person at its screen, and what was drawn for the day so far.
pub struct Day<'a> {
    /// The host.
    pub machine: Machine<'a>,
    /// Who sits at it.
    pub desk: Desk<'a>,
    /// Where it is played.
    pub stage: &'a mut dyn Stage,
    /// What is drawn from.
    pub noise: Noise,
    routines: &'static [Routine],
    logons: u64,
    processes: u32,
}

impl<'a> Day<'a> {
    /// A day of these routines.
    pub fn new(
        machine: Machine<'a>,
        desk: Desk<'a>,
        routines: &'static [Routine],
        seed: u64,
        stage: &'a mut dyn Stage,
    ) -> Self {
        Self {
            machine,
            desk,
            stage,
            noise: Noise::seeded(seed),
            routines,
            logons: 0,
            processes: 0,
        }
    }

    /// Plays routines from one time to another, away from the times that are crowded.
    pub fn live(&mut self, from: FileTime, until: FileTime, gap: Gap, crowded: &[FileTime]) {
        let mut now = from;
        while now < until {
            self.play_one(now, crowded);
            now = now + Span::milliseconds(self.noise.between(gap.0, gap.1));
        }
    }

    /// Plays the routine that is drawn for this time.
    pub fn play_one(&mut self, now: FileTime, crowded: &[FileTime]) {
        let near = |other: &FileTime| now < *other + CROWDED && *other < now + CROWDED;
        let routine = self.draw();
        if routine.harmless || !crowded.iter().any(near) {
            (routine.play)(self, now);
        }
    }

    fn draw(&mut self) -> &'static Routine {
        let all = self.routines.iter().map(|routine| routine.weight).sum();
        let mut drawn = self.noise.below(all);
        for routine in self.routines {
            match drawn.checked_sub(routine.weight) {
                Some(rest) => drawn = rest,
                None => return routine,
            }
        }
        unreachable!("less than the sum of the weights was drawn")
    }

    /// Something happens so many milliseconds after a time.
    pub(super) fn on(&mut self, begin: FileTime, milliseconds: u64, what: Happening<'_>) {
        let at = begin + Span::milliseconds(milliseconds);
        self.stage.note(&self.machine.host, at, UNMARKED, &what);
    }

    /// A process starts and, some time later, ends. It is given back for what it does meanwhile.
    pub(super) fn run<'p>(
        &mut self,
        begin: FileTime,
        program: &'p Program<'p>,
        command_line: &'p str,
        parent: Process<'p>,
        lasts: Gap,
    ) -> Process<'p> {
        let session = parent.session;
        self.run_as(begin, program, command_line, parent, session, lasts)
    }

    /// The same, in a session that is not the parent's.
    pub(super) fn run_as<'p>(
        &mut self,
        begin: FileTime,
        program: &'p Program<'p>,
        command_line: &'p str,
        parent: Process<'p>,
        session: Session<'p>,
        lasts: Gap,
    ) -> Process<'p> {
        let process = Process {
            program,
            pid: self.pid(),
            started: begin,
            command_line,
            session,
        };
        let end = self.noise.between(lasts.0, lasts.1);
        self.on(begin, 0, Happening::Starts(process.started_by(parent)));
        self.on(begin, end, Happening::Ends(process));
        process
    }

    /// One of two thousand ids that no service has, each used once before the first comes again.
    fn pid(&mut self) -> u32 {
        self.processes = (self.processes + 1_237) % 2_000;
        8_000 + 4 * self.processes
    }

    /// A port that the host opens a connection from.
    pub(super) fn port(&mut self) -> u16 {
        u16::try_from(self.noise.between(51_000, 64_000)).expect("below 64000")
    }

    /// A logon id that the host has not given out before.
    pub(super) fn logon_id(&mut self) -> u64 {
        self.logons += 1;
        0x1000_0000 + self.logons * 0x1_0000 + self.noise.below(0x1_0000)
    }

    /// A connection from this host.
    pub(super) fn connection_to<'p>(&mut self, to: Endpoint<'p>) -> Connection<'p>
    where
        'a: 'p,
    {
        let port = self.port();
        let host = self.machine.host;
        Connection {
            from: Endpoint {
                ip: host.ip,
                name: host.computer,
                port,
            },
            to,
        }
    }
}
