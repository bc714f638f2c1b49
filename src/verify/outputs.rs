//! The files of the case.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use super::file::{Found, Stated};
use super::report::Report;
use crate::collect::EvidenceFile;
use crate::export::entries;
use crate::manifest::{Manifest, is_beside};
use crate::progress::Progress;

/// Checks every file that the manifest lists, and tells which others there are. What is there is found by
/// looking into the folder: no path of the manifest is opened.
pub(super) fn check(
    case: &Path,
    manifest: &Manifest,
    progress: &Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let there: BTreeSet<String> = entries(case)?.files.into_iter().collect();
    let total = manifest.outputs.iter().map(|output| output.size);
    progress.stage(
        "Checking the case",
        total.fold(0, u64::saturating_add),
        true,
    );
    let found: Vec<Found> = manifest
        .outputs
        .par_iter()
        .map(|output| match there.get(&output.path) {
            Some(path) => {
                let found = look(&case.join(path));
                progress.advance(output.size);
                found
            }
            None => Found::Nothing,
        })
        .collect();
    let mut sound = 0;
    for (output, found) in manifest.outputs.iter().zip(&found) {
        match Stated::from(output).difference(found) {
            Some(how) => report.differs("case", &output.path, &how)?,
            None => sound += 1,
        }
    }
    let listed: BTreeSet<&str> = manifest
        .outputs
        .iter()
        .map(|output| output.path.as_str())
        .collect();
    let is_foreign = |name: &&String| !listed.contains(name.as_str()) && !is_beside(name);
    for name in there.iter().filter(is_foreign) {
        report.note("case", name, "is not listed in the manifest")?;
    }
    report.sum_files(sound, found.len(), "case", "written");
    Ok(())
}

/// Reads a file, and nothing else: a link may lead anywhere, and a pipe may never end.
fn look(path: &Path) -> Found {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => Found::of(EvidenceFile::open(path)),
        Ok(_) => Found::NoFile,
        Err(error) => Found::Unreadable(error.to_string()),
    }
}
