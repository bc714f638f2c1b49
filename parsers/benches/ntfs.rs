//! Entries, paths and journal records a second.

use std::io;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use parsers::ntfs::{ChangeJournal, MasterFileTable, Volume, VolumeFiles};
use parsers::{Input, Parser, ReadAt};
use timeline::{Event, Field, Issue, Names, Sink};

fn main() {
    divan::main();
}

/// Takes everything, and keeps nothing.
#[derive(Default)]
struct Drain {
    names: Names,
    events: usize,
}

impl Sink for Drain {
    fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        self.names.own_field(prefix, name)
    }

    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.events += black_box(event).values.len();
        Ok(())
    }

    fn issue(&mut self, _: Issue) {}
}

/// The table and the journal of the samples' server, over and over: as many bytes as a small volume has.
fn files() -> (Vec<u8>, Vec<u8>) {
    let [_, (_, disk), _] = samples::volumes::disks().expect("the samples have volumes");
    (disk.mft.repeat(64), disk.journal.repeat(64))
}

#[expect(clippy::ptr_arg, reason = "a slice alone is no trait object")]
fn volume(table: &Vec<u8>) -> Volume {
    let files = VolumeFiles {
        table: Some(table as &dyn ReadAt),
        memory: u64::MAX,
        ..VolumeFiles::default()
    };
    Volume::read(files).expect("memory can be read")
}

/// Directories and owners: what must be known before the first event.
#[divan::bench]
fn directories(bencher: Bencher) {
    let (table, _) = files();
    bencher
        .counter(ItemsCount::new(table.len() / 1024))
        .bench(|| volume(black_box(&table)).directories());
}

/// Every name with its full path.
#[divan::bench]
fn paths(bencher: Bencher) {
    let (table, _) = files();
    let volume = volume(&table);
    bencher
        .counter(ItemsCount::new(table.len() / 1024))
        .bench(|| {
            let mut length = 0;
            let read = volume.paths(black_box(&table), |path| length += path.len());
            read.map(|()| length).expect("memory can be read")
        });
}

/// All events of a table.
#[divan::bench]
fn table(bencher: Bencher) {
    let (table, _) = files();
    let volume = volume(&table);
    bencher
        .counter(ItemsCount::new(table.len() / 1024))
        .bench(|| {
            let input = Input {
                volume: Some(&volume),
                ..Input::new(black_box(&table))
            };
            parse(&MasterFileTable, &input)
        });
}

/// All events of a journal.
#[divan::bench]
fn journal(bencher: Bencher) {
    let (table, journal) = files();
    let volume = volume(&table);
    let input = Input {
        volume: Some(&volume),
        ..Input::new(&journal)
    };
    let records = ChangeJournal.parse(&input, &mut Drain::default());
    let records = records.expect("memory can be read").records;
    bencher
        .counter(ItemsCount::new(records))
        .bench(|| parse(&ChangeJournal, black_box(&input)));
}

fn parse(parser: &dyn Parser, input: &Input<'_>) -> usize {
    let mut drain = Drain::default();
    parser.parse(input, &mut drain).expect("memory can be read");
    drain.events
}
