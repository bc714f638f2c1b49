//! How sure a movement is (MATCHING.md §6).

use super::{Absence, Movement};

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

/// Why a movement has its grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reason {
    /// Rules matched on the source and on the target.
    BothSides,
    /// One connection, session or file ties the source to what was done.
    Exact,
    /// It would be better, but the events are not in order by their times.
    Slack,
    /// Only the target's logs show it.
    TargetSideOnly,
    /// Only the source's logs show it.
    SourceSideOnly,
    /// Nothing names the other host, or more than one could be it.
    #[default]
    FarSideUnknown,
    /// Evidence says that something is there, but not when it came.
    TimeUnknown,
    /// What must have been recorded is not there.
    Missing,
}

impl Reason {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BothSides => "rules matched on both hosts",
            Self::Exact => "one connection, session or file ties the named source to what was done",
            Self::Slack => {
                "source and action are tied to each other, but their events are out of order by \
                 their times, within the delay that such logs have"
            }
            Self::TargetSideOnly => {
                "the source is named, but rules matched only on the target, and only time and \
                 place tie the source to what was done"
            }
            Self::SourceSideOnly => {
                "the target is named, but rules matched only on the source: whether it worked is \
                 not seen"
            }
            Self::FarSideUnknown => "no event of the match names one other host",
            Self::TimeUnknown => "the evidence does not say when it happened",
            Self::Missing => {
                "evidence that it must have left is missing, although the log is complete for that \
                 time"
            }
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
    /// The grade, and why it is no other.
    pub(super) fn judge(self) -> (Grade, Reason) {
        if self.state {
            return (Grade::Possible, Reason::TimeUnknown);
        }
        if !(self.source_named || self.target_named) {
            return (Grade::Possible, Reason::FarSideUnknown);
        }
        let tied = match (self.both_sides, self.exact) {
            (true, _) => Some(Reason::BothSides),
            (false, true) => Some(Reason::Exact),
            (false, false) => None,
        };
        match tied.filter(|_| self.source_named) {
            // Slack caps the grade (§3).
            Some(_) if self.slack => (Grade::Probable, Reason::Slack),
            Some(reason) => (Grade::Confirmed, reason),
            None if self.target_named => (Grade::Probable, Reason::SourceSideOnly),
            None => (Grade::Probable, Reason::TargetSideOnly),
        }
    }
}

/// A required event that is missing under full coverage speaks against the movement.
pub(super) fn contradict(movement: &mut Movement) {
    let missing = |absence: &Absence| absence.required && absence.is_missing();
    if movement.missing.iter().any(missing) {
        movement.grade = Grade::Contradicted;
        movement.reason = Reason::Missing;
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
        for (grounds, grade, reason) in [
            (Grounds::default(), Grade::Possible, Reason::FarSideUnknown),
            (named, Grade::Probable, Reason::TargetSideOnly),
            (
                Grounds {
                    target_named: true,
                    ..Grounds::default()
                },
                Grade::Probable,
                Reason::SourceSideOnly,
            ),
            (
                Grounds {
                    both_sides: true,
                    ..named
                },
                Grade::Confirmed,
                Reason::BothSides,
            ),
            (
                Grounds {
                    exact: true,
                    ..named
                },
                Grade::Confirmed,
                Reason::Exact,
            ),
            (
                Grounds {
                    exact: true,
                    ..Grounds::default()
                },
                Grade::Possible,
                Reason::FarSideUnknown,
            ),
            (
                Grounds {
                    exact: true,
                    slack: true,
                    ..named
                },
                Grade::Probable,
                Reason::Slack,
            ),
            (
                Grounds {
                    slack: true,
                    ..named
                },
                Grade::Probable,
                Reason::TargetSideOnly,
            ),
            (
                Grounds {
                    both_sides: true,
                    state: true,
                    ..named
                },
                Grade::Possible,
                Reason::TimeUnknown,
            ),
        ] {
            assert_eq!(grounds.judge(), (grade, reason), "{grounds:?}");
        }
    }
}
