//! Archives, read in place.

mod budget;
mod lock;
mod tar;
mod unpack;
mod zip;

use std::io::{self, Read};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use super::bytes::{Cursor, Shared};
use super::streamed::Open;

pub(super) use budget::Budget;
pub(super) use unpack::Nest;

/// Files that begin like an archive, and are documents or programs.
const NO_COLLECTIONS: &[&str] = &[
    "apk",
    "appx",
    "appxbundle",
    "crx",
    "docm",
    "docx",
    "dotx",
    "ear",
    "epub",
    "ipa",
    "jar",
    "msix",
    "nupkg",
    "odp",
    "ods",
    "odt",
    "potx",
    "pptm",
    "pptx",
    "vsdx",
    "vsix",
    "war",
    "whl",
    "xlsb",
    "xlsm",
    "xlsx",
    "xltx",
    "xpi",
    "xps",
];

/// Kinds of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Zip,
    Tar,
    TarGz,
    /// One that is not read.
    Foreign(&'static str),
}

impl Kind {
    /// Its name in the manifest.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::TarGz => "tar.gz",
            Self::Foreign(name) => name,
        }
    }

    /// The kind of a file, by its first bytes; none when it is no archive, or one that holds no collection.
    pub(super) fn of(name: &str, head: &[u8]) -> Option<Self> {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        if NO_COLLECTIONS
            .iter()
            .any(|no| ending.eq_ignore_ascii_case(no))
        {
            return None;
        }
        let foreign: &[(&[u8], &str)] = &[
            (b"7z\xbc\xaf\x27\x1c", "7z"),
            (b"Rar!\x1a\x07", "rar"),
            (b"\xfd7zXZ\0", "xz"),
            (b"BZh", "bzip2"),
            (b"\x28\xb5\x2f\xfd", "zstd"),
        ];
        if zip::recognises(head) {
            Some(Self::Zip)
        } else if tar::recognises(head) {
            Some(Self::Tar)
        } else if head.starts_with(b"\x1f\x8b") {
            let mut start = Vec::new();
            // The head may end within a block: what comes out until then is enough.
            let _ = MultiGzDecoder::new(head).take(512).read_to_end(&mut start);
            tar::recognises(&start).then_some(Self::TarGz)
        } else {
            // What is compressed and no archive holds one file.
            let ending = ending.to_ascii_lowercase();
            let is_tar = ending.starts_with('t') || stem_ends_in_tar(name);
            let known = foreign.iter().find(|(magic, _)| head.starts_with(magic));
            known
                .filter(|(_, kind)| matches!(*kind, "7z" | "rar") || is_tar)
                .map(|(_, kind)| Self::Foreign(kind))
        }
    }
}

/// Whether a name is `….tar.` and one more ending.
fn stem_ends_in_tar(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem);
    stem.to_ascii_lowercase().ends_with(".tar")
}

/// What gzip decodes.
struct Gz(Shared);

impl Open for Gz {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let cursor = Cursor::new(Arc::clone(&self.0), 0);
        Ok(Box::new(MultiGzDecoder::new(cursor)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::ops::ControlFlow;

    use ::zip::write::SimpleFileOptions;
    use ::zip::{AesMode, CompressionMethod, ZipWriter};

    use super::*;

    fn sample_zip() -> Vec<u8> {
        let mut archive = ZipWriter::new(io::Cursor::new(Vec::new()));
        let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let deflated = plain.compression_method(CompressionMethod::Deflated);
        let zstd = plain
            .compression_method(CompressionMethod::Zstd)
            .large_file(true);
        let locked = deflated.with_aes_encryption(AesMode::Aes256, "p");
        for (name, options) in [("a", plain), ("b/c", deflated), ("d", zstd), ("e", locked)] {
            archive.start_file(name, options).unwrap();
            archive.write_all(&[7; 300]).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn sample_tar() -> Vec<u8> {
        let mut archive = ::tar::Builder::new(Vec::new());
        for name in ["a", &"long/".repeat(40), "b"] {
            let mut header = ::tar::Header::new_gnu();
            header.set_size(300);
            archive
                .append_data(&mut header, name, &[7; 300][..])
                .unwrap();
        }
        archive.into_inner().unwrap()
    }

    /// Names and decoded lengths of all members.
    fn members(bytes: &[u8]) -> Vec<(String, u64)> {
        let bytes: Shared = Arc::new(bytes.to_vec());
        let mut members = Vec::new();
        if bytes.len() > 262 && tar::recognises(&read(&bytes, 512)) {
            let _ = tar::list(&bytes, &mut |entry| {
                let data = tar::bytes_of(&bytes, &entry);
                let mut buffer = [0; 400];
                let count = data.read_at(0, &mut buffer).unwrap_or(0);
                members.push((entry.name, count as u64));
                ControlFlow::Continue(())
            });
            return members;
        }
        let _ = zip::list(&bytes, &mut |entry| {
            let _ = entry.plain(&bytes);
            let name = entry.name.clone();
            let member = zip::Member {
                bytes: Arc::clone(&bytes),
                password: Some(Arc::from(&b"p"[..])),
                window_log: 23,
                entry,
            };
            let decoded = member.open().and_then(|reader| {
                let mut reader = reader.take(1 << 20);
                io::copy(&mut reader, &mut io::sink())
            });
            members.push((name, decoded.unwrap_or(0)));
            ControlFlow::Continue(())
        });
        members
    }

    fn read(bytes: &Shared, length: usize) -> Vec<u8> {
        let mut buffer = vec![0; length];
        let count = bytes.read_at(0, &mut buffer).unwrap();
        buffer.truncate(count);
        buffer
    }

    #[test]
    fn every_kind_of_member_is_decoded() {
        let names: Vec<_> = members(&sample_zip());
        let expected = ["a", "b/c", "d", "e"].map(|name| (name.to_owned(), 300));
        assert_eq!(names, expected);
        let in_tar = members(&sample_tar());
        let expected = ["a", &"long/".repeat(40), "b"].map(|name| (name.to_owned(), 300));
        assert_eq!(in_tar, expected);
        let mut before = b"MZ, and more that stands before the archive".to_vec();
        before.extend(sample_zip());
        assert_eq!(members(&before).len(), 4);
    }

    #[test]
    fn damage_costs_no_more_than_what_it_touches() {
        // A tar breaks off where a header is damaged: nothing else tells where the next member is.
        for (sample, least) in [(sample_zip(), 4), (sample_tar(), 1)] {
            let whole = members(&sample);
            for at in 0..sample.len() {
                for flip in [0x01, 0x80, 0xff] {
                    let mut damaged = sample.clone();
                    damaged[at] ^= flip;
                    let found = members(&damaged);
                    let sound = found.iter().filter(|member| whole.contains(member)).count();
                    assert!(sound + 1 >= least, "{at} {flip}: {found:?}");
                }
                members(&sample[..at]);
            }
        }
    }

    /// A ZIP of one member that zstd compressed with a window of 128 MB, whatever it holds.
    fn zip_with_large_window(content: &[u8], crc: u32) -> Vec<u8> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(content).unwrap();
        let compressed = encoder.finish().unwrap();
        let mut archive = ZipWriter::new(io::Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        archive.start_file("a", stored).unwrap();
        archive.write_all(&compressed).unwrap();
        let mut bytes = archive.finish().unwrap().into_inner();
        let central = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
        // Method, checksum and size in both headers.
        for (method, sum, size) in [(8, 14, 22), (central + 10, central + 16, central + 24)] {
            bytes[method] = 93;
            bytes[sum..sum + 4].copy_from_slice(&crc.to_le_bytes());
            let length = u32::try_from(content.len()).unwrap();
            bytes[size..size + 4].copy_from_slice(&length.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn a_member_gets_no_more_memory_than_there_is() {
        let content = [7; 300];
        let crc = crc32fast::hash(&content);
        let decode = |bytes: Vec<u8>, window_log| {
            let bytes: Shared = Arc::new(bytes);
            let mut decoded = None;
            let _ = zip::list(&bytes, &mut |entry| {
                let member = zip::Member {
                    bytes: Arc::clone(&bytes),
                    password: None,
                    window_log,
                    entry,
                };
                let mut text = Vec::new();
                let read = member
                    .open()
                    .and_then(|mut reader| reader.read_to_end(&mut text));
                decoded = Some(read.map_err(|error| error.to_string()));
                ControlFlow::Continue(())
            });
            decoded.unwrap()
        };
        let large = || zip_with_large_window(&content, crc);
        let refused = decode(large(), 23).unwrap_err();
        assert!(refused.contains("too much memory"), "{refused}");
        assert_eq!(decode(large(), 27), Ok(300));
        let wrong = decode(zip_with_large_window(&content, crc ^ 1), 27).unwrap_err();
        assert!(wrong.contains("checksum"), "{wrong}");
    }

    #[test]
    fn a_member_beyond_all_bytes_is_none() {
        let mut bytes =
            b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0ax".to_vec();
        let start = bytes.len();
        bytes.extend(
            b"PK\x01\x02\x2d\0\x2d\0\0\0\0\0\0\0\x21\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x0c\0",
        );
        bytes.extend([0; 10]);
        bytes.extend([0xff; 4]);
        // The offset in 64 bits.
        bytes.extend(b"a\x01\0\x08\0");
        bytes.extend([0xff; 8]);
        let size = u32::try_from(bytes.len() - start).unwrap();
        bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        bytes.extend(size.to_le_bytes());
        bytes.extend(u32::try_from(start).unwrap().to_le_bytes());
        bytes.extend([0, 0]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let disk = crate::collect::bytes::Disk::new(std::fs::File::open(file.path()).unwrap());
        let bytes: Shared = Arc::new(disk.unwrap());
        let mut seen = 0;
        let listed = zip::list(&bytes, &mut |entry| {
            seen += 1;
            assert!(entry.plain(&bytes).is_err());
            ControlFlow::Continue(())
        });
        assert_eq!((listed.unwrap(), seen), (zip::Directory::Sound, 1));
        let mut buffer = [0; 4];
        assert_eq!(
            bytes.read_at(u64::MAX, &mut buffer).unwrap(),
            0,
            "as behind any end"
        );
    }
}
