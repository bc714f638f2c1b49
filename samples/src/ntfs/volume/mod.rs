//! A volume: what was done on it, one deed after the other, and what is left of that.

mod clusters;
mod content;
mod deed;
mod file;
mod finish;
mod metadata;
mod paths;
mod play;

use self::clusters::Clusters;
pub use self::deed::{Deed, New, Place};
use super::{Error, FileName, FileReference, Mirror, Times, UsnRecord};
use crate::evtx::Sid;
use crate::time::{FileTime, Span};

/// From making a file to its first bytes, from those to its times, and from those to its closing.
const TO_CONTENT: Span = Span(11_370);
const TO_TIMES: Span = Span(52_140);
const TO_CLOSING: Span = Span(58_620);

/// A volume, and what is done on it. Deeds may be told in any order: they are done in that of their times, and in
/// that of their telling where those are the same.
#[derive(Clone, Debug)]
pub struct Volume {
    formatted: FileTime,
    journal_since: FileTime,
    zeros: usize,
    mirror: Mirror,
    deeds: Vec<(FileTime, String, Deed)>,
}

/// What is left: three streams, and what they have to say.
#[derive(Clone, Debug)]
pub struct Disk {
    /// `$MFT`.
    pub mft: Vec<u8>,
    /// `$Extend\$UsnJrnl:$J`.
    pub journal: Vec<u8>,
    /// `$Secure:$SDS`.
    pub security: Vec<u8>,
    /// Every file of the MFT, in the order of its entries, the first ones of the system too.
    pub files: Vec<Written>,
    /// Every record of the journal with its number.
    pub records: Vec<(u64, UsnRecord)>,
}

/// What the MFT says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// As names and the journal have it: of a deleted file, the record's header has a sequence number one higher.
    pub reference: FileReference,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Its paths from `C:` on, one for each link; of a deleted file those at its end. Empty for entries without a
    /// name.
    pub paths: Vec<String>,
    /// Its names, the short ones too.
    pub names: Vec<FileName>,
    /// The times of `$STANDARD_INFORMATION`.
    pub times: Times,
    /// Its attributes there.
    pub attributes: u32,
    /// Its last record in the journal, or 0.
    pub usn: u64,
    /// Whose it is.
    pub owner: Sid,
    /// Bytes of its content.
    pub length: u64,
    /// The names of its streams.
    pub streams: Vec<String>,
}

impl Volume {
    /// A volume that was formatted then, empty. Its journal begins at once, and is whole.
    #[must_use]
    pub const fn formatted(at: FileTime) -> Self {
        Self {
            formatted: at,
            journal_since: at,
            zeros: 0,
            mirror: Mirror::LeftOut,
            deeds: Vec::new(),
        }
    }

    /// The same, but the journal has lost what was before this time: it begins with so many zeros.
    #[must_use]
    pub const fn with_journal_since(mut self, time: FileTime, zeros: usize) -> Self {
        (self.journal_since, self.zeros) = (time, zeros);
        self
    }

    /// The same, but its security descriptors with or without the copy of each block.
    #[must_use]
    pub const fn with_mirror(mut self, mirror: Mirror) -> Self {
        self.mirror = mirror;
        self
    }

    /// Something is done to what is at a path, `C:\…`, at a time.
    pub fn on(&mut self, at: FileTime, path: &str, deed: Deed) {
        self.deeds.push((at, path.to_owned(), deed));
    }

    /// A folder is made.
    pub fn folder(&mut self, at: FileTime, path: &str, owner: Sid) {
        self.on(at, path, Deed::Create(New::folder(owner)));
        self.on(at, path, Deed::Close);
    }

    /// A file of so many bytes is made.
    pub fn file(&mut self, at: FileTime, path: &str, owner: Sid, length: u64) {
        self.on(at, path, Deed::Create(New::file(owner)));
        self.content(at, path, length);
        self.on(at + TO_CLOSING, path, Deed::Close);
    }

    /// A file is copied from elsewhere, with the time at which its content was modified there.
    pub fn copied(
        &mut self,
        at: FileTime,
        path: &str,
        owner: Sid,
        length: u64,
        modified: FileTime,
    ) {
        self.taken_over(at, path, owner, length, (None, modified));
    }

    /// A file is unpacked from an archive, with both times that are noted there. So are those of Windows itself.
    pub fn unpacked(&mut self, at: FileTime, path: &str, owner: Sid, length: u64, made: FileTime) {
        self.taken_over(at, path, owner, length, (Some(made), made));
    }

    fn taken_over(
        &mut self,
        at: FileTime,
        path: &str,
        owner: Sid,
        length: u64,
        (created, modified): (Option<FileTime>, FileTime),
    ) {
        self.on(at, path, Deed::Create(New::file(owner)));
        self.content(at, path, length);
        let times = Deed::SetTimes {
            created,
            modified: Some(modified),
            accessed: None,
        };
        self.on(at + TO_TIMES, path, times);
        self.on(at + TO_CLOSING, path, Deed::Close);
    }

    fn content(&mut self, at: FileTime, path: &str, length: u64) {
        if length > 0 {
            self.on(at + TO_CONTENT, path, Deed::Grow(length));
        }
    }

    /// A file is appended to, until it is so long, or changed in place when it is that long already.
    pub fn appended(&mut self, at: FileTime, path: &str, length: u64) {
        self.on(at, path, Deed::Grow(length));
        self.on(at + TO_CONTENT, path, Deed::Close);
    }

    /// A file is written anew: shortened to nothing first.
    pub fn rewritten(&mut self, at: FileTime, path: &str, length: u64) {
        self.on(at, path, Deed::Truncate(0));
        self.on(at + TO_CONTENT, path, Deed::Grow(length));
        self.on(at + TO_CLOSING, path, Deed::Close);
    }

    /// A file or folder is renamed or moved.
    pub fn moved(&mut self, at: FileTime, path: &str, to: &str) {
        self.on(at, path, Deed::Move(to.to_owned()));
        self.on(at, to, Deed::Close);
    }

    /// A file or folder is deleted.
    pub fn removed(&mut self, at: FileTime, path: &str) {
        self.on(at, path, Deed::Delete);
    }

    /// Does it all.
    ///
    /// # Errors
    /// When a deed is about what is not there, makes what is there, or a record has no room for what it is to hold.
    pub fn finish(mut self) -> Result<Disk, Error> {
        self.deeds.sort_by_key(|(at, ..)| *at);
        let deeds = std::mem::take(&mut self.deeds);
        let mut state = play::State::new(&self);
        for (at, path, deed) in &deeds {
            state.play(*at, path, deed)?;
        }
        state.finish(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ntfs::{kind, reason};

    const START: FileTime = FileTime::day(2026, 3, 2);
    const ANNA: Sid = Sid::new(5, [21, 1, 2, 3, 1_108]);

    fn at(seconds: u64) -> FileTime {
        START + Span::seconds(seconds)
    }

    fn record(disk: &Disk, entry: u64) -> &[u8] {
        let start = usize::try_from(entry).unwrap() * 1_024;
        &disk.mft[start..start + 1_024]
    }

    fn number(record: &[u8], place: usize) -> u16 {
        u16::from_le_bytes([record[place], record[place + 1]])
    }

    fn reasons(disk: &Disk) -> Vec<(String, u32)> {
        let records = disk.records.iter();
        records
            .map(|(_, record)| (String::from_utf16_lossy(&record.name), record.reasons))
            .collect()
    }

    #[test]
    fn a_deleted_file_counts_one_more_in_its_header_alone() {
        let mut volume = Volume::formatted(START);
        volume.file(at(10), r"C:\a.txt", ANNA, 5_000);
        volume.removed(at(20), r"C:\a.txt");
        let disk = volume.finish().unwrap();
        let file = disk.files.last().unwrap();
        assert_eq!(file.paths, [r"C:\a.txt"]);
        let header = record(&disk, file.reference.entry);
        assert_eq!((number(header, 16), number(header, 22)), (2, 0));
        let of_journal = disk.records.iter().map(|(_, record)| record.file);
        let of_journal: Vec<_> = of_journal.collect();
        assert_eq!(of_journal, [FileReference::new(28, 1).into(); 4]);
    }

    #[test]
    fn reasons_add_up_until_a_file_is_closed() {
        use reason::{BASIC_INFO_CHANGE, CLOSE, DATA_EXTEND, FILE_CREATE};
        use reason::{RENAME_NEW_NAME, RENAME_OLD_NAME};
        let mut volume = Volume::formatted(START);
        volume.copied(at(10), r"C:\a.txt", ANNA, 5_000, at(0));
        volume.moved(at(20), r"C:\a.txt", r"C:\b.txt");
        let made = FILE_CREATE | DATA_EXTEND | BASIC_INFO_CHANGE;
        let due = [
            ("a.txt", FILE_CREATE),
            ("a.txt", FILE_CREATE | DATA_EXTEND),
            ("a.txt", made),
            ("a.txt", made | CLOSE),
            ("a.txt", RENAME_OLD_NAME),
            ("b.txt", RENAME_NEW_NAME),
            ("b.txt", RENAME_NEW_NAME | CLOSE),
        ];
        let due = due.map(|(name, reasons)| (name.to_owned(), reasons));
        assert_eq!(reasons(&volume.finish().unwrap()), due);
    }

    #[test]
    fn a_copy_is_modified_before_it_is_made_and_its_name_is_not() {
        let mut volume = Volume::formatted(START);
        volume.copied(at(10), r"C:\a.txt", ANNA, 5_000, at(3));
        let disk = volume.finish().unwrap();
        let file = disk.files.last().unwrap();
        assert_eq!((file.times.created, file.times.modified), (at(10), at(3)));
        assert_eq!(file.names[0].times, Times::all(at(10)));
    }

    #[test]
    fn a_file_with_many_names_is_in_several_records() {
        let mut volume = Volume::formatted(START);
        let path = |number| format!(r"C:\a{number}\a name that takes some room in a record.txt");
        volume.file(at(10), &path(0), ANNA, 5_000);
        for link in 1..9 {
            volume.on(at(20), &path(0), Deed::Link(path(link)));
        }
        let disk = volume.finish().unwrap();
        let file = disk
            .files
            .iter()
            .find(|file| file.paths.len() == 9)
            .unwrap();
        let base = record(&disk, file.reference.entry);
        assert_eq!(number(base, 18), 9);
        let list = 0x38 + 0x60;
        assert_eq!(u32::from(number(base, list)), kind::ATTRIBUTE_LIST);
        let extensions = disk.mft.chunks(1_024).filter(|record| {
            record[32..40] == file.reference.to_u64().to_le_bytes() && number(record, 22) == 1
        });
        assert_eq!(extensions.count(), 3);
    }

    #[test]
    fn an_entry_is_used_again_with_the_next_number() {
        let mut volume = Volume::formatted(START);
        volume.folder(at(10), r"C:\old", ANNA);
        volume.file(at(11), r"C:\old\a.txt", ANNA, 10);
        volume.removed(at(20), r"C:\old\a.txt");
        volume.removed(at(20), r"C:\old");
        let new = New::file(ANNA).in_place_of(r"C:\old");
        volume.on(at(30), r"C:\new.txt", Deed::Create(new));
        let disk = volume.finish().unwrap();
        let [new, child] = &disk.files[disk.files.len() - 2..] else {
            panic!("two files were made");
        };
        assert_eq!(new.reference, FileReference::new(28, 2));
        assert_eq!(child.names[0].parent, FileReference::new(28, 1));
    }

    #[test]
    fn deeds_are_done_in_the_order_of_their_times() {
        let mut volume = Volume::formatted(START);
        volume.removed(at(30), r"C:\Program Files\a.txt");
        volume.file(at(20), r"C:\PROGRA~1\a.txt", ANNA, 10);
        volume.folder(at(10), r"C:\Program Files", ANNA);
        let disk = volume.finish().unwrap();
        let usns: Vec<u64> = disk.records.iter().map(|(usn, _)| *usn).collect();
        assert!(usns.is_sorted());
        assert!(disk.records.is_sorted_by_key(|(_, record)| record.time));
        assert!(disk.files.last().unwrap().is_deleted);
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let mut volume = Volume::formatted(START);
        volume.removed(at(10), r"C:\a.txt");
        let not_there = |error| matches!(error, Error::NotThere { .. });
        assert!(volume.finish().is_err_and(not_there));
        let mut volume = Volume::formatted(START);
        volume.folder(at(10), r"C:\a", ANNA);
        volume.folder(at(11), r"C:\A", ANNA);
        let there = |error| matches!(error, Error::There { .. });
        assert!(volume.finish().is_err_and(there));
        let mut volume = Volume::formatted(START);
        volume.file(at(10), r"C:\a", ANNA, 0);
        let stream = Deed::Stream("s".into(), vec![0; 900]);
        volume.on(at(11), r"C:\a", stream);
        let full = |error| matches!(error, Error::RecordFull { entry: 28, .. });
        assert!(volume.finish().is_err_and(full));
    }

    #[test]
    fn a_journal_that_lost_its_start_begins_with_zeros() {
        let mut volume = Volume::formatted(START).with_journal_since(at(15), 0x1_0000);
        volume.file(at(10), r"C:\a.txt", ANNA, 10);
        volume.file(at(20), r"C:\b.txt", ANNA, 10);
        let disk = volume.finish().unwrap();
        assert_eq!(disk.records.first().unwrap().0, 0x1_0000);
        assert!(disk.journal[..0x1_0000].iter().all(|byte| *byte == 0));
        let usns = disk.files.iter().rev().map(|file| file.usn != 0);
        assert_eq!(usns.take(2).collect::<Vec<_>>(), [true, false]);
    }
}
