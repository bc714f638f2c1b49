//! Archives, read in place.

mod tar;
mod unpack;
mod zip;

use std::io::{self, Read};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use super::bytes::{Cursor, Shared};
use super::streamed::Open;

pub(super) use unpack::{Budget, Nest};

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
