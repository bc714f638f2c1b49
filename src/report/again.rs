//! `sidetrack report`: the report of a case, rendered again from its document, or with names and secrets hidden.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::NamedTempFile;

use super::redact::{NAMED_IN, Redactor};
use super::{DOCUMENT, MARKDOWN, PAGE, html, markdown, stored};
use crate::args::ReportArgs;
use crate::exit::Exit;
use crate::export::json_line;
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
    /// What the report says.
    fn document(&self) -> PathBuf {
        self.folder.join(DOCUMENT)
    }

    /// Both forms as they were written. They are listed in the manifest, so other bytes are never put there.
    fn again(&self) -> anyhow::Result<Vec<PathBuf>> {
        let rendered = self.rendered([PAGE, MARKDOWN], &self.document())?;
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
        let redactor = Redactor::of(self.folder, stored::sections(&self.document())?)?;
        // Each form reads the document, the page twice: what it is to say is made once.
        let mut document = BufWriter::new(self.unnamed()?);
        for section in stored::sections(&self.document())? {
            let line = json_line(&redactor.section(section?))?;
            writeln!(document, "{line}").context("writing the report")?;
        }
        document.flush().context("writing the report")?;
        let rendered = self.rendered(REDACTED, document.get_ref().path())?;
        self.put(rendered)
    }

    /// A file that has no name yet.
    fn unnamed(&self) -> anyhow::Result<NamedTempFile> {
        unnamed(self.folder, ".report")
            .with_context(|| format!("writing to {}", self.folder.display()))
    }

    /// Both forms of a document, the page and the text, in files that have no name yet.
    fn rendered(
        &self,
        [page_name, text_name]: [&'static str; 2],
        document: &Path,
    ) -> anyhow::Result<[(&'static str, Rendered); 2]> {
        let mut page = Hashed::new(self.unnamed()?);
        html::render(|| stored::sections(document), &mut page)?;
        let mut text = Hashed::new(self.unnamed()?);
        for section in stored::sections(document)? {
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
