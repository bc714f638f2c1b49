//! What old forms have in common: no quoting, so that a value must not have what separates them.

use timeline::{Ticks, fields as f};

use crate::export::is_formula;
use crate::exports::event::Told;
use crate::exports::tally::Tally;
use crate::visible::visible;

/// Reasons why an event has no row.
pub(super) const UNDATED: &str = "no believable time";

/// Seconds since 1970, cut; what is cut off is counted.
pub(super) fn seconds(time: Ticks, tally: &mut Tally) -> i64 {
    let (seconds, ticks) = time.to_unix();
    tally.lose("times cut to the second", u64::from(ticks > 0));
    seconds
}

/// A value on one line, with nothing in it that separates values; what had to be changed is counted.
pub(super) fn value(text: &str, separator: char, instead: &str, tally: &mut Tally) -> String {
    let shown = visible(text);
    if !shown.contains(separator) {
        return shown;
    }
    tally.lose("values with the separator in them, which was replaced", 1);
    shown.replace(separator, instead)
}

/// A value that no spreadsheet takes for a formula; what had to be changed is counted.
pub(super) fn neutral(mut text: String, tally: &mut Tally) -> String {
    if is_formula(&text) {
        text.insert(0, '\'');
        tally.neutralised += 1;
    }
    text
}

/// What a time means to mactime: modified, accessed, changed, born.
pub(super) fn macb(event: &Told<'_>) -> String {
    let mut macb = *b"....";
    for kind in event.texts(f::EVENT_EXT_TIMESTAMP_KIND) {
        match kind.as_ref() {
            "si_modified" | "fn_modified" | "key_last_write" => macb[0] = b'M',
            "si_accessed" | "fn_accessed" => macb[1] = b'A',
            "si_changed" | "fn_changed" | "usn_record" => macb[2] = b'C',
            "si_created" | "fn_created" => macb[3] = b'B',
            _ => {}
        }
    }
    String::from_utf8_lossy(&macb).into_owned()
}

/// The source in plaso's letters, and in words.
pub(super) fn source(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "evtx" | "evtx-xml" | "evtx-ndjson" => ("EVT", "WinEVTX"),
        "registry" => ("REG", "Registry Key"),
        "mft" => ("FILE", "NTFS MFT"),
        "usn" => ("FILE", "NTFS USN change"),
        "task" => ("TASK", "Scheduled Task"),
        _ => ("LOG", "sidetrack"),
    }
}
