//! `excel`: CSV as spreadsheets want it, split where they would drop rows, and the small tables as a workbook.
//!
//! A sheet has 1,048,576 rows, and rows beyond are dropped. So above [`MOST`] rows there is one file for each host, or, where
//! a host has more, for each of its days; `x-index.csv` lists them. Ids that a spreadsheet would take for numbers or dates,
//! and change, begin with `'`.

use std::collections::{BTreeMap, BTreeSet};

use timeline::sort::{Sorted, Sorter};
use timeline::{Ticks, key};

use super::{Tools, View, workbook};
use crate::export::{LOCAL, folder_name};
use crate::exports::event::{Beside, RAW, Told, column_names};
use crate::exports::output::{Files, OutFile};
use crate::exports::table::{BOM, CRLF, begin, fitting, line};
use crate::exports::tally::Tally;
use crate::visible::visible;

/// Rows of a file.
const MOST: u64 = 1_000_000;
/// What stands at the end of a cell that was cut.
const CUT: &str = " ...[cut, see event_uid]";
/// What is counted then.
const CELLS_CUT: &str = "cells cut at 32,000 characters";
/// Columns whose values are names, though they may look like numbers.
const IDS: [&str; 5] = [
    "event_id",
    "record_id",
    "logon_id",
    "logon_type",
    "event_uid",
];
/// The column of the time.
const TIME: &str = "datetime_utc";

pub(super) struct Excel {
    beside: Beside,
    /// Rows of a file.
    most: u64,
}

impl Excel {
    /// `most`: another number of rows than a file may have, for tests.
    pub(super) fn new(beside: Beside, most: Option<u64>) -> Self {
        Self {
            beside,
            most: most.unwrap_or(MOST),
        }
    }

    fn header(&self, tally: &mut Tally) -> Vec<u8> {
        let names = column_names().map(|name| if name == "datetime" { TIME } else { name });
        let header = line(names.chain(self.beside.names()), CRLF, tally);
        [BOM.as_bytes(), &header].concat()
    }
}

impl View for Excel {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let columns = event.columns();
        let raw = self.beside.raw.then(|| event.raw());
        let mut cells: Vec<String> = columns
            .iter()
            .map(|(name, text)| cell(name, text, tally))
            .collect();
        cells.extend(raw.map(|raw| cell(RAW, &raw, tally)));
        let row = line(cells, CRLF, tally);
        let host = columns.get("host");
        let day = event.time().map(day);
        let part = (day.is_some(), host.to_owned(), day.unwrap_or_default());
        *tally.parts.entry(part).or_default() += 1;
        let mut payload = Vec::with_capacity(row.len() + host.len() + 2);
        key::text(&mut payload, host);
        payload.extend(row);
        put(&event.key(), &payload);
    }

    fn write(
        &self,
        tools: Tools<'_>,
        rows: Sorted,
        files: &Files<'_>,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        let split = Split::new(self.most, &tally.parts);
        let rows = if split.is_needed() {
            split.by_host(tools, rows)?
        } else {
            rows
        };
        let mut parts = Parts {
            files,
            header: self.header(tally),
            split,
            open: None,
            taken: BTreeSet::new(),
            index: Vec::new(),
        };
        parts.write(rows)?;
        parts.finish(tally)?;
        workbook::write(tools, files, tally)
    }
}

/// A value as a cell.
fn cell(name: &str, text: &str, tally: &mut Tally) -> String {
    match name {
        "datetime" => return milliseconds(text),
        LOCAL => return local_milliseconds(text),
        _ => {}
    }
    let shown = visible(text);
    if IDS.contains(&name) && would_change(&shown) {
        tally.lose("ids that begin with ' so that a spreadsheet keeps them", 1);
        return format!("'{shown}");
    }
    fitting(shown, CUT, CELLS_CUT, tally)
}

/// `2026-03-02 21:14:02.771`, cut.
fn milliseconds(text: &str) -> String {
    match text.split_once('.') {
        Some((seconds, fraction)) if fraction.len() == 8 => {
            format!("{}.{}", seconds.replace('T', " "), &fraction[..3])
        }
        _ => text.to_owned(),
    }
}

/// `2026-03-02 22:14:02.771 +01:00`, cut.
fn local_milliseconds(text: &str) -> String {
    let Some((time, fraction)) = text.split_once('.') else {
        return text.to_owned();
    };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, offset) = fraction.split_at(digits);
    let fraction = &fraction[..fraction.len().min(3)];
    format!("{}.{fraction} {offset}", time.replace('T', " "))
}

/// Whether a spreadsheet would make something else of an id: a number that it cannot hold or prints otherwise, a date.
fn would_change(text: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(text) {
        return text.len() > 15 || (text.len() > 1 && text.starts_with('0'));
    }
    // 12-3 is a date, 12e3 a number.
    let parts = text.split_once(['-', 'e', 'E']);
    parts.is_some_and(|(a, b)| is_digits(a) && is_digits(b))
}

const TICKS_PER_DAY: i64 = 24 * 60 * 60 * timeline::TICKS_PER_SECOND;

/// Days since 1601.
fn day(time: Ticks) -> i64 {
    time.0.div_euclid(TICKS_PER_DAY)
}

/// Which rows go to a file of their own.
struct Split {
    most: u64,
    /// Whether dated rows, undated rows are split at all.
    dated: bool,
    undated: bool,
    /// Hosts whose dated rows are split by day.
    by_day: BTreeSet<String>,
}

impl Split {
    fn new(most: u64, parts: &BTreeMap<(bool, String, i64), u64>) -> Self {
        let mut totals = [0, 0];
        let mut of_hosts: BTreeMap<&str, u64> = BTreeMap::new();
        for ((is_dated, host, _), rows) in parts {
            totals[usize::from(*is_dated)] += rows;
            if *is_dated {
                *of_hosts.entry(host).or_default() += rows;
            }
        }
        let large = of_hosts.into_iter().filter(|(_, rows)| *rows > most);
        Self {
            most,
            dated: totals[1] > most,
            undated: totals[0] > most,
            by_day: large.map(|(host, _)| host.to_owned()).collect(),
        }
    }

    fn is_needed(&self) -> bool {
        self.dated || self.undated
    }

    /// Whether rows of such a kind go to files of their hosts.
    fn is_split(&self, is_dated: bool) -> bool {
        if is_dated { self.dated } else { self.undated }
    }

    /// The rows by host, where they go to files of their hosts.
    fn by_host(&self, tools: Tools<'_>, rows: Sorted) -> anyhow::Result<Sorted> {
        let mut sorter = Sorter::new(tools.folder, tools.budget);
        for row in rows {
            let row = row?;
            let is_dated = key::read_time(&row.key).is_some();
            let host = host_of(&row.payload);
            let mut place = vec![u8::from(!is_dated)];
            key::text(&mut place, if self.is_split(is_dated) { &host } else { "" });
            place.extend(&row.key);
            sorter.push(&place, &row.payload)?;
        }
        Ok(sorter.finish()?)
    }

    /// What the part is called that a row belongs to: nothing for the main file.
    fn part(&self, is_dated: bool, host: &str, time: Option<Ticks>) -> Part {
        let mut name = String::new();
        if !is_dated {
            name.push_str("undated");
        }
        let is_split = self.is_split(is_dated);
        let by_day = is_dated && self.by_day.contains(host);
        Part {
            name,
            host: is_split.then(|| host.to_owned()),
            day: time.filter(|_| is_split && by_day).map(day),
        }
    }
}

fn host_of(mut payload: &[u8]) -> String {
    key::take_text(&mut payload).unwrap_or_default()
}

/// Rows that go to one file, or to several when there are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    name: String,
    host: Option<String>,
    day: Option<i64>,
}

/// A file as the index lists it.
struct Entry {
    file: String,
    host: String,
    first: Option<Ticks>,
    last: Option<Ticks>,
    rows: u64,
}

/// The files, one open at a time.
struct Parts<'f> {
    files: &'f Files<'f>,
    header: Vec<u8>,
    split: Split,
    open: Option<(Part, OutFile<'f>, Entry)>,
    taken: BTreeSet<String>,
    index: Vec<Entry>,
}

impl Parts<'_> {
    fn write(&mut self, rows: Sorted) -> anyhow::Result<()> {
        let is_split = self.split.is_needed();
        for row in rows {
            let row = row?;
            let mut text = row.payload.as_slice();
            let host = key::take_text(&mut text).unwrap_or_default();
            let mut place = row.key.as_slice();
            if is_split {
                place = &place[1..];
                key::take_text(&mut place);
            }
            let time = key::read_time(place);
            let part = self.split.part(time.is_some(), &host, time);
            self.open(part)?;
            if let Some((_, file, entry)) = &mut self.open {
                file.row(text)?;
                entry.first = entry.first.or(time);
                entry.last = time.or(entry.last);
            }
        }
        self.close()
    }

    /// Makes sure that the file of a part is open, and has room.
    fn open(&mut self, part: Part) -> anyhow::Result<()> {
        if let Some((open, file, _)) = &self.open
            && *open == part
            && file.rows() < self.split.most
        {
            return Ok(());
        }
        self.close()?;
        let name = self.name(&part);
        let file = begin(self.files, name.clone(), &self.header)?;
        let entry = Entry {
            file: name,
            host: part.host.clone().unwrap_or_default(),
            first: None,
            last: None,
            rows: 0,
        };
        self.open = Some((part, file, entry));
        Ok(())
    }

    fn close(&mut self) -> anyhow::Result<()> {
        if let Some((_, file, mut entry)) = self.open.take() {
            entry.rows = file.rows();
            file.finish()?;
            self.index.push(entry);
        }
        Ok(())
    }

    /// A name that no other part has: `x-SRV02-2026-03-02.csv`.
    fn name(&mut self, part: &Part) -> String {
        let host = part.host.as_deref().map(|host| match host {
            "" => "unknown-host".to_owned(),
            host => folder_name(host),
        });
        let day = part.day.map(|day| {
            let time = Ticks(day.saturating_mul(TICKS_PER_DAY)).to_string();
            time.get(..10).unwrap_or(&time).to_owned()
        });
        let words = [
            Some(part.name.clone()).filter(|name| !name.is_empty()),
            host,
            day,
        ];
        let words: Vec<String> = words.into_iter().flatten().collect();
        let plain = words.join("-");
        let mut number = 1;
        loop {
            let name = match (plain.as_str(), number) {
                ("", 1) => self.files.main_name(),
                ("", number) => self.files.part_name(&number.to_string()),
                (plain, 1) => self.files.part_name(plain),
                (plain, number) => self.files.part_name(&format!("{plain}-{number}")),
            };
            if self.taken.insert(name.to_lowercase()) {
                return name;
            }
            number += 1;
        }
    }

    /// Files without rows that have to be there, and the index where there are parts.
    fn finish(mut self, tally: &mut Tally) -> anyhow::Result<()> {
        for (is_split, is_dated) in [(self.split.dated, true), (self.split.undated, false)] {
            let part = self.split.part(is_dated, "", None);
            let is_there = |entry: &Entry| (entry.first.is_some() == is_dated) && entry.rows > 0;
            if !is_split && !self.index.iter().any(is_there) {
                let name = self.name(&part);
                begin(self.files, name, &self.header)?.finish()?;
            }
        }
        if !self.split.is_needed() {
            return Ok(());
        }
        let head = line(
            ["file", "host", "first_utc", "last_utc", "rows"],
            CRLF,
            tally,
        );
        let head = [BOM.as_bytes(), &head].concat();
        let mut file = begin(self.files, self.files.beside("-index.csv"), &head)?;
        for entry in &self.index {
            let time = |time: Option<Ticks>| time.map(|time| milliseconds(&time.to_string()));
            let cells = [
                entry.file.clone(),
                entry.host.clone(),
                time(entry.first).unwrap_or_default(),
                time(entry.last).unwrap_or_default(),
                entry.rows.to_string(),
            ];
            file.row(&line(cells, CRLF, tally))?;
        }
        file.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::table::LONGEST;

    #[test]
    fn ids_that_would_change_are_kept() {
        for (text, expected) in [
            ("4624", false),
            ("0", false),
            ("007", true),
            ("123456789012345", false),
            ("1234567890123456", true),
            ("12-3", true),
            ("12e3", true),
            ("0x471c3a8", false),
            ("ab-3", false),
            ("", false),
        ] {
            assert_eq!(would_change(text), expected, "{text}");
        }
    }

    #[test]
    fn cells_are_cut_between_characters() {
        let mut tally = Tally::default();
        let cut = |text, tally: &mut Tally| fitting(text, CUT, CELLS_CUT, tally);
        let fits = "é".repeat(LONGEST);
        assert_eq!(cut(fits.clone(), &mut tally), fits);
        assert!(tally.lost.is_empty());
        let long = cut("é".repeat(LONGEST + 1), &mut tally);
        assert_eq!(long, format!("{fits}{CUT}"));
        // Two units each: half as many fit.
        let wide = cut("\u{1f600}".repeat(LONGEST), &mut tally);
        assert_eq!(wide.chars().count(), LONGEST / 2 + CUT.len());
        assert_eq!(tally.lost["cells cut at 32,000 characters"], 2);
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(
            milliseconds("2026-03-02T21:14:02.7719999Z"),
            "2026-03-02 21:14:02.771"
        );
        assert_eq!(milliseconds(""), "");
    }

    #[test]
    fn only_what_is_too_large_is_split() {
        let rows = [
            ((true, "a".to_owned(), 1), 3),
            ((true, "a".to_owned(), 2), 3),
            ((true, "b".to_owned(), 1), 2),
            ((false, "a".to_owned(), 0), 4),
        ];
        let parts = rows.into_iter().collect();
        let whole = Split::new(8, &parts);
        assert!(!whole.is_needed() && whole.by_day.is_empty());
        let split = Split::new(5, &parts);
        assert!(split.dated && !split.undated);
        assert_eq!(split.by_day.iter().collect::<Vec<_>>(), ["a"]);
        let part = split.part(true, "a", Some(Ticks(0)));
        assert_eq!((part.host.as_deref(), part.day), (Some("a"), Some(0)));
        assert_eq!(split.part(true, "b", Some(Ticks(0))).day, None);
        assert_eq!(split.part(false, "a", None).host, None);
    }
}
