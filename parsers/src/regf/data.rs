//! The data of a value as text and as bytes (ECS.md §9.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::read::utf16;

/// More bytes of data are not put into an event.
const MOST: usize = 64 << 10;

/// The names of the types, in the order of their numbers. Windows's own, then what rules test beside it.
const TYPES: [&[&str]; 12] = [
    &["REG_NONE"],
    &["REG_SZ"],
    &["REG_EXPAND_SZ"],
    &["REG_BINARY"],
    &["REG_DWORD", "SZ_DWORD"],
    &["REG_DWORD_BIG_ENDIAN"],
    &["REG_LINK"],
    &["REG_MULTI_SZ"],
    &["REG_RESOURCE_LIST"],
    &["REG_FULL_RESOURCE_DESCRIPTOR"],
    &["REG_RESOURCE_REQUIREMENTS_LIST"],
    &["REG_QWORD", "SZ_QWORD"],
];

/// What an event says of the data of a value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) strings: Vec<String>,
    /// Base64.
    pub(super) bytes: Option<String>,
    /// How many bytes there are, when not all are told.
    pub(super) size: Option<usize>,
}

/// The names of a type.
pub(super) fn type_names(kind: u32) -> Result<&'static [&'static str], String> {
    let known = usize::try_from(kind).ok().and_then(|kind| TYPES.get(kind));
    known.copied().ok_or_else(|| format!("{kind:#x}"))
}

/// Data as text where its type is one of texts and numbers and fits its length; else as bytes.
pub(super) fn tell(kind: u32, data: &[u8], expand: &dyn Fn(&str) -> Option<String>) -> Told {
    let is_text = data.len().is_multiple_of(2);
    let mut strings = match (kind, data.len()) {
        (1 | 6, _) if is_text => vec![text(data)],
        (2, _) if is_text => {
            let text = text(data);
            let expanded = expand(&text);
            std::iter::once(text).chain(expanded).collect()
        }
        (7, _) if is_text => texts(data),
        (4, 4) => vec![number(data).to_string()],
        (5, 4) => vec![number(data).swap_bytes().to_string()],
        (11, 8) => {
            vec![u64::from_le_bytes(data.first_chunk().copied().unwrap_or_default()).to_string()]
        }
        _ => return bytes(kind, data),
    };
    // An empty text says nothing, but that it is there.
    strings.retain(|text| !text.is_empty());
    Told {
        strings,
        bytes: None,
        size: None,
    }
}

fn number(data: &[u8]) -> u32 {
    u32::from_le_bytes(data.first_chunk().copied().unwrap_or_default())
}

/// Base64 of the data, which rules test as a text, too.
fn bytes(kind: u32, data: &[u8]) -> Told {
    let part = data.get(..MOST).unwrap_or(data);
    let base64 = STANDARD.encode(part);
    let mut strings = vec![base64.clone()];
    if matches!(kind, 1 | 2 | 6 | 7) {
        strings.insert(0, text(data));
    }
    strings.retain(|text| !text.is_empty());
    Told {
        strings,
        bytes: Some(base64).filter(|text| !text.is_empty()),
        size: (part.len() < data.len()).then_some(data.len()),
    }
}

/// A text up to its end.
pub(super) fn text(data: &[u8]) -> String {
    utf16(data).trim_end_matches('\0').to_owned()
}

/// A list of texts.
pub(super) fn texts(data: &[u8]) -> Vec<String> {
    let all = text(data);
    all.split('\0').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell_plain(kind: u32, data: &[u8]) -> Told {
        tell(kind, data, &|_| None)
    }

    #[test]
    fn numbers_are_decimal_and_lists_are_lists() {
        assert_eq!(tell_plain(4, &[42, 0, 0, 0]).strings, ["42"]);
        assert_eq!(tell_plain(5, &[0, 0, 0, 42]).strings, ["42"]);
        assert_eq!(
            tell_plain(11, &[0, 0, 0, 0, 1, 0, 0, 0]).strings,
            ["4294967296"]
        );
        assert_eq!(tell_plain(7, b"a\0\0\0b\0\0\0\0\0").strings, ["a", "b"]);
        assert_eq!(tell_plain(1, b"a\0b\0\0\0").strings, ["ab"]);
    }

    #[test]
    fn what_does_not_fit_its_type_keeps_its_bytes() {
        let told = tell_plain(4, &[1, 2]);
        assert_eq!(told.bytes.as_deref(), Some("AQI="));
        assert_eq!(told.strings, ["AQI="]);
        let told = tell_plain(1, b"a\0b");
        assert_eq!(
            (told.bytes.as_deref(), told.strings.len()),
            (Some("YQBi"), 2)
        );
    }

    #[test]
    fn long_data_are_cut_and_say_so() {
        let told = tell_plain(3, &vec![0; MOST + 1]);
        assert_eq!(told.size, Some(MOST + 1));
        assert_eq!(told.bytes.unwrap().len(), MOST.div_ceil(3) * 4);
    }
}
