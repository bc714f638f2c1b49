//! How sure a movement is (MATCHING.md §6).

use super::{Evidence, Movement};

/// The grade of a movement, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Grade {
    /// Both sides were seen, or an exact join names source and action.
    Confirmed,
    /// A remote side is named, and the action lies inside that session or window.
    Probable,
    /// Anything else that matched.
    #[default]
    Possible,
    /// Evidence speaks against it.
    Contradicted,
}

impl Grade {
    /// The word in `movements.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::Probable => "PROBABLE",
            Self::Possible => "POSSIBLE",
            Self::Contradicted => "CONTRADICTED",
        }
    }
}

/// What the grade of merged findings depends on.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of the table of grades"
)]
pub(super) struct Grounds {
    /// A finding on the source side, and one on the target side.
    pub(super) both_sides: bool,
    /// A rule whose join is exact, and that names the source.
    pub(super) exact: bool,
    /// Only findings of the source side, and they name a target.
    pub(super) target_named: bool,
    /// A source is named.
    pub(super) source_named: bool,
    /// A finding needed slack.
    pub(super) slack: bool,
    /// An event is only known to exist.
    pub(super) state: bool,
}

impl Grounds {
    pub(super) fn grade(self) -> Grade {
        if self.state || !(self.source_named || self.target_named) {
            return Grade::Possible;
        }
        // Slack caps the grade (§3).
        if (self.both_sides || self.exact) && self.source_named && !self.slack {
            return Grade::Confirmed;
        }
        Grade::Probable
    }
}

/// A required event that is missing under full coverage speaks against the movement.
pub(super) fn contradict(_evidence: Evidence<'_>, movement: &mut Movement) {
    if movement
        .missing
        .iter()
        .any(|absence| absence.required && absence.covered)
    {
        movement.grade = Grade::Contradicted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_follow_the_table() {
        let named = Grounds {
            source_named: true,
            ..Grounds::default()
        };
        for (grounds, grade) in [
            (Grounds::default(), Grade::Possible),
            (named, Grade::Probable),
            (
                Grounds {
                    target_named: true,
                    ..Grounds::default()
                },
                Grade::Probable,
            ),
            (
                Grounds {
                    both_sides: true,
                    ..named
                },
                Grade::Confirmed,
            ),
            (
                Grounds {
                    exact: true,
                    ..named
                },
                Grade::Confirmed,
            ),
            (
                Grounds {
                    exact: true,
                    ..Grounds::default()
                },
                Grade::Possible,
            ),
            (
                Grounds {
                    exact: true,
                    slack: true,
                    ..named
                },
                Grade::Probable,
            ),
            (
                Grounds {
                    both_sides: true,
                    state: true,
                    ..named
                },
                Grade::Possible,
            ),
        ] {
            assert_eq!(grounds.grade(), grade, "{grounds:?}");
        }
    }
}
