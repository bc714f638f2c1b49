//! Drawing the graph, when it is known what stands where.

use std::fmt::Write;

use super::super::super::document::{Edge, Graph};
use super::super::grade;
use super::super::picture::{self, cut, end_group, group, head, parts, path, rect, text};
use super::group::groups;
use super::layers::{Route, Slot};
use super::place::{Placed, WIDE, pack};

/// Draws the graph.
pub(super) fn draw(out: &mut String, id: &str, graph: &Graph, edges: &[&Edge]) {
    let groups: Vec<Placed> = groups(graph.nodes.len(), edges)
        .iter()
        .map(|group| Placed::new(group, edges))
        .collect();
    let (corners, size) = pack(&groups);
    let about = "Arrows lead from the hosts that movements came from to those that they reached. The table of \
                 movements says the same in words.";
    picture::open(
        out,
        id,
        super::super::picture::class(size[0]),
        size,
        ["Movements between hosts", about],
    );
    for (placed, corner) in groups.iter().zip(&corners) {
        draw_group(out, graph, edges, placed, *corner);
    }
    picture::close(out);
}

fn draw_group(out: &mut String, graph: &Graph, edges: &[&Edge], placed: &Placed, corner: [i64; 2]) {
    let lines: Vec<Way> = placed
        .layers
        .routes
        .iter()
        .zip(&placed.ends)
        .map(|(route, ends)| Way::new(placed, route, *ends, corner))
        .collect();
    for way in &lines {
        draw_way(out, graph, edges[way.route.edge], way);
    }
    // Above all lines: a number under one is not read.
    for way in &lines {
        label(out, edges[way.route.edge], [way.to[0] - 26, way.to[1] + 4]);
    }
    for (layer, slots) in placed.layers.columns.iter().enumerate() {
        for &slot in slots {
            if let Slot::Node(node) = placed.layers.slots[slot] {
                let (top, high) = placed.high[slot];
                let corner = [corner[0] + Placed::left(layer), corner[1] + top];
                draw_node(out, graph, node, corner, high);
                for (_, edge) in placed.loops.iter().filter(|(of, _)| *of == node) {
                    draw_loop(out, graph, edges[*edge], corner);
                }
            }
        }
    }
}

/// The way of a line over the picture, from left to right.
struct Way<'p> {
    route: &'p Route,
    from: [i64; 2],
    to: [i64; 2],
    path: String,
}

impl<'p> Way<'p> {
    fn new(placed: &Placed, route: &'p Route, ends: (i64, i64), [x, y]: [i64; 2]) -> Self {
        let first = placed.layer_of(route.slots[0]);
        let last = first + route.slots.len() - 1;
        let from = [x + Placed::left(first) + WIDE, y + ends.0];
        let to = [x + Placed::left(last), y + ends.1];
        // Where the head is, the line ends before it.
        let (start, stop) = if route.is_back { (10, 0) } else { (0, 10) };
        let mut at = [from[0] + 12, from[1]];
        let mut path = format!("M{} {}L{} {}", from[0] + start, from[1], at[0], at[1]);
        for (layer, &slot) in (first + 1..last).zip(&route.slots[1..]) {
            let (left, y) = (x + Placed::left(layer), y + placed.middle(slot));
            path.push_str(&bend(at, [left, y]));
            at = [left + WIDE, y];
            let _ = write!(path, "L{} {}", at[0], at[1]);
        }
        path.push_str(&bend(at, [to[0] - 44, to[1]]));
        let _ = write!(path, "L{} {}", to[0] - stop, to[1]);
        Self {
            route,
            from,
            to,
            path,
        }
    }
}

fn draw_way(out: &mut String, graph: &Graph, edge: &Edge, way: &Way) {
    open_edge(out, graph, edge);
    path(out, "halo", &way.path);
    path(out, "way", &way.path);
    if way.route.is_back {
        head(out, [way.from[0] + 1, way.from[1]], -1);
    } else {
        head(out, [way.to[0] - 1, way.to[1]], 1);
    }
    end_group(out, edge.is_told.then_some(&edge.first));
}

/// A curve that is level at both ends.
fn bend(from: [i64; 2], to: [i64; 2]) -> String {
    let middle = i64::midpoint(from[0], to[0]);
    format!(
        "C{middle} {} {middle} {} {} {}",
        from[1], to[1], to[0], to[1]
    )
}

/// How many movements an arrow stands for, if it is more than the one that one sees.
fn label(out: &mut String, edge: &Edge, place: [i64; 2]) {
    if edge.movements > 1 {
        text(
            out,
            "count middle",
            place,
            &format!("{}\u{d7}", edge.movements),
        );
    }
}

fn open_edge(out: &mut String, graph: &Graph, edge: &Edge) {
    let count = match edge.movements {
        1 => "1 movement".to_owned(),
        count => format!("{count} movements"),
    };
    let title = format!(
        "{count} from {} to {}, the first {}, the strongest {}",
        graph.nodes[edge.from].name, graph.nodes[edge.to].name, edge.first, edge.grade
    );
    let class = format!("arrow {}", grade::style(&edge.grade));
    group(out, &class, edge.is_told.then_some(&edge.first), &title);
}

fn draw_node(out: &mut String, graph: &Graph, node: usize, [x, y]: [i64; 2], high: i64) {
    let host = &graph.nodes[node];
    let (class, evidence) = if host.is_collected {
        ("host", "")
    } else {
        ("host unread", ", no evidence of it")
    };
    group(out, class, None, &format!("{}{evidence}", host.name));
    rect(out, "frame", [x, y], [WIDE, high]);
    let (first, others) = parts(&host.name);
    let (x, y) = (x + WIDE / 2, y + high / 2);
    if others.is_empty() {
        text(out, "first middle", [x, y + 4], &cut(first, 17));
    } else {
        text(out, "first middle", [x, y - 2], &cut(first, 17));
        text(out, "others middle", [x, y + 12], &cut(others, 23));
    }
    end_group(out, None);
}

/// Movements from a host to itself.
fn draw_loop(out: &mut String, graph: &Graph, edge: &Edge, [x, y]: [i64; 2]) {
    let (left, right) = (x + WIDE - 64, x + WIDE - 24);
    let way = format!(
        "M{left} {y}C{left} {} {right} {} {right} {}",
        y - 28,
        y - 28,
        y - 9
    );
    open_edge(out, graph, edge);
    path(out, "way", &way);
    path(
        out,
        "tip",
        &format!(
            "M{right} {}L{} {}L{} {}Z",
            y - 1,
            right - 5,
            y - 10,
            right + 5,
            y - 10
        ),
    );
    label(out, edge, [left - 18, y - 8]);
    end_group(out, edge.is_told.then_some(&edge.first));
}
