//! Decodes event logs and does nothing else, to count what that costs: `decode PASSES FILE...`.
//! `scripts/count-decoding` runs it under callgrind.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;

use parsers::ReadAt;
use parsers::evtx::read::{Reader, Record, Visitor};
use timeline::Issue;

/// Looks at every value, and keeps none.
#[derive(Default)]
struct Count {
    records: u64,
    values: u64,
}

impl Visitor for Count {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.records += 1;
        self.values += record.data().len() as u64;
        ControlFlow::Continue(())
    }

    fn issue(&mut self, _: Issue) {}
}

/// A file, read chunk by chunk as the program does.
struct Log(File);

impl ReadAt for Log {
    fn len(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        timeline::read_at(&self.0, offset, buffer)
    }
}

#[expect(clippy::print_stdout, reason = "a program's result")]
#[expect(clippy::disallowed_methods, reason = "a program opens files")]
fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let passes: u32 = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let files: Vec<String> = arguments.collect();
    let mut count = Count::default();
    let mut reader = Reader::new();
    for file in files.iter().cycle().take(files.len() * passes as usize) {
        // What cannot be read is for other programs to tell.
        let _ = reader.read(&Log(File::open(file)?), &mut count);
    }
    println!("{} records, {} values", count.records, count.values);
    Ok(())
}
