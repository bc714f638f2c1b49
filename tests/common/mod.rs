//! Runs of the program, and reading what they wrote.

#![allow(dead_code, reason = "each test uses its part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The columns of one row.
pub(crate) type Row = BTreeMap<String, String>;

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The samples' evidence.
pub(crate) fn samples() -> PathBuf {
    root().join("samples/evidence")
}

/// A folder of the corpus, when it is there. It is third-party data beside the project.
#[expect(clippy::print_stdout, reason = "a test says what it leaves out")]
pub(crate) fn corpus(path: &str) -> Option<PathBuf> {
    let folder = root().join("../shared/corpus").join(path);
    if !folder.exists() {
        println!("skipped: the corpus is not here");
        return None;
    }
    Some(folder)
}

/// Runs the program.
pub(crate) fn sidetrack(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sidetrack"))
        .args(arguments)
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap()
}

/// A case that was written.
pub(crate) struct Case {
    /// Keeps the folder until the end.
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Analyses evidence into a new case.
pub(crate) fn analyze(evidence: &[&Path], options: &[&str]) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case");
    let mut arguments = vec!["analyze"];
    arguments.extend(evidence.iter().map(|path| path.to_str().unwrap()));
    arguments.extend(["--output", path.to_str().unwrap()]);
    arguments.extend(options);
    let output = sidetrack(&arguments);
    Case {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        _folder: folder,
        path,
    }
}

impl Case {
    /// A file's text.
    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path.join(name)).unwrap()
    }

    /// The rows of a CSV file.
    pub(crate) fn rows(&self, name: &str) -> Vec<Row> {
        let mut reader = csv::Reader::from_path(self.path.join(name)).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    }

    /// The manifest.
    pub(crate) fn manifest(&self) -> serde_json::Value {
        serde_json::from_str(&self.text("manifest.json")).unwrap()
    }

    /// Every file below the case, by its path.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(&self.path) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(&self.path).unwrap();
                let name = name.to_str().unwrap().replace('\\', "/");
                files.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
        files
    }

    /// Every file but the manifest's times and paths.
    pub(crate) fn comparable(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files();
        let mut manifest = self.manifest();
        for key in ["command", "started", "finished"] {
            manifest.as_object_mut().unwrap().remove(key);
        }
        files.insert("manifest.json".into(), manifest.to_string().into_bytes());
        files
    }
}
