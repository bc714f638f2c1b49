//! What PowerShell ran in the activity of an event (EVIDENCE.md §3, J19): the script blocks and commands that carry the
//! same activity, which remote shells hand on to what runs in them.

use std::collections::BTreeSet;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use timeline::sort::{Batch, Sorted};
use timeline::table::Table;
use timeline::{Reader, Segment, Ticks, Uid, fields as f, key};

use crate::names::is_guid;

const PROVIDER: &str = "Microsoft-Windows-PowerShell";
/// Bytes of a script that are kept.
const LONGEST: usize = 4096;
/// Scripts of one activity that are told.
const MOST: usize = 32;
/// An activity is one only for a while: its number comes again after the next start of the system.
const WITHIN: i64 = 8 * 3600 * timeline::TICKS_PER_SECOND;

/// Something that PowerShell ran.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Script {
    /// When.
    pub time: Ticks,
    /// The event.
    pub uid: Uid,
    /// Its text, or the start of it.
    pub text: String,
    /// As whom: a SID.
    pub sid: String,
}

/// All of them by their activities, on disk.
#[derive(Debug)]
pub struct Scripts(Table);

/// Notes what PowerShell ran in an activity.
pub fn note(segment: &Segment, machine: &str, batch: &mut Batch) {
    let reader = Reader::new(segment);
    for (row, own) in (0u32..).zip(&segment.rows) {
        let text = |field| reader.text(field, row).unwrap_or_default();
        let is_script = matches!(text(f::EVENT_CODE), "4103" | "4104");
        let Some(time) = own
            .time
            .filter(|_| is_script && text(f::EVENT_PROVIDER) == PROVIDER)
        else {
            continue;
        };
        let script = match text(f::POWERSHELL_SCRIPT_BLOCK_TEXT) {
            "" => reader
                .own_text("winlog.event_data.Payload", row)
                .unwrap_or_default(),
            script => script,
        };
        let Some(mut fact) = place(machine, text(f::WINLOG_ACTIVITY_ID)) else {
            continue;
        };
        key::time(&mut fact, Some(time));
        fact.extend(own.uid.0);
        let mut payload = Vec::new();
        for text in [cut(script.trim()), text(f::USER_ID)] {
            key::text(&mut payload, text);
        }
        batch.push(&fact, &payload);
    }
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST))
        .unwrap_or(text)
}

/// Where an activity is looked up; nowhere when it is nobody's.
fn place(machine: &str, activity: &str) -> Option<Vec<u8>> {
    is_guid(activity).then(|| {
        let mut place = Vec::new();
        key::text(&mut place, machine);
        key::text(&mut place, &activity.to_ascii_lowercase());
        place
    })
}

impl Scripts {
    /// Keeps what [`note`] noted.
    pub fn build(folder: &Path, notes: Sorted) -> io::Result<Self> {
        Ok(Self(Table::write(folder, notes)?))
    }

    /// What ran in an activity on a machine around a time.
    pub fn of_activity(
        &self,
        machine: &str,
        activity: &str,
        at: Ticks,
    ) -> io::Result<BTreeSet<Script>> {
        let mut scripts = BTreeSet::new();
        let Some(prefix) = place(machine, activity) else {
            return Ok(scripts);
        };
        let bound = |distance| key::at(&prefix, Ticks(at.0.saturating_add(distance)));
        let mut cursor = self.0.cursor();
        cursor.range_until(&bound(-WITHIN), &bound(WITHIN), |fact, payload| {
            scripts.extend(read(fact.get(prefix.len()..).unwrap_or_default(), payload));
            if scripts.len() < MOST {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(scripts)
    }
}

fn read(rest: &[u8], mut payload: &[u8]) -> Option<Script> {
    let (time, uid) = rest.split_first_chunk::<8>()?;
    Some(Script {
        time: key::read_time(time)?,
        uid: Uid(uid.try_into().ok()?),
        text: key::take_text(&mut payload)?,
        sid: key::take_text(&mut payload)?,
    })
}
