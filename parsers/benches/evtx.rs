//! What each stage of reading event logs costs: `cargo bench --package parsers`.
//!
//! Decoding alone; decoding and mapping, the events thrown away; and putting them into a segment.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark may open files and fail"
)]

use std::ops::ControlFlow;
use std::path::PathBuf;

use divan::Bencher;
use divan::counter::ItemsCount;
use parsers::evtx::read::{Reader, Record, Visitor};
use parsers::{Input, Parser, evtx::Evtx};
use timeline::{Event, Field, Issue, Names, Segment, Sink};

fn main() {
    divan::main();
}

/// The logs of the samples.
fn logs() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../samples/evidence");
    let files = walkdir::WalkDir::new(folder).sort_by_file_name();
    files
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| std::fs::read(entry.path()).unwrap())
        .collect()
}

#[derive(Default)]
struct Count(u64);

impl Visitor for Count {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.0 += divan::black_box(record.data().len() as u64).min(1);
        ControlFlow::Continue(())
    }

    fn issue(&mut self, _: Issue) {}
}

/// Throws events away.
#[derive(Default)]
struct Nothing(Names);

impl Sink for Nothing {
    fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        self.0.own_field(prefix, name)
    }

    fn event(&mut self, event: &Event<'_>) -> std::io::Result<()> {
        divan::black_box(event.values.len());
        Ok(())
    }

    fn issue(&mut self, _: Issue) {}
}

/// Keeps events as columns.
#[derive(Default)]
struct Columns(Segment);

impl Sink for Columns {
    fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        self.0.names.own_field(prefix, name)
    }

    fn event(&mut self, event: &Event<'_>) -> std::io::Result<()> {
        self.0.push(event);
        Ok(())
    }

    fn issue(&mut self, _: Issue) {}
}

fn records(logs: &[Vec<u8>]) -> ItemsCount {
    let mut count = Count::default();
    for log in logs {
        Reader::new().read(log, &mut count).unwrap();
    }
    ItemsCount::new(count.0)
}

#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let logs = logs();
    bencher.counter(records(&logs)).bench_local(|| {
        let mut count = Count::default();
        for log in &logs {
            Reader::new().read(log, &mut count).unwrap();
        }
        count.0
    });
}

fn parse<S: Sink + Default>(logs: &[Vec<u8>]) -> S {
    let mut sink = S::default();
    for log in logs {
        Evtx.parse(&Input::new(log), &mut sink).unwrap();
    }
    sink
}

#[divan::bench]
fn decode_and_map(bencher: Bencher<'_, '_>) {
    let logs = logs();
    bencher
        .counter(records(&logs))
        .bench_local(|| parse::<Nothing>(&logs));
}

#[divan::bench]
fn decode_map_and_build_segment(bencher: Bencher<'_, '_>) {
    let logs = logs();
    bencher
        .counter(records(&logs))
        .bench_local(|| parse::<Columns>(&logs));
}
