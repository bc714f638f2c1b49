//! Drawing the graph, when it is known what stands where.

use super::super::super::document::{Edge, Graph};
use super::super::grade;
use super::super::picture::{self, cut, end_group, group, head, parts, path, px, rect, text};
use super::group::groups;
use super::layers::{Layers, Route, Slot};

/// How wide a host is, and what is between two layers.
const WIDE: i64 = 152;
const BETWEEN: i64 = 96;
/// How high a host is at least, and what is between two of them.
const HIGH: i64 = 40;
const APART: i64 = 16;
/// How far ends of lines are apart.
const PORT: i64 = 15;
/// Room above a host for a line to itself.
const LOOP: i64 = 26;
/// How wide groups beside each other are.
const PAGE: i64 = 1080;
/// What is between groups.
const GROUP: i64 = 34;

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
        placed.draw(out, graph, edges, *corner);
    }
    picture::close(out);
}

/// Where groups stand: beside each other as long as the page is wide enough, then below; and how large all is.
fn pack(groups: &[Placed]) -> (Vec<[i64; 2]>, [i64; 2]) {
    let mut corners = Vec::new();
    let (mut x, mut y, mut high, mut wide) = (6, 6, 0, 0);
    for group in groups {
        if x > 6 && x + group.size[0] > PAGE {
            (x, y, high) = (6, y + high + GROUP, 0);
        }
        corners.push([x, y]);
        x += group.size[0] + GROUP;
        high = high.max(group.size[1]);
        wide = wide.max(x - GROUP);
    }
    (corners, [wide + 6, y + high + 6])
}

/// A group with the places of its hosts.
struct Placed {
    layers: Layers,
    /// The upper end and the height of each slot.
    high: Vec<(i64, i64)>,
    /// Edges from a host to itself, by host.
    loops: Vec<(usize, usize)>,
    /// Where each route begins and ends, up and down.
    ends: Vec<(i64, i64)>,
    size: [i64; 2],
}

impl Placed {
    fn new(group: &[usize], edges: &[&Edge]) -> Self {
        let layers = Layers::new(group, edges);
        let own = |(place, edge): (usize, &&Edge)| {
            (edge.from == edge.to && group.contains(&edge.from)).then_some((edge.from, place))
        };
        let mut placed = Self {
            loops: edges.iter().enumerate().filter_map(own).collect(),
            high: vec![(0, 0); layers.slots.len()],
            ends: vec![(0, 0); layers.routes.len()],
            size: [px(layers.layers.len()) * (WIDE + BETWEEN) - BETWEEN, 0],
            layers,
        };
        placed.stack();
        placed.end();
        placed
    }

    /// How high a slot is, with what is above it.
    fn height(&self, slot: usize) -> (i64, i64) {
        let Slot::Node(node) = self.layers.slots[slot] else {
            return (0, 14);
        };
        let at = |end: fn(&Route) -> Option<&usize>| {
            let routes = self.layers.routes.iter();
            px(routes.filter(|route| end(route) == Some(&slot)).count())
        };
        let ports = at(|route| route.slots.first()).max(at(|route| route.slots.last()));
        let above = if self.loops.iter().any(|(of, _)| *of == node) {
            LOOP
        } else {
            0
        };
        (above, HIGH.max(ports * PORT + 8))
    }

    /// Puts the slots of each layer below each other, around the middle of the highest layer.
    fn stack(&mut self) {
        let total = |layer: &Vec<usize>| -> i64 {
            let heights = layer.iter().map(|&slot| self.height(slot));
            heights
                .map(|(above, high)| above + high + APART)
                .sum::<i64>()
                - APART
        };
        let highest = self.layers.layers.iter().map(total).max().unwrap_or(0);
        let mut high = vec![(0, 0); self.high.len()];
        for layer in &self.layers.layers {
            let mut y = (highest - total(layer)) / 2;
            for &slot in layer {
                let (above, tall) = self.height(slot);
                high[slot] = (y + above, tall);
                y += above + tall + APART;
            }
        }
        self.high = high;
        self.size[1] = highest;
    }

    fn middle(&self, slot: usize) -> i64 {
        let (top, high) = self.high[slot];
        top + high / 2
    }

    /// Spreads the ends of lines over the sides of hosts, in the order of where they come from.
    fn end(&mut self) {
        let mut ends = vec![(0, 0); self.layers.routes.len()];
        for slot in 0..self.layers.slots.len() {
            for is_left in [true, false] {
                let mut here: Vec<(i64, usize)> = Vec::new();
                for (place, route) in self.layers.routes.iter().enumerate() {
                    let (end, next) = match route.slots.as_slice() {
                        [first, second, ..] if is_left => (first, second),
                        [.., before, last] if !is_left => (last, before),
                        _ => continue,
                    };
                    if *end == slot {
                        here.push((self.middle(*next), place));
                    }
                }
                here.sort_unstable();
                let count = px(here.len());
                for (at, (_, place)) in here.iter().enumerate() {
                    let y = self.middle(slot) + (2 * px(at) - count + 1) * PORT / 2;
                    if is_left {
                        ends[*place].0 = y;
                    } else {
                        ends[*place].1 = y;
                    }
                }
            }
        }
        self.ends = ends;
    }

    /// The left side of a layer's hosts.
    fn left(layer: usize) -> i64 {
        px(layer) * (WIDE + BETWEEN)
    }

    fn layer_of(&self, slot: usize) -> usize {
        let layers = self.layers.layers.iter();
        layers.take_while(|layer| !layer.contains(&slot)).count()
    }

    fn draw(&self, out: &mut String, graph: &Graph, edges: &[&Edge], [x, y]: [i64; 2]) {
        for (route, ends) in self.layers.routes.iter().zip(&self.ends) {
            self.draw_route(out, graph, edges[route.edge], route, *ends, [x, y]);
        }
        for (layer, slots) in self.layers.layers.iter().enumerate() {
            for &slot in slots {
                if let Slot::Node(node) = self.layers.slots[slot] {
                    let (top, high) = self.high[slot];
                    let corner = [x + Self::left(layer), y + top];
                    draw_node(out, graph, node, corner, high);
                    for (_, edge) in self.loops.iter().filter(|(of, _)| *of == node) {
                        draw_loop(out, graph, edges[*edge], corner);
                    }
                }
            }
        }
    }

    fn draw_route(
        &self,
        out: &mut String,
        graph: &Graph,
        edge: &Edge,
        route: &Route,
        ends: (i64, i64),
        [x, y]: [i64; 2],
    ) {
        let first = self.layer_of(route.slots[0]);
        let last = first + route.slots.len() - 1;
        let from = [x + Self::left(first) + WIDE, y + ends.0];
        let to = [x + Self::left(last), y + ends.1];
        let (start, stop) = if route.is_back { (10, 0) } else { (0, 10) };
        let mut way = format!(
            "M{} {}L{} {}",
            from[0] + start,
            from[1],
            from[0] + 12,
            from[1]
        );
        let mut at = [from[0] + 12, from[1]];
        for (layer, &slot) in (first + 1..last).zip(&route.slots[1..]) {
            let (left, y) = (x + Self::left(layer), y + self.middle(slot));
            way.push_str(&bend(at, [left, y]));
            at = [left + WIDE, y];
            way.push_str(&format!("L{} {}", at[0], at[1]));
        }
        way.push_str(&bend(at, [to[0] - 44, to[1]]));
        way.push_str(&format!("L{} {}", to[0] - stop, to[1]));
        open_edge(out, graph, edge);
        path(out, "halo", &way);
        path(out, "way", &way);
        if route.is_back {
            head(out, [from[0] + 1, from[1]], -1);
        } else {
            head(out, [to[0] - 1, to[1]], 1);
        }
        label(out, edge, [to[0] - 26, to[1] + 4]);
        end_group(out, edge.is_told.then_some(&edge.first));
    }
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
