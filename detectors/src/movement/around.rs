//! What surrounds a movement on its target: findings around its time that are of no movement.

use timeline::{TICKS_PER_SECOND, Ticks};

use super::draft::Draft;
use super::{Evidence, Movement};
use crate::enrich::machine_of;

/// How long before the movement, and after its last session, something is around it.
const MARGIN: i64 = 600 * TICKS_PER_SECOND;
/// How long after the movement at most: a session can be left open for weeks.
const FARTHEST: i64 = 8 * 3600 * TICKS_PER_SECOND;
/// Of one movement so many are told.
const MOST: usize = 32;

/// Notes the findings that are around a movement.
pub(super) fn note(evidence: Evidence<'_>, movement: &mut Movement, loose: &[&Draft]) {
    let Some((&first, start)) = movement.target_events.first().zip(movement.start) else {
        return;
    };
    let machine = machine_of(evidence.events, first);
    let sessions = movement
        .sessions
        .iter()
        .filter(|session| session.is_remote());
    let ends = sessions.filter_map(|session| session.end.max(session.last.map(|last| last.time)));
    let last = ends.chain(movement.end).max().unwrap_or(start);
    let until = last.0.min(start.0.saturating_add(FARTHEST));
    let (from, until) = (
        Ticks(start.0.saturating_sub(MARGIN)),
        Ticks(until.saturating_add(MARGIN)),
    );
    let is_near = |draft: &&&Draft| {
        let mut times = evidence.findings[draft.finding]
            .rows()
            .filter_map(|row| evidence.events.rows.get(row as usize)?.time);
        draft.machine == machine && times.any(|time| from <= time && time <= until)
    };
    let near = loose.iter().filter(is_near).take(MOST);
    movement.around = near.map(|draft| draft.finding).collect();
}
