//! Registry paths and data as Sysmon writes them, in every spelling that rules test
//! (ECS.md §1.1, §7.6).

use std::borrow::Cow;

use timeline::{Field, fields as f};

use super::Values;
use super::path::part;

/// The roots, short and long.
const ROOTS: [(&str, &str); 7] = [
    ("HKCR", "HKEY_CLASSES_ROOT"),
    ("HKCC", "HKEY_CURRENT_CONFIG"),
    ("HKCU", "HKEY_CURRENT_USER"),
    ("HKDD", "HKEY_DYN_DATA"),
    ("HKLM", "HKEY_LOCAL_MACHINE"),
    ("HKPD", "HKEY_PERFORMANCE_DATA"),
    ("HKU", "HKEY_USERS"),
];

/// What [`put_path`] puts, the path first.
pub(crate) const REGISTRY_PATH_FIELDS: [Field; 4] = [
    f::REGISTRY_PATH,
    f::REGISTRY_HIVE,
    f::REGISTRY_KEY,
    f::REGISTRY_VALUE,
];

/// Puts a path: `registry.path`, `.hive`, `.key`, `.value`.
///
/// Paths below HKU also get their long spelling, which some of Elastic's rules test alone. The key
/// stands without its last component (as an endpoint writes it) when that is a value's name, and
/// with it (as Sysmon's pipeline does).
pub(crate) fn put_path<'a>(
    values: &mut Values<'a>,
    path: impl Into<Cow<'a, str>>,
    names_value: bool,
) {
    let path = path.into();
    values.put(f::REGISTRY_PATH, path.clone());
    let (root, rest) = path.split_once('\\').unwrap_or((&path, ""));
    let known = ROOTS
        .iter()
        .find(|(short, long)| root.eq_ignore_ascii_case(short) || root.eq_ignore_ascii_case(long));
    if let Some(&(short, long)) = known {
        values.put(f::REGISTRY_HIVE, short);
        if short == "HKU" {
            values.put(f::REGISTRY_HIVE, long);
            let other = if root.eq_ignore_ascii_case(short) {
                long
            } else {
                short
            };
            values.put(f::REGISTRY_PATH, format!("{other}\\{rest}"));
        }
    }
    let start = if known.is_some() {
        path.len() - rest.len()
    } else {
        0
    };
    put_key(values, &path, start, names_value);
}

/// Puts the key that begins at a place of a path.
#[expect(clippy::ptr_arg, reason = "a part borrows what the whole borrows")]
fn put_key<'a>(values: &mut Values<'a>, path: &Cow<'a, str>, start: usize, names_value: bool) {
    let end = path.len();
    if start >= end {
        return;
    }
    let last = end - super::file_name(path.get(start..).unwrap_or_default()).len();
    if names_value && last > start {
        values.put(f::REGISTRY_KEY, part(path, start..last - 1));
    }
    values.put(f::REGISTRY_KEY, part(path, start..end));
    if last < end {
        values.put(f::REGISTRY_VALUE, part(path, last..end));
    }
}

/// Puts the data of a value as Sysmon 13 renders it.
pub(crate) fn put_data<'a>(values: &mut Values<'a>, details: Cow<'a, str>) {
    let (types, text): (&[&'static str], Cow<'a, str>) = if let Some(number) = dword(&details) {
        (&["REG_DWORD", "SZ_DWORD"], Cow::Owned(number.to_string()))
    } else if let Some(number) = qword(&details) {
        (&["REG_QWORD", "SZ_QWORD"], Cow::Owned(number.to_string()))
    } else if details == "Binary Data" {
        (&["REG_BINARY"], details)
    } else {
        (&["REG_SZ"], details)
    };
    values.put_all(f::REGISTRY_DATA_TYPE, types.iter().copied());
    values.put(f::REGISTRY_DATA_STRINGS, text);
}

/// `DWORD (0x0000002a)`.
fn dword(details: &str) -> Option<u32> {
    let hex = details.strip_prefix("DWORD (0x")?.strip_suffix(')')?;
    u32::from_str_radix(hex, 16).ok()
}

/// `QWORD (0x00000001-0x0000002a)`: high and low half.
fn qword(details: &str) -> Option<u64> {
    let halves = details.strip_prefix("QWORD (0x")?.strip_suffix(')')?;
    let (high, low) = halves.split_once("-0x")?;
    let half = |hex| u32::from_str_radix(hex, 16).map(u64::from).ok();
    Some(half(high)? << 32 | half(low)?)
}

#[cfg(test)]
mod tests {
    use timeline::Value;

    use super::*;

    fn all(values: &Values<'_>, field: Field) -> Vec<String> {
        let of_field = values.as_slice().iter().filter(|(f, _)| *f == field);
        of_field
            .map(|(_, value): &(Field, Value<'_>)| value.to_string())
            .collect()
    }

    #[test]
    fn users_get_both_spellings() {
        let mut values = Values::default();
        put_path(&mut values, r"HKU\S-1-5-21-1\Software\Run\x", true);
        assert_eq!(
            all(&values, f::REGISTRY_PATH),
            [
                r"HKU\S-1-5-21-1\Software\Run\x",
                r"HKEY_USERS\S-1-5-21-1\Software\Run\x"
            ]
        );
        assert_eq!(all(&values, f::REGISTRY_HIVE), ["HKU", "HKEY_USERS"]);
        assert_eq!(
            all(&values, f::REGISTRY_KEY),
            [r"S-1-5-21-1\Software\Run", r"S-1-5-21-1\Software\Run\x"]
        );
        assert_eq!(all(&values, f::REGISTRY_VALUE), ["x"]);
    }

    #[test]
    fn a_key_is_not_a_value() {
        let mut values = Values::default();
        put_path(&mut values, r"HKLM\SYSTEM\Select", false);
        assert_eq!(all(&values, f::REGISTRY_KEY), [r"SYSTEM\Select"]);
        assert_eq!(all(&values, f::REGISTRY_PATH), [r"HKLM\SYSTEM\Select"]);
    }

    #[test]
    fn numbers_are_decimal() {
        for (details, types, text) in [
            ("DWORD (0x0000002a)", "REG_DWORD SZ_DWORD", "42"),
            (
                "QWORD (0x00000001-0x00000002)",
                "REG_QWORD SZ_QWORD",
                "4294967298",
            ),
            ("Binary Data", "REG_BINARY", "Binary Data"),
            ("DWORD (oops)", "REG_SZ", "DWORD (oops)"),
        ] {
            let mut values = Values::default();
            put_data(&mut values, details.into());
            assert_eq!(all(&values, f::REGISTRY_DATA_TYPE).join(" "), types);
            assert_eq!(all(&values, f::REGISTRY_DATA_STRINGS), [text]);
        }
    }
}
