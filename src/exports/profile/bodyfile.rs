//! `bodyfile`: what $MFT has of files, for mactime: one line for the times of a file, and one for those of its name.
//!
//! Our events are one for each distinct time. They come together again by the record and the path; times that filters left
//! out are 0, which means that there is none.

use timeline::sort::{Item, Sorted};
use timeline::{Value, fields as f, key};

use super::legacy::{seconds, value};
use super::{Tools, View};
use crate::exports::event::Told;
use crate::exports::output::{Files, OutFile};
use crate::exports::table::begin;
use crate::exports::tally::Tally;

/// Why an event has no row.
const NO_FILE: &str = "not of a file table";

pub(super) struct Bodyfile;

/// Which times of a file: its own, or those of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    File,
    Name,
}

/// Accessed, modified, changed, born, in seconds since 1970.
type Times = [Option<i64>; 4];

impl View for Bodyfile {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        if event.context.kind != "mft" {
            return tally.leave_out(NO_FILE);
        }
        let of_name = times(event, Of::Name, tally);
        put(
            &place(event, Of::File),
            &contribution(event, Of::File, times(event, Of::File, tally), tally),
        );
        if of_name != Times::default() {
            put(
                &place(event, Of::Name),
                &contribution(event, Of::Name, of_name, tally),
            );
        }
    }

    fn write(
        &self,
        _: Tools<'_>,
        rows: Sorted,
        files: &Files<'_>,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        let mut file = begin(files, files.main_name(), b"")?;
        let mut last: Option<Item> = None;
        for row in rows {
            let row = row?;
            match &mut last {
                Some(last) if last.key == row.key => merge(&mut last.payload, &row.payload),
                _ => {
                    if let Some(done) = last.replace(row) {
                        finish(&mut file, &done.payload)?;
                    }
                }
            }
        }
        if let Some(done) = last {
            finish(&mut file, &done.payload)?;
        }
        let lines = file.rows();
        tally.lose(
            "owner, streams, attributes and identities of events, in every row",
            lines,
        );
        file.finish()
    }
}

/// Rows of one file stand together: by host, volume, entry and path.
fn place(event: &Told<'_>, of: Of) -> Vec<u8> {
    let mut place = Vec::new();
    let own = &event.segment().rows[event.row as usize];
    key::text(&mut place, event.context.host);
    key::text(&mut place, event.segment().strings.get(own.host));
    place.extend(own.provenance.evidence.0.to_be_bytes());
    place.extend(own.provenance.record.to_be_bytes());
    key::text(&mut place, event.text(f::FILE_PATH));
    place.push(u8::from(of == Of::Name));
    place
}

/// The times that an event says.
fn times(event: &Told<'_>, of: Of, tally: &mut Tally) -> Times {
    let mut times = Times::default();
    let kinds = match of {
        Of::File => ["si_accessed", "si_modified", "si_changed", "si_created"],
        Of::Name => ["fn_accessed", "fn_modified", "fn_changed", "fn_created"],
    };
    let Some(time) = event.time() else {
        return times;
    };
    for kind in event.texts(f::EVENT_EXT_TIMESTAMP_KIND) {
        if let Some(place) = kinds.iter().position(|known| *known == kind) {
            times[place] = Some(seconds(time, tally));
        }
    }
    times
}

/// The times, then what the line has before them.
fn contribution(event: &Told<'_>, of: Of, times: Times, tally: &mut Tally) -> Vec<u8> {
    let mut bytes: Vec<u8> = times
        .into_iter()
        .flat_map(|time| time.unwrap_or_default().to_be_bytes())
        .collect();
    let is_folder = event.text(f::FILE_TYPE) == "dir";
    let mode = if is_folder {
        "d/d---------"
    } else {
        "r/r---------"
    };
    let inode = event.segment().rows[event.row as usize].provenance.record >> 16;
    let size = event
        .get(f::FILE_SIZE)
        .map_or_else(|| "0".to_owned(), |size| size.to_string());
    let head = format!("0|{}|{inode}|{mode}|0|0|{size}", name(event, of, tally));
    bytes.extend(head.as_bytes());
    bytes
}

/// `HOST/C:/Windows/x.exe`, and what it is of.
fn name(event: &Told<'_>, of: Of, tally: &mut Tally) -> String {
    let host = if event.context.host.is_empty() {
        let own = &event.segment().rows[event.row as usize];
        event.segment().strings.get(own.host)
    } else {
        event.context.host
    };
    let path = [f::FILE_PATH, f::FILE_NAME];
    let path = path
        .into_iter()
        .map(|field| event.text(field))
        .find(|path| !path.is_empty());
    let path = path.unwrap_or_default().replace('\\', "/");
    let deleted = match event.get(f::FILE_EXT_MFT_IN_USE) {
        Some(Value::Boolean(false)) => " (deleted)",
        _ => "",
    };
    let of_name = match of {
        Of::File => "",
        Of::Name => " ($FILE_NAME)",
    };
    value(
        &format!("{host}/{path}{of_name}{deleted}"),
        '|',
        "\\x7c",
        tally,
    )
}

/// Bytes of the times of a contribution.
const TIMES: usize = 4 * 8;

/// Adds the times that another event says of the same.
fn merge(into: &mut [u8], other: &[u8]) {
    for (into, other) in into.chunks_mut(8).zip(other.chunks(8)).take(4) {
        if into.iter().all(|&byte| byte == 0) {
            into.copy_from_slice(other);
        }
    }
}

fn finish(file: &mut OutFile<'_>, row: &[u8]) -> anyhow::Result<()> {
    let (times, head) = row.split_at(TIMES.min(row.len()));
    let mut line = head.to_vec();
    for time in times.chunks(8) {
        let time = time
            .iter()
            .fold(0u64, |time, &byte| time << 8 | u64::from(byte));
        line.extend(format!("|{}", time.cast_signed()).as_bytes());
    }
    line.push(b'\n');
    Ok(file.row(&line)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_one_file_are_one_line() {
        let row = |times: [i64; 4]| -> Vec<u8> {
            let times = times.into_iter().flat_map(i64::to_be_bytes);
            times.chain(*b"0|H/C:/x|5|r/r|0|0|7").collect()
        };
        let mut one = row([0, 5, 0, -3]);
        merge(&mut one, &row([9, 0, 0, 0]));
        merge(&mut one, &row([0, 6, 2, 0]));
        assert_eq!(one, row([9, 5, 2, -3]));
    }
}
