//! A real browser: what it makes of a page when it has done all that the page asks for.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::case::{Listener, rendered_markdown, story};
use crate::page::Page;
use crate::payload::{PWNED, Payloads, marks};
use crate::{document, has_all};

/// Where Debian and its like put it.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Opens a page, and gives what it is in the end; nothing where there is no browser.
#[expect(clippy::print_stdout, reason = "a test says what it leaves out")]
fn open(html: &str) -> Option<Page> {
    if !Path::new(CHROMIUM).exists() {
        println!("skipped: no chromium");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    fs::write(&page, html).unwrap();
    let mut command = Command::new(CHROMIUM);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--disable-dev-shm-usage", "--virtual-time-budget=4000"])
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ))
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .env("HOME", folder.path())
        .stderr(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    Some(Page::parse(std::str::from_utf8(&output.stdout).unwrap()))
}

/// A page that does what those of the report must not, so that a browser that does nothing is no proof.
#[test]
fn a_browser_runs_what_is_not_escaped() {
    let listener = Listener::new();
    let payload = Payloads::calling(listener.port).text(1, "xx");
    let Some(page) = open(&format!("<title>x</title><p>{payload}</p>")) else {
        return;
    };
    assert!(is_pwned(&page), "{page:?}");
    assert!(listener.connections() > 0);
}

/// Whether a script of a payload has run.
fn is_pwned(page: &Page) -> bool {
    page.title() == PWNED || page.has("id", PWNED)
}

/// The policy of the page, and what stands there when it has none: words alone have to be harmless, too.
const POLICY: [&str; 2] = ["http-equiv=\"Content-Security-Policy\"", "name=\"none\""];

/// The page runs nothing but what is ours.
#[track_caller]
fn is_inert(name: &str, expected: &BTreeSet<String>, policy: &str) {
    let story = story();
    let html = fs::read_to_string(story.file(name)).unwrap();
    let title = Page::parse(&html).title().to_owned();
    assert!(html.contains(POLICY[0]), "{name}");
    let Some(page) = open(&html.replacen(POLICY[0], policy, 1)) else {
        return;
    };
    assert!(!is_pwned(&page), "{name}");
    assert_eq!(page.title(), title, "{name}");
    assert!(page.has("class", "tools"), "{name}: our own script runs");
    has_all(name, &page.text, expected);
    assert_eq!(story.listener.connections(), 0, "{name}");
}

#[test]
fn a_browser_runs_nothing_of_the_page() {
    is_inert("report.html", &document(true), POLICY[0]);
}

#[test]
fn a_browser_runs_nothing_of_the_page_without_its_policy() {
    is_inert("report.html", &document(true), POLICY[1]);
}

#[test]
fn a_browser_runs_nothing_of_the_page_without_names() {
    let page = Page::parse(&story().case.text("report-redacted.html"));
    is_inert("report-redacted.html", &marks(&page.text), POLICY[1]);
}

#[test]
fn a_browser_runs_nothing_of_the_markdown() {
    let expected = document(false);
    for (renderer, html) in rendered_markdown() {
        let Some(page) = open(&format!("<!DOCTYPE html><title>x</title>{html}")) else {
            return;
        };
        assert!(!is_pwned(&page), "{renderer}");
        has_all(renderer, &page.text, &expected);
        assert_eq!(story().listener.connections(), 0, "{renderer}");
    }
}
