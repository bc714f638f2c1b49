//! Hosts that movements join, directly or through others.

use super::super::super::document::Edge;

/// Hosts that belong together, each group and the groups in the order of the hosts.
pub(super) fn groups(count: usize, edges: &[&Edge]) -> Vec<Vec<usize>> {
    let mut first: Vec<usize> = (0..count).collect();
    // Names of groups only fall, so this ends.
    loop {
        let before = first.clone();
        for edge in edges {
            let least = first[edge.from].min(first[edge.to]);
            first[edge.from] = least;
            first[edge.to] = least;
        }
        if before == first {
            break;
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (node, &group) in first.iter().enumerate() {
        groups[group].push(node);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_grouped_by_movements() {
        let edge = |from, to| Edge {
            from,
            to,
            movements: 1,
            first: String::new(),
            is_told: false,
            grade: String::new(),
        };
        let edges = [edge(4, 3), edge(1, 4), edge(0, 2), edge(2, 2)];
        let edges: Vec<&Edge> = edges.iter().collect();
        assert_eq!(groups(6, &edges), [vec![0, 2], vec![1, 3, 4], vec![5]]);
    }
}
