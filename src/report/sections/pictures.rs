//! Movements between hosts: in time, and as a graph.

use std::collections::BTreeMap;

use detectors::movement::Way;

use super::super::coverage::seconds;
use super::super::document::{
    Arrow, Block, Edge, Graph, Kind, Ladder, Node, Section, Table, brief, few, ours, plain,
};
use super::super::text::count;
use super::chosen::{Chosen, first_by};
use super::lanes::lanes;
use crate::case::CaseResult;
use crate::export::{Rules, movement_id, path_accounts, path_hosts, path_id};
use crate::plan::Plan;

/// How many movements are drawn: the strongest ones.
const ARROWS: usize = 200;
/// How many pairs of hosts are drawn, and have a row.
const PAIRS: usize = 200;
/// How many paths have a row.
const PATHS: usize = 200;
/// How many hosts, accounts or movements stand in one cell.
const IN_A_CELL: usize = 20;

/// The ladder: hosts as lanes, time downwards.
pub(super) fn ladder(plan: &Plan, case: &CaseResult, chosen: &Chosen) -> Option<Section> {
    let drawn = first_by(&case.movements, ARROWS, |place, _| chosen.rank(place));
    let left = case.movements.len() - drawn.len();
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
            is_told: chosen.is_told(place),
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
            "{more} less sure, less severe or later are not drawn; movements.csv has all."
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
    /// The strongest one's place.
    strongest: usize,
    movements: usize,
}

/// The graph: who moved from which host to which.
pub(super) fn graph(case: &CaseResult, chosen: &Chosen) -> Option<Section> {
    let all = pairs(case, chosen);
    let kept = first_by(&all, PAIRS, |_, pair| chosen.rank(pair.strongest));
    let pairs: Vec<&Pair> = kept.into_iter().map(|place| &all[place]).collect();
    let left = all.len() - pairs.len();
    if pairs.is_empty() {
        return None;
    }
    let mut kept = Kept::default();
    let edges = pairs.iter().map(|pair| Edge {
        from: kept.place(pair.way.0),
        to: kept.place(pair.way.1),
        movements: pair.movements,
        first: movement_id(pair.first),
        is_told: chosen.is_told(pair.first),
        grade: case.movements[pair.strongest].grade.as_str().to_owned(),
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
    section.table(table(case, chosen, &pairs, left));
    let ways = case.ends.ways.iter();
    let unknown = ways.filter(|way| way.from.is_none() || way.to.is_none());
    let unknown = unknown.count() as u64;
    if unknown > 0 {
        section.say(format!(
            "{} of which one side is not known {} not here.",
            count(unknown, "movement"),
            if unknown == 1 { "is" } else { "are" }
        ));
    }
    Some(section)
}

/// The pairs of hosts with movements, in the order of the first ones.
fn pairs(case: &CaseResult, chosen: &Chosen) -> Vec<Pair> {
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
                strongest: place,
                movements: 0,
            });
        }
        let pair = &mut pairs[known];
        pair.movements += 1;
        if chosen.rank(place) < chosen.rank(pair.strongest) {
            pair.strongest = place;
        }
    }
    pairs
}

fn table(case: &CaseResult, chosen: &Chosen, pairs: &[&Pair], left: usize) -> Table {
    let mut table = Table::with(&["from", "to", "movements", "strongest", "first", "at"]);
    for pair in pairs {
        let grade = case.movements[pair.strongest].grade.as_str();
        let strongest = vec![ours(format!("{grade} ")), chosen.link(pair.strongest)];
        let start = case.movements[pair.first].start;
        table.row(vec![
            brief(&case.ends.all[pair.way.0].name),
            brief(&case.ends.all[pair.way.1].name),
            vec![ours(pair.movements.to_string())],
            strongest,
            vec![chosen.link(pair.first)],
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
pub(super) fn paths(case: &CaseResult, chosen: &Chosen) -> Option<Section> {
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
    for place in first_by(&case.paths, PATHS, |_, path| path.grade) {
        let path = &case.paths[place];
        let movements = path.hops.iter().map(|&hop| vec![chosen.link(hop)]);
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
