//! What is left in the end: the streams, and what they say.

use super::file::{Data, stream_in_clusters};
use super::metadata::{JOURNAL, SECURE, journal_streams};
use super::play::{State, file};
use super::{Disk, Volume, Written};
use crate::ntfs::record::MftRecord;
use crate::ntfs::{Error, FileReference};

/// Records of the MFT in a cluster.
const IN_A_CLUSTER: usize = 4;

impl State {
    pub(super) fn finish(mut self, volume: &Volume) -> Result<Disk, Error> {
        let journal = std::mem::take(&mut self.journal).bytes();
        let security = self.security.bytes(volume.mirror);
        let streams = journal_streams(
            volume.formatted,
            volume.zeros as u64,
            journal.len() as u64,
            &mut self.clusters,
        );
        file(&mut self.files, JOURNAL).others = streams;
        let runs = self.clusters.take(security.len() as u64);
        let stream = stream_in_clusters("$SDS", runs, security.len() as u64);
        file(&mut self.files, SECURE).others.push(stream);
        Ok(Disk {
            mft: self.mft()?,
            journal,
            security,
            files: self.written(),
            records: self.records,
        })
    }

    fn mft(&mut self) -> Result<Vec<u8>, Error> {
        // Its own record is of a fixed length, whatever is known of it: how many there are is known before.
        let count = self.mft_records()?.len().next_multiple_of(IN_A_CLUSTER);
        let length = (count * 1_024) as u64;
        file(&mut self.files, 0).data = Some(Data::InClusters {
            runs: self.clusters.take(length),
            real: length,
        });
        let mut records = self.mft_records()?;
        records.extend((records.len()..count).map(unused));
        let bytes = records
            .iter()
            .map(MftRecord::bytes)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(bytes.concat())
    }

    /// All records in the order of their numbers; those that extend others are behind all others.
    fn mft_records(&self) -> Result<Vec<MftRecord>, Error> {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for (number, file) in self.files.iter().enumerate() {
            let next = (self.files.len() + second.len()) as u64;
            let records = match file {
                Some(file) => file.records(next)?,
                None => vec![unused(number)],
            };
            let mut records = records.into_iter();
            first.extend(records.next());
            second.extend(records);
        }
        first.extend(second);
        Ok(first)
    }

    fn written(&self) -> Vec<Written> {
        let files = self.files.iter().flatten();
        files
            .map(|file| Written {
                reference: file.reference,
                is_deleted: file.is_deleted,
                is_folder: file.is_folder,
                paths: if file.is_deleted {
                    file.last_paths.clone()
                } else {
                    self.paths(file)
                },
                names: file.names.clone(),
                times: file.information.times,
                attributes: file.information.attributes,
                usn: file.information.usn,
                owner: file.owner,
                length: file.length(),
                streams: file.streams(),
            })
            .collect()
    }
}

/// A record that is nobody's yet.
fn unused(number: usize) -> MftRecord {
    let mut record = MftRecord::new(FileReference::new(number as u64, 0));
    (record.links, record.flags, record.lsn) = (0, 0, 0);
    record
}
