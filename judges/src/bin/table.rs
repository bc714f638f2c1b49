//! Makes a master file table, or reads one with the `mft` crate: `table make ENTRIES FILE`, `table mft FILE`.
//!
//! The made one is as those of Windows are on average: one entry in eight is a directory, three to eight deep;
//! a third of the names have an 8.3 name beside them; some files have two names, further streams, content in their
//! record; some were deleted. It is the same whenever it is made.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};

use mft::MftParser;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["make", entries, file] => make(entries.parse()?, file)?,
        ["mft", file] => walk(file)?,
        _ => return Err("usage: table make ENTRIES FILE, or table mft FILE".into()),
    }
    Ok(())
}

/// Each entry, its path and its attributes.
fn walk(file: &str) -> Result<(), Box<dyn Error>> {
    let mut parser = MftParser::from_path(file)?;
    let (mut entries, mut paths, mut attributes) = (0_u64, 0_u64, 0_u64);
    for number in 0..parser.get_entry_count() {
        let Ok(entry) = parser.get_entry(number) else {
            continue;
        };
        entries += 1;
        if let Ok(Some(path)) = parser.get_full_path_for_entry(&entry) {
            paths += 1;
            black_box(path);
        }
        for attribute in entry.iter_attributes().filter_map(Result::ok) {
            attributes += 1;
            black_box(attribute);
        }
    }
    println!("{entries} entries, {paths} paths, {attributes} attributes");
    Ok(())
}

const RECORD: usize = 1024;
const SECTOR: usize = 512;
/// Entries that a volume has from its making, and those that it keeps free.
const RESERVED: u32 = 24;
const ROOT: u32 = 5;
const DIRECTORY: u16 = 2;
const SYSTEM: [&str; 12] = [
    "$MFT", "$MFTMirr", "$LogFile", "$Volume", "$AttrDef", ".", "$Bitmap", "$Boot", "$BadClus",
    "$Secure", "$UpCase", "$Extend",
];
const WORDS: [&str; 24] = [
    "microsoft",
    "Windows",
    "system",
    "Common",
    "Controls",
    "resources",
    "amd64",
    "Office",
    "report",
    "invoice",
    "driver",
    "Setup",
    "cache",
    "Package",
    "backup",
    "image",
    "update",
    "Service",
    "temp",
    "data",
    "Profile",
    "network",
    "Budget",
    "archive",
];
const ENDINGS: [&str; 12] = [
    "dll", "exe", "manifest", "mui", "txt", "docx", "log", "png", "js", "cat", "xml", "lnk",
];

fn make(entries: u32, file: &str) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    let mut tree = Tree::new(u64::from(entries) * RECORD as u64);
    for number in 0..entries {
        out.write_all(tree.record(number))?;
    }
    Ok(out.flush()?)
}

/// Steele, Lea and Flood's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn is_one_of(&mut self, hundred: usize) -> bool {
        self.below(100) < hundred
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

#[derive(Clone, Copy)]
struct Directory {
    number: u32,
    sequence: u16,
    depth: u8,
}

impl Directory {
    fn reference(self) -> u64 {
        u64::from(self.number) | u64::from(self.sequence) << 48
    }
}

/// Makes the records of a volume, one after the other.
struct Tree {
    random: Random,
    directories: Vec<Directory>,
    size: u64,
    record: Box<[u8; RECORD]>,
    /// Where the next attribute begins.
    at: usize,
    next_id: u16,
}

impl Tree {
    fn new(size: u64) -> Self {
        let root = Directory {
            number: ROOT,
            sequence: 5,
            depth: 0,
        };
        Self {
            random: Random(7),
            directories: vec![root],
            size,
            record: Box::new([0; RECORD]),
            at: 0,
            next_id: 0,
        }
    }

    fn record(&mut self, number: u32) -> &[u8] {
        match number {
            0..RESERVED => self.system(number),
            _ if self.random.is_one_of(12) => self.directory(number),
            _ => self.file(number),
        }
        self.close();
        &self.record[..]
    }

    fn system(&mut self, number: u32) {
        let flags = if number == ROOT { 3 } else { 1 };
        let sequence = if number == 0 { 1 } else { number as u16 };
        self.open(number, sequence, flags);
        let times = self.times();
        self.standard(&times, 6);
        let Some(name) = SYSTEM.get(number as usize) else {
            return;
        };
        let root = self.directories[0];
        self.name(root, &times, name, 3);
        match number {
            0 => self.clusters("", self.size),
            ROOT => self.index(),
            _ => self.clusters("", 4096),
        }
    }

    fn directory(&mut self, number: u32) {
        let parent = self.parent(7);
        let is_deleted = self.random.is_one_of(2);
        let sequence = 1 + self.random.below(9) as u16;
        self.open(
            number,
            sequence,
            if is_deleted { DIRECTORY } else { DIRECTORY | 1 },
        );
        let times = self.times();
        self.standard(&times, 0x20);
        let name = self.word_name(number);
        self.names(parent, &times, &name);
        self.index();
        if !is_deleted {
            self.directories.push(Directory {
                number,
                sequence,
                depth: parent.depth + 1,
            });
        }
    }

    fn file(&mut self, number: u32) {
        let parent = self.parent(8);
        let is_deleted = self.random.is_one_of(4);
        let sequence = 1 + self.random.below(30) as u16;
        self.open(number, sequence, u16::from(!is_deleted));
        let times = self.times();
        self.standard(&times, 0x20);
        let name = format!("{}.{}", self.word_name(number), self.random.of(&ENDINGS));
        self.names(parent, &times, &name);
        if self.random.is_one_of(3) {
            let second = self.parent(8);
            self.name(second, &times, &format!("link to {name}"), 0);
        }
        if self.random.is_one_of(25) {
            let length = self.random.below(400).min(RECORD - 100 - self.at);
            self.resident(0x80, "", &vec![0x41; length]);
        } else {
            let size = self.random.next() % (1 << 22);
            self.clusters("", size);
        }
        if self.random.is_one_of(3) {
            self.download();
        }
    }

    /// A directory for what comes next: mostly one of the last, so that neighbours lie in the same, and of any depth.
    fn parent(&mut self, deepest: usize) -> Directory {
        let count = self.directories.len();
        let deepest = (3 + self.random.below(deepest - 2)) as u8;
        for _ in 0..8 {
            let near = if self.random.is_one_of(80) {
                count.min(24)
            } else {
                count
            };
            let found = self.directories[count - 1 - self.random.below(near)];
            if found.depth < deepest
                && (found.depth >= 2 || count < 400 || self.random.is_one_of(10))
            {
                return found;
            }
        }
        self.directories[0]
    }

    fn word_name(&mut self, number: u32) -> String {
        let words: Vec<&str> = (0..=self.random.below(3))
            .map(|_| self.random.of(&WORDS))
            .collect();
        format!("{}-{number:x}", words.join("."))
    }

    fn times(&mut self) -> [u64; 4] {
        // From 2023 on, for three years.
        let created = 133_170_048_000_000_000 + self.random.next() % 946_080_000_000_000;
        match self.random.below(4) {
            0 => [created; 4],
            1 => [
                created,
                created - 864_000_000_000,
                created + 20_000_000,
                created + 20_000_000,
            ],
            _ => {
                let later = created + self.random.next() % 864_000_000_000_000;
                [
                    created,
                    later,
                    later + 15,
                    later + self.random.next() % 6_000_000_000,
                ]
            }
        }
    }

    fn open(&mut self, number: u32, sequence: u16, flags: u16) {
        self.record.fill(0);
        self.record[..4].copy_from_slice(b"FILE");
        self.put(4, &[0x30, 0, 3, 0]);
        self.put(0x10, &sequence.to_le_bytes());
        self.put(0x14, &[0x38, 0]);
        self.put(0x16, &flags.to_le_bytes());
        self.put(0x1c, &(RECORD as u32).to_le_bytes());
        self.put(0x2c, &number.to_le_bytes());
        self.at = 0x38;
        self.next_id = 0;
    }

    /// The mark behind the last attribute, the sizes, and the fix-ups.
    fn close(&mut self) {
        self.put(self.at, &[0xff, 0xff, 0xff, 0xff, 0x82, 0x79, 0x47, 0x11]);
        self.put(0x18, &(self.at as u32 + 8).to_le_bytes());
        self.put(0x28, &self.next_id.to_le_bytes());
        let update = [0x2a, 0x01];
        self.put(0x30, &update);
        for sector in 0..RECORD / SECTOR {
            let end = (sector + 1) * SECTOR - 2;
            let kept = [self.record[end], self.record[end + 1]];
            self.put(0x32 + 2 * sector, &kept);
            self.put(end, &update);
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.record[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn resident(&mut self, kind: u32, name: &str, content: &[u8]) {
        let wide = wide(name);
        let start = (0x18 + wide.len()).next_multiple_of(8);
        let length = (start + content.len()).next_multiple_of(8);
        let at = self.head(kind, length, &wide, 0, 0x18);
        self.put(at + 0x10, &(content.len() as u32).to_le_bytes());
        self.put(at + 0x14, &(start as u16).to_le_bytes());
        self.put(at + start, content);
    }

    /// Content outside of the record: one run of clusters of 4 KiB.
    fn clusters(&mut self, name: &str, size: u64) {
        let wide = wide(name);
        let start = (0x40 + wide.len()).next_multiple_of(8);
        let clusters = size.div_ceil(4096);
        let at = self.head(0x80, start + 16, &wide, 1, 0x40);
        self.put(at + 0x18, &clusters.saturating_sub(1).to_le_bytes());
        self.put(at + 0x20, &(start as u16).to_le_bytes());
        for (place, value) in [(0x28, clusters * 4096), (0x30, size), (0x38, size)] {
            self.put(at + place, &value.to_le_bytes());
        }
        let place = 0x1000 + self.random.next() % 0x40_0000;
        self.put(at + start, &[0x44]);
        self.put(at + start + 1, &(clusters as u32).to_le_bytes());
        self.put(at + start + 5, &(place as u32).to_le_bytes());
    }

    /// What begins each attribute; where it is.
    fn head(
        &mut self,
        kind: u32,
        length: usize,
        name: &[u8],
        is_outside: u8,
        name_at: u16,
    ) -> usize {
        let at = self.at;
        self.put(at, &kind.to_le_bytes());
        self.put(at + 4, &(length as u32).to_le_bytes());
        self.put(at + 8, &[is_outside, (name.len() / 2) as u8]);
        self.put(at + 0x0a, &name_at.to_le_bytes());
        self.put(at + 0x0e, &self.next_id.to_le_bytes());
        self.put(at + usize::from(name_at), name);
        self.next_id += 1;
        self.at += length;
        at
    }

    fn standard(&mut self, times: &[u64; 4], attributes: u32) {
        let mut content = [0; 0x48];
        put_times(&mut content, times);
        content[0x20..0x24].copy_from_slice(&attributes.to_le_bytes());
        content[0x34..0x38].copy_from_slice(&0x107_u32.to_le_bytes());
        self.resident(0x10, "", &content);
    }

    /// A long name, and, of every third, the 8.3 name before it.
    fn names(&mut self, parent: Directory, times: &[u64; 4], name: &str) {
        if self.random.is_one_of(33) {
            let short = format!("{}~{}", name[..6].to_uppercase(), 1 + self.random.below(9));
            self.name(parent, times, &short.replace('.', "_"), 2);
            self.name(parent, times, name, 1);
        } else {
            self.name(parent, times, name, 0);
        }
    }

    fn name(&mut self, parent: Directory, times: &[u64; 4], name: &str, namespace: u8) {
        let wide = wide(name);
        let mut content = vec![0; 0x42];
        content[..8].copy_from_slice(&parent.reference().to_le_bytes());
        // Most names have the time of their making four times.
        put_times(
            &mut content[8..],
            &if self.random.is_one_of(70) {
                [times[0]; 4]
            } else {
                *times
            },
        );
        content[0x40] = (wide.len() / 2) as u8;
        content[0x41] = namespace;
        content.extend(wide);
        self.resident(0x30, "", &content);
        let links = u16::from_le_bytes([self.record[0x12], self.record[0x13]]) + 1;
        self.put(0x12, &links.to_le_bytes());
    }

    fn index(&mut self) {
        let mut content = [0; 0x30];
        content[0] = 0x30;
        content[4] = 1;
        content[0x20] = 0x10;
        self.resident(0x90, "$I30", &content);
    }

    /// The mark of the web, where there is room for it.
    fn download(&mut self) {
        let text = format!(
            "[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://example.com/{:x}\r\n",
            self.random.next()
        );
        if self.at + 0x40 + text.len() < RECORD - 32 {
            self.resident(0x80, "Zone.Identifier", text.as_bytes());
        }
    }
}

fn put_times(content: &mut [u8], times: &[u64; 4]) {
    for (place, time) in content.chunks_exact_mut(8).zip(times) {
        place.copy_from_slice(&time.to_le_bytes());
    }
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
