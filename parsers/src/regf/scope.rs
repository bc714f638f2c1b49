//! Which keys of a hive are artefacts: their paths, put together into one tree that is walked beside the
//! hive's.

use super::artefact::{ARTEFACTS, Artefact};
use super::mount::Mount;
use super::read::same_name;

/// The artefacts of one hive.
pub(super) struct Scope {
    nodes: Vec<Node>,
    /// Keys on the way to the one at hand: the length of each path, and the nodes that it leads to.
    way: Vec<(usize, Vec<usize>)>,
}

/// A part of the paths of artefacts.
#[derive(Default)]
struct Node {
    /// Names of the parts that follow; with an asterisk any that begins so.
    next: Vec<(&'static str, usize)>,
    /// Artefacts whose paths end here.
    here: Vec<&'static Artefact>,
}

impl Scope {
    /// Those of a hive.
    pub(super) fn of(mount: &Mount) -> Self {
        let mut scope = Self {
            nodes: vec![Node::default()],
            way: Vec::new(),
        };
        for artefact in ARTEFACTS
            .iter()
            .filter(|artefact| artefact.hives.contains(&mount.kind))
        {
            for path in artefact.paths {
                let path = below(path, mount.inner);
                if let Some(path) = path {
                    scope.add(path, artefact);
                }
            }
        }
        scope
    }

    fn add(&mut self, path: &'static str, artefact: &'static Artefact) {
        let mut place = 0;
        for part in path.split('\\').filter(|part| !part.is_empty()) {
            let last = self.nodes.len();
            let Some(node) = self.nodes.get_mut(place) else {
                return;
            };
            let known = node.next.iter().find(|(name, _)| *name == part);
            place = if let Some((_, next)) = known {
                *next
            } else {
                node.next.push((part, last));
                self.nodes.push(Node::default());
                last
            };
        }
        if let Some(node) = self.nodes.get_mut(place) {
            node.here.push(artefact);
        }
    }

    /// The artefacts that a key is one of. Keys are asked for on the way through their hive, but for those
    /// that were found elsewhere.
    pub(super) fn at(&mut self, path: &str, is_on_way: bool) -> Vec<&'static Artefact> {
        if !is_on_way {
            self.way.clear();
        }
        let above = path.rfind('\\').unwrap_or(0);
        while self.way.last().is_some_and(|(length, _)| *length > above) {
            self.way.pop();
        }
        if self.way.is_empty() {
            self.way.push((0, vec![0]));
            for (at, _) in path.match_indices('\\') {
                self.enter(path.get(..at).unwrap_or_default());
            }
        }
        if !path.is_empty() {
            self.enter(path);
        }
        let places = self.way.last().map_or(&[][..], |(_, places)| places);
        let here = places.iter().filter_map(|&place| self.nodes.get(place));
        let mut artefacts: Vec<_> = here.flat_map(|node| node.here.iter().copied()).collect();
        for (_, places) in self.way.iter().rev().skip(1) {
            let above = places.iter().filter_map(|&place| self.nodes.get(place));
            let below = above.flat_map(|node| node.here.iter().copied());
            artefacts.extend(below.filter(|artefact| artefact.is_deep));
        }
        artefacts
    }

    fn enter(&mut self, path: &str) {
        let name = path.rsplit('\\').next().unwrap_or_default();
        let places = self.way.last().map_or(&[][..], |(_, places)| places);
        let mut next = Vec::new();
        for node in places.iter().filter_map(|&place| self.nodes.get(place)) {
            let fits = node.next.iter().filter(|(part, _)| is_name(part, name));
            next.extend(fits.map(|(_, place)| *place));
        }
        self.way.push((path.len(), next));
    }
}

/// A path below a part that the hive lacks.
fn below(path: &'static str, inner: &str) -> Option<&'static str> {
    if inner.is_empty() {
        return Some(path);
    }
    let (first, rest) = path.split_once('\\')?;
    first.eq_ignore_ascii_case(inner).then_some(rest)
}

fn is_name(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name
            .get(..start.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(start)),
        None => same_name(pattern, name),
    }
}
