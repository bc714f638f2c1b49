//! The graph: hosts, and who moved from which to which, from left to right.

mod draw;
mod group;
mod layers;
mod place;

use super::super::document::{Edge, Graph};

/// Draws it: groups of hosts that no movement joins stand beside each other. How many
/// pairs are not among them, the section says in words.
pub(super) fn draw(out: &mut String, id: &str, graph: &Graph) {
    let count = graph.nodes.len();
    let edges: Vec<&Edge> = graph
        .edges
        .iter()
        .filter(|edge| edge.from < count && edge.to < count)
        .collect();
    if count == 0 {
        return;
    }
    draw::draw(out, id, graph, &edges);
}
