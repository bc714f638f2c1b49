//! Movements between hosts: in time, and as a graph.

use std::collections::BTreeMap;

use detectors::movement::Way;

use super::super::coverage::seconds;
use super::super::document::{
    Arrow, Block, Edge, Graph, Kind, Ladder, Node, Section, Table, brief, few, ours, plain,
};
use super::super::text::count;
use super::lanes::lanes;
use super::{MOVEMENTS, link};
use crate::case::CaseResult;
use crate::export::{Rules, movement_id, path_accounts, path_hosts, path_id};
use crate::plan::Plan;

/// How many movements are drawn: the surest ones.
const ARROWS: usize = 200;
/// How many pairs of hosts are drawn, and have a row.
const PAIRS: usize = 200;
/// How many paths have a row.
const PATHS: usize = 200;
/// How many hosts, accounts or movements stand in one cell.
const IN_A_CELL: usize = 20;

/// The ladder: hosts as lanes, time downwards.
pub(super) fn ladder(plan: &Plan, case: &CaseResult) -> Option<Section> {
    let mut drawn: Vec<usize> = (0..case.movements.len()).collect();
    drawn.sort_by_key(|&place| (case.movements[place].grade, place));
    let left = drawn.len().saturating_sub(ARROWS);
    drawn.truncate(ARROWS);
    drawn.sort_unstable();
    if drawn.is_empty() {
        return None;
    }
    let all = lanes(case);
    let mut kept = Kept::default();
    let arrows = drawn.into_iter().map(|place| {
        let movement = &case.movements[place];
        let way = case.ends.ways[place];
        let rules = Rules::of(plan, case, movement);
        Arrow {
            id: movement_id(place),
            is_told: place < MOVEMENTS,
            from: way.from.map(|lane| kept.place(lane)),
            to: way.to.map(|lane| kept.place(lane)),
            time: movement.start.map(|start| start.0),
            account: plain(&brief(&movement.account)),
            technique: rules.technique.first().cloned().unwrap_or_default(),
            grade: movement.grade.as_str().to_owned(),
        }
    });
    let arrows = arrows.collect();
    let lanes = kept.lanes.iter().map(|&lane| all[lane].clone());
    let ladder = Ladder {
        lanes: lanes.collect(),
        arrows,
        left,
    };
    let mut section = Section::new(Kind::Ladder, "ladder", vec![ours("Movements in time")]);
    section.blocks.push(Block::Ladder(ladder));
    if left > 0 {
        let more = count(left as u64, "movement");
        section.say(format!(
            "{more} less sure or later are not drawn; movements.csv has all."
        ));
    }
    Some(section)
}

/// Lanes that are drawn, in the order in which they are first needed.
#[derive(Default)]
struct Kept {
    lanes: Vec<usize>,
    places: BTreeMap<usize, usize>,
}

impl Kept {
    fn place(&mut self, lane: usize) -> usize {
        let next = self.lanes.len();
        let place = *self.places.entry(lane).or_insert(next);
        if place == next {
            self.lanes.push(lane);
        }
        place
    }
}

/// All movements of one pair of hosts.
struct Pair {
    way: (usize, usize),
    /// The first one's place.
    first: usize,
    /// The surest one's place.
    surest: usize,
    movements: usize,
}

/// The graph: who moved from which host to which.
pub(super) fn graph(case: &CaseResult) -> Option<Section> {
    let mut pairs = pairs(case);
    let left = pairs.len().saturating_sub(PAIRS);
    pairs.truncate(PAIRS);
    if pairs.is_empty() {
        return None;
    }
    let mut kept = Kept::default();
    let edges = pairs.iter().map(|pair| Edge {
        from: kept.place(pair.way.0),
        to: kept.place(pair.way.1),
        movements: pair.movements,
        first: movement_id(pair.first),
        is_told: pair.first < MOVEMENTS,
        grade: case.movements[pair.surest].grade.as_str().to_owned(),
    });
    let edges = edges.collect();
    let nodes = kept.lanes.iter().map(|&lane| Node {
        name: case.ends.all[lane].name.clone(),
        is_collected: case.ends.all[lane].is_collected,
    });
    let graph = Graph {
        nodes: nodes.collect(),
        edges,
        left,
    };
    let mut section = Section::new(Kind::Graph, "graph", vec![ours("From host to host")]);
    section.blocks.push(Block::Graph(graph));
    section.table(table(case, &pairs, left));
    Some(section)
}

/// The pairs of hosts with movements, in the order of the first ones.
fn pairs(case: &CaseResult) -> Vec<Pair> {
    let mut places: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut pairs: Vec<Pair> = Vec::new();
    for (place, way) in case.ends.ways.iter().enumerate() {
        let Way {
            from: Some(from),
            to: Some(to),
        } = *way
        else {
            continue;
        };
        let known = *places.entry((from, to)).or_insert(pairs.len());
        if known == pairs.len() {
            pairs.push(Pair {
                way: (from, to),
                first: place,
                surest: place,
                movements: 0,
            });
        }
        let pair = &mut pairs[known];
        pair.movements += 1;
        if case.movements[place].grade < case.movements[pair.surest].grade {
            pair.surest = place;
        }
    }
    pairs
}

fn table(case: &CaseResult, pairs: &[Pair], left: usize) -> Table {
    let mut table = Table::with(&["from", "to", "movements", "surest", "first", "at"]);
    for pair in pairs {
        let mut surest = vec![ours(format!(
            "{} ",
            case.movements[pair.surest].grade.as_str()
        ))];
        surest.push(link(pair.surest));
        let start = case.movements[pair.first].start;
        table.row(vec![
            brief(&case.ends.all[pair.way.0].name),
            brief(&case.ends.all[pair.way.1].name),
            vec![ours(pair.movements.to_string())],
            surest,
            vec![link(pair.first)],
            vec![ours(start.map(seconds).unwrap_or_default())],
        ]);
    }
    if left > 0 {
        let more = count(left as u64, "pair");
        table.more = vec![ours(format!(
            "… and {more} of hosts more, in movements.csv."
        ))];
    }
    table
}

/// Movements that follow each other, each with the hosts it leads through.
pub(super) fn paths(case: &CaseResult) -> Option<Section> {
    let mut section = Section::new(Kind::Paths, "paths", vec![ours("Paths")]);
    section.say(
        "Movements that can have followed each other: each leaves from where the one before it led, while a session \
         that arrived there was open, or within eight hours. Where several had arrived, that one is taken whose \
         programs opened the connection, or else the latest of the same account, or else the latest. A path is as sure as \
         the weakest of its movements.",
    );
    let mut table = Table::with(&[
        "path",
        "hosts",
        "accounts",
        "movements",
        "grade",
        "start",
        "end",
    ]);
    for (place, path) in case.paths.iter().enumerate().take(PATHS) {
        let movements = path.hops.iter().map(|&hop| vec![link(hop)]);
        let hops = || path.hops.iter().map(|&hop| &case.movements[hop]);
        let start = hops().next().and_then(|hop| hop.start);
        let end = hops().filter_map(|hop| hop.end).max();
        table.row(vec![
            vec![ours(path_id(place))],
            few(
                path_hosts(case, path).into_iter().map(brief),
                IN_A_CELL,
                " → ",
                "paths.csv",
            ),
            few(
                path_accounts(case, path).into_iter().map(brief),
                IN_A_CELL,
                ", ",
                "paths.csv",
            ),
            few(movements, IN_A_CELL, ", ", "paths.csv"),
            vec![ours(path.grade.as_str())],
            vec![ours(start.map(seconds).unwrap_or_default())],
            vec![ours(end.map(seconds).unwrap_or_default())],
        ]);
    }
    table.tell_cut(case.paths.len(), PATHS, "paths.csv");
    section.table(table);
    (!case.paths.is_empty()).then_some(section)
}
