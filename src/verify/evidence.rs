//! The evidence that the case was made from.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use rayon::prelude::*;
use timeline::Severity;

use super::file::{Found, Stated};
use super::report::Report;
use crate::collect::{self, Collection, Listed, Source, turns};
use crate::manifest::Manifest;
use crate::plan::VerifyPlan;
use crate::progress::Progress;
use crate::report::count;

/// How many reasons are told why evidence may be missing.
const LOSSES: usize = 20;

/// Checks every evidence file and every archive that the manifest lists. Other evidence is not looked at.
pub(super) fn check(
    plan: &VerifyPlan,
    root: &Path,
    manifest: &Manifest,
    progress: &Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let inputs = manifest.inputs.iter().map(Stated::from);
    let stated: Vec<Stated<'_>> = inputs
        .chain(manifest.archives.iter().map(Stated::from))
        .collect();
    let (stated, unread): (Vec<_>, Vec<_>) = stated.into_iter().partition(|file| file.has_hash());
    let listed = Listed::new(stated.iter().map(|file| file.path));
    // Nested archives are unpacked there for so long.
    let spool = tempfile::tempdir().context("creating a folder for intermediate files")?;
    let collection = collect::find(&plan.reading, root, &listed, spool.path());
    let found = look(&collection, progress);
    let (mut sound, mut missing) = (0, 0);
    for file in &stated {
        let found = found.get(file.path).unwrap_or(&Found::Nothing);
        match file.difference(found) {
            Some(how) => {
                missing += usize::from(matches!(found, Found::Nothing));
                report.differs("evidence", file.path, &how)?;
            }
            None => sound += 1,
        }
    }
    for file in &unread {
        report.note(
            "evidence",
            file.path,
            "could not be read, so there is no hash to check",
        )?;
    }
    if missing > 0 {
        tell_losses(&collection, progress);
    }
    report.sum_files(sound, stated.len(), "evidence", "read");
    if missing > 0 && missing == stated.len() {
        report.sum(
            "None of it was found there: the folder must be the one that was analysed, see --help.",
        );
    }
    if !unread.is_empty() {
        let unread = count(unread.len() as u64, "file");
        report.sum(format!(
            "{unread} of the evidence could not be read then, and nothing is known of it now."
        ));
    }
    Ok(())
}

/// Reads all that was found: by path what it is.
fn look<'a>(collection: &'a Collection, progress: &Progress) -> BTreeMap<&'a str, Found> {
    let evidence = &collection.evidence;
    let archives = collection.archive_files.iter();
    let archives = archives.map(|archive| (archive.path.as_str(), &archive.source));
    let changed = collection.changed.iter();
    let changed = changed.map(|(path, source)| (path.as_str(), source));
    let others: Vec<(&str, &Source)> = archives.chain(changed).collect();
    let sizes = evidence.iter().map(|file| file.size);
    let sizes = sizes.chain(others.iter().map(|(_, source)| source.len()));
    progress.stage(
        "Checking the evidence",
        sizes.fold(0, u64::saturating_add),
        true,
    );
    let read = |path: &'a str, source: &Source| {
        progress.at(path);
        let found = Found::of(source.open());
        progress.advance(source.len());
        (path, found)
    };
    let all: Vec<usize> = (0..evidence.len()).collect();
    let groups = turns(evidence, &all);
    let of_evidence = groups.par_iter().flat_map_iter(|group| {
        let of_group = group.iter().map(|&place| &evidence[place]);
        of_group.map(|file| read(&file.path, &file.source))
    });
    let of_others = others.par_iter().map(|(path, source)| read(path, source));
    let mut found: BTreeMap<&str, Found> = of_others.collect();
    // What is still evidence comes before what is not, where both have one name.
    found.extend(of_evidence.collect::<Vec<_>>());
    found
}

/// Tells why some of it may not have been found: a password, a limit, a damaged archive.
fn tell_losses(collection: &Collection, progress: &Progress) {
    let issues = collection.issues.iter();
    let losses = issues.filter(|(_, issue)| issue.severity == Severity::Loss);
    for (path, issue) in losses.take(LOSSES) {
        progress.say(&format!("{path}: {}", issue.message));
    }
}
