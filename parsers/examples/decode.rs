//! Decodes event logs and does nothing else, to count what that costs: `decode PASSES FILE...`.
//! `scripts/count-decoding` runs it under callgrind.

use std::ops::ControlFlow;

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

#[expect(clippy::print_stdout, reason = "a program's result")]
#[expect(clippy::disallowed_methods, reason = "a program opens files")]
fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let passes: u32 = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let files = arguments
        .map(std::fs::read)
        .collect::<std::io::Result<Vec<_>>>()?;
    let mut count = Count::default();
    for file in files.iter().cycle().take(files.len() * passes as usize) {
        // What cannot be read is for other programs to tell.
        let _ = Reader::new().read(file, &mut count);
    }
    println!("{} records, {} values", count.records, count.values);
    Ok(())
}
