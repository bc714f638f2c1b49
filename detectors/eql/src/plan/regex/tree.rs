//! A pattern with complement (`~`) or intersection (`&`) somewhere in it: what our engine cannot say
//! stands in the tree, everything else stays text of the engine.

/// A pattern, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// Text of the engine.
    Plain(String),
    /// One part after the other.
    Concat(Vec<Tree>),
    /// One of them.
    Or(Vec<Tree>),
    /// All of them.
    And(Vec<Tree>),
    /// Whatever it does not match.
    Not(Box<Tree>),
    /// So often: at least, at most.
    Repeat(Box<Tree>, u32, Option<u32>),
}

impl Tree {
    /// One part after the other; the engine's text where all are.
    pub(super) fn concat(parts: Vec<Self>) -> Self {
        match plain(&parts) {
            Some(texts) => Self::Plain(texts.concat()),
            None => Self::Concat(parts),
        }
    }

    /// One of them, as a group.
    pub(super) fn or(parts: Vec<Self>) -> Self {
        match plain(&parts) {
            Some(texts) => Self::Plain(format!("(?:{})", texts.join("|"))),
            None => Self::Or(parts),
        }
    }

    pub(super) fn and(mut parts: Vec<Self>) -> Self {
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                parts.extend(last);
                Self::And(parts)
            }
        }
    }

    pub(super) fn repeat(self, least: u32, most: Option<u32>) -> Self {
        match self {
            Self::Plain(text) => {
                let most = most.map(|most| most.to_string()).unwrap_or_default();
                // Each quantifier is a group of its own: a `?` behind another must not make it lazy.
                Self::Plain(format!("(?:{text}){{{least},{most}}}"))
            }
            tree => Self::Repeat(tree.into(), least, most),
        }
    }
}

/// The texts of parts that are all the engine's.
fn plain(parts: &[Tree]) -> Option<Vec<&str>> {
    parts
        .iter()
        .map(|part| match part {
            Tree::Plain(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}
