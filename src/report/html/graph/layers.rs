//! Which host of a group stands where: in layers from left to right, and in an order in each that crosses few
//! lines.
//!
//! Hosts come in the order in which movements reach them, so a line from an earlier to a later one leads to the
//! right, and no cycle is in the way of that; a line back is drawn back. A line over more than one layer passes
//! through an empty place in each, so that it never crosses a host.

use std::collections::BTreeMap;

use super::super::super::document::Edge;

/// A place in a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// A host.
    Node(usize),
    /// Where a line passes.
    Pass,
}

/// A line between hosts, through places.
#[derive(Debug)]
pub(super) struct Route {
    /// The edge, by its place.
    pub(super) edge: usize,
    /// Whether it leads from right to left.
    pub(super) is_back: bool,
    /// Its places from left to right: the layer, and the place among all slots.
    pub(super) slots: Vec<usize>,
}

/// A group of hosts in layers.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// All slots.
    pub(super) slots: Vec<Slot>,
    /// The slots of each layer, from above to below.
    pub(super) layers: Vec<Vec<usize>>,
    /// The lines between hosts; not those from a host to itself.
    pub(super) routes: Vec<Route>,
}

/// How often the order is improved.
const SWEEPS: usize = 6;

impl Layers {
    /// Hosts of a group, in their order, and all edges.
    pub(super) fn new(group: &[usize], edges: &[&Edge]) -> Self {
        let mut all = Self::default();
        let layer_of = layer_of(group, edges);
        let mut slot_of: BTreeMap<usize, usize> = BTreeMap::new();
        for &node in group {
            let slot = all.put(layer_of[&node], Slot::Node(node));
            slot_of.insert(node, slot);
        }
        for (place, edge) in edges.iter().enumerate() {
            let (left, right) = (edge.from.min(edge.to), edge.from.max(edge.to));
            if left == right || !slot_of.contains_key(&left) {
                continue;
            }
            let mut slots = vec![slot_of[&left]];
            for layer in layer_of[&left] + 1..layer_of[&right] {
                slots.push(all.put(layer, Slot::Pass));
            }
            slots.push(slot_of[&right]);
            all.routes.push(Route {
                edge: place,
                is_back: edge.from > edge.to,
                slots,
            });
        }
        all.order();
        all
    }

    fn put(&mut self, layer: usize, slot: Slot) -> usize {
        if self.layers.len() <= layer {
            self.layers.resize(layer + 1, Vec::new());
        }
        self.slots.push(slot);
        self.layers[layer].push(self.slots.len() - 1);
        self.slots.len() - 1
    }

    /// Puts slots where those are that they are joined with in the layer before, then in the layer behind.
    fn order(&mut self) {
        let mut joined: Vec<[Vec<usize>; 2]> = vec![[Vec::new(), Vec::new()]; self.slots.len()];
        for pair in self.routes.iter().flat_map(|route| route.slots.windows(2)) {
            joined[pair[0]][1].push(pair[1]);
            joined[pair[1]][0].push(pair[0]);
        }
        let count = self.layers.len();
        for sweep in 0..SWEEPS {
            let side = sweep % 2;
            for step in 1..count {
                let layer = if side == 0 { step } else { count - 1 - step };
                self.sort(layer, |slot| &joined[slot][side]);
            }
        }
    }

    /// Sorts a layer by where neighbours are in theirs. What has none stays where it is.
    fn sort<'a>(&mut self, layer: usize, neighbours: impl Fn(usize) -> &'a Vec<usize>) {
        let mut place = vec![0; self.slots.len()];
        for layer in &self.layers {
            for (at, &slot) in layer.iter().enumerate() {
                place[slot] = at;
            }
        }
        let middle = |&slot: &usize| match neighbours(slot).as_slice() {
            [] => 1000 * place[slot],
            beside => 1000 * beside.iter().map(|&slot| place[slot]).sum::<usize>() / beside.len(),
        };
        self.layers[layer].sort_by_cached_key(middle);
    }
}

/// The layer of each host: one more than that of any earlier one that it is joined with.
fn layer_of(group: &[usize], edges: &[&Edge]) -> BTreeMap<usize, usize> {
    let mut layer_of: BTreeMap<usize, usize> = group.iter().map(|&node| (node, 0)).collect();
    let mut pairs: Vec<(usize, usize)> = edges
        .iter()
        .map(|edge| (edge.from.max(edge.to), edge.from.min(edge.to)))
        .filter(|(later, earlier)| later != earlier && layer_of.contains_key(later))
        .collect();
    pairs.sort_unstable();
    for (later, earlier) in pairs {
        let least = layer_of[&earlier] + 1;
        let layer = layer_of.entry(later).or_default();
        *layer = least.max(*layer);
    }
    layer_of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: usize, to: usize) -> Edge {
        Edge {
            from,
            to,
            movements: 1,
            first: String::new(),
            is_told: false,
            grade: String::new(),
        }
    }

    #[test]
    fn hosts_stand_right_of_those_that_were_reached_before() {
        let edges = [edge(0, 1), edge(1, 2), edge(2, 0), edge(0, 2), edge(2, 2)];
        let edges: Vec<&Edge> = edges.iter().collect();
        let layers = Layers::new(&[0, 1, 2], &edges);
        let hosts = |layer: usize| -> Vec<Slot> {
            let slots = layers.layers[layer].iter();
            slots.map(|&slot| layers.slots[slot]).collect()
        };
        assert_eq!(layers.layers.len(), 3);
        assert_eq!(hosts(0), [Slot::Node(0)]);
        assert_eq!(hosts(1), [Slot::Node(1), Slot::Pass, Slot::Pass]);
        assert_eq!(hosts(2), [Slot::Node(2)]);
        let routes: Vec<(usize, bool, usize)> = layers
            .routes
            .iter()
            .map(|route| (route.edge, route.is_back, route.slots.len()))
            .collect();
        assert_eq!(
            routes,
            [(0, false, 2), (1, false, 2), (2, true, 3), (3, false, 3)]
        );
    }

    #[test]
    fn lines_cross_as_little_as_they_can() {
        let edges = [edge(0, 3), edge(1, 2), edge(0, 2), edge(2, 5), edge(3, 4)];
        let edges: Vec<&Edge> = edges.iter().collect();
        let layers = Layers::new(&[0, 1, 2, 3, 4, 5], &edges);
        let order = |layer: usize| -> Vec<Slot> {
            let slots = layers.layers[layer].iter();
            slots.map(|&slot| layers.slots[slot]).collect()
        };
        assert_eq!(order(1), [Slot::Node(3), Slot::Node(2)]);
        assert_eq!(order(2), [Slot::Node(4), Slot::Node(5)]);
    }
}
