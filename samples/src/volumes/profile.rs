//! A person's folder.

use super::Sizes;
use super::image::{SYSTEM, Telling};
use crate::ntfs::Deed;
use crate::time::{FileTime, Span};
use crate::windows::{Account, Host};

const FOLDERS: [&str; 6] = [
    "Desktop",
    "Documents",
    "Downloads",
    r"AppData\Local\Temp",
    r"AppData\Roaming\Microsoft\Windows\Recent",
    r"AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup",
];
const FILES: [(&str, u64); 5] = [
    ("NTUSER.DAT", 1_310_720),
    ("NTUSER.DAT.LOG1", 262_144),
    ("NTUSER.DAT.LOG2", 131_072),
    (r"AppData\Local\Microsoft\Windows\UsrClass.dat", 524_288),
    (
        r"AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\desktop.ini",
        174,
    ),
];
/// Hidden and archive, as hives of users are.
const OF_HIVE: u32 = 0x22;

/// A path below somebody's folder.
pub(super) fn path(user: &Account<'_>, below: &str) -> String {
    format!(r"C:\Users\{}\{below}", user.name)
}

/// What Windows makes when somebody logs on for the first time.
pub(super) fn make(
    telling: &mut Telling,
    host: &Host<'_>,
    sizes: &Sizes,
    user: &Account<'_>,
    at: FileTime,
) {
    let mut now = telling.about(at);
    let home = format!(r"C:\Users\{}", user.name);
    telling.volume.folder(now, &home, SYSTEM);
    for below in FOLDERS {
        now = telling.about(now + Span::milliseconds(3));
        telling.volume.folder(now, &path(user, below), user.sid());
    }
    for (below, length) in FILES {
        now = telling.about(now + Span::milliseconds(18));
        let path = path(user, below);
        let length = sizes.of(host, &path, length);
        telling.volume.file(now, &path, user.sid(), length);
        if length != 174 {
            telling.volume.on(now, &path, Deed::SetAttributes(OF_HIVE));
        }
    }
}

/// What changes in it when somebody logs on again.
pub(super) fn load(telling: &mut Telling, user: &Account<'_>, at: FileTime) {
    for (after, below) in [
        (0, "NTUSER.DAT"),
        (11, "NTUSER.DAT.LOG1"),
        (240, r"AppData\Local\Microsoft\Windows\UsrClass.dat"),
    ] {
        let at = telling.about(at + Span::milliseconds(after));
        change(telling, at, &path(user, below));
    }
}

/// Content changes in place.
pub(super) fn change(telling: &mut Telling, at: FileTime, path: &str) {
    telling.volume.on(at, path, Deed::Overwrite);
    telling.volume.on(at + Span(14_000), path, Deed::Close);
}
