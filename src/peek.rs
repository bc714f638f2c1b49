//! A look at the start of an evidence file, and at its end where that is near: hosts, channels, times.

use std::collections::BTreeSet;
use std::io;

use parsers::{Input, ReadAt};
use timeline::{Event, Field, Issue, Names, Sink, Ticks};

use crate::collect::Evidence;

/// Bytes of a log that are looked at: the header and the first chunk of an event log.
const START: usize = 4096 + CHUNK;
/// A chunk of an event log.
const CHUNK: usize = 64 * 1024;
/// What NTFS keeps.
const OF_VOLUMES: [&str; 3] = ["mft", "usn", "secure"];
/// A log that must be decoded from its start is looked at there only, if it is larger.
const DECODED: u64 = 32 << 20;

/// What the start and the end of a log tell.
#[derive(Debug, Default)]
pub(crate) struct Peek {
    names: Names,
    /// Hosts and channels of the events.
    pub(crate) hosts: BTreeSet<(String, String)>,
    pub(crate) span: Option<(Ticks, Ticks)>,
    /// Whether its end was looked at.
    pub(crate) is_whole: bool,
}

impl Sink for Peek {
    fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        self.names.own_field(prefix, name)
    }

    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let place = (event.host.to_owned(), event.channel.to_owned());
        self.hosts.insert(place);
        if let Some(time) = event.time {
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
        }
        Ok(())
    }

    fn issue(&mut self, _: Issue) {}
}

/// Looks at the start of a log, and at its end where that is near. Hives and file tables tell nothing by their
/// start.
pub(crate) fn peek(evidence: &Evidence) -> Peek {
    let mut peek = Peek::default();
    let is_log = |kind: &str| !kind.starts_with("registry") && !OF_VOLUMES.contains(&kind);
    if !is_log(evidence.parser.kind()) {
        return peek;
    }
    let Ok(bytes) = start_and_end(evidence, &mut peek.is_whole) else {
        return peek;
    };
    // What is torn off there is no loss: nothing is read yet.
    let _ = evidence.parser.parse(&Input::new(&bytes), &mut peek);
    peek
}

fn start_and_end(evidence: &Evidence, is_whole: &mut bool) -> io::Result<Vec<u8>> {
    let file = evidence.source.open()?;
    let mut bytes = read(&file, 0, START)?;
    *is_whole = bytes.len() < START;
    let is_near = evidence.size <= DECODED || evidence.source.is_at_hand();
    if *is_whole || !is_near || evidence.parser.kind() != "evtx" {
        return Ok(bytes);
    }
    // The header tells the number of the last chunk that was written (at 16); live copies understate it.
    let last = bytes.get(16..24).and_then(|number| number.try_into().ok());
    let last = last.map_or(0, u64::from_le_bytes);
    let chunk = CHUNK as u64;
    let place = last
        .checked_mul(chunk)
        .and_then(|start| start.checked_add(4096));
    if let Some(place) = place.filter(|&place| place > 4096 && place + chunk <= file.len()) {
        bytes.extend(read(&file, place, CHUNK)?);
    }
    *is_whole = true;
    Ok(bytes)
}

fn read(file: &dyn ReadAt, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let count = file.read_at(at, &mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}
