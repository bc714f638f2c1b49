//! Reads event logs and counts what is in them: `evtx_count [--text|--data|--issues] FILE...`.
//!
//! Without an option it only reads; `--data` looks at every value, `--text` converts every value to
//! text, `--issues` prints the issues. To measure: `valgrind --tool=callgrind`.

use std::ops::ControlFlow;

use parsers::evtx::read::{Reader, Record, TextBuffer, Value, Visitor};
use timeline::Issue;

#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Records,
    Values,
    Text,
}

struct Count {
    depth: Depth,
    show: bool,
    records: u64,
    values: u64,
    issues: u64,
    bytes: usize,
    text: TextBuffer,
}

impl Count {
    fn value(&mut self, value: Value<'_>) {
        self.values += 1;
        if self.depth == Depth::Text {
            value.write_text(&mut self.text);
        }
    }
}

impl Visitor for Count {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.records += 1;
        if self.depth == Depth::Records {
            return ControlFlow::Continue(());
        }
        self.text.clear();
        for (_, value) in record.system.fields() {
            if !value.is_empty() {
                self.value(value);
            }
        }
        for datum in record.data() {
            match datum.value {
                Value::Array(array) => array.into_iter().for_each(|value| self.value(value)),
                single => self.value(single),
            }
        }
        self.bytes += self.text.as_str().len();
        ControlFlow::Continue(())
    }

    fn issue(&mut self, issue: Issue) {
        self.issues += 1;
        if self.show {
            print(&format!("  {issue:?}"));
        }
    }
}

#[expect(clippy::print_stdout, reason = "a program prints")]
fn print(line: &str) {
    println!("{line}");
}

#[expect(clippy::disallowed_methods, reason = "a program opens files")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut count = Count {
        depth: Depth::Records,
        show: false,
        records: 0,
        values: 0,
        issues: 0,
        bytes: 0,
        text: TextBuffer::new(),
    };
    let mut reader = Reader::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--data" => count.depth = Depth::Values,
            "--text" => count.depth = Depth::Text,
            "--issues" => count.show = true,
            path => {
                if count.show {
                    print(path);
                }
                let file = std::fs::read(path)?;
                if let Err(error) = reader.read(&file, &mut count) {
                    count.issue(error.to_issue());
                }
            }
        }
    }
    let Count {
        records,
        values,
        issues,
        bytes,
        ..
    } = count;
    print(&format!(
        "{records} records, {values} values, {bytes} bytes of text, {issues} issues"
    ));
    Ok(())
}
