//! Pieces of markup, told apart without reading what is in them.

/// The name space of event XML.
pub(super) const NAMESPACE: &[u8] = b"http://schemas.microsoft.com/win/2004/08/events/event";

/// What begins at a `<`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    /// What cannot be told before more of the text is there.
    More,
    /// A start tag.
    Start { length: usize, tag: Tag },
    /// An end tag.
    End { length: usize, name: Name },
    /// A comment, CDATA or instruction: its length is up to where `Until` ends.
    Skip { opening: usize, until: Until },
    /// A declaration, a tag that another tag cuts off, or no markup at all.
    Other { length: usize },
}

/// What we want to know of a start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) name: Name,
    /// Whether it is an element without content.
    pub(super) is_empty: bool,
    /// Whether it is called `Event` or `Events` and names the name space of events.
    pub(super) is_in_namespace: bool,
    /// Whether it ends where the next tag begins, as no well-formed one does.
    pub(super) is_cut: bool,
}

/// The names that matter here; prefixes do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Event,
    Events,
    Other,
}

/// What ends a piece of text that is no markup, whatever it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    Comment,
    CData,
    Instruction,
}

impl Until {
    pub(super) const COUNT: usize = 3;

    pub(super) fn bytes(self) -> &'static [u8] {
        match self {
            Self::Comment => b"-->",
            Self::CData => b"]]>",
            Self::Instruction => b"?>",
        }
    }
}

/// Tells what the bytes begin with. `is_all` says that there are no more than these.
pub(super) fn markup(bytes: &[u8], is_all: bool) -> Markup {
    const OPENINGS: [(&[u8], Until); 3] = [
        (b"<!--", Until::Comment),
        (b"<![CDATA[", Until::CData),
        (b"<?", Until::Instruction),
    ];
    for (opening, until) in OPENINGS {
        if bytes.starts_with(opening) {
            let opening = opening.len();
            return Markup::Skip { opening, until };
        }
        if !is_all && opening.starts_with(bytes) {
            return Markup::More;
        }
    }
    let (length, ends) = match tag_length(bytes) {
        Some(ended) => ended,
        None if is_all => (bytes.len(), false),
        None => return Markup::More,
    };
    let tag = bytes.get(..length).unwrap_or_default();
    match tag {
        [b'<', b'/', rest @ ..] if ends => Markup::End {
            length,
            name: name(rest),
        },
        [b'<', b'/' | b'!', ..] => Markup::Other { length },
        [b'<', rest @ ..] => {
            let name = name(rest);
            let tag = Tag {
                name,
                is_empty: tag.ends_with(b"/>"),
                is_in_namespace: name != Name::Other && find(tag, NAMESPACE).is_some(),
                is_cut: !ends,
            };
            Markup::Start { length, tag }
        }
        _ => Markup::Other { length },
    }
}

/// The length of a tag, and whether it ends as it should. No `<` can be inside of one, so the next
/// one ends it, too.
fn tag_length(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut quote = None;
    for (at, &byte) in bytes.iter().enumerate().skip(1) {
        match (byte, quote) {
            (b'<', _) => return Some((at, false)),
            (b'>', None) => return Some((at + 1, true)),
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

fn name(rest: &[u8]) -> Name {
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
    // A name that the end of the file cuts off may be the beginning of any other.
    let Some(length) = rest.iter().position(is_end) else {
        return Name::Other;
    };
    let qualified = rest.get(..length).unwrap_or_default();
    let local = qualified.rsplit(|byte| *byte == b':').next();
    match local {
        Some(b"Event") => Name::Event,
        Some(b"Events") => Name::Events,
        _ => Name::Other,
    }
}

/// Where `part` begins in `bytes`.
pub(super) fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Markup) {
        assert_eq!(markup(text.as_bytes(), false), expected, "{text}");
    }

    fn start(length: usize, name: Name) -> Markup {
        Markup::Start {
            length,
            tag: Tag {
                name,
                is_empty: false,
                is_in_namespace: false,
                is_cut: false,
            },
        }
    }

    #[test]
    fn tags_end_where_they_end() {
        check("<Event a='>' b=\">'\">x", start(20, Name::Event));
        check("<n:Events>x", start(10, Name::Events));
        check("<EventData>x", start(11, Name::Other));
        let end = |length, name| Markup::End { length, name };
        check("</n:Event >x", end(11, Name::Event));
        check("<!DOCTYPE x>y", Markup::Other { length: 12 });
        check("<Event a='", Markup::More);
        check("<!-", Markup::More);
        check("<", Markup::More);
    }

    #[test]
    fn at_the_end_of_the_text_a_tag_is_cut_off() {
        let cut = markup(b"<Event xmlns='http:", true);
        let Markup::Start { length: 19, tag } = cut else {
            panic!("{cut:?}");
        };
        assert!(tag.is_cut);
    }

    #[test]
    fn a_tag_that_is_cut_off_ends_at_the_next() {
        let Markup::Start { length, tag } = markup(b"<Event xmlns='http:<Event>", false) else {
            panic!("no start tag");
        };
        assert_eq!(length, 19);
        assert!(tag.is_cut);
        assert_eq!(tag.name, Name::Event);
    }
}
