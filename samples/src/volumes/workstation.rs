//! The workstation's disk: an office, and the note.

use super::heard::{Heard, NewFile, prefetch_file};
use super::image::{self, ADMINISTRATORS, SYSMON_LOG, SYSTEM, Telling};
use super::{Sizes, ZEROS, profile};
use crate::corp::{DAY, MOREAU, WS01};
use crate::hives::INSTALLED;
use crate::intrusion::NOTE_PATH;
use crate::ntfs::{Deed, Disk, Error, New, Volume, zone_identifier};
use crate::time::{FileTime, Span};
use crate::windows::Noise;

const SEED: u64 = 0x0D15_C001;
/// Where the journal begins.
const JOURNAL: FileTime = DAY.at(6, 40, 0, 0);

pub(super) fn disk(heard: Heard, sizes: &Sizes) -> Result<Disk, Error> {
    let mut telling = Telling {
        volume: Volume::formatted(INSTALLED - Span::seconds(640))
            .with_journal_since(JOURNAL, ZEROS),
        noise: Noise::seeded(SEED),
    };
    image::install(&mut telling, &WS01, sizes);
    install_office(&mut telling);
    profile::make(
        &mut telling,
        &WS01,
        sizes,
        &MOREAU,
        FileTime::day(2025, 4, 15).at(8, 2, 11, 0),
    );
    keep_old_letters(&mut telling);
    start_the_day(&mut telling);
    save_an_offer(&mut telling);
    download_a_timetable(&mut telling);
    sort_documents(&mut telling);
    unpack_an_installer(&mut telling);
    throw_drafts_away(&mut telling);
    end_the_day(&mut telling);
    save_the_note(&mut telling);
    heard.tell(&mut telling, true, new_file);
    for (hour, minute) in [(21, 30), (22, 30), (23, 30)] {
        let at = telling.about(DAY.at(hour, minute, 4, 0));
        profile::change(&mut telling, at, SYSMON_LOG);
    }
    telling.volume.finish()
}

fn documents(below: &str) -> String {
    profile::path(&MOREAU, &format!(r"Documents\{below}"))
}

fn downloads(below: &str) -> String {
    profile::path(&MOREAU, &format!(r"Downloads\{below}"))
}

fn install_office(telling: &mut Telling) {
    let mut now = FileTime::day(2025, 4, 16).at(9, 12, 30, 0);
    let built = FileTime::day(2025, 3, 27).at(21, 40, 12, 0);
    for (name, length) in [
        ("EXCEL.EXE", 66_423_624),
        ("OUTLOOK.EXE", 43_212_616),
        ("WINWORD.EXE", 1_628_992),
    ] {
        now = telling.about(now + Span::milliseconds(640));
        let path = format!(r"C:\Program Files\Microsoft Office\root\Office16\{name}");
        telling
            .volume
            .unpacked(now, &path, SYSTEM, length, built + Span(now.0 % 7_919_333));
    }
}

fn keep_old_letters(telling: &mut Telling) {
    for (month, name, length) in [
        (5, "Letter 1204.docx", 21_340),
        (6, "Letter 1377.docx", 19_882),
        (7, "Price list 2025.xlsx", 48_110),
        (9, "Letter 2085.docx", 22_709),
        (11, "Site plan Harbour Quay.pdf", 1_803_221),
        (12, "Holiday rota.xlsx", 15_004),
    ] {
        let at = telling.about(FileTime::day(2025, month, 11).at(10, 5 * month, 9, 0));
        telling
            .volume
            .file(at, &documents(name), MOREAU.sid(), length);
    }
    for (day, name, length) in [
        (3, "Draft offer 1.docx", 24_112),
        (9, "Draft offer 2.docx", 25_870),
    ] {
        let at = telling.about(FileTime::day(2026, 2, day).at(14, 20, 33, 0));
        let path = documents(&format!(r"Old drafts\{name}"));
        telling.volume.file(at, &path, MOREAU.sid(), length);
    }
    let at = telling.about(FileTime::day(2026, 2, 20).at(11, 2, 40, 0));
    telling.volume.file(
        at,
        &documents("Offer Harbour Quay.docx"),
        MOREAU.sid(),
        31_018,
    );
}

/// Windows starts, somebody logs on, opens a share, and types its name.
fn start_the_day(telling: &mut Telling) {
    for (at, path) in [
        (WS01.boot, r"C:\Windows\bootstat.dat"),
        (
            WS01.boot + Span::milliseconds(3_310),
            r"C:\Windows\System32\config\SYSTEM.LOG1",
        ),
        (
            WS01.boot + Span::milliseconds(9_450),
            r"C:\Windows\System32\winevt\Logs\System.evtx",
        ),
        (
            DAY.at(7, 2, 58, 0),
            r"C:\Windows\System32\config\SOFTWARE.LOG1",
        ),
    ] {
        let at = telling.about(at);
        profile::change(telling, at, path);
    }
    profile::load(telling, &MOREAU, DAY.at(7, 2, 56, 120));
    let at = telling.about(DAY.at(8, 12, 9, 0));
    let shortcut = profile::path(
        &MOREAU,
        r"AppData\Roaming\Microsoft\Windows\Recent\docs (FS01).lnk",
    );
    telling.volume.file(at, &shortcut, MOREAU.sid(), 1_021);
}

/// Word writes another file, gives it the name of the first, and throws that away.
fn save_an_offer(telling: &mut Telling) {
    let (offer, lock) = (
        documents("Offer Harbour Quay.docx"),
        documents("~$fer Harbour Quay.docx"),
    );
    let (new, old) = (documents("~WRD0001.tmp"), documents("~WRL0005.tmp"));
    let user = MOREAU.sid();
    let at = telling.about(DAY.at(9, 31, 20, 415));
    telling.text(at, &lock, user, &[b' '; 162]);
    let at = telling.about(DAY.at(9, 47, 11, 62));
    telling.volume.file(at, &new, user, 33_902);
    telling
        .volume
        .moved(at + Span::milliseconds(41), &offer, &old);
    telling
        .volume
        .moved(at + Span::milliseconds(44), &new, &offer);
    telling.volume.removed(at + Span::milliseconds(63), &old);
    let at = telling.about(DAY.at(9, 52, 40, 877));
    telling.volume.removed(at, &lock);
}

/// A browser writes under a name of its own, marks where the file is from, and gives it its name.
fn download(
    telling: &mut Telling,
    at: FileTime,
    number: u32,
    path: &str,
    length: u64,
    from: (&str, &str),
) {
    let at = telling.about(at);
    let unfinished = downloads(&format!("Unconfirmed {number}.crdownload"));
    let user = MOREAU.sid();
    telling
        .volume
        .on(at, &unfinished, Deed::Create(New::file(user)));
    telling.volume.on(
        at + Span::milliseconds(212),
        &unfinished,
        Deed::Grow(length),
    );
    let zone = Deed::Stream("Zone.Identifier".into(), zone_identifier(from.0, from.1));
    telling
        .volume
        .on(at + Span::milliseconds(1_340), &unfinished, zone);
    telling
        .volume
        .on(at + Span::milliseconds(1_341), &unfinished, Deed::Close);
    telling
        .volume
        .moved(at + Span::milliseconds(1_352), &unfinished, path);
}

fn download_a_timetable(telling: &mut Telling) {
    let from = (
        "https://timetable.example.com/",
        "https://timetable.example.com/pdf/2026-03.pdf",
    );
    let path = downloads("timetable-2026-03.pdf");
    download(telling, DAY.at(10, 20, 3, 0), 118_204, &path, 412_876, from);
}

/// A folder is made, named, filled, and named again.
fn sort_documents(telling: &mut Telling) {
    let user = MOREAU.sid();
    let at = telling.about(DAY.at(11, 5, 16, 0));
    telling.volume.folder(at, &documents("New folder"), user);
    telling.volume.moved(
        at + Span::seconds(4),
        &documents("New folder"),
        &documents("Harbour Quay"),
    );
    for (after, name) in [
        (21, "Offer Harbour Quay.docx"),
        (29, "Site plan Harbour Quay.pdf"),
    ] {
        let to = documents(&format!(r"Harbour Quay\{name}"));
        telling
            .volume
            .moved(at + Span::seconds(after), &documents(name), &to);
    }
    for (number, length) in [(2_041, 3_310_442), (2_042, 2_987_120), (2_043, 3_104_551)] {
        let at = telling.about(DAY.at(11, 12, number - 2_000, 0));
        let taken = FileTime::day(2026, 2, 26).at(15, 4, number - 2_000, 0);
        let path = documents(&format!(r"Harbour Quay\Site photos\IMG_{number}.jpg"));
        telling.volume.copied(at, &path, user, length, taken);
    }
    let at = telling.about(DAY.at(13, 30, 48, 0));
    telling.volume.moved(
        at,
        &documents("Harbour Quay"),
        &documents("Harbour Quay 2026"),
    );
}

/// What comes out of an archive has the times that are in the archive: it looks as if somebody had set them, and
/// nobody has.
fn unpack_an_installer(telling: &mut Telling) {
    let user = MOREAU.sid();
    let from = (
        "https://shop.example.net/support",
        "https://shop.example.net/files/labelprint-5.2.zip",
    );
    download(
        telling,
        DAY.at(14, 25, 31, 0),
        220_871,
        &downloads("labelprint-5.2.zip"),
        2_204_118,
        from,
    );
    for (after, name, length) in [
        (0, "setup.exe", 2_711_040),
        (160, "readme.txt", 3_012),
        (171, "licence.txt", 11_345),
    ] {
        let at = telling.about(DAY.at(14, 27, 2, 305) + Span::milliseconds(after));
        let path = downloads(&format!(r"labelprint-5.2\{name}"));
        let packed = FileTime::day(2019, 8, 14).at(12, 0, 2 * (after % 29), 0);
        telling.volume.unpacked(at, &path, user, length, packed);
    }
    let at = telling.about(DAY.at(14, 28, 40, 0));
    let unpacked = profile::path(&MOREAU, r"AppData\Local\Temp\is-7QK2M.tmp");
    let program = format!(r"{unpacked}\setup.tmp");
    telling.volume.folder(at, &unpacked, user);
    telling
        .volume
        .file(at + Span::milliseconds(35), &program, user, 1_202_688);
    telling.volume.removed(at + Span::seconds(71), &program);
    telling.volume.removed(at + Span::seconds(71), &unpacked);
    let at = telling.about(DAY.at(14, 29, 12, 0));
    let installed = r"C:\Program Files (x86)\LabelPrint\labelprint.exe";
    let packed = FileTime::day(2019, 8, 14).at(11, 58, 40, 0);
    telling
        .volume
        .unpacked(at, installed, ADMINISTRATORS, 1_877_504, packed);
}

/// A folder is deleted with what is in it, and its MFT entry is used twice afterwards: what was in it has no folder
/// any more.
fn throw_drafts_away(telling: &mut Telling) {
    let user = MOREAU.sid();
    let folder = documents("Old drafts");
    let at = telling.about(DAY.at(16, 5, 22, 0));
    for name in ["Draft offer 1.docx", "Draft offer 2.docx"] {
        telling.volume.removed(at, &format!(r"{folder}\{name}"));
    }
    telling.volume.removed(at + Span(8_000), &folder);
    let at = telling.about(DAY.at(16, 6, 49, 0));
    let second = profile::path(&MOREAU, r"AppData\Local\Temp\~DF4C1A.tmp");
    telling.volume.on(
        at,
        &second,
        Deed::Create(New::file(user).in_place_of(&folder)),
    );
    telling
        .volume
        .on(at + Span(4_000), &second, Deed::Grow(16_384));
    telling.volume.on(at + Span(9_000), &second, Deed::Close);
    let at = telling.about(DAY.at(16, 31, 5, 0));
    telling.volume.removed(at, &second);
    let at = telling.about(DAY.at(16, 40, 18, 0));
    let third = profile::path(
        &MOREAU,
        r"AppData\Local\Microsoft\Windows\INetCache\counters2.dat",
    );
    telling.volume.on(
        at,
        &third,
        Deed::Create(New::file(user).in_place_of(&second)),
    );
    telling
        .volume
        .on(at + Span(4_000), &third, Deed::Grow(4_096));
    telling.volume.on(at + Span(9_000), &third, Deed::Close);
}

/// The Run dialog is used, and minutes are read.
fn end_the_day(telling: &mut Telling) {
    let logs = [((16, 40), "NTUSER.DAT.LOG1"), ((17, 2), "NTUSER.DAT.LOG2")];
    for ((hour, minute), log) in logs {
        let at = telling.about(DAY.at(hour, minute, 8, 0));
        profile::change(telling, at, &profile::path(&MOREAU, log));
    }
    let paint = prefetch_file(r"C:\Windows\System32\mspaint.exe");
    let at = telling.about(DAY.at(16, 40, 17, 0));
    telling.volume.file(at, &paint, SYSTEM, 21_440);
    let at = telling.about(DAY.at(17, 2, 7, 250));
    let shortcut = profile::path(
        &MOREAU,
        r"AppData\Roaming\Microsoft\Windows\Recent\minutes.lnk",
    );
    telling.volume.file(at, &shortcut, MOREAU.sid(), 1_284);
}

/// What came by mail is saved from the browser, twenty minutes before it is opened.
fn save_the_note(telling: &mut Telling) {
    let from = (
        "https://mail.corp.example.com/owa/",
        "https://mail.corp.example.com/owa/service.svc/s/GetFileAttachment?id=7731",
    );
    download(
        telling,
        DAY.at(20, 41, 27, 352),
        471_338,
        NOTE_PATH,
        738_816,
        from,
    );
}

/// What the logs saw being written.
fn new_file(telling: &mut Telling, file: NewFile) {
    let NewFile { at, path, owner } = file;
    let length = super::heard::length(telling, &path);
    telling.volume.file(at, &path, owner, length);
}
