//! `sidetrack report`: the report of a case, rendered again from its document, or with names and secrets hidden.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use sha2::{Digest, Sha256};

use super::document::Section;
use super::redact::{NAMED_IN, Redactor};
use super::{DOCUMENT, MARKDOWN, PAGE, html, markdown, stored};
use crate::args::ReportArgs;
use crate::collect::EvidenceFile;
use crate::exit::{Exit, UsageError};
use crate::manifest::{self, MANIFEST, Manifest};
use crate::stdout;
use crate::visible::visible;

/// What `--redact` writes; no manifest lists them (CASE.md).
const REDACTED: [&str; 2] = ["report-redacted.html", "report-redacted.md"];

/// Renders the report of a case.
pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<Exit> {
    manifest::must_be_case(&args.case)?;
    let manifest = Manifest::read(&args.case)?;
    if !manifest.is_ours() {
        return Err(UsageError::because(format!(
            "{}: no case: another program wrote the {MANIFEST} in it",
            args.case.display()
        )));
    }
    let case = Case {
        folder: &args.case,
        manifest: &manifest,
    };
    case.check(DOCUMENT)?;
    let written = if args.redact {
        case.redacted()?
    } else {
        case.again()?
    };
    if !args.quiet {
        let paths = written
            .iter()
            .map(|path| visible(&path.display().to_string()));
        let lines: String = paths.map(|path| path + "\n").collect();
        stdout::print(&lines).context("printing")?;
    }
    Ok(Exit::Done)
}

struct Case<'a> {
    folder: &'a Path,
    manifest: &'a Manifest,
}

impl Case<'_> {
    /// What is read must be what was written with the case: a report is as sound as that.
    fn check(&self, name: &str) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let listed = self.listed(name).with_context(|| {
            format!("the case has no {name}: it was written by an older version")
        })?;
        let how = || format!("reading {}", path.display());
        // Neither a pipe nor a link.
        let is_file = path.symlink_metadata().with_context(how)?.is_file();
        let hash = || {
            EvidenceFile::open(&path)
                .and_then(|file| file.sha256())
                .with_context(how)
        };
        anyhow::ensure!(
            is_file && hash()?.0 == listed,
            "{name} is not as it was written: `sidetrack verify` tells what else is not"
        );
        Ok(())
    }

    /// The hash that the manifest has of a file.
    fn listed(&self, name: &str) -> Option<&str> {
        let mut outputs = self.manifest.outputs.iter();
        let output = outputs.find(|output| output.path == name)?;
        Some(&output.sha256)
    }

    fn sections(&self) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Section>> + use<>> {
        stored::sections(&self.folder.join(DOCUMENT))
    }

    /// Both forms as they were written. They are listed in the manifest, so other bytes are never put there.
    fn again(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut page = Unfinished::create(self.folder, PAGE)?;
        html::render(|| self.sections(), &mut page)?;
        let mut text = Unfinished::create(self.folder, MARKDOWN)?;
        for section in self.sections()? {
            text.write_all(markdown::render(&section?).as_bytes())?;
        }
        let finished = [page, text].map(Unfinished::finish);
        for finished in &finished {
            let finished = finished
                .as_ref()
                .map_err(|error| anyhow::anyhow!("{error:#}"))?;
            anyhow::ensure!(
                self.listed(&finished.name) == Some(&finished.sha256),
                "{} would not be the one that the case was written with: another version of this program wrote \
                 it. The case was left as it is",
                finished.name
            );
        }
        finished
            .into_iter()
            .map(|finished| finished?.put())
            .collect()
    }

    /// Both forms with names and secrets hidden.
    fn redacted(&self) -> anyhow::Result<Vec<PathBuf>> {
        NAMED_IN.iter().try_for_each(|name| self.check(name))?;
        let redactor = Redactor::of(self.folder)?;
        let sections = || {
            let sections = self.sections()?;
            Ok(sections.map(|section| Ok(redactor.section(section?))))
        };
        let [page_name, text_name] = REDACTED;
        let mut page = Unfinished::create(self.folder, page_name)?;
        html::render(sections, &mut page)?;
        let mut text = Unfinished::create(self.folder, text_name)?;
        for section in sections()? {
            text.write_all(markdown::render(&section?).as_bytes())?;
        }
        let finished = [page, text].map(Unfinished::finish);
        finished
            .into_iter()
            .map(|finished| finished?.put())
            .collect()
    }
}

/// A file that gets its name when it is complete, and is gone when it never is.
struct Unfinished {
    file: BufWriter<tempfile::NamedTempFile>,
    hash: Sha256,
    path: PathBuf,
    name: String,
}

/// A file that is complete.
struct Finished {
    file: tempfile::NamedTempFile,
    sha256: String,
    path: PathBuf,
    name: String,
}

impl Unfinished {
    fn create(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".report");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any file that is made; the user's mask takes from that.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder
            .tempfile_in(folder)
            .with_context(|| format!("writing to {}", folder.display()))?;
        Ok(Self {
            file: BufWriter::with_capacity(256 * 1024, file),
            hash: Sha256::new(),
            path: folder.join(name),
            name: name.to_owned(),
        })
    }

    fn finish(self) -> anyhow::Result<Finished> {
        Ok(Finished {
            file: self.file.into_inner().context("writing the report")?,
            sha256: timeline::hex(&self.hash.finalize()),
            path: self.path,
            name: self.name,
        })
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Finished {
    /// Gives it its name. A link or a folder of that name is not followed, and nothing is written through it.
    fn put(self) -> anyhow::Result<PathBuf> {
        if fs::symlink_metadata(&self.path).is_ok_and(|there| there.is_dir()) {
            anyhow::bail!("{} is a folder", self.path.display());
        }
        let how = format!("writing {}", self.path.display());
        self.file.persist(&self.path).context(how)?;
        Ok(self.path)
    }
}
