//! What must be true of the page, whatever is in the document.

use super::*;

#[test]
#[ignore = "a look"]
fn look() {
    let Ok(from) = std::env::var("REPORT_JSONL") else {
        return;
    };
    let to = std::env::var("REPORT_HTML").unwrap();
    let text = std::fs::read_to_string(from).unwrap();
    let open = || {
        Ok(text
            .lines()
            .map(|line| Ok(serde_json::from_str::<Section>(line)?)))
    };
    let mut out = std::fs::File::create(to).unwrap();
    render(open, &mut out).unwrap();
}
