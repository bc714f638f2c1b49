//! The two logs of a host, open for writing.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use super::inbox::{Entry, Waiting};
use super::intrusions::Intrusion;
use crate::evtx::{self, LogWriter};
use crate::stage::UNMARKED;
use crate::time::FileTime;
use crate::windows::Log;

type Writer = LogWriter<BufWriter<File>>;

/// Both logs, and how many records they have together.
pub(super) struct HostLogs {
    sysmon: Writer,
    security: Writer,
    written: u64,
}

impl HostLogs {
    pub(super) fn create(folder: &Path) -> Result<Self, evtx::Error> {
        let open = |log: Log| -> Result<Writer, evtx::Error> {
            let file = File::create(folder.join(log.file_name()))?;
            LogWriter::create(BufWriter::new(file))
        };
        Ok(Self {
            sysmon: open(Log::Sysmon)?,
            security: open(Log::Security)?,
            written: 0,
        })
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Writes what waits and is earlier than this, but no more than the host's part.
    pub(super) fn write_until(
        &mut self,
        time: FileTime,
        quota: u64,
        waiting: &mut Waiting,
        intrusions: &mut [Intrusion],
    ) -> Result<(), evtx::Error> {
        while self.written < quota {
            let Some(entry) = waiting.pop_before(time) else {
                break;
            };
            let id = self.write(&entry)?;
            if let Some(number) = entry.intrusion
                && entry.tag != UNMARKED
            {
                intrusions[number].cite(&entry, id);
            }
        }
        Ok(())
    }

    fn write(&mut self, entry: &Entry) -> Result<u64, evtx::Error> {
        self.written += 1;
        match entry.log {
            Log::Sysmon => self.sysmon.write(&entry.record),
            _ => self.security.write(&entry.record),
        }
    }

    /// Closes both and returns the number of their records.
    pub(super) fn finish(self) -> Result<u64, evtx::Error> {
        self.sysmon.finish()?;
        self.security.finish()?;
        Ok(self.written)
    }
}
