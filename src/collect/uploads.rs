//! What Velociraptor says of its own collection: `uploads.json`, a JSON object in each line for each file
//! that it uploaded.

use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;

/// The longest list that is read, and the longest line in it.
const MOST: u64 = 256 << 20;
const MOST_LINE: u64 = 1 << 20;

/// One file of the list.
#[derive(Debug, Deserialize)]
struct Upload {
    #[serde(default)]
    vfs_path: String,
    #[serde(default)]
    file_size: u64,
    #[serde(default)]
    uploaded_size: u64,
    /// `idx` for the index of a sparse file, which is shorter than the file.
    #[serde(default, rename = "Type")]
    kind: String,
}

/// Files that were uploaded in part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct InPart {
    pub(super) count: u64,
    /// The first of them: path, size, and how much of it there is.
    pub(super) first: Option<(String, u64, u64)>,
}

/// Whether a member of an archive is such a list, by its inner path.
pub(super) fn is_list(inner: &str) -> bool {
    inner.rsplit('/').next() == Some("uploads.json")
}

/// Reads a list. A line that is none is passed over: what was uploaded is in the archive, whatever the list
/// says.
pub(super) fn in_part(list: impl Read) -> InPart {
    let mut found = InPart::default();
    let mut reader = BufReader::new(list.take(MOST));
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.by_ref().take(MOST_LINE).read_until(b'\n', &mut line) {
            Ok(count) if count > 0 => {}
            _ => return found,
        }
        let Ok(upload) = serde_json::from_slice::<Upload>(&line) else {
            continue;
        };
        if upload.uploaded_size < upload.file_size && upload.kind.is_empty() {
            found.count += 1;
            let first = (upload.vfs_path, upload.file_size, upload.uploaded_size);
            found.first.get_or_insert(first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_uploaded_in_part_is_found() {
        let list = concat!(
            r#"{"vfs_path":"C:\\a.evtx","file_size":100,"uploaded_size":100}"#,
            "\nno line\n",
            r#"{"vfs_path":"C:\\b.evtx","file_size":100,"uploaded_size":40}"#,
            "\n",
            r#"{"vfs_path":"C:\\$J","file_size":100,"uploaded_size":40,"Type":"idx"}"#,
            "\n",
            r#"{"vfs_path":"C:\\c.evtx","file_size":9,"uploaded_size":0,"more":1}"#,
        );
        let found = in_part(list.as_bytes());
        assert_eq!(found.count, 2);
        assert_eq!(found.first, Some(("C:\\b.evtx".into(), 100, 40)));
    }
}
