//! One event as it is handed to the writer.

use std::borrow::Cow;

use super::body::Body;
use super::guid::Guid;
use super::page::Page;
use super::sid::Sid;
use super::{element, system};
use crate::time::FileTime;

const MAGIC: [u8; 4] = *b"**\0\0";
/// Records start and end on a multiple of this.
const ALIGNMENT: usize = 8;

/// Who wrote an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name, such as `Microsoft-Windows-Sysmon`.
    pub name: Cow<'static, str>,
    /// Its GUID; zero for those of old, which have none.
    pub guid: Guid,
}

/// One event. The writer gives it its `EventRecordID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `System/TimeCreated`.
    pub time: FileTime,
    /// `System/Provider`.
    pub provider: Provider,
    /// `System/Channel`.
    pub channel: Cow<'static, str>,
    /// `System/Computer`.
    pub computer: Cow<'static, str>,
    /// `System/EventID`.
    pub event_id: u16,
    /// `System/Version`.
    pub version: u8,
    /// `System/Level`: 4 is information, 0 is what the Security log has.
    pub level: u8,
    /// `System/Task`.
    pub task: u16,
    /// `System/Opcode`.
    pub opcode: u8,
    /// `System/Keywords`.
    pub keywords: u64,
    /// `System/Correlation/@ActivityID`.
    pub activity: Option<Guid>,
    /// `System/Execution/@ProcessID`: the process that logged, seldom the one that acted.
    pub process_id: u32,
    /// `System/Execution/@ThreadID`.
    pub thread_id: u32,
    /// `System/Security/@UserID`: the account that logged.
    pub user: Option<Sid>,
    /// The event's own data.
    pub body: Body,
}

impl Record {
    /// A record of which only this matters: level 4, no activity, no user, of 2026-03-02 21:00 on
    /// `SRV02.corp.example.com`. Tests change what they need.
    #[must_use]
    pub fn plain(
        provider: impl Into<Cow<'static, str>>,
        channel: impl Into<Cow<'static, str>>,
        event_id: u16,
        body: Body,
    ) -> Self {
        Self {
            time: FileTime::day(2026, 3, 2).at(21, 0, 0, 0),
            provider: Provider {
                name: provider.into(),
                guid: Guid::ZERO,
            },
            channel: channel.into(),
            computer: "SRV02.corp.example.com".into(),
            event_id,
            version: 0,
            level: 4,
            task: 0,
            opcode: 0,
            keywords: 0,
            activity: None,
            process_id: 4,
            thread_id: 8,
            user: None,
            body,
        }
    }

    /// Appends the record: its header, the event, and the size once more.
    pub(super) fn write(&self, page: &mut Page, id: u64) {
        let start = page.len();
        page.bytes(&MAGIC);
        let size_room = page.reserve(4);
        page.u64(id);
        page.u64(self.time.0);
        element::begin_fragment(page);
        system::write_event(page, id, self);
        element::end_fragment(page);
        let size = (page.len() - start + 4).next_multiple_of(ALIGNMENT);
        page.resize(start + size - 4);
        let size = super::page::narrow(size);
        page.put(size_room, &size.to_le_bytes());
        page.u32(size);
    }
}
