//! Two-valued logic over leaves.

use super::Leaf;

/// What must hold for an event. No `All` stands directly in an `All`, no `Any` in an `Any`, no
/// `Not` on a `Not`, and a constant only alone.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Every event or none.
    Constant(bool),
    /// All of them hold; at least two.
    All(Vec<Condition>),
    /// One of them holds; at least two.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A question to the event's values.
    Leaf(Leaf),
}

impl Condition {
    /// Whether the condition holds, given whether each leaf does.
    pub fn holds<'c>(&'c self, leaf: &mut dyn FnMut(&'c Leaf) -> bool) -> bool {
        match self {
            Self::Constant(truth) => *truth,
            Self::All(parts) => parts.iter().all(|part| part.holds(leaf)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(leaf)),
            Self::Not(inner) => !inner.holds(leaf),
            Self::Leaf(question) => leaf(question),
        }
    }

    /// The same where the answer to a leaf may be unknown: what all answers to it would give, or nothing.
    pub fn truth<'c>(&'c self, leaf: &mut dyn FnMut(&'c Leaf) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Constant(truth) => Some(*truth),
            Self::Not(inner) => inner.truth(leaf).map(|truth| !truth),
            Self::All(parts) => decided(parts, false, leaf),
            Self::Any(parts) => decided(parts, true, leaf),
            Self::Leaf(question) => leaf(question),
        }
    }

    /// All leaves, in the order of the query.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Leaf> {
        let mut leaves = Vec::new();
        self.collect(&mut leaves);
        leaves
    }

    fn collect<'c>(&'c self, leaves: &mut Vec<&'c Leaf>) {
        match self {
            Self::Constant(_) => {}
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.collect(leaves);
                }
            }
            Self::Not(inner) => inner.collect(leaves),
            Self::Leaf(leaf) => leaves.push(leaf),
        }
    }

    pub(super) fn negated(self) -> Self {
        match self {
            Self::Constant(truth) => Self::Constant(!truth),
            Self::Not(inner) => *inner,
            other => Self::Not(other.into()),
        }
    }

    pub(super) fn all(parts: impl Iterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Constant(true) => {}
                Self::Constant(false) => return part,
                Self::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        Self::one_or(kept, true, Self::All)
    }

    pub(super) fn any(parts: impl Iterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Constant(false) => {}
                Self::Constant(true) => return part,
                Self::Any(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        Self::one_or(kept, false, Self::Any)
    }

    fn one_or(mut parts: Vec<Self>, empty: bool, many: impl Fn(Vec<Self>) -> Self) -> Self {
        match parts.len() {
            0 => Self::Constant(empty),
            1 => parts.remove(0),
            _ => many(parts),
        }
    }
}

/// One part that is `decisive` decides; only all others together do the same.
fn decided<'c>(
    parts: &'c [Condition],
    decisive: bool,
    leaf: &mut dyn FnMut(&'c Leaf) -> Option<bool>,
) -> Option<bool> {
    let mut all_known = true;
    for part in parts {
        match part.truth(leaf) {
            Some(truth) if truth == decisive => return Some(decisive),
            Some(_) => {}
            None => all_known = false,
        }
    }
    all_known.then_some(!decisive)
}
