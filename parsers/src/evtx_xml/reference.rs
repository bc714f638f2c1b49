//! Entities and characters by number.
//!
//! Only the five entities that XML itself has are known. Those of a document type are never looked
//! at: no exporter writes one, and an entity can be a bomb. They stay in the text as they are.

/// Appends a text, with its references resolved.
pub(super) fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        if let Some((name, after)) = after.split_once(';')
            && is_name(name)
        {
            push(name, out);
            rest = after;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
}

/// Appends what a reference stands for: `lt`, `#10`, `#xA`.
pub(super) fn push(name: &str, out: &mut String) {
    if let Some(character) = resolve(name) {
        out.push(character);
    } else {
        out.push('&');
        out.push_str(name);
        out.push(';');
    }
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    !name.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"#_-.:".contains(&byte))
}

fn resolve(name: &str) -> Option<char> {
    let code = match name {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let code = match code.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => code.parse().ok()?,
    };
    // Half a surrogate pair is what the reader of event logs shows as U+FFFD.
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = String::new();
        super::unescape(text, &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn references_are_resolved() {
        check("a &lt;b&gt; &amp;amp; &quot;&apos;", "a <b> &amp; \"'");
        check("&#13;&#xA;&#x1F600;", "\r\n\u{1F600}");
    }

    #[test]
    fn what_is_no_reference_stays() {
        check("&lol; & b; &; &#xZZ; end&", "&lol; & b; &; &#xZZ; end&");
    }
}
