//! The template around every event, as Windows 10 and later write it: the computer's name is part
//! of the template, everything else comes in 18 slots, and the last slot holds the event's own data
//! as a template of its own.

use super::body::Body;
use super::element::Content::{Element as Child, OptionalSlot, Text};
use super::element::{Content, Element};
use super::guid::Guid;
use super::page::Page;
use super::record::Record;
use super::template::{Identity, Values, write_instance};
use super::value::code;

const NAMESPACE: &str = "http://schemas.microsoft.com/win/2004/08/events/event";
const SLOTS: usize = 18;
const DATA_SLOT: u16 = 17;

/// Writes the instance for one record, the event's data included.
pub(super) fn write_event(page: &mut Page, id: u64, record: &Record) {
    write_instance(page, identity(record), || event(record));
    write_values(page, id, record);
}

fn identity(record: &Record) -> Guid {
    let mut identity = Identity::of(match record.body {
        Body::EventData(_) => "Event",
        Body::UserData { .. } => "Event with UserData",
    });
    identity.add(record.computer.as_bytes());
    identity.guid()
}

fn event(record: &Record) -> Element<'_> {
    Element {
        name: "Event",
        only_with: Some(DATA_SLOT),
        attributes: vec![("xmlns", Text(NAMESPACE))],
        content: vec![Child(system(&record.computer)), data(&record.body)],
    }
}

/// `EventData` is the root of the inner template, `UserData` is an element around it.
fn data(body: &Body) -> Content<'static> {
    let slot = OptionalSlot(DATA_SLOT, code::BINXML);
    match body {
        Body::EventData(_) => slot,
        Body::UserData { .. } => Child(Element {
            name: "UserData",
            only_with: Some(DATA_SLOT),
            attributes: Vec::new(),
            content: vec![slot],
        }),
    }
}

fn system(computer: &str) -> Element<'_> {
    Element {
        name: "System",
        only_with: None,
        attributes: Vec::new(),
        content: vec![
            attributes_only(
                "Provider",
                &[("Name", 14, code::TEXT), ("Guid", 15, code::GUID)],
            ),
            event_id(),
            one_slot("Version", 11, code::UINT8),
            one_slot("Level", 0, code::UINT8),
            one_slot("Task", 2, code::UINT16),
            one_slot("Opcode", 1, code::UINT8),
            one_slot("Keywords", 5, code::HEX_INT64),
            attributes_only("TimeCreated", &[("SystemTime", 6, code::FILETIME)]),
            one_slot("EventRecordID", 10, code::UINT64),
            attributes_only(
                "Correlation",
                &[
                    ("ActivityID", 7, code::GUID),
                    ("RelatedActivityID", 13, code::GUID),
                ],
            ),
            attributes_only(
                "Execution",
                &[
                    ("ProcessID", 8, code::UINT32),
                    ("ThreadID", 9, code::UINT32),
                ],
            ),
            one_slot("Channel", 16, code::TEXT),
            element("Computer", None, Text(computer)),
            attributes_only("Security", &[("UserID", 12, code::SID)]),
        ],
    }
}

fn event_id() -> Content<'static> {
    Child(Element {
        name: "EventID",
        only_with: Some(3),
        attributes: vec![("Qualifiers", OptionalSlot(4, code::UINT16))],
        content: vec![OptionalSlot(3, code::UINT16)],
    })
}

fn one_slot(name: &'static str, slot: u16, kind: u8) -> Content<'static> {
    element(name, Some(slot), OptionalSlot(slot, kind))
}

fn element<'a>(name: &'a str, only_with: Option<u16>, content: Content<'a>) -> Content<'a> {
    Child(Element {
        name,
        only_with,
        attributes: Vec::new(),
        content: vec![content],
    })
}

fn attributes_only(name: &'static str, slots: &[(&'static str, u16, u8)]) -> Content<'static> {
    Child(Element {
        name,
        only_with: None,
        attributes: slots
            .iter()
            .map(|&(attribute, slot, kind)| (attribute, OptionalSlot(slot, kind)))
            .collect(),
        content: Vec::new(),
    })
}

/// The values in the order of their slots.
fn write_values(page: &mut Page, id: u64, record: &Record) {
    let mut values = Values::begin(page, SLOTS);
    values.fill(page, code::UINT8, |page| page.u8(record.level));
    values.fill(page, code::UINT8, |page| page.u8(record.opcode));
    values.fill(page, code::UINT16, |page| page.u16(record.task));
    values.fill(page, code::UINT16, |page| page.u16(record.event_id));
    values.fill(page, code::NULL, |_| {});
    values.fill(page, code::HEX_INT64, |page| page.u64(record.keywords));
    values.fill(page, code::FILETIME, |page| page.u64(record.time.0));
    fill_guid(&mut values, page, record.activity);
    values.fill(page, code::UINT32, |page| page.u32(record.process_id));
    values.fill(page, code::UINT32, |page| page.u32(record.thread_id));
    values.fill(page, code::UINT64, |page| page.u64(id));
    values.fill(page, code::UINT8, |page| page.u8(record.version));
    match &record.user {
        Some(sid) => values.fill(page, code::SID, |page| page.sid(sid)),
        None => values.fill(page, code::NULL, |_| {}),
    }
    fill_guid(&mut values, page, None);
    // Unlike the texts of the event's own data, these have no closing zero.
    values.fill(page, code::TEXT, |page| page.text(&record.provider.name));
    let has_guid = record.provider.guid != Guid::ZERO;
    fill_guid(&mut values, page, has_guid.then_some(record.provider.guid));
    values.fill(page, code::TEXT, |page| page.text(&record.channel));
    values.fill(page, code::BINXML, |page| record.body.write(page));
}

fn fill_guid(values: &mut Values, page: &mut Page, guid: Option<Guid>) {
    match guid {
        Some(guid) => values.fill(page, code::GUID, |page| page.bytes(&guid.to_bytes())),
        None => values.fill(page, code::NULL, |_| {}),
    }
}
