//! The cases that all tests look at: made once.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;

use crate::common::{Case, analyze, sidetrack};
use crate::evidence::Hostile;
use crate::outputs::RENDERERS;
use crate::payload::Payloads;

/// Counts who connects.
pub(crate) struct Listener {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Listener {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        std::thread::spawn(move || {
            for _ in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, connections }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The evidence of all classes, and what an analysis made of it.
pub(crate) struct Story {
    _folder: TempDir,
    pub(crate) hostile: Hostile,
    pub(crate) case: Case,
    /// Nobody may connect to it.
    pub(crate) listener: Listener,
    /// What rendering the report again said, without and with names hidden.
    pub(crate) rendered: [Output; 2],
}

pub(crate) fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let listener = Listener::new();
        let hostile = Hostile::below(folder.path(), Payloads::calling(listener.port));
        let case = analyze(
            &[&hostile.evidence],
            &[
                "--timeline",
                "csv,jsonl",
                "--rules",
                path(&hostile.rules),
                "--hosts",
                path(&hostile.hosts),
                "--known",
                path(&hostile.known),
                "--case-id",
                &hostile.case_id,
                "--examiner",
                &hostile.examiner,
            ],
        );
        assert_eq!(case.code, 3, "{}", case.stderr);
        let rendered = [
            sidetrack(&["report", path(&case.path)]),
            sidetrack(&["report", path(&case.path), "--redact"]),
        ];
        Story {
            _folder: folder,
            hostile,
            case,
            listener,
            rendered,
        }
    })
}

/// The report as programs that read Markdown show it, by their names. It takes one of them ten seconds.
pub(crate) fn rendered_markdown() -> &'static [(&'static str, String)] {
    static PAGES: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let text = story().case.text("report.md");
        let pages = RENDERERS.iter();
        pages.map(|(name, render)| (*name, render(&text))).collect()
    })
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Story {
    pub(crate) fn path(&self) -> &str {
        path(&self.case.path)
    }

    /// Where its texts come from.
    pub(crate) fn payloads(&self) -> Payloads {
        Payloads::calling(self.listener.port)
    }

    /// A file of the case, those beside it too.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.case.path.join(name)
    }
}
