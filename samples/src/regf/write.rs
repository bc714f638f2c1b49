//! A whole hive.

use super::base_block::{BaseBlock, LENGTH, seal};
use super::bins::{Bins, NONE};
use super::key::{Key, Value, stored_name, utf16};
use crate::descriptor::security_descriptor;
use crate::evtx::Sid;
use crate::time::FileTime;

/// Data that is longer lies in segments of so many bytes.
const SEGMENT: usize = 16344;
/// A list of subkeys has at most so many entries; more are lists of lists.
const MOST_IN_LIST: usize = 507;
/// Every right on a key.
const ALL_ACCESS: u32 = 0x000F_003F;

/// A hive.
#[derive(Clone, Debug)]
pub struct Hive {
    /// Its root key.
    pub root: Key,
    /// The path that it is loaded from.
    pub file_name: String,
    /// When it was last written.
    pub written: FileTime,
    /// Its sequence number.
    pub sequence: u32,
    /// The second part of the format's version: 3 for users' hives and old systems, 5 for others.
    pub minor: u32,
    /// Who may do everything with its keys. The first of them owns them.
    pub granted: Vec<Sid>,
}

impl Hive {
    /// The file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut writer = Writer {
            bins: Bins::default(),
            minor: self.minor,
            security: NONE,
        };
        // The root is the first cell, wherever what it names comes to lie.
        let root = writer.bins.put(&node(&self.root, true));
        writer.security = writer.security(&self.granted);
        writer.key(&self.root, root, root);
        let bins = writer.bins.finish();
        let base = BaseBlock {
            sequences: (self.sequence, self.sequence),
            written: self.written,
            minor: self.minor,
            file_type: 0,
            root,
            bins_size: u32::try_from(bins.len()).expect("a hive is smaller than 4 GiB"),
            file_name: &self.file_name,
        };
        let mut bytes = base.bytes().to_vec();
        bytes.extend(bins);
        bytes
    }
}

/// The same file while it is being written: its secondary sequence number is behind.
#[must_use]
pub fn dirty(mut hive: Vec<u8>) -> Vec<u8> {
    let secondary = u32::from_le_bytes(hive[8..12].try_into().expect("four bytes"));
    hive[4..8].copy_from_slice(&(secondary + 1).to_le_bytes());
    seal(&mut hive[..LENGTH]);
    hive
}

/// A key node whose places are not known yet.
fn node(key: &Key, is_root: bool) -> Vec<u8> {
    let (name, is_latin1) = stored_name(&key.name);
    let flags = if is_root { 0x2C_u16 } else { 0 };
    let flags = if is_latin1 {
        flags | 0x20
    } else {
        flags & !0x20
    };
    let mut node = b"nk".to_vec();
    node.extend(flags.to_le_bytes());
    node.extend(key.written.0.to_le_bytes());
    node.resize(76, 0);
    for at in [28, 32, 40, 44, 48] {
        node[at..at + 4].copy_from_slice(&NONE.to_le_bytes());
    }
    let length = u16::try_from(name.len()).expect("a name has at most 255 characters");
    node[72..74].copy_from_slice(&length.to_le_bytes());
    node.extend(name);
    node
}

struct Writer {
    bins: Bins,
    minor: u32,
    security: u32,
}

impl Writer {
    fn key(&mut self, key: &Key, cell: u32, parent: u32) {
        let living: Vec<&Key> = key.keys.iter().filter(|key| !key.is_deleted).collect();
        self.number(cell, 16, parent);
        self.number(cell, 44, self.security);
        self.values(key, cell);
        if let Some(class) = &key.class {
            let class = utf16(class);
            let place = self.bins.put(&class);
            self.number(cell, 48, place);
            let length = u16::try_from(class.len()).expect("a short text");
            self.bins.patch(cell, 74, &length.to_le_bytes());
        }
        let mut subkeys = Vec::new();
        for child in &key.keys {
            let place = self.bins.put(&node(child, false));
            self.key(child, place, cell);
            if child.is_deleted {
                self.bins.free(place);
            } else {
                subkeys.push((child.name.to_uppercase(), place));
            }
        }
        // Windows searches the list.
        subkeys.sort();
        if !subkeys.is_empty() {
            let list = self.subkeys(&subkeys);
            self.number(cell, 20, count(living.len()));
            self.number(cell, 28, list);
        }
        let longest = |lengths: &mut dyn Iterator<Item = usize>| count(lengths.max().unwrap_or(0));
        let names = longest(&mut living.iter().map(|key| utf16(&key.name).len()));
        self.number(cell, 52, names);
        let names = longest(&mut key.values.iter().map(|value| utf16(&value.name).len()));
        self.number(cell, 60, names);
        let data = longest(&mut key.values.iter().map(|value| value.data.bytes().len()));
        self.number(cell, 64, data);
    }

    fn number(&mut self, cell: u32, at: usize, number: u32) {
        self.bins.patch(cell, at, &number.to_le_bytes());
    }

    fn subkeys(&mut self, subkeys: &[(String, u32)]) -> u32 {
        let lists: Vec<u32> = subkeys
            .chunks(MOST_IN_LIST)
            .map(|part| {
                let mut list = b"lh".to_vec();
                list.extend(short(part.len()).to_le_bytes());
                for (name, place) in part {
                    list.extend(place.to_le_bytes());
                    list.extend(name_hash(name).to_le_bytes());
                }
                self.bins.put(&list)
            })
            .collect();
        if let [one] = lists[..] {
            return one;
        }
        let mut index = b"ri".to_vec();
        index.extend(short(lists.len()).to_le_bytes());
        for list in lists {
            index.extend(list.to_le_bytes());
        }
        self.bins.put(&index)
    }

    fn values(&mut self, key: &Key, cell: u32) {
        let (gone, living): (Vec<&Value>, Vec<&Value>) =
            key.values.iter().partition(|value| value.is_deleted);
        if living.is_empty() && gone.is_empty() {
            return;
        }
        let mut list = Vec::new();
        for value in living.iter().chain(&gone) {
            list.extend(self.value(value).to_le_bytes());
        }
        let place = self.bins.put(&list);
        self.number(cell, 36, count(living.len()));
        if living.is_empty() {
            self.bins.free(place);
        } else {
            self.number(cell, 40, place);
        }
    }

    fn value(&mut self, value: &Value) -> u32 {
        let (name, is_latin1) = stored_name(&value.name);
        let data = value.data.bytes();
        let mut cells = Vec::new();
        let (size, place) = match data.len() {
            0 => (0x8000_0000, 0),
            length @ 1..=4 => {
                let mut resident = [0; 4];
                resident[..length].copy_from_slice(&data);
                (0x8000_0000 | count(length), u32::from_le_bytes(resident))
            }
            length => {
                let place = self.data(&data, &mut cells);
                (count(length), place)
            }
        };
        let mut content = b"vk".to_vec();
        content.extend(short(name.len()).to_le_bytes());
        content.extend(size.to_le_bytes());
        content.extend(place.to_le_bytes());
        content.extend(value.data.kind().to_le_bytes());
        content.extend(u16::from(is_latin1).to_le_bytes());
        content.extend([0; 2]);
        content.extend(name);
        let cell = self.bins.put(&content);
        if value.is_deleted {
            cells.push(cell);
            for cell in cells {
                self.bins.free(cell);
            }
        }
        cell
    }

    fn data(&mut self, data: &[u8], cells: &mut Vec<u32>) -> u32 {
        if data.len() <= SEGMENT || self.minor < 4 {
            let cell = self.bins.put(data);
            cells.push(cell);
            return cell;
        }
        let mut list = Vec::new();
        let segments = data.chunks(SEGMENT);
        let number = short(segments.len());
        for segment in segments {
            let cell = self.bins.put(segment);
            cells.push(cell);
            list.extend(cell.to_le_bytes());
        }
        let list = self.bins.put(&list);
        let mut header = b"db".to_vec();
        header.extend(number.to_le_bytes());
        header.extend(list.to_le_bytes());
        let header = self.bins.put(&header);
        cells.extend([list, header]);
        header
    }

    /// The one security descriptor of all keys: its list leads to itself.
    fn security(&mut self, granted: &[Sid]) -> u32 {
        let descriptor = security_descriptor(granted, ALL_ACCESS);
        let mut content = b"sk".to_vec();
        content.resize(16, 0);
        content.extend(count(descriptor.len()).to_le_bytes());
        content.extend(descriptor);
        let cell = self.bins.put(&content);
        self.number(cell, 4, cell);
        self.number(cell, 8, cell);
        // Nobody reads how many keys use it but to change the hive.
        self.number(cell, 12, 1);
        cell
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).expect("a hive is smaller than 4 GiB")
}

fn short(number: usize) -> u16 {
    u16::try_from(number).expect("a list or a name is short")
}

/// The hash of a name in capitals.
fn name_hash(name: &str) -> u32 {
    name.encode_utf16().fold(0_u32, |hash, unit| {
        hash.wrapping_mul(37).wrapping_add(u32::from(unit))
    })
}
