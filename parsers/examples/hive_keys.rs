//! Prints every key and value of a hive, one per line, for comparison with other readers
//! (`scripts/judge-hives`): `hive_keys HIVE [LOG...]`.
//!
//! A line has, parted by tabs: where it comes from, the path, the key's last-written time in ticks; of a value
//! also its name, type, and data in hexadecimal. Backslash, tab and line breaks in names are escaped.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a program of its own"
)]

use std::ops::ControlFlow;

use parsers::ReadAt;
use parsers::regf::read::{At, Fault, Hive, ValueCell, Visitor, visit};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = std::env::args().skip(1).map(std::fs::read);
    let hive = files.next().ok_or("usage: hive_keys HIVE [LOG...]")??;
    let logs = files.collect::<Result<Vec<_>, _>>()?;
    let logs: Vec<&dyn ReadAt> = logs.iter().map(|log| log as &dyn ReadAt).collect();
    let hive = Hive::read(&hive, &logs, u64::MAX)?;
    for issue in hive.issues() {
        eprintln!("{}: {}", issue.kind, issue.message);
    }
    let _ = visit(&hive, &mut Print);
    Ok(())
}

struct Print;

impl<'h> Visitor<'h> for Print {
    fn key(&mut self, at: &At<'_, 'h>) -> ControlFlow<()> {
        let time = at.key.last_written().map_or(0, |time| time.0);
        let path = escaped(at.path);
        println!("{:?}\t{path}\t{time}", at.origin);
        for value in at.key.values() {
            match value {
                Ok(value) => println!("{:?}\t{path}\t{time}\t{}", at.origin, of(&value)),
                Err(fault) => self.fault(fault, "A value"),
            }
        }
        ControlFlow::Continue(())
    }

    fn lost_value(&mut self, value: ValueCell<'h>) -> ControlFlow<()> {
        println!("Lost\t\t0\t{}", of(&value));
        ControlFlow::Continue(())
    }

    fn fault(&mut self, fault: Fault, what: &'static str) {
        eprintln!("{what}: {fault:x?}");
    }
}

fn of(value: &ValueCell<'_>) -> String {
    let data = value.data();
    let hex = timeline::hex(&data.bytes);
    format!("{}\t{}\t{hex}", escaped(&value.name()), value.data_type())
}

fn escaped(text: &str) -> String {
    text.replace('\t', "\\t")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}
