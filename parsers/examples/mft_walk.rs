//! Makes events of a $MFT and drops them, to measure what that costs: `mft_walk TABLE`; or decodes entries with the
//! full path of each name alone: `mft_walk TABLE paths`. `scripts/compare-mft` runs both.

use std::fs::File;
use std::hint::black_box;
use std::io;

use parsers::ntfs::{Volume, VolumeFiles};
use parsers::{Input, PARSERS, ReadAt};
use timeline::{Event, Field, Issue, Names, Sink};

/// Looks at every event, and keeps none.
#[derive(Default)]
struct Count {
    names: Names,
    events: u64,
    values: u64,
    issues: u64,
}

impl Sink for Count {
    fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        self.names.own_field(prefix, name)
    }

    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.events += 1;
        self.values += event.values.len() as u64;
        black_box(event);
        Ok(())
    }

    fn issue(&mut self, _: Issue) {
        self.issues += 1;
    }
}

/// A file, read piece by piece as the program does.
struct Table(File);

impl ReadAt for Table {
    fn len(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        timeline::read_at(&self.0, offset, buffer)
    }
}

#[expect(clippy::print_stdout, reason = "a program's result")]
#[expect(clippy::disallowed_methods, reason = "a program opens files")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: mft_walk TABLE [paths]")?;
    let paths_only = std::env::args().nth(2).is_some();
    let table = Table(File::open(path)?);
    let volume = Volume::read(VolumeFiles {
        table: Some(&table),
        memory: u64::MAX,
        paths_only,
        ..VolumeFiles::default()
    })?;
    if paths_only {
        let (mut names, mut length) = (0_u64, 0_u64);
        volume.paths(&table, |path| {
            names += 1;
            length += black_box(path).len() as u64;
        })?;
        println!("{names} names, {length} bytes of paths");
        return Ok(());
    }
    let parser = PARSERS.iter().find(|parser| parser.kind() == "mft");
    let input = Input {
        volume: Some(&volume),
        ..Input::new(&table)
    };
    let mut count = Count::default();
    let counts = parser.ok_or("no such parser")?.parse(&input, &mut count)?;
    let Count {
        events,
        values,
        issues,
        ..
    } = count;
    println!(
        "{} records, {events} events, {values} values, {issues} issues",
        counts.records
    );
    Ok(())
}
