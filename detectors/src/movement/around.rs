//! What surrounds a movement on its target: findings around its time that are of no movement.

use std::collections::BTreeMap;

use timeline::{TICKS_PER_SECOND, Ticks};

use super::draft::Draft;
use super::{Evidence, Movement, target_of};

/// How long before the movement, and after its last session, something is around it.
const MARGIN: i64 = 600 * TICKS_PER_SECOND;
/// How long after the movement at most: a session can be left open for weeks.
const FARTHEST: i64 = 8 * 3600 * TICKS_PER_SECOND;
/// Of one movement so many are told.
const MOST: usize = 32;

/// The findings of no movement, by machine and time.
pub(super) struct Left(BTreeMap<String, Vec<(Ticks, usize)>>);

impl Left {
    pub(super) fn of(evidence: Evidence<'_>, loose: &[&Draft]) -> Self {
        let mut left: BTreeMap<String, Vec<(Ticks, usize)>> = BTreeMap::new();
        for draft in loose {
            let rows = evidence.findings[draft.finding].rows();
            let times = rows.filter_map(|row| evidence.events.rows.get(row as usize)?.time);
            if let Some(last) = times.max() {
                let own = left.entry(draft.machine.clone()).or_default();
                own.push((last, draft.finding));
            }
        }
        for own in left.values_mut() {
            own.sort_unstable();
        }
        Self(left)
    }

    /// Notes those that are around a movement.
    pub(super) fn note(&self, evidence: Evidence<'_>, movement: &mut Movement) {
        let target = target_of(evidence, movement);
        let own = target.and_then(|machine| self.0.get(&machine));
        let Some((own, start)) = own.zip(movement.start) else {
            return;
        };
        let sessions = movement.sessions.iter();
        let sessions = sessions.filter(|session| session.is_remote());
        let ends =
            sessions.filter_map(|session| session.end.max(session.last.map(|last| last.time)));
        let last = ends.chain(movement.end).max().unwrap_or(start);
        let until = last.0.min(start.0.saturating_add(FARTHEST));
        let until = Ticks(until.saturating_add(MARGIN));
        let from = Ticks(start.0.saturating_sub(MARGIN));
        let begin = own.partition_point(|(time, _)| *time < from);
        let near = own
            .iter()
            .skip(begin)
            .take_while(|(time, _)| *time <= until);
        movement.around = near.map(|(_, finding)| *finding).take(MOST).collect();
        movement.around.sort_unstable();
    }
}
