//! A case, and the evidence that it was made from, are checked against the manifest, and that against its signature.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Case, analyze, samples, sidetrack};
use minisign::KeyPair;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

/// Made with Debian's minisign 0.11, `minisign -G -W`: such keys have no checksum. Nothing else is signed with it.
const SECRET_KEY: &str = "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAALv3W9yWbmoIqghX8z8ggXA0g77fc6afkTAQfg/P+P3wMzz7eLmkbf8ufoAPn7jqpXODwQwZkLB+vZ8D3sBNqaEoMj8Kgg0G1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const PUBLIC_KEY: &str = "RWQu/db3JZuagsufoAPn7jqpXODwQwZkLB+vZ8D3sBNqaEoMj8Kgg0G1";

/// What a check of a case ended with.
struct Checked {
    code: i32,
    lines: Vec<String>,
    stderr: String,
}

fn verify(case: &Path, options: &[&str]) -> Checked {
    let arguments = ["verify", case.to_str().unwrap()];
    let output = sidetrack(&[arguments.as_slice(), options].concat());
    let stdout = String::from_utf8(output.stdout).unwrap();
    Checked {
        code: output.status.code().unwrap(),
        lines: stdout.lines().map(str::to_owned).collect(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Checked {
    /// It is sound, and says so.
    #[track_caller]
    fn is_sound(&self, words: &[&str]) {
        assert_eq!(self.code, 0, "{:?} {}", self.lines, self.stderr);
        for words in words {
            let said = self.lines.iter().any(|line| line.contains(words));
            assert!(said, "{words}: {:?}", self.lines);
        }
    }

    /// Exactly this differs: the beginnings of the lines, in their order.
    #[track_caller]
    fn differs(&self, expected: &[&str]) {
        assert_eq!(self.code, 1, "{:?} {}", self.lines, self.stderr);
        let starts = ["case: ", "evidence: ", "signature: "];
        let is_difference = |line: &&String| starts.iter().any(|start| line.starts_with(start));
        let found: Vec<&String> = self.lines.iter().filter(is_difference).collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (line, expected) in found.iter().zip(expected) {
            assert!(line.starts_with(expected), "{line}: {expected}");
        }
    }
}

/// The samples, and a case of them.
fn case() -> Case {
    let case = analyze(&[&samples()], &["--quiet"]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    case
}

/// Evidence of one host that may be changed.
fn evidence() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let of = samples().join("SRV02");
    for entry in walkdir::WalkDir::new(&of) {
        let entry = entry.unwrap();
        let to = folder
            .path()
            .join(entry.path().strip_prefix(samples()).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    folder
}

const LOG: &str = "SRV02/Windows/System32/winevt/Logs/Security.evtx";

fn change(path: &Path, at: impl Fn(usize) -> usize) {
    let mut bytes = fs::read(path).unwrap();
    if bytes.is_empty() {
        bytes.push(b'x');
    } else {
        let at = at(bytes.len());
        bytes[at] ^= 0x01;
    }
    fs::write(path, bytes).unwrap();
}

fn change_manifest(case: &Case, change: impl Fn(&mut Value)) {
    let mut manifest = case.manifest();
    change(&mut manifest);
    fs::write(case.path.join("manifest.json"), manifest.to_string()).unwrap();
}

fn listed(path: &str, bytes: &[u8]) -> Value {
    let hash = timeline::hex(&Sha256::digest(bytes));
    json!({"path": path, "size": bytes.len(), "sha256": hash, "rows": null, "kind": "evtx", "host": ""})
}

fn push(manifest: &mut Value, list: &str, item: Value) {
    manifest[list].as_array_mut().unwrap().push(item);
}

#[test]
fn what_nobody_touched_is_sound() {
    let (case, samples) = (case(), samples());
    let samples = samples.to_str().unwrap();
    let outputs = case.manifest()["outputs"].as_array().unwrap().len();
    let of_case = format!("{outputs} files of the case are as they were written.");
    verify(&case.path, &[]).is_sound(&[&of_case, "The evidence was not checked"]);
    let of_evidence = "35 files of the evidence are as they were read.";
    verify(&case.path, &["--evidence", samples]).is_sound(&[&of_case, of_evidence]);
    let quiet = verify(&case.path, &["--evidence", samples, "--quiet"]);
    assert_eq!(
        (quiet.code, quiet.lines.len(), quiet.stderr.as_str()),
        (0, 0, "")
    );
}

#[test]
fn a_byte_of_any_file_of_the_case_counts() {
    let case = case();
    for (path, bytes) in case.files() {
        if path == "manifest.json" {
            continue;
        }
        let file = case.path.join(&path);
        change(&file, |length| length / 2);
        let expected = format!("case: {path}: differs: ");
        verify(&case.path, &[]).differs(&[&expected]);
        fs::write(&file, bytes).unwrap();
    }
    verify(&case.path, &[]).is_sound(&[]);
}

#[test]
fn what_is_missing_differs_and_what_is_more_is_noted() {
    let case = case();
    fs::write(case.path.join("timeline/letter.txt"), "").unwrap();
    for name in ["report-redacted.md", "report-redacted.html"] {
        fs::write(case.path.join(name), "").unwrap();
    }
    let checked = verify(&case.path, &[]);
    checked.is_sound(&["note: case: timeline/letter.txt: is not listed in the manifest"]);
    assert!(!checked.lines.iter().any(|line| line.contains("redacted")));
    assert!(verify(&case.path, &["--quiet"]).lines.is_empty());
    fs::remove_file(case.path.join("issues.csv")).unwrap();
    fs::remove_file(case.path.join("movements.csv")).unwrap();
    let checked = verify(&case.path, &[]);
    checked.differs(&[
        "case: issues.csv: is missing",
        "case: movements.csv: is missing",
    ]);
    let sum = checked.lines.iter().find(|line| line.starts_with("2 of "));
    assert!(
        sum.unwrap()
            .contains("files of the case differ or are missing")
    );
}

#[cfg(unix)]
#[test]
fn links_in_a_case_are_not_followed() {
    let case = case();
    let outside = tempfile::tempdir().unwrap();
    let moved = outside.path().join("issues.csv");
    fs::copy(case.path.join("issues.csv"), &moved).unwrap();
    fs::remove_file(case.path.join("issues.csv")).unwrap();
    std::os::unix::fs::symlink(&moved, case.path.join("issues.csv")).unwrap();
    verify(&case.path, &[]).differs(&["case: issues.csv: is a link or no file"]);
    // Nor is a folder that leads elsewhere.
    let store = outside.path().join("timeline");
    fs::rename(case.path.join("timeline"), &store).unwrap();
    std::os::unix::fs::symlink(&store, case.path.join("timeline")).unwrap();
    let checked = verify(&case.path, &["--quiet"]);
    assert_eq!(checked.code, 1);
    let of_store =
        |line: &&String| line.starts_with("case: timeline/") && line.ends_with("is missing");
    assert!(checked.lines.iter().filter(of_store).count() > 5);
    // The manifest itself neither.
    let manifest = outside.path().join("manifest.json");
    fs::rename(case.path.join("manifest.json"), &manifest).unwrap();
    std::os::unix::fs::symlink(&manifest, case.path.join("manifest.json")).unwrap();
    assert_eq!(verify(&case.path, &[]).code, 2);
}

#[test]
fn a_byte_of_the_evidence_counts() {
    let evidence = evidence();
    let root = evidence.path().to_str().unwrap();
    let case = analyze(&[evidence.path()], &["--quiet"]);
    // What the case was not made from is no difference.
    fs::copy(samples().join(LOG), evidence.path().join("more.evtx")).unwrap();
    verify(&case.path, &["--evidence", root]).is_sound(&[]);
    for input in case.manifest()["inputs"].as_array().unwrap() {
        let path = input["path"].as_str().unwrap();
        let file = evidence.path().join(path);
        let bytes = fs::read(&file).unwrap();
        // The first byte is that of a signature: it may be no evidence any more, and still it is there.
        change(&file, |_| 0);
        let expected = format!("evidence: {path}: differs: {} bytes", bytes.len());
        verify(&case.path, &["--evidence", root]).differs(&[&expected]);
        fs::write(&file, bytes).unwrap();
    }
    fs::remove_file(evidence.path().join(LOG)).unwrap();
    let expected = format!("evidence: {LOG}: is missing");
    verify(&case.path, &["--evidence", root]).differs(&[&expected]);
    verify(&case.path, &[]).is_sound(&[]);
    let elsewhere = tempfile::tempdir().unwrap();
    let checked = verify(
        &case.path,
        &["--evidence", elsewhere.path().to_str().unwrap()],
    );
    assert_eq!(checked.code, 1);
    assert!(
        checked
            .lines
            .iter()
            .any(|line| line.starts_with("None of it was found there"))
    );
}

#[test]
fn the_root_of_one_file_is_its_folder_and_a_case_may_lie_there() {
    let evidence = evidence();
    let file = evidence.path().join(LOG);
    let folder = file.parent().unwrap();
    let case = folder.join("case");
    let arguments = [
        "analyze",
        file.to_str().unwrap(),
        "-q",
        "-o",
        case.to_str().unwrap(),
    ];
    assert_eq!(sidetrack(&arguments).status.code(), Some(0));
    for root in [folder, &file] {
        let checked = verify(&case, &["--evidence", root.to_str().unwrap()]);
        checked.is_sound(&["1 file of the evidence is as it was read."]);
    }
    change(&file, |length| length - 1);
    let checked = verify(&case, &["--evidence", folder.to_str().unwrap()]);
    checked.differs(&["evidence: Security.evtx: differs: "]);
    let sum = "The only file of the evidence differs or is missing.";
    assert!(checked.lines.iter().any(|line| line == sum));
}

/// A ZIP of files.
fn zip(files: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

fn tar_gz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gz);
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

#[test]
fn members_are_checked_where_they_lie() {
    let log = fs::read(samples().join(LOG)).unwrap();
    let other = fs::read(samples().join("FS03/Windows/System32/winevt/Logs/System.evtx")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // Twice the same name, a ZIP in a ZIP, a stream.
    let pack = |log: &[u8]| {
        let inner = zip(&[("uploads/auto/C%3A/System.evtx", log)], stored());
        let outer = zip(
            &[("a/inner.zip", &inner), ("b/System.evtx", &other)],
            stored(),
        );
        let stream = tar_gz(&[("x.evtx", &other), ("x.evtx", log), ("y.evtx", &other)]);
        fs::write(folder.path().join("outer.zip"), outer).unwrap();
        fs::write(folder.path().join("stream.tgz"), stream).unwrap();
    };
    pack(&log);
    let case = analyze(&[folder.path()], &["--quiet"]);
    assert_eq!(case.code, 0);
    let root = ["--evidence", folder.path().to_str().unwrap()];
    verify(&case.path, &root).is_sound(&["7 files of the evidence are as they were read."]);
    let mut changed = log.clone();
    *changed.last_mut().unwrap() ^= 1;
    pack(&changed);
    let differences = [
        "evidence: outer.zip!a/inner.zip!uploads/auto/C:/System.evtx: differs: ",
        "evidence: stream.tgz!x.evtx#2: differs: ",
        "evidence: outer.zip: differs: ",
        "evidence: stream.tgz: differs: ",
    ];
    let alone = verify(&case.path, &[&root[..], &["--threads", "1"]].concat());
    alone.differs(&differences);
    let together = verify(&case.path, &[&root[..], &["--threads", "8"]].concat());
    assert_eq!(alone.lines, together.lines);
    // An archive that is none any more is still looked at.
    change(&folder.path().join("outer.zip"), |_| 0);
    let checked = verify(&case.path, &root);
    assert_eq!(checked.code, 1);
    assert!(
        checked
            .lines
            .iter()
            .any(|line| line.starts_with("evidence: outer.zip: differs"))
    );
}

#[test]
fn locked_archives_are_opened_as_analyze_opens_them() {
    let log = fs::read(samples().join(LOG)).unwrap();
    for (password, is_usual) in [("infected", true), ("s3cret", false)] {
        let folder = tempfile::tempdir().unwrap();
        let locked = stored().with_aes_encryption(AesMode::Aes256, password);
        let archive = zip(&[("System.evtx", &log)], locked);
        fs::write(folder.path().join("locked.zip"), archive).unwrap();
        let case = analyze(&[folder.path()], &["--quiet", "--password", password]);
        assert_eq!(case.code, 0);
        let root = ["--evidence", folder.path().to_str().unwrap()];
        let told = ["--password", password];
        verify(&case.path, &[root, told].concat()).is_sound(&["2 files of the evidence"]);
        let untold = verify(&case.path, &root);
        if is_usual {
            untold.is_sound(&["2 files of the evidence"]);
        } else {
            untold.differs(&["evidence: locked.zip!System.evtx: is missing"]);
            assert!(untold.stderr.contains("--password"), "{}", untold.stderr);
        }
    }
}

#[test]
fn no_path_of_a_manifest_leads_out() {
    let evidence = evidence();
    let case = analyze(&[&evidence.path().join("SRV02")], &["--quiet"]);
    let secret = b"outside of both";
    for folder in [case.path.parent().unwrap(), evidence.path()] {
        fs::write(folder.join("secret"), secret).unwrap();
    }
    let absolute = evidence.path().join("secret");
    let absolute = absolute.to_str().unwrap();
    let paths = [
        "../secret",
        "timeline/../../secret",
        "./../secret",
        absolute,
    ];
    change_manifest(&case, |manifest| {
        for path in paths {
            push(manifest, "outputs", listed(path, secret));
            push(manifest, "inputs", listed(path, secret));
        }
        push(
            manifest,
            "outputs",
            listed("\u{1b}[2J\u{202e}x\nMANIFEST SOUND", secret),
        );
        push(
            manifest,
            "archives",
            listed("\\\\host\\share\\secret", secret),
        );
    });
    let root = evidence.path().join("SRV02");
    let checked = verify(&case.path, &["--evidence", root.to_str().unwrap()]);
    let lines = |what: &str| {
        let line = |path: &&str| format!("{what}: {path}: is a path that leads elsewhere");
        paths.iter().map(line).collect::<Vec<_>>()
    };
    let mut expected = lines("case");
    expected.push("case: \\x1b[2J\\u202ex\\nMANIFEST SOUND: is missing".into());
    expected.extend(lines("evidence"));
    expected.push("evidence: \\\\host\\share\\secret: is a path that leads elsewhere".into());
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    checked.differs(&expected);
}

#[test]
fn evidence_that_could_not_be_read_is_passed_over() {
    let (case, samples) = (case(), samples());
    change_manifest(&case, |manifest| {
        let mut unread = listed("gone.evtx", b"");
        unread["sha256"] = "".into();
        push(manifest, "inputs", unread);
    });
    let checked = verify(&case.path, &["--evidence", samples.to_str().unwrap()]);
    checked.is_sound(&[
        "note: evidence: gone.evtx: could not be read",
        "35 files of the evidence",
        "1 file of the evidence could not be read then",
    ]);
    // A file of the case was always read.
    change_manifest(&case, |manifest| {
        manifest["outputs"][0]["sha256"] = "".into();
    });
    let name = case.manifest()["outputs"][0]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    verify(&case.path, &[]).differs(&[&format!("case: {name}: differs")]);
}

#[test]
fn what_is_no_case_is_said_so() {
    let case = case();
    let manifest = case.path.join("manifest.json");
    let text = fs::read(&manifest).unwrap();
    let refused = |code: i32, words: &str| {
        let checked = verify(&case.path, &[]);
        assert_eq!(checked.code, code, "{}", checked.stderr);
        assert!(checked.stderr.contains(words), "{}", checked.stderr);
        assert!(checked.lines.is_empty());
    };
    for damaged in [&text[..text.len() / 2], b"", b"{}", b"[", b"\xff\xfe"] {
        fs::write(&manifest, damaged).unwrap();
        refused(1, "manifest.json is no manifest of a case");
    }
    let foreign = json!({"tool": {"name": "other"}, "inputs": [], "outputs": []});
    fs::write(&manifest, foreign.to_string()).unwrap();
    refused(2, "another program wrote");
    fs::remove_file(&manifest).unwrap();
    refused(2, "no case: there is no manifest.json in it");
    assert_eq!(verify(&case.path.join("nowhere"), &[]).code, 2);
    fs::write(&manifest, &text).unwrap();
    assert_eq!(
        verify(&case.path, &["--evidence", "/does/not/exist"]).code,
        2
    );
    assert_eq!(
        verify(&case.path, &["--public-key", "/does/not/exist"]).code,
        2
    );
}

/// A folder with the two keys in files.
fn keys() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (secret, public) = (folder.path().join("secret"), folder.path().join("public"));
    fs::write(&secret, format!("untrusted comment: x\n{SECRET_KEY}\n")).unwrap();
    fs::write(&public, format!("untrusted comment: x\n{PUBLIC_KEY}\n")).unwrap();
    (folder, secret, public)
}

#[test]
fn a_signature_proves_whose_the_manifest_is() {
    let (_folder, secret, public) = keys();
    let options = [
        "--quiet",
        "--sign",
        secret.to_str().unwrap(),
        "--case-id",
        "2026-17",
    ];
    let case = analyze(&[&samples()], &options);
    assert_eq!(case.code, 0, "{}", case.stderr);
    let signature = case.path.join("manifest.json.minisig");
    let public = ["--public-key", public.to_str().unwrap()];
    let said = "manifest.json is signed by that key: case 2026-17, SHA-256 of manifest.json ";
    verify(&case.path, &public).is_sound(&[said]);
    verify(&case.path, &["--public-key", PUBLIC_KEY]).is_sound(&[said]);
    let unchecked = "note: signature: manifest.json.minisig: was not checked";
    verify(&case.path, &[]).is_sound(&[unchecked]);

    let other = KeyPair::generate_unencrypted_keypair().unwrap();
    let other = other.pk.to_base64();
    let checked = verify(&case.path, &["--public-key", &other]);
    checked.differs(&["signature: manifest.json.minisig: was made by another key"]);

    let good = fs::read_to_string(&signature).unwrap();
    let tampered = [
        (
            good.replace("2026-17", "2026-18"),
            "is not that of this manifest",
        ),
        (good[..good.len() - 20].to_owned(), "is no signature"),
        (String::new(), "is no signature"),
        ("\u{1b}".repeat(100_000), "is no signature"),
    ];
    for (text, how) in tampered {
        fs::write(&signature, text).unwrap();
        let expected = format!("signature: manifest.json.minisig: {how}");
        verify(&case.path, &public).differs(&[&expected]);
    }
    fs::remove_file(&signature).unwrap();
    verify(&case.path, &public).differs(&["signature: manifest.json.minisig: is missing"]);

    // Who changes a file and the manifest with it is found out by the signature alone.
    fs::write(&signature, good).unwrap();
    fs::write(case.path.join("movements.csv"), "").unwrap();
    change_manifest(&case, |manifest| {
        let outputs = manifest["outputs"].as_array_mut().unwrap();
        let of_movements = |output: &&mut Value| output["path"] == "movements.csv";
        *outputs.iter_mut().find(of_movements).unwrap() = listed("movements.csv", b"");
    });
    verify(&case.path, &[]).is_sound(&[]);
    let expected = "signature: manifest.json.minisig: is not that of this manifest";
    verify(&case.path, &public).differs(&[expected]);
}

fn sign(key: &Path, case: &Path, password: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidetrack"));
    command.args(["analyze", "--force", "-q", "-o"]).arg(case);
    command.arg(samples()).arg("--sign").arg(key);
    command.env_remove("SIDETRACK_SIGN_PASSWORD");
    if let Some(password) = password {
        command.env("SIDETRACK_SIGN_PASSWORD", password);
    }
    command.stdin(std::process::Stdio::null()).output().unwrap()
}

#[test]
fn a_key_that_cannot_sign_is_refused_before_anything_is_written() {
    let (folder, secret, public) = keys();
    let case = folder.path().join("case");
    let pair = KeyPair::generate_encrypted_keypair(Some("right".into())).unwrap();
    let locked = folder.path().join("locked");
    fs::write(&locked, pair.sk.to_box(None).unwrap().into_string()).unwrap();
    let torn = folder.path().join("torn");
    fs::write(
        &torn,
        format!("untrusted comment: x\n{}\n", &SECRET_KEY[..100]),
    )
    .unwrap();
    let mixed = folder.path().join("mixed");
    let (start, end) = SECRET_KEY.split_at(130);
    let other = if start.ends_with('A') { 'B' } else { 'A' };
    fs::write(
        &mixed,
        format!("untrusted comment: x\n{}{other}{end}\n", &start[..129]),
    )
    .unwrap();
    for (key, password, words) in [
        (folder.path().join("gone"), None, "No such file"),
        (public, None, "no secret key of minisign"),
        (torn, None, "the key cannot be read"),
        (mixed, None, "the key is damaged"),
        (locked.clone(), None, "SIDETRACK_SIGN_PASSWORD"),
        (locked.clone(), Some("wrong"), "Wrong password"),
    ] {
        let output = sign(&key, &case, password);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{}: {stderr}", key.display());
        assert!(stderr.contains(words), "{}: {stderr}", key.display());
        assert!(!case.exists());
    }
    // With its password it signs, and a case that was signed is replaced.
    assert_eq!(sign(&locked, &case, Some("right")).status.code(), Some(0));
    verify(&case, &["--public-key", &pair.pk.to_base64()]).is_sound(&["is signed by that key"]);
    for name in ["report-redacted.md", "report-redacted.html"] {
        fs::write(case.join(name), "").unwrap();
    }
    assert_eq!(sign(&secret, &case, None).status.code(), Some(0));
    verify(&case, &["--public-key", PUBLIC_KEY]).is_sound(&["is signed by that key"]);
    assert!(!case.join("report-redacted.md").exists());
}
