//! `sidetrack report`: the report of a case, rendered again from its document, or with names and secrets hidden.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::NamedTempFile;

use super::document::Section;
use super::redact::{NAMED_IN, Redactor};
use super::{DOCUMENT, MARKDOWN, PAGE, html, markdown, stored};
use crate::args::ReportArgs;
use crate::exit::Exit;
use crate::hashed::{Hashed, Written, unnamed};
use crate::manifest::{self, Manifest};
use crate::stdout;
use crate::visible::visible;

/// What `--redact` writes; no manifest lists them (CASE.md).
const REDACTED: [&str; 2] = ["report-redacted.html", "report-redacted.md"];

/// Renders the report of a case.
pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<Exit> {
    manifest::must_be_case(&args.case)?;
    let manifest = Manifest::read(&args.case)?;
    let case = Case {
        folder: &args.case,
        manifest: &manifest,
    };
    manifest.file(&args.case, DOCUMENT)?;
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
    fn sections(&self) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Section>> + use<>> {
        stored::sections(&self.folder.join(DOCUMENT))
    }

    /// Both forms as they were written. They are listed in the manifest, so other bytes are never put there.
    fn again(&self) -> anyhow::Result<Vec<PathBuf>> {
        let rendered = self.rendered([PAGE, MARKDOWN], || self.sections())?;
        for (name, written) in &rendered {
            anyhow::ensure!(
                self.manifest.sha256_of(name) == Some(&written.sha256),
                "{name} would not be the one that the case was written with: another version of this program wrote \
                 it. The case was left as it is"
            );
        }
        self.put(rendered)
    }

    /// Both forms with names and secrets hidden.
    fn redacted(&self) -> anyhow::Result<Vec<PathBuf>> {
        for name in NAMED_IN {
            self.manifest.file(self.folder, name)?;
        }
        let redactor = Redactor::of(self.folder, self.sections()?)?;
        let rendered = self.rendered(REDACTED, || {
            let sections = self.sections()?;
            Ok(sections.map(|section| Ok(redactor.section(section?))))
        })?;
        self.put(rendered)
    }

    /// Both forms of a document, the page and the text, in files that have no name yet.
    fn rendered<S>(
        &self,
        [page_name, text_name]: [&'static str; 2],
        open: impl Fn() -> anyhow::Result<S>,
    ) -> anyhow::Result<[(&'static str, Rendered); 2]>
    where
        S: Iterator<Item = anyhow::Result<Section>>,
    {
        let begin = || {
            let file = unnamed(self.folder, ".report");
            let file = file.with_context(|| format!("writing to {}", self.folder.display()))?;
            anyhow::Ok(Hashed::new(file))
        };
        let mut page = begin()?;
        html::render(&open, &mut page)?;
        let mut text = begin()?;
        for section in open()? {
            text.write_all(markdown::render(&section?).as_bytes())?;
        }
        let finish = |file: Hashed<NamedTempFile>| file.finish().context("writing the report");
        Ok([(page_name, finish(page)?), (text_name, finish(text)?)])
    }

    /// Gives files their names. A link of that name is not followed, and nothing is written through it.
    fn put(&self, rendered: [(&'static str, Rendered); 2]) -> anyhow::Result<Vec<PathBuf>> {
        let paths = rendered.into_iter().map(|(name, written)| {
            let path = self.folder.join(name);
            let how = format!("writing {}", path.display());
            written.file.persist(&path).context(how)?;
            Ok(path)
        });
        paths.collect()
    }
}

/// A form that is complete.
type Rendered = Written<NamedTempFile>;
