//! The one place where words become HTML: of text, of attributes, of names in links.

pub(super) use crate::markup::push;

/// A name in links: letters, digits and `-`. The document promises no others, but it may be read from a file.
/// What this page names itself begins with `_`, so that the two never meet.
pub(super) fn anchor(name: &str) -> String {
    let is_sound = |char: &char| char.is_ascii_alphanumeric() || *char == '-';
    name.chars().filter(is_sound).collect()
}

/// Adds ` id="NAME"`, or nothing where there is no name.
pub(super) fn push_id(out: &mut String, name: &str) {
    let name = anchor(name);
    if !name.is_empty() {
        out.push_str(" id=\"");
        out.push_str(&name);
        out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_link_is_letters_digits_and_dashes() {
        for (name, expected) in [
            ("M-0001", " id=\"M-0001\""),
            ("a\" onclick=\"x", " id=\"aonclickx\""),
            ("_each", " id=\"each\""),
            ("\u{e9} ", ""),
        ] {
            let mut out = String::new();
            push_id(&mut out, name);
            assert_eq!(out, expected);
        }
    }
}
