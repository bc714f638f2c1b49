//! The document of a case, read back from `report.jsonl`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context;

use super::document::Section;

/// The longest section that is read: nobody would read more.
const LONGEST: u64 = 1 << 30;

/// The sections of a document, one at a time.
pub(super) fn sections(
    path: &Path,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Section>> + use<>> {
    let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
    let mut file = BufReader::new(file);
    let name = path.display().to_string();
    let mut line = Vec::new();
    Ok(std::iter::from_fn(move || {
        line.clear();
        let read = file.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        match read.with_context(|| format!("reading {name}")) {
            Ok(0) => None,
            Ok(_) => Some(
                serde_json::from_slice(&line)
                    .with_context(|| format!("{name} is no document of a report")),
            ),
            Err(error) => Some(Err(error)),
        }
    }))
}
