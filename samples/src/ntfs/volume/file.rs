//! A file of a volume, and the MFT records that say what it is.

use super::New;
use crate::evtx::Sid;
use crate::ntfs::attribute_list::attribute_list;
use crate::ntfs::record::{IN_USE, IS_FOLDER, MftRecord};
use crate::ntfs::{
    Attribute, CLUSTER, Error, FileName, FileReference, Form, Namespace, NonResident, Run,
    StandardInformation, Times, empty_index_root, kind,
};
use crate::time::FileTime;

/// Attribute of folders in names.
const FOLDER_IN_NAME: u32 = 0x1000_0000;
/// Of folders in the journal.
const FOLDER: u32 = 0x10;
/// "No other attribute" in the journal.
const NORMAL: u32 = 0x80;

/// A file or folder.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// As names and the journal have it; the record's header counts one more after its end.
    pub(super) reference: FileReference,
    pub(super) is_deleted: bool,
    pub(super) is_folder: bool,
    /// Of the record's header, beside the usual ones.
    pub(super) flags: u16,
    pub(super) owner: Sid,
    pub(super) information: StandardInformation,
    /// Each long name with its short one before it.
    pub(super) names: Vec<FileName>,
    pub(super) data: Option<Data>,
    /// All other attributes.
    pub(super) others: Vec<Attribute>,
    /// What was done since it was opened, as the journal counts.
    pub(super) reasons: u32,
    /// By which it was known at its end.
    pub(super) last_paths: Vec<String>,
}

/// Content without a name.
#[derive(Clone, Debug)]
pub(super) enum Data {
    InRecord(Vec<u8>),
    InClusters { runs: Vec<Run>, real: u64 },
}

impl Data {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::InRecord(bytes) => bytes.len() as u64,
            Self::InClusters { real, .. } => *real,
        }
    }

    /// The same clusters with another length.
    pub(super) fn with_length(mut self, length: u64) -> Self {
        if let Self::InClusters { real, .. } = &mut self {
            *real = length;
        }
        self
    }

    /// Bytes of its clusters.
    pub(super) fn allocated(&self) -> u64 {
        match self {
            Self::InRecord(bytes) => bytes.len().next_multiple_of(8) as u64,
            Self::InClusters { runs, .. } => {
                runs.iter().map(|run| run.count).sum::<u64>() * CLUSTER
            }
        }
    }

    fn attribute(&self) -> Attribute {
        match self {
            Self::InRecord(bytes) => Attribute::resident(kind::DATA, bytes.clone()),
            Self::InClusters { runs, real } => Attribute::non_resident(
                kind::DATA,
                NonResident {
                    first: 0,
                    runs: runs.clone(),
                    allocated: self.allocated(),
                    real: *real,
                    initialized: *real,
                },
            ),
        }
    }
}

impl File {
    pub(super) fn new(reference: FileReference, at: FileTime, new: &New, security_id: u32) -> Self {
        Self {
            reference,
            is_deleted: false,
            is_folder: new.is_folder,
            flags: 0,
            owner: new.owner,
            information: StandardInformation {
                times: Times::all(at),
                attributes: new.attributes,
                security_id,
                usn: 0,
            },
            names: Vec::new(),
            data: (!new.is_folder).then(|| Data::InRecord(Vec::new())),
            others: if new.is_folder {
                vec![empty_index_root()]
            } else {
                Vec::new()
            },
            reasons: 0,
            last_paths: Vec::new(),
        }
    }

    /// The same with a name for Windows and DOS.
    pub(super) fn called(mut self, name: &str, parent: FileReference) -> Self {
        let name = self.name(name, parent, Namespace::Win32AndDos);
        self.names.push(name);
        self
    }

    /// A name with the times and sizes that the file has now.
    pub(super) fn name(&self, name: &str, parent: FileReference, namespace: Namespace) -> FileName {
        let folder = if self.is_folder { FOLDER_IN_NAME } else { 0 };
        FileName {
            parent,
            times: self.information.times,
            allocated: self.data.as_ref().map_or(0, Data::allocated),
            real: self.length(),
            attributes: self.information.attributes | folder,
            reparse_tag: 0,
            namespace,
            name: name.encode_utf16().collect(),
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.data.as_ref().map_or(0, Data::length)
    }

    /// The names that programs of today see.
    pub(super) fn long_names(&self) -> impl Iterator<Item = &FileName> {
        let names = self.names.iter();
        names.filter(|name| name.namespace != Namespace::Dos)
    }

    /// The names of its streams.
    pub(super) fn streams(&self) -> Vec<String> {
        let streams = self.others.iter();
        let streams = streams.filter(|attribute| attribute.kind == kind::DATA);
        streams
            .map(|stream| String::from_utf16_lossy(&stream.name))
            .collect()
    }

    /// Its attributes as the journal has them.
    pub(super) fn journal_attributes(&self) -> u32 {
        match (self.is_folder, self.information.attributes) {
            (true, attributes) => attributes | FOLDER,
            (false, 0) => NORMAL,
            (false, attributes) => attributes,
        }
    }

    /// Its record, and if that has no room for all, further ones from the entry `next` on.
    pub(super) fn records(&self, next: u64) -> Result<Vec<MftRecord>, Error> {
        let attributes = self.attributes();
        let whole = self.record(self.reference, &attributes);
        if whole.needed() <= whole.size {
            return Ok(vec![whole]);
        }
        let (names, others): (Vec<_>, Vec<_>) = attributes
            .into_iter()
            .partition(|attribute| attribute.kind == kind::FILE_NAME);
        // As many names as possible stay in the first.
        let spread = (0..names.len()).rev().map(|stay| {
            let (kept, moved) = names.split_at(stay);
            self.spread(next, &[&others, kept].concat(), moved)
        });
        let mut spread = spread.into_iter();
        let fits =
            |records: &Vec<MftRecord>| records.iter().all(|record| record.needed() <= record.size);
        spread.find(fits).ok_or(Error::RecordFull {
            entry: self.reference.entry,
            needed: whole.needed(),
            size: whole.size,
        })
    }

    /// All records when these attributes stay in the first, which gets a list of all.
    fn spread(&self, next: u64, kept: &[Attribute], moved: &[Attribute]) -> Vec<MftRecord> {
        let mut records = vec![self.record(self.reference, kept)];
        for attribute in moved {
            let last = records.last().filter(|last| last.base == self.reference);
            let has_room =
                last.is_some_and(|last| last.needed() + attribute.bytes().len() <= last.size);
            if !has_room {
                records.push(self.extension(next + records.len() as u64 - 1));
            }
            if let Some(last) = records.last_mut() {
                last.push(attribute.clone());
            }
        }
        let places = records.iter().flat_map(|record| {
            // A list names its own record as others do, by the file.
            let is_first = record.base == FileReference::NONE;
            let reference = if is_first {
                self.reference
            } else {
                FileReference::new(record.number, 1)
            };
            record
                .attributes
                .iter()
                .map(move |attribute| (reference, attribute))
        });
        let list = attribute_list(&places.collect::<Vec<_>>());
        records[0].push(list);
        records[0]
            .attributes
            .sort_by_key(|attribute| attribute.kind);
        records
    }

    fn extension(&self, entry: u64) -> MftRecord {
        let mut record = self.record(FileReference::new(entry, 1), &[]);
        (record.base, record.links) = (self.reference, 0);
        record.flags &= IN_USE;
        record
    }

    fn record(&self, reference: FileReference, attributes: &[Attribute]) -> MftRecord {
        let mut record = MftRecord::new(reference);
        let links = self
            .names
            .iter()
            .filter(|name| name.namespace != Namespace::Dos)
            .count();
        record.links = u16::try_from(links).expect("NTFS allows 1,024 links");
        record.flags = self.flags | if self.is_folder { IS_FOLDER } else { 0 };
        if self.is_deleted {
            record.sequence += 1;
        } else {
            record.flags |= IN_USE;
        }
        record.lsn += self.information.usn;
        record.update = 1 + (reference.entry * 37 % 0x1F3) as u16;
        for attribute in attributes {
            record.push(attribute.clone());
        }
        record
    }

    fn attributes(&self) -> Vec<Attribute> {
        let mut attributes = vec![self.information.attribute()];
        attributes.extend(self.names.iter().map(FileName::attribute));
        attributes.extend(self.data.as_ref().map(Data::attribute));
        attributes.extend(self.others.iter().cloned());
        attributes.sort_by_key(|attribute| attribute.kind);
        attributes
    }
}

/// A stream of this name in clusters, such as those of the metadata files.
pub(super) fn stream_in_clusters(name: &str, runs: Vec<Run>, real: u64) -> Attribute {
    let allocated = runs.iter().map(|run| run.count).sum::<u64>() * CLUSTER;
    let content = NonResident {
        first: 0,
        allocated,
        real,
        initialized: real,
        runs,
    };
    Attribute::with_name(name, Form::NonResident(content))
}

impl Attribute {
    fn with_name(name: &str, form: Form) -> Self {
        let mut attribute = Self::resident(kind::DATA, Vec::new()).named(name);
        attribute.form = form;
        attribute
    }
}
