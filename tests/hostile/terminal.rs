//! What is printed, whatever it is of: nothing steers a terminal, and no line is an attacker's.

use std::fs;

use crate::case::{path, story};
use crate::common::sidetrack;
use crate::outputs::{RENDERERS, is_printable, is_sound, is_visible};
use crate::page::{Element, Page};
use crate::payload::PWNED;

#[test]
fn no_terminal_is_steered() {
    let story = story();
    is_printable("analyze", story.case.stdout.as_bytes());
    is_printable("analyze", story.case.stderr.as_bytes());
    for rendered in &story.rendered {
        is_sound("report", rendered, 0);
    }
    let evidence = path(&story.hostile.evidence);
    let rules = path(&story.hostile.rules);
    is_sound("--list", &sidetrack(&["analyze", evidence, "--list"]), 3);
    is_sound(
        "verify",
        &sidetrack(&["verify", story.path(), "--evidence", evidence]),
        0,
    );
    for format in ["table", "csv", "json", "jsonl"] {
        for query in [
            "any where true",
            "sequence by host.id with maxspan=1m [any where event.code == \"4624\"] [any where true]",
        ] {
            for source in [story.path(), evidence] {
                let output = sidetrack(&["query", source, query, "--format", format]);
                let what = format!("query --format {format} {query}");
                let code = if source == evidence { 3 } else { 0 };
                is_sound(&what, &output, code);
            }
        }
    }
    for command in ["list", "check"] {
        is_sound(command, &sidetrack(&["rules", command, rules]), 0);
    }
    // What a rule says in prose keeps its lines.
    for command in ["show", "docs"] {
        let output = sidetrack(&["rules", command, rules]);
        assert_eq!(output.status.code(), Some(0), "{command}");
        let text = std::str::from_utf8(&output.stdout).unwrap();
        is_visible(command, text, &['\n']);
        for (renderer, render) in RENDERERS.iter().filter(|_| command == "docs") {
            let page = Page::parse(&render(text));
            let hostile = page.elements.iter().find(|element| is_active(element));
            assert!(
                hostile.is_none() && !page.has("id", PWNED),
                "{command} by {renderer}: {hostile:?}"
            );
        }
    }
    is_sound("rules test", &sidetrack(&["rules", "test", rules]), 0);
    let rule = fs::read_dir(rules).unwrap().next().unwrap().unwrap().path();
    for query in [path(&rule), "any where service.name : \"*qz*\"", "sharprdp"] {
        is_sound("explain", &sidetrack(&["explain", story.path(), query]), 0);
    }
}

/// Whether an element of a page of rules, which has links, could do more than show words.
fn is_active(element: &Element) -> bool {
    const ACTIVE: [&str; 9] = [
        "script", "img", "svg", "style", "iframe", "meta", "base", "link", "math",
    ];
    let is_active = |(name, value): &(String, String)| {
        name.starts_with("on") || value.trim().to_lowercase().starts_with("javascript:")
    };
    ACTIVE.contains(&element.name.as_str()) || element.attributes.iter().any(is_active)
}

/// What is typed may have come from evidence, too: a shell puts names of files where `*` stands.
#[test]
fn no_error_steers_a_terminal() {
    let story = story();
    let evil = "\u{1b}]0;pwned\u{7}\u{9b}31m\u{202e}x\nM-6666 CONFIRMED";
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let rule = file(
        &format!("{evil}.toml"),
        format!("[rule]\ntype = \"eql\"\nquery = '''\nany where {evil}\n'''\n"),
    );
    let eql = file(
        &format!("{evil}.eql"),
        format!("any where process.name == \"{evil}\" and {evil}"),
    );
    let lines = file("lines.ndjson", format!("{{\"@timestamp\":1}}\n{evil}\n"));
    let hosts = file("hosts.csv", format!("host,address\na,\"{evil}\"\n"));
    let out = folder.path().join("out");
    let out = path(&out);
    let evidence = path(&story.hostile.evidence);
    let option = format!("--{evil}");
    let mut calls: Vec<Vec<&str>> = [
        vec![option.as_str()],
        vec!["--from", evil],
        vec!["--timezone", evil],
        vec!["--timeline", evil],
        vec!["--window", evil],
        vec!["--memory", evil],
        vec!["--rules", evil],
        vec!["--rules", &rule],
        vec!["--hosts", &hosts],
        vec!["--known", &hosts],
    ]
    .map(|options| [vec!["analyze", evidence, "--output", out], options].concat())
    .into();
    calls.extend([
        vec!["analyze", evil, "--output", out],
        vec!["query", story.path(), evil],
        vec!["query", evil, "any where true"],
        vec!["query", &lines, "any where true", "--format", "json"],
        vec!["explain", story.path(), evil],
        vec!["rules", "check", path(folder.path())],
        vec!["rules", "show", evil],
        vec!["rules", "test", &eql],
        vec!["rules", evil],
        vec!["report", evil],
        vec!["verify", evil],
        vec!["verify", story.path(), "--evidence", evil],
        vec![evil],
    ]);
    for arguments in calls {
        let output = sidetrack(&arguments);
        let what = format!("{arguments:?}");
        let code = output.status.code().unwrap();
        assert!((1..=3).contains(&code), "{what}: {code}");
        is_sound(&what, &output, code);
        assert!(
            !output.stderr.is_empty() || !output.stdout.is_empty(),
            "{what}"
        );
    }
}

/// A manifest may have come from elsewhere: nothing it names is opened, and all of it is only shown.
#[test]
fn a_forged_manifest_steers_nothing() {
    let evil = "../../\u{1b}]0;pwned\u{7}\u{202e}\nM-6666 CONFIRMED";
    let mut manifest = story().case.manifest();
    for list in ["outputs", "inputs", "archives"] {
        let all = manifest[list].as_array_mut().unwrap();
        let mut forged = all[0].clone();
        for key in ["path", "kind", "host"] {
            forged[key] = evil.into();
        }
        all.push(forged);
    }
    manifest["tool"]["version"] = evil.into();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.json"), manifest.to_string()).unwrap();
    fs::write(folder.path().join("report.jsonl"), evil).unwrap();
    let evidence = path(&story().hostile.evidence);
    for arguments in [
        &["verify", path(folder.path())][..],
        &["verify", path(folder.path()), "--evidence", evidence],
        &["report", path(folder.path())],
        &["report", path(folder.path()), "--redact"],
    ] {
        is_sound(&format!("{arguments:?}"), &sidetrack(arguments), 1);
    }
    let query = sidetrack(&["query", path(folder.path()), "any where true"]);
    is_printable("query", &query.stderr);
}
