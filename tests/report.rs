//! The report: both forms, rendered again, and with names and secrets hidden.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::Path;
use std::process::Output;

use common::{analyze, samples};

fn report(case: &Path, options: &[&str]) -> Output {
    let mut arguments = vec!["report", case.to_str().unwrap()];
    arguments.extend(options);
    common::sidetrack(&arguments)
}

#[test]
fn rendering_again_gives_the_same_bytes_and_touches_nothing_else() {
    let options = ["--case-id", "2026-017", "--examiner", "A. <b>Weber</b>"];
    let case = analyze(&[&samples()], &options);
    let before = case.files();
    for form in ["report.html", "report.md"] {
        std::fs::remove_file(case.path.join(form)).unwrap();
    }
    let output = report(&case.path, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(before == case.files(), "other bytes, or other files");
    let text = String::from_utf8(before["report.html"].clone()).unwrap();
    assert!(
        text.contains("2026-017") && text.contains("&lt;b&gt;Weber"),
        "custody"
    );
    for movement in ["M-0001", "M-0007"] {
        assert!(text.contains(&format!("id=\"{movement}\"")), "{movement}");
    }
}

#[test]
fn what_was_changed_is_not_rendered() {
    let case = analyze(&[&samples()], &[]);
    let document = case.path.join("report.jsonl");
    let text = std::fs::read_to_string(&document).unwrap();
    std::fs::write(&document, text.replace("svc-deploy", "svc-backup")).unwrap();
    let before = case.files();
    for options in [&[][..], &["--redact"]] {
        let output = report(&case.path, options);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(
            error.contains("report.jsonl is not as it was written"),
            "{error}"
        );
    }
    assert!(before == case.files(), "something was written");
}

/// A case that another version of the program wrote: its report would be another one.
#[test]
fn a_report_that_would_be_another_is_not_put_in_its_place() {
    let case = analyze(&[&samples()], &[]);
    let manifest = case.path.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let outputs = case.manifest()["outputs"].as_array().unwrap().clone();
    let listed = outputs
        .iter()
        .find(|output| output["path"] == "report.md")
        .unwrap();
    let hash = listed["sha256"].as_str().unwrap();
    std::fs::write(&manifest, text.replace(hash, &"0".repeat(64))).unwrap();
    let before = case.files();
    let output = report(&case.path, &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(before == case.files(), "something was written");
    let none = tempfile::tempdir().unwrap();
    assert_ne!(report(none.path(), &[]).status.code(), Some(0), "no case");
}

#[test]
fn a_redacted_report_names_nobody() {
    let case = analyze(&[&samples()], &[]);
    let before = case.files();
    let output = report(&case.path, &["--redact"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mut after = case.files();
    for form in ["report-redacted.html", "report-redacted.md"] {
        let text = String::from_utf8(after.remove(form).unwrap())
            .unwrap()
            .to_lowercase();
        for name in [
            "ws01",
            "srv02",
            "fs03",
            "app04",
            "dc01",
            "svc-deploy",
            "adm-sandoval",
            "corp\\",
            "corp.example",
        ] {
            assert!(!text.contains(name), "{form}: {name}");
        }
        for kept in [
            "host-1",
            "account-",
            "domain-",
            "m-0007",
            "nt authority",
            "10.20.30.11",
        ] {
            assert!(text.contains(kept), "{form}: {kept}");
        }
    }
    assert!(before == after, "the case itself");
    let verified = common::sidetrack(&["verify", case.path.to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let again = report(&case.path, &["--redact", "--quiet"]);
    assert_eq!((again.status.code(), again.stdout.len()), (Some(0), 0));
    assert!(case.files().contains_key("report-redacted.md"));
}

#[test]
fn movements_lead_along_paths_and_the_graph_names_its_hosts() {
    let case = analyze(&[&samples()], &[]);
    let movements = case.rows("movements.csv");
    let paths = case.rows("paths.csv");
    assert_eq!(paths.len(), 1, "{paths:?}");
    let path = &paths[0];
    assert_eq!(
        path["hosts"],
        "WS01.corp.example.com;SRV02.corp.example.com;FS03.corp.example.com"
    );
    for (place, id) in path["movement_ids"].split(';').enumerate() {
        let movement = movements
            .iter()
            .find(|movement| movement["id"] == id)
            .unwrap();
        assert_eq!(movement["path_id"], path["id"]);
        assert_eq!(movement["hop_no"], (place + 1).to_string());
    }
    let graph = case.text("movements.graphml");
    assert_eq!(graph.matches("<edge ").count(), movements.len());
    let nodes: Vec<&str> = attributes(&graph, "<node id=\"");
    for end in attributes(&graph, "source=\"")
        .into_iter()
        .chain(attributes(&graph, "target=\""))
    {
        assert!(nodes.contains(&end), "{end}");
    }
    assert!(graph.contains("<data key=\"name\">SRV02.corp.example.com</data>"));
    assert!(
        nodes.contains(&"M-0007-source"),
        "nobody knows where it came from"
    );
}

fn attributes<'t>(text: &'t str, before: &str) -> Vec<&'t str> {
    let parts = text.split(before).skip(1);
    parts.map(|part| part.split('"').next().unwrap()).collect()
}

/// The report says what it rests on: every file that was written before it, and every input.
#[test]
fn custody_lists_what_was_read_and_written() {
    let case = analyze(&[&samples()], &["--timezone", "Europe/Berlin"]);
    let text = case.text("report.md");
    let manifest = case.manifest();
    let listed = |name: &str| manifest[name].as_array().unwrap().clone();
    for file in listed("inputs").iter().chain(&listed("outputs")) {
        let (path, hash) = (
            file["path"].as_str().unwrap(),
            file["sha256"].as_str().unwrap(),
        );
        if !path.starts_with("report.") {
            assert!(text.contains(hash), "{path}");
        }
    }
    assert!(text.contains(manifest["rules_sha256"].as_str().unwrap()));
    assert!(
        text.contains("| UTC = Europe/Berlin |") && text.contains("+01:00"),
        "local time on request"
    );
}
