//! The language: any text is compiled or refused with a picture of what is wrong; what compiles
//! prints to text that parses to the same, and can be asked of values.

#![no_main]

use detectors::rule::Table;
use eql::Value;
use eql::plan::Query;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(statement) = eql::parse(&text) {
        let printed = statement.to_string();
        let again = eql::parse(&printed);
        assert_eq!(again.as_ref(), Ok(&statement), "{text}\n{printed}");
    }
    match eql::compile(&text, &Table) {
        Ok(compiled) => ask(&compiled.query),
        Err(errors) => drop(errors.render("query", &text, false)),
    }
});

/// Asks each filter of values of every kind.
fn ask(query: &Query) {
    let values = [
        Value::Null,
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::Float(-0.5),
        Value::from("C:\\Windows\\System32\\ſvchoſt.exe"),
        Value::from("10.0.0.1"),
    ];
    for filter in query.filters() {
        for value in &values {
            let _ = filter
                .condition
                .holds(&mut |leaf| leaf.holds(&mut |_| value.clone()));
        }
    }
}
