//! Which process an event with only a pid is of (ECS.md §7.2).

use std::io;

use timeline::{Cell, Segment, StringId, Ticks, Value, fields as f};

use super::edit;
use super::facts::{HostFacts, Question};
use super::gather::known_image;
use super::life::{Life, SYSTEM, boot_before, made_up};
use crate::names::{SECURITY, SYSMON};

/// The idle process: it starts the kernel's, and nothing else.
const IDLE: i64 = 0;

/// Gives `process.entity_id` to events that have only a pid, and marks the Security log's record of
/// a start that Sysmon tells of, too.
pub(super) fn identify(
    segment: &mut Segment,
    host: &str,
    facts: &mut HostFacts<'_>,
) -> io::Result<()> {
    let Some(pids) = segment.column(f::PROCESS_PID) else {
        return Ok(());
    };
    let pids = pids.iter().filter_map(|(row, cell)| match cell {
        Cell::Integer(pid) if pid > IDLE => Some((row, pid)),
        _ => None,
    });
    let mut asked: Vec<(u32, i64, Ticks)> = edit::lacking(segment, f::PROCESS_ENTITY_ID, pids)
        .filter_map(|(row, pid)| Some((row, pid, segment.rows[row as usize].time?)))
        .collect();
    // Stable: the rows of one pid stay in the order of their times.
    asked.sort_by_key(|&(_, pid, _)| pid);
    let question = |&(row, pid, at): &(u32, i64, Ticks)| Question {
        pid,
        at,
        image: known_image(segment.text(f::PROCESS_EXECUTABLE, row).unwrap_or_default()),
    };
    let questions: Vec<_> = asked.iter().map(question).collect();
    let lives = Answers::to(&questions, facts)?;
    let mut found = Vec::new();
    let mut duplicates = Vec::new();
    for (place, &(row, pid, at)) in asked.iter().enumerate() {
        let mut life = lives.life(place);
        if is_creation(segment, row) {
            // Its own life, or that which the pid, the time and the start alone make.
            let uid = segment.rows[row as usize].uid;
            life = life.filter(|life| life.created.is_some_and(|(_, own)| own == uid));
            let original = life.and_then(Life::original);
            duplicates.extend(original.map(|uid| (row, Value::from(uid.to_string()))));
            let entity = life.map_or_else(|| made_up(host, pid, at), |l| l.entity(host, pid));
            found.push((row, Value::from(entity)));
        } else if let Some(entity) = lives.entity(place, &questions[place], host, &facts.boots) {
            found.push((row, Value::from(entity)));
        }
    }
    found.sort_by_key(|&(row, _)| row);
    duplicates.sort_by_key(|&(row, _)| row);
    edit::add(segment, f::PROCESS_ENTITY_ID, &found);
    edit::add(segment, f::EVENT_EXT_DUPLICATE_OF, &duplicates);
    Ok(())
}

/// Whether a row is the Security log's record of a start.
pub(super) fn is_creation(segment: &Segment, row: u32) -> bool {
    segment.text(f::EVENT_CODE, row) == Some("4688")
        && segment.text(f::EVENT_PROVIDER, row) == Some(SECURITY)
}

/// Whether a row is Sysmon's record of a start.
pub(super) fn is_start(segment: &Segment, row: u32) -> bool {
    segment.text(f::EVENT_CODE, row) == Some("1")
        && segment.text(f::EVENT_PROVIDER, row) == Some(SYSMON)
}

/// The answers to a list of questions.
pub(super) struct Answers {
    lives: Vec<Life>,
    /// Of each question the place of its life, if it has one.
    of: Vec<Answer>,
}

#[derive(Clone, Copy)]
enum Answer {
    Ambiguous,
    Nobody,
    Life(usize),
}

impl Answers {
    /// Asks the questions, which are in order of pid and time.
    pub(super) fn to(questions: &[Question<'_>], facts: &mut HostFacts<'_>) -> io::Result<Self> {
        let mut lives: Vec<Life> = Vec::new();
        let mut of = vec![Answer::Ambiguous; questions.len()];
        facts.lives(questions, |place, life| {
            let Some(life) = life else {
                of[place] = Answer::Nobody;
                return;
            };
            if lives.last() != Some(life) {
                lives.push(life.clone());
            }
            of[place] = Answer::Life(lives.len() - 1);
        })?;
        Ok(Self { lives, of })
    }

    pub(super) fn life(&self, place: usize) -> Option<&Life> {
        match self.of[place] {
            Answer::Life(life) => Some(&self.lives[life]),
            _ => None,
        }
    }

    /// The identity of the process. The kernel's own two have one in every boot, even when nobody
    /// tells of their start.
    pub(super) fn entity(
        &self,
        place: usize,
        question: &Question<'_>,
        host: &str,
        boots: &[Ticks],
    ) -> Option<String> {
        let pid = question.pid;
        match self.of[place] {
            Answer::Life(life) => Some(self.lives[life].entity(host, pid)),
            Answer::Nobody if pid == SYSTEM || pid == IDLE => {
                Some(match boot_before(boots, question.at) {
                    Some(boot) => made_up(host, pid, boot),
                    None => format!("{host}:{pid}"),
                })
            }
            _ => None,
        }
    }
}

/// The identity in each row that has one.
pub(super) fn column(segment: &Segment, field: timeline::Field) -> Vec<(u32, StringId)> {
    let Some(column) = segment.column(field) else {
        return Vec::new();
    };
    let texts = column.iter().filter_map(|(row, cell)| match cell {
        Cell::Text(id) => Some((row, id)),
        _ => None,
    });
    texts.collect()
}
