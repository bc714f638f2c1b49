//! What can be wrong with a place in a hive.

use timeline::Issue;

use super::BINS;

/// Something in a hive that is not as it should be. It costs what lies at that place, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, from the first hive bin on, as cells are named by others.
    pub cell: u32,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The hive ends before the cell does.
    Outside,
    /// Its size is none that a cell can have.
    Size,
    /// It is none of the kind that its place calls for.
    Signature {
        /// What is called for.
        expected: &'static str,
        /// What is there.
        found: [u8; 2],
    },
    /// It is too short for what it holds.
    Short,
    /// It was visited already: a second way to it, or a circle.
    Visited,
    /// It lies deeper than Windows lets keys lie.
    Deep,
    /// A list that counts more entries than it has room for.
    Count,
}

impl Fault {
    /// As an issue: what hung on that place could not be read.
    #[must_use]
    pub fn to_issue(self, what: &str) -> Issue {
        let (kind, why) = match self.kind {
            FaultKind::Outside => ("cell-outside", "it lies outside of the hive"),
            FaultKind::Size => ("cell-size", "its size is none that a cell can have"),
            FaultKind::Signature { .. } => ("cell-signature", "another kind of cell is there"),
            FaultKind::Short => ("cell-short", "it is too short"),
            FaultKind::Visited => ("cell-visited", "the hive leads there twice"),
            FaultKind::Deep => ("key-depth", "it lies deeper than Windows lets keys lie"),
            FaultKind::Count => ("list-count", "it counts more entries than it has room for"),
        };
        let message = format!("{what} cannot be read: {why}. The rest of the hive was read.");
        let issue = Issue::loss(kind, message).at(BINS + u64::from(self.cell));
        match self.kind {
            FaultKind::Signature { expected, found } => {
                let found: String = found
                    .iter()
                    .map(|byte| byte.escape_ascii().to_string())
                    .collect();
                issue.expected(expected, found)
            }
            _ => issue,
        }
    }
}
