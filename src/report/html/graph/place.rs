//! Where the hosts of the graph stand, and where its lines begin and end.

use super::super::super::document::Edge;
use super::super::picture::px;
use super::layers::{Layers, Route, Slot};

/// How wide a host is, and what is between two layers.
pub(super) const WIDE: i64 = 152;
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

/// Where groups stand: beside each other as long as the page is wide enough, then below; and how large all is.
pub(super) fn pack(groups: &[Placed]) -> (Vec<[i64; 2]>, [i64; 2]) {
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
pub(super) struct Placed {
    pub(super) layers: Layers,
    /// The upper end and the height of each slot.
    pub(super) high: Vec<(i64, i64)>,
    /// Edges from a host to itself, by host.
    pub(super) loops: Vec<(usize, usize)>,
    /// Where each route begins and ends, up and down.
    pub(super) ends: Vec<(i64, i64)>,
    size: [i64; 2],
}

impl Placed {
    pub(super) fn new(group: &[usize], edges: &[&Edge]) -> Self {
        let layers = Layers::new(group, edges);
        let own = |(place, edge): (usize, &&Edge)| {
            (edge.from == edge.to && group.contains(&edge.from)).then_some((edge.from, place))
        };
        let mut placed = Self {
            loops: edges.iter().enumerate().filter_map(own).collect(),
            high: vec![(0, 0); layers.slots.len()],
            ends: vec![(0, 0); layers.routes.len()],
            size: [px(layers.columns.len()) * (WIDE + BETWEEN) - BETWEEN, 0],
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
        let highest = self.layers.columns.iter().map(total).max().unwrap_or(0);
        let mut high = vec![(0, 0); self.high.len()];
        for layer in &self.layers.columns {
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

    pub(super) fn middle(&self, slot: usize) -> i64 {
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
    pub(super) fn left(layer: usize) -> i64 {
        px(layer) * (WIDE + BETWEEN)
    }

    pub(super) fn layer_of(&self, slot: usize) -> usize {
        let layers = self.layers.columns.iter();
        layers.take_while(|layer| !layer.contains(&slot)).count()
    }
}
