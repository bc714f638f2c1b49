//! `FUNCTIONS.md` is written from the list of functions.

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/FUNCTIONS.md");

#[test]
#[expect(clippy::disallowed_methods, reason = "the page is part of the project")]
fn the_reference_is_up_to_date() {
    let page = eql::functions::reference();
    if std::fs::read_to_string(PAGE).is_ok_and(|written| written == page) {
        return;
    }
    std::fs::write(PAGE, page).unwrap();
    panic!("FUNCTIONS.md was stale and has been written again");
}
