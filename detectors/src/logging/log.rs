//! One log: how it is set, and what was done to it.

use std::fmt;

use timeline::{Segment, Ticks, fields as f};

use super::{Latest, PROVING};

/// Where the registry has the settings of channels, and of the logs that Windows had before them.
const CHANNELS: &str = r"\microsoft\windows\currentversion\winevt\channels\";
const OLD_LOGS: &str = r"\services\eventlog\";
/// The link to the set of settings that Windows ran with last; others are older ones.
const CURRENT: &str = r"\currentcontrolset\";
/// What a log does that keeps its oldest records, as the registry has it.
const KEEPS: u64 = 0xffff_ffff;

/// What is known of one log of one machine, beside its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its channel, as recorded.
    pub channel: String,
    /// When it was cleared.
    pub cleared: Latest<Ticks>,
    /// By how much the clock was set, as this log recorded it.
    pub jumps: Latest<Jump>,
    settings: [Option<Set>; 5],
    /// Which of [`PROVING`] it has.
    proven: u8,
}

/// The clock was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Jump {
    /// What time it was.
    pub from: Ticks,
    /// What time it then was.
    pub to: Ticks,
}

impl fmt::Display for Jump {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} -> {}", self.from, self.to)
    }
}

/// Settings of a log in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Enabled,
    Size,
    SizeUpper,
    Retention,
    AutoBackup,
}

impl Setting {
    /// By the name of its value.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "Enabled" => Self::Enabled,
            "MaxSize" => Self::Size,
            "MaxSizeUpper" => Self::SizeUpper,
            "Retention" => Self::Retention,
            "AutoBackupLogFiles" => Self::AutoBackup,
            _ => return None,
        })
    }
}

/// What a setting was. The greatest counts: that of the current settings, then the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Set {
    is_current: bool,
    time: Option<Ticks>,
    value: u64,
}

/// Of which log a value of the registry is a setting.
pub(super) struct Place {
    pub(super) channel: String,
    set: Set,
}

impl Place {
    pub(super) fn of(segment: &Segment, row: u32, setting: Setting) -> Option<Self> {
        let value = segment.text(f::REGISTRY_DATA_STRINGS, row)?.parse().ok()?;
        let paths = segment.all(f::REGISTRY_PATH, row);
        let paths: Vec<String> = paths.map(|path| path.to_string()).collect();
        let channel = paths.iter().find_map(|path| channel_of(path, setting))?;
        let is_current = |path: &String| path.to_ascii_lowercase().contains(CURRENT);
        Some(Self {
            channel,
            set: Set {
                is_current: paths.iter().any(is_current),
                time: segment.rows[row as usize].time,
                value,
            },
        })
    }
}

/// The channel that a value is a setting of, by the value's path.
fn channel_of(path: &str, setting: Setting) -> Option<String> {
    // The same length as the path: only ASCII letters change.
    let lower = path.to_ascii_lowercase();
    let starts = [CHANNELS, OLD_LOGS].map(|key| lower.find(key).map(|at| at + key.len()));
    let start = match setting {
        Setting::Enabled => starts[0],
        _ => starts[0].or(starts[1]),
    }?;
    let (channel, _value) = path.get(start..)?.rsplit_once('\\')?;
    // Below the key of an old log are those of its sources.
    (!channel.contains('\\')).then(|| channel.to_owned())
}

impl Log {
    pub(super) fn of(channel: &str) -> Self {
        Self {
            channel: channel.to_owned(),
            cleared: Latest::default(),
            jumps: Latest::default(),
            settings: [None; 5],
            proven: 0,
        }
    }

    pub(super) fn set(&mut self, setting: Setting, place: &Place) {
        self.settings[setting as usize] = self.settings[setting as usize].max(Some(place.set));
    }

    pub(super) fn prove(&mut self, proof: usize) {
        self.proven |= 1 << proof;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        // The spelling that sorts first, whatever came first.
        self.channel = self.channel.clone().min(other.channel.clone());
        self.cleared.merge(&other.cleared);
        self.jumps.merge(&other.jumps);
        self.proven |= other.proven;
        for (own, other) in self.settings.iter_mut().zip(other.settings) {
            *own = (*own).max(other);
        }
    }

    fn setting(&self, setting: Setting) -> Option<u64> {
        self.settings[setting as usize].map(|set| set.value)
    }

    /// Whether the registry says that it is on; `None` if it says nothing.
    #[must_use]
    pub fn enabled(&self) -> Option<bool> {
        self.setting(Setting::Enabled).map(|value| value != 0)
    }

    /// How many bytes it may have.
    #[must_use]
    pub fn max_size(&self) -> Option<u64> {
        let upper = self.setting(Setting::SizeUpper).unwrap_or_default();
        let lower = self.setting(Setting::Size)?;
        Some((upper & KEEPS) << 32 | lower & KEEPS)
    }

    /// What it does when it is full.
    #[must_use]
    pub fn retention(&self) -> Option<String> {
        Some(match self.setting(Setting::Retention)? {
            0 => "overwrites the oldest".into(),
            KEEPS
                if self
                    .setting(Setting::AutoBackup)
                    .is_some_and(|is_on| is_on != 0) =>
            {
                "archives itself".into()
            }
            KEEPS => "records no more".into(),
            seconds => format!("overwrites what is older than {seconds} s"),
        })
    }

    /// When it was cleared, at that time or after: what it had then is gone.
    #[must_use]
    pub fn cleared_after(&self, time: Ticks) -> Option<Ticks> {
        self.cleared
            .iter()
            .copied()
            .find(|cleared| time <= *cleared)
    }

    /// Whether it has an event of this code, one of [`PROVING`], at any time.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        let mut proofs = PROVING.iter().enumerate();
        proofs.any(|(place, proof)| *proof == code && self.proven & (1 << place) != 0)
    }

    /// Whether the registry knows it.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.settings.iter().any(Option::is_some)
    }
}
