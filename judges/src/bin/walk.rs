//! Walks a hive with one reader, so often: `walk READER TIMES HIVE [LOG...]`, where READER is ours, notatin or
//! nt-hive. Prints how many keys and values there are. What a walk costs is measured from outside
//! (`scripts/compare-hives`); so many keys can be made with `walk make KEYS FILE`.

use std::error::Error;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::PathBuf;

use notatin::parser::ParserIterator;
use notatin::parser_builder::ParserBuilder;
use nt_hive::{Hive as NtHive, KeyNode};
use parsers::ReadAt;
use parsers::regf::read::{At, Fault, Hive, Origin, ValueCell, Visitor, visit};
use samples::regf::{Data, Hive as Made, Key};
use samples::time::FileTime;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [reader, number, hive, logs @ ..] = &arguments[..] else {
        return Err("usage: walk READER TIMES HIVE [LOG...]".into());
    };
    let number: u32 = number.parse()?;
    if reader == "make" {
        std::fs::write(hive, make(number))?;
        return Ok(());
    }
    let mut count = Count::default();
    for _ in 0..number {
        count = match reader.as_str() {
            "ours" => ours(hive, logs)?,
            "notatin" => notatin(hive, logs)?,
            "nt-hive" => nt_hive(hive)?,
            _ => return Err("READER is ours, notatin or nt-hive".into()),
        };
    }
    println!("{} keys, {} values", count.keys, count.values);
    Ok(())
}

#[derive(Default)]
struct Count {
    keys: u64,
    values: u64,
}

fn ours(hive: &str, logs: &[String]) -> Result<Count, Box<dyn Error>> {
    let hive = std::fs::read(hive)?;
    let logs = logs
        .iter()
        .map(std::fs::read)
        .collect::<Result<Vec<_>, _>>()?;
    let logs: Vec<&dyn ReadAt> = logs.iter().map(|log| log as &dyn ReadAt).collect();
    let hive = Hive::read(&hive, &logs, u64::MAX)?;
    let mut count = Count::default();
    let _ = visit(&hive, &mut count);
    Ok(count)
}

impl<'h> Visitor<'h> for Count {
    fn key(&mut self, at: &At<'_, 'h>) -> ControlFlow<()> {
        if !matches!(at.origin, Origin::Live | Origin::Log) {
            return ControlFlow::Continue(());
        }
        self.keys += 1;
        black_box((at.path, at.key.last_written()));
        for value in at.key.values().filter_map(Result::ok) {
            self.values += 1;
            black_box((value.name(), value.data()));
        }
        ControlFlow::Continue(())
    }

    fn lost_value(&mut self, _: ValueCell<'h>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn fault(&mut self, _: Fault, _: &'static str) {}
}

fn notatin(hive: &str, logs: &[String]) -> Result<Count, Box<dyn Error>> {
    let mut builder = ParserBuilder::from_path(PathBuf::from(hive));
    for log in logs {
        builder.with_transaction_log(PathBuf::from(log));
    }
    let parser = builder.build()?;
    let mut count = Count::default();
    for key in ParserIterator::new(&parser).iter() {
        count.keys += 1;
        black_box((&key.path, key.last_key_written_date_and_time()));
        for value in key.value_iter() {
            count.values += 1;
            black_box((value.get_pretty_name(), &value.detail));
        }
    }
    Ok(count)
}

fn nt_hive(hive: &str) -> Result<Count, Box<dyn Error>> {
    let bytes = std::fs::read(hive)?;
    let hive = NtHive::without_validation(bytes.as_slice()).map_err(|error| error.to_string())?;
    let root = hive.root_key_node().map_err(|error| error.to_string())?;
    let mut count = Count::default();
    below(&root, &mut count);
    Ok(count)
}

fn below(key: &KeyNode<'_, &[u8]>, count: &mut Count) {
    count.keys += 1;
    black_box(key.name().map(|name| name.to_string_lossy()).ok());
    if let Some(Ok(values)) = key.values() {
        for value in values.filter_map(Result::ok) {
            count.values += 1;
            let _ = black_box((value.name().is_ok(), value.data().is_ok()));
        }
    }
    if let Some(Ok(subkeys)) = key.subkeys() {
        for subkey in subkeys.filter_map(Result::ok) {
            below(&subkey, count);
        }
    }
}

/// A hive of so many keys, with two values each, as deep and as wide as those of Windows.
fn make(keys: u32) -> Vec<u8> {
    let time = FileTime::day(2026, 3, 2);
    let mut root = Key::new("ROOT", time);
    for number in 0..keys {
        let path = format!(
            r"ControlSet001\Area{:02}\Group{:03}\Key{number:06}",
            number % 40,
            number / 40 % 100
        );
        root.at(&path)
            .text("ImagePath", r"\SystemRoot\System32\drivers\something.sys")
            .number("Start", number % 5);
        if number % 7 == 0 {
            root.at(&path).set("Blob", Data::Binary(vec![7; 180]));
        }
    }
    let hive = Made {
        root,
        file_name: r"\SystemRoot\System32\Config\SYSTEM".to_owned(),
        written: time,
        sequence: 1,
        minor: 5,
        granted: Vec::new(),
    };
    hive.bytes()
}
