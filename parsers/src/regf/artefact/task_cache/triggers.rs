//! `Triggers`: when a task starts, and as whom (the public definitions of winreg-tasks, G DATA Advanced
//! Analytics).
//!
//! ```text
//! triggers   := version:u8* start:time end:time  bucket  trigger*        until the end of the value
//! bucket     := flags:u32* crc:u32* [principal:text if version >= 0x16] [name:text if version >= 0x17]
//!               user  length:u32* settings[length]*
//! user       := skip:u8* [skip_sid:u8* [kind:u32* length:u32* sid[length]*] name:text]
//! trigger    := magic:u32* body
//! time       := is_local:u8* filetime:u64
//! text       := length:u32* utf16le[length]*
//! ```
//! What has an asterisk is filled up to eight bytes.

use timeline::Ticks;

use super::super::super::data;
use super::super::super::node::time_at;
use super::reader::Reader;
use crate::evtx::read::sid_text;
use crate::le;

/// Everything begins at a multiple of this.
const BLOCK: usize = 8;
/// A task has at most 48.
const MOST: usize = 256;

const ENABLED: u32 = 0x0040_0000;
const HIDDEN: u32 = 0x0080_0000;
const HIGHEST: u32 = 0x0100_0000;

/// When a task starts, and as whom, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Triggers {
    pub(super) is_enabled: bool,
    pub(super) is_hidden: bool,
    pub(super) is_highest: bool,
    /// The SID of whom it runs as.
    pub(super) sid: Option<String>,
    /// The name of that account.
    pub(super) user: Option<String>,
    pub(super) list: Vec<Trigger>,
}

/// One trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trigger {
    /// What a definition in XML calls it.
    pub(super) kind: &'static str,
    /// When it becomes active: local time has no `Z`. Empty when that is not set.
    pub(super) start: String,
}

impl Triggers {
    /// Decodes the value. What is not known ends it; nothing when not even its head can be read.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.number()? & 0xff;
        reader.skip(32)?;
        let flags = reader.number()?;
        reader.number()?;
        if version >= 0x16 {
            reader.buffer_text()?;
        }
        if version >= 0x17 {
            reader.buffer_text()?;
        }
        let (sid, user) = reader.user()?;
        let settings = reader.number()? as usize;
        reader.skip(settings.checked_next_multiple_of(BLOCK)?)?;
        let mut triggers = Self {
            is_enabled: flags & ENABLED != 0,
            is_hidden: flags & HIDDEN != 0,
            is_highest: flags & HIGHEST != 0,
            sid,
            user,
            list: Vec::new(),
        };
        while triggers.list.len() < MOST {
            let Some(trigger) = reader.trigger(version) else {
                break;
            };
            triggers.list.push(trigger);
        }
        Some(triggers)
    }
}

impl<'b> Reader<'b> {
    fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(|_| ())
    }

    /// A number at the start of a block.
    fn number(&mut self) -> Option<u32> {
        le::u32(self.take(BLOCK)?, 0)
    }

    /// Bytes with their length before them, filled up to a block.
    fn buffer(&mut self) -> Option<&'b [u8]> {
        let length = self.number()? as usize;
        let bytes = self.take(length.checked_next_multiple_of(BLOCK)?)?;
        bytes.get(..length)
    }

    fn buffer_text(&mut self) -> Option<String> {
        Some(data::text(self.buffer()?))
    }

    /// A text whose length counts characters, without its end.
    fn counted_text(&mut self) -> Option<()> {
        let length = self.number()? as usize;
        if length == 0 {
            return Some(());
        }
        let bytes = length.checked_mul(2)?.checked_add(2)?;
        self.skip(bytes.checked_next_multiple_of(BLOCK)?)
    }

    fn user(&mut self) -> Option<(Option<String>, Option<String>)> {
        let is_skipped = |number: u32| number & 0xff != 0;
        if is_skipped(self.number()?) {
            return Some((None, None));
        }
        let sid = if is_skipped(self.number()?) {
            None
        } else {
            self.number()?;
            sid_text(self.buffer()?)
        };
        let name = self.buffer_text()?;
        Some((sid, (!name.is_empty()).then_some(name)))
    }

    /// A time; empty when none is set.
    fn time(&mut self) -> Option<String> {
        let bytes = self.take(16)?;
        let is_local = bytes.first() == Some(&1);
        let time = time_at(bytes, 8).filter(|time| Ticks::is_believable(*time));
        let text = time.map_or_else(String::new, |time| time.to_string());
        Some(if is_local {
            text.trim_end_matches('Z').to_owned()
        } else {
            text
        })
    }

    fn trigger(&mut self, version: u32) -> Option<Trigger> {
        let magic = self.number()?;
        if magic == 0xdddd {
            return self.schedule(version);
        }
        let kind = match magic {
            0x6666 => "wnf_state_change",
            0x7777 => "session_state_change",
            0x8888 => "registration",
            0xaaaa => "logon",
            0xcccc => "event",
            0xeeee => "idle",
            0xffff => "boot",
            _ => return None,
        };
        let start = self.time()?;
        // The end, five numbers, whether it is enabled, and what nobody knows.
        self.skip(16 + 24 + BLOCK + 8)?;
        self.trigger_id(version)?;
        match magic {
            0x6666 => {
                self.skip(8)?;
                let length = self.number()? as usize;
                self.skip(length)?;
            }
            0x7777 => {
                self.skip(8)?;
                self.user()?;
            }
            0xaaaa => {
                self.user()?;
            }
            0xcccc => {
                self.counted_text()?;
                self.skip(8)?;
                self.counted_text()?;
                for _ in 0..self.number()?.min(64) {
                    self.counted_text()?;
                    self.counted_text()?;
                }
            }
            _ => {}
        }
        Some(Trigger { kind, start })
    }

    /// A trigger by the clock.
    fn schedule(&mut self, version: u32) -> Option<Trigger> {
        let start = self.time()?;
        // Its end, another time, and three numbers.
        self.skip(32 + 12)?;
        let mode = le::u32(self.take(4)?, 0)?;
        self.skip(24)?;
        self.trigger_id(version)?;
        let kind = if mode == 0 { "time" } else { "calendar" };
        Some(Trigger { kind, start })
    }

    fn trigger_id(&mut self, version: u32) -> Option<()> {
        if version < 0x16 {
            return Some(());
        }
        let length = le::u32(self.take(4)?, 0)? as usize;
        let whole = length.checked_add(4)?.checked_next_multiple_of(BLOCK)?;
        self.skip(whole - 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(number: u32) -> Vec<u8> {
        [&number.to_le_bytes()[..], b"HHHH"].concat()
    }

    fn filled(bytes: &[u8]) -> Vec<u8> {
        let mut filled = bytes.to_vec();
        filled.resize(bytes.len().next_multiple_of(BLOCK), b'H');
        filled
    }

    fn text(text: &str) -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [block(u32::try_from(units.len()).unwrap()), filled(&units)].concat()
    }

    fn time(time: u64, is_local: bool) -> Vec<u8> {
        [[u8::from(is_local); 8], time.to_le_bytes()].concat()
    }

    /// 2026-03-02T08:00:00.
    const START: u64 = 134_169_120_000_000_000;
    const SYSTEM: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];

    fn user() -> Vec<u8> {
        [
            block(0),
            block(0),
            block(5),
            block(12),
            filled(&SYSTEM),
            text("SYSTEM"),
        ]
        .concat()
    }

    fn generic(magic: u32) -> Vec<u8> {
        [
            block(magic),
            time(START, false),
            time(u64::MAX, false),
            vec![0; 40],
            block(0),
        ]
        .concat()
    }

    fn head() -> Vec<u8> {
        [
            block(0x17),
            time(0, false),
            time(u64::MAX, false),
            block(0x0140_0000),
            block(1),
            text("Author"),
            text(""),
            user(),
            block(0x2c),
            vec![0; 0x30],
        ]
        .concat()
    }

    #[test]
    fn triggers_of_every_kind_follow_each_other() {
        let schedule = |mode: u32| {
            let mut bytes = block(0xdddd);
            bytes.extend(time(START, true));
            bytes.extend([0; 44]);
            bytes.extend(mode.to_le_bytes());
            bytes.extend([0; 24]);
            bytes.extend(block(0));
            bytes
        };
        let counted = [block(2), filled(&[b'a', 0, b'b', 0, 0, 0])].concat();
        let bytes = [
            head(),
            generic(0xaaaa),
            user(),
            generic(0xffff),
            schedule(0),
            schedule(2),
            [generic(0xcccc), counted, vec![0; 8], block(0), block(0)].concat(),
            [generic(0x7777), block(3), block(1)].concat(),
            [generic(0x6666), vec![0; 8], block(4), vec![0; 4]].concat(),
        ]
        .concat();
        let triggers = Triggers::decode(&bytes).unwrap();
        let kinds: Vec<_> = triggers.list.iter().map(|trigger| trigger.kind).collect();
        assert_eq!(
            kinds,
            [
                "logon",
                "boot",
                "time",
                "calendar",
                "event",
                "session_state_change",
                "wnf_state_change"
            ]
        );
        assert_eq!(triggers.sid.as_deref(), Some("S-1-5-18"));
        assert_eq!(triggers.user.as_deref(), Some("SYSTEM"));
        assert!(triggers.is_enabled && triggers.is_highest && !triggers.is_hidden);
        let starts: Vec<_> = triggers
            .list
            .iter()
            .map(|trigger| trigger.start.as_str())
            .collect();
        assert_eq!(starts[0], "2026-03-02T08:00:00.0000000Z");
        assert_eq!(
            starts[2], "2026-03-02T08:00:00.0000000",
            "local time has no zone"
        );
    }

    #[test]
    fn what_is_cut_or_unknown_gives_what_was_before() {
        let bytes = [head(), generic(0xffff), block(0x1234)].concat();
        assert_eq!(Triggers::decode(&bytes).unwrap().list.len(), 1);
        for length in 0..bytes.len() {
            let triggers = Triggers::decode(&bytes[..length]);
            assert_eq!(triggers.is_some(), length >= head().len(), "{length}");
        }
        let mut huge = head();
        huge[56..60].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(Triggers::decode(&huge), None);
    }
}
