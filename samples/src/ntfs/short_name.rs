//! The second name that a file gets for old programs when its own is too long for them.

use super::file_name::is_dos_character;

/// So many of a folder get a number; from then on a part of the name is a sum of it.
const MOST_NUMBERED: u32 = 4;

/// A name of eight characters and three that `is_taken` says no file of the folder has: `PROGRA~1`, `LO5C3A~1.TXT`.
/// How Windows makes the sum is not documented; this is another of its form.
pub fn short_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let (stem, ending) = (dos(stem), dos(ending));
    let ending: String = ending.chars().take(3).collect();
    let full = |stem: &str, number| {
        if ending.is_empty() {
            format!("{stem}~{number}")
        } else {
            format!("{stem}~{number}.{ending}")
        }
    };
    let start: String = stem.chars().take(6).collect();
    let numbered = (1..=MOST_NUMBERED).map(|number| full(&start, number));
    let start: String = stem.chars().take(2).collect();
    let start = format!("{start}{:04X}", sum(name));
    // A folder with a million files of one sum does not come up; it would give one name twice.
    let summed = (1..10).map(|number| full(&start, number));
    numbered
        .chain(summed)
        .find(|name| !is_taken(name))
        .unwrap_or_else(|| full(&start, 9))
}

/// In capitals, without blanks and points, and what else DOS does not have as `_`.
fn dos(part: &str) -> String {
    let kept = part.chars().filter(|char| !matches!(char, ' ' | '.'));
    kept.map(|char| {
        if is_dos_character(char) {
            char.to_ascii_uppercase()
        } else {
            '_'
        }
    })
    .collect()
}

fn sum(name: &str) -> u16 {
    name.encode_utf16().fold(0, |sum: u16, unit| {
        sum.wrapping_mul(0x25).wrapping_add(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ntfs::is_short;

    #[test]
    fn short_names_are_short_and_not_taken() {
        let mut taken: Vec<String> = Vec::new();
        for _ in 0..6 {
            let name = short_name("Start Menu (old).v2.json", |name| {
                taken.iter().any(|other| other == name)
            });
            assert!(is_short(&name), "{name}");
            taken.push(name);
        }
        assert_eq!(
            &taken[..4],
            [
                "STARTM~1.JSO",
                "STARTM~2.JSO",
                "STARTM~3.JSO",
                "STARTM~4.JSO"
            ]
        );
        assert!(taken[4].ends_with("~1.JSO") && taken[5].ends_with("~2.JSO"));
        assert_eq!(short_name("Program Files", |_| false), "PROGRA~1");
    }

    #[test]
    fn what_dos_could_have_needs_no_second_name() {
        for name in [".", "cmd.exe", "Users", "$MFT", "NTUSER.DAT"] {
            assert!(is_short(name), "{name}");
        }
        for name in [
            "Program Files",
            "a.b.c",
            "taskmgr.exes",
            "trailing.",
            ".git",
            "winhlp64x.exe",
            "é.txt",
        ] {
            assert!(!is_short(name), "{name}");
        }
    }
}
