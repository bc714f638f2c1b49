//! Counts records with the `evtx` crate, for `scripts/compare-readers`: `evtx_crate FILE...` prints, for
//! each file, the records, what it could not read, and the first reason, between tabs.

use evtx::EvtxParser;

#[expect(clippy::print_stdout, reason = "a program's result")]
fn main() {
    for path in std::env::args().skip(1) {
        let (mut records, mut errors, mut reason) = (0_u64, 0_u64, String::new());
        let mut failed = |error: evtx::err::EvtxError| {
            errors += 1;
            if reason.is_empty() {
                reason = error.to_string().replace(['\n', '\t'], " ");
            }
        };
        match EvtxParser::from_path(&path) {
            Ok(mut log) => {
                for record in log.records() {
                    match record {
                        Ok(_) => records += 1,
                        Err(error) => failed(error),
                    }
                }
            }
            Err(error) => failed(error),
        }
        println!("{records}\t{errors}\t{reason}\t{path}");
    }
}
