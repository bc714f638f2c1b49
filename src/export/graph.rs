//! `movements.graphml`: hosts, and the movements between them, for programs that draw graphs (CASE.md).

use std::fmt::Write as _;
use std::io::Write;

use detectors::movement::Movement;

use super::CaseFolder;
use super::movements::{Rules, movement_id};
use crate::case::{CaseResult, End};
use crate::markup;
use crate::plan::Plan;

/// What nodes and edges say of themselves.
const KEYS: [(&str, &str); 7] = [
    ("name", "node"),
    ("addresses", "node"),
    ("id", "edge"),
    ("start_utc", "edge"),
    ("account", "edge"),
    ("attack", "edge"),
    ("grade", "edge"),
];

/// Writes `movements.graphml`. A source or a target that is not known is a node of its own for each movement,
/// without a name: nobody can say that two of them are one host.
pub(super) fn write(folder: &CaseFolder, plan: &Plan, case: &CaseResult) -> anyhow::Result<()> {
    let mut file = folder.file("movements.graphml")?;
    let mut head = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n",
    );
    for (name, of) in KEYS {
        let _ = writeln!(
            head,
            "  <key id=\"{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"string\"/>"
        );
    }
    head.push_str("  <graph id=\"movements\" edgedefault=\"directed\">\n");
    file.write_all(head.as_bytes())?;
    for (place, end) in case.ends.all.iter().enumerate() {
        let node = node(&format!("h{place}"), &end.name, &addresses(case, end));
        file.write_all(node.as_bytes())?;
    }
    for (place, movement) in case.movements.iter().enumerate() {
        let text = edge(plan, case, place, movement);
        file.row(text.as_bytes())?;
    }
    file.write_all(b"  </graph>\n</graphml>\n")?;
    file.finish()
}

/// The addresses that movements name and those that are known otherwise, each once.
fn addresses(case: &CaseResult, end: &End) -> String {
    let mut all: Vec<&str> = end.addresses.iter().map(String::as_str).collect();
    let known = end.known.map(|place| &case.known_hosts[place]);
    for leased in known.into_iter().flat_map(|host| &host.addresses) {
        if !all.contains(&leased.ip.as_str()) {
            all.push(&leased.ip);
        }
    }
    all.join(";")
}

fn node(id: &str, name: &str, addresses: &str) -> String {
    let mut out = format!("    <node id=\"{id}\">\n");
    data(&mut out, "name", name);
    data(&mut out, "addresses", addresses);
    out.push_str("    </node>\n");
    out
}

/// A movement, and the nodes of what is not known of it.
fn edge(plan: &Plan, case: &CaseResult, place: usize, movement: &Movement) -> String {
    let id = movement_id(place);
    let way = case.ends.ways[place];
    let mut out = String::new();
    let mut end = |known: Option<usize>, side: &str| {
        let unknown = || format!("{id}-{side}");
        if known.is_none() {
            out.push_str(&node(&unknown(), "", ""));
        }
        known.map_or_else(unknown, |host| format!("h{host}"))
    };
    let (source, target) = (end(way.from, "source"), end(way.to, "target"));
    let _ = writeln!(
        out,
        "    <edge id=\"{id}\" source=\"{source}\" target=\"{target}\">"
    );
    let start = movement.start.map(|start| start.to_string());
    data(&mut out, "id", &id);
    data(&mut out, "start_utc", &start.unwrap_or_default());
    data(&mut out, "account", &movement.account);
    data(
        &mut out,
        "attack",
        &Rules::of(plan, case, movement).attack.join(";"),
    );
    data(&mut out, "grade", movement.grade.as_str());
    out.push_str("    </edge>\n");
    out
}

fn data(out: &mut String, key: &str, value: &str) {
    let _ = write!(out, "      <data key=\"{key}\">");
    markup::push(out, value);
    out.push_str("</data>\n");
}
