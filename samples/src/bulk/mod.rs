//! Any amount of evidence of the same kinds, for measuring memory and speed.
//!
//! Takes a [`Plan`], gives a folder with two logs per host and `intrusions.jsonl` with what was
//! hidden in them. Every host has its own name, address, people and hours.
//!
//! *Invariants.* What waits to be written is what happens within a few minutes of one host's time,
//! however many events there are. The same plan gives the same bytes.

mod host_logs;
mod hosts;
mod inbox;
mod intrusions;

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::everyday::{Day, Gap, routines};
use crate::evtx;
use crate::file_error::FileError;
use crate::time::{FileTime, Span};
use crate::windows::Noise;
use host_logs::HostLogs;
use hosts::Names;
use inbox::{Inbox, Waiting};
use intrusions::{Intrusion, SCENES};

/// How far apart routines begin, in milliseconds: a busy host, some three events a second.
const GAP: Gap = (200, 1_400);
/// The hour when the first host's logs begin; the others begin a little later each.
const FIRST_HOUR: FileTime = FileTime::day(2026, 2, 2);
const LATER_EACH: Span = Span::milliseconds(433_217);
/// The quiet on both sides of an intrusion, within which the day is harmless.
const QUIET: Span = Span::seconds(100);
/// An intrusion is only begun when so many events are still to come, so that it is whole.
const ROOM_FOR_ONE: u64 = 800;

/// How much, and where to.
#[derive(Clone, Debug)]
pub struct Plan {
    /// All events together.
    pub events: u64,
    /// Among so many hosts.
    pub hosts: u32,
    /// What everything is drawn from.
    pub seed: u64,
    /// The folder to write to.
    pub out: PathBuf,
}

/// Why bulk evidence could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A log could not be written.
    #[error("the logs of {host}")]
    Log {
        /// Whose.
        host: String,
        /// Why.
        source: evtx::Error,
    },
    /// The list of intrusions could not be written.
    #[error("the list of intrusions could not be written")]
    Json(#[from] serde_json::Error),
    /// A file or folder failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Makes it all, one host after the other, and returns the number of events.
pub fn generate(plan: &Plan) -> Result<u64, Error> {
    fs::create_dir_all(&plan.out).map_err(FileError::at(&plan.out))?;
    let path = plan.out.join("intrusions.jsonl");
    let mut list = BufWriter::new(File::create(&path).map_err(FileError::at(&path))?);
    let mut written = 0;
    for index in 0..plan.hosts {
        let (events, intrusions) = generate_host(plan, index)?;
        written += events;
        for intrusion in intrusions {
            serde_json::to_writer(&mut list, &intrusion)?;
            list.write_all(b"\n").map_err(FileError::at(&path))?;
        }
    }
    list.flush().map_err(FileError::at(&path))?;
    Ok(written)
}

/// This host's part of all events; the first hosts take what does not divide.
fn share_of(plan: &Plan, index: u32) -> u64 {
    let hosts = u64::from(plan.hosts);
    plan.events / hosts + u64::from(u64::from(index) < plan.events % hosts)
}

fn generate_host(plan: &Plan, index: u32) -> Result<(u64, Vec<Intrusion>), Error> {
    let begin = FIRST_HOUR + Span(LATER_EACH.0 * u64::from(index));
    let names = Names::of(index, begin);
    let mut logs = open_logs(&plan.out, &names.name)?;
    let quota = share_of(plan, index);
    let intrusions = play_host(plan.seed, &names, quota, &mut logs);
    let in_host = |source| Error::Log {
        host: names.name.clone(),
        source,
    };
    let intrusions = intrusions.map_err(in_host)?;
    Ok((logs.finish().map_err(in_host)?, intrusions))
}

fn open_logs(out: &Path, name: &str) -> Result<HostLogs, Error> {
    let folder = out.join(name).join("Windows/System32/winevt/Logs");
    fs::create_dir_all(&folder).map_err(FileError::at(&folder))?;
    HostLogs::create(&folder).map_err(|source| Error::Log {
        host: name.to_owned(),
        source,
    })
}

/// Lives through the host's hours until its part is written, with an intrusion after each sixth.
fn play_host(
    seed: u64,
    names: &Names,
    quota: u64,
    logs: &mut HostLogs,
) -> Result<Vec<Intrusion>, evtx::Error> {
    let machine = names.machine();
    let waiting = RefCell::new(Waiting::for_host(machine.host.machine));
    let mut everyday = Inbox::everyday(&waiting);
    let seed = seed ^ Noise::seeded(u64::from(names.number)).draw();
    let mut day = Day::new(machine, names.desk(), names.routines(), seed, &mut everyday);
    let mut intrusions = Vec::new();
    let mut crowded = Vec::new();
    let mut now = names.begin;
    while logs.written() < quota {
        let number = intrusions.len();
        if is_due(number, logs.written(), quota) {
            let at = now + QUIET;
            intrusions.push(Intrusion::play(number, names, at, &waiting));
            crowded = vec![at];
        }
        day.play_one(now, &crowded);
        now = now + Span::milliseconds(day.noise.between(GAP.0, GAP.1));
        logs.write_until(now, quota, &mut waiting.borrow_mut(), &mut intrusions)?;
    }
    Ok(intrusions)
}

/// Whether the intrusion with this number is to begin, given what is written of the host's part.
fn is_due(number: usize, written: u64, quota: u64) -> bool {
    let (number, all) = (number as u64, SCENES.len() as u64);
    number < all && written >= quota * (number + 1) / (all + 1) && quota - written > ROOM_FOR_ONE
}

impl Names {
    /// Every other host is a server.
    fn routines(&self) -> &'static [routines::Routine] {
        if self.number.is_multiple_of(2) {
            routines::SERVER
        } else {
            routines::WORKSTATION
        }
    }
}
