//! UserAssist: what a user started in Explorer, how often, and when last.

use std::io;

use timeline::fields as f;

use super::super::node::{Node, time_at};
use super::super::out::{Certainty, Out, When};
use crate::ecs::{PathFields, split_path};
use crate::le;

/// Where known folders are, by the GUIDs that stand for them in paths.
const FOLDERS: [(&str, &str); 12] = [
    (
        "{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}",
        r"C:\Windows\System32",
    ),
    ("{F38BF404-1D43-42F2-9305-67DE0B28FC23}", r"C:\Windows"),
    (
        "{D65231B0-B2F1-4857-A4CE-A8E7C6EA7D27}",
        r"C:\Windows\SysWOW64",
    ),
    (
        "{6D809377-6AF0-444B-8957-A3773F02200E}",
        r"C:\Program Files",
    ),
    (
        "{905E63B6-C1BF-494E-B29C-65B732D3D21A}",
        r"C:\Program Files",
    ),
    (
        "{7C5A40EF-A0FB-4BFC-874A-C0F2E0B9FA8E}",
        r"C:\Program Files (x86)",
    ),
    (
        "{F7F1ED05-9F6D-47A2-AAAE-29D317C6F066}",
        r"C:\Program Files\Common Files",
    ),
    ("{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}", r"C:\ProgramData"),
    (
        "{0139D44E-6AFE-49F2-8690-3DAFCAE6FFB8}",
        r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs",
    ),
    (
        "{A4115719-D62E-491D-AA7C-E74B8BE3B067}",
        r"C:\ProgramData\Microsoft\Windows\Start Menu",
    ),
    ("{DFDF76A2-C82A-4D63-906A-5644AC457385}", r"C:\Users\Public"),
    (
        "{D0384E7D-BAC3-4797-8F14-CBA229B392B5}",
        r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Administrative Tools",
    ),
];

/// GUID\Count: names turned by thirteen letters, counters and a time.
pub(super) fn entries(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    for value in node.values() {
        let name = turned(&value.name());
        // Counters of Explorer itself.
        if name.starts_with("UEME_CTL") {
            continue;
        }
        let bytes = value.data().bytes;
        let Some((count, time)) = counters(&bytes) else {
            continue;
        };
        let mut values = out.values();
        out.put_key(&mut values, node.path);
        values.put(f::EVENT_CATEGORY, "process");
        values.put(f::EVENT_TYPE, "info");
        values.put(f::EVENT_ACTION, "userassist-execution");
        values.put(f::PROCESS_EXT_RUN_COUNT, i64::from(count));
        split_path(&mut values, path(&name), PathFields::PROCESS);
        let place = node.place_of(&value);
        let when = time.filter(|time| time.is_believable()).map_or_else(
            || node.written(Certainty::UpperBound),
            |time| When::exact(time, "last_executed"),
        );
        out.put(
            place,
            when,
            "userassist",
            &[name.as_bytes(), &bytes],
            values,
        )?;
    }
    Ok(())
}

/// How often and when last: 72 bytes since Windows 7, 16 before.
fn counters(bytes: &[u8]) -> Option<(u32, Option<timeline::Ticks>)> {
    match bytes.len() {
        68.. => Some((le::u32(bytes, 4)?, time_at(bytes, 60))),
        // It began to count at five.
        16..68 => Some((le::u32(bytes, 4)?.saturating_sub(5), time_at(bytes, 8))),
        _ => None,
    }
}

fn turned(name: &str) -> String {
    let turn = |letter: char, first: u8| {
        let place = (letter as u32 - u32::from(first) + 13) % 26;
        char::from_u32(u32::from(first) + place).unwrap_or(letter)
    };
    name.chars()
        .map(|letter| match letter {
            'a'..='z' => turn(letter, b'a'),
            'A'..='Z' => turn(letter, b'A'),
            other => other,
        })
        .collect()
}

/// A path with its known folder in full. Older Windows puts what was done in front.
fn path(name: &str) -> String {
    let name = ["UEME_RUNPATH:", "UEME_RUNPIDL:", "UEME_RUNCPL:"]
        .iter()
        .find_map(|start| name.strip_prefix(start))
        .unwrap_or(name);
    let known = FOLDERS.iter().find_map(|(guid, folder)| {
        let start = name.get(..guid.len())?;
        let rest = name.get(guid.len()..)?;
        start
            .eq_ignore_ascii_case(guid)
            .then(|| format!("{folder}{rest}"))
    });
    known.unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_turned_back_and_folders_named() {
        let name = turned(r"{1NP14R77-02R7-4R5Q-O744-2RO1NR5198O7}\pzq.rkr");
        assert_eq!(name, r"{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\cmd.exe");
        assert_eq!(path(&name), r"C:\Windows\System32\cmd.exe");
        assert_eq!(path(r"UEME_RUNPATH:C:\a.exe"), r"C:\a.exe");
    }

    #[test]
    fn counters_have_two_forms() {
        let mut bytes = vec![0; 72];
        bytes[4] = 3;
        bytes[60..68].copy_from_slice(&0x01d8_1c31_f12d_79e9_u64.to_le_bytes());
        assert_eq!(
            counters(&bytes),
            Some((3, Some(timeline::Ticks(0x01d8_1c31_f12d_79e9))))
        );
        let mut old = vec![0; 16];
        old[4] = 8;
        assert_eq!(counters(&old), Some((3, None)));
        assert_eq!(counters(&old[..12]), None);
    }
}
