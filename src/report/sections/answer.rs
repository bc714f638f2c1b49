//! The answer: what happened, in a few sentences, and what is not known.

use std::collections::{BTreeMap, BTreeSet};

use detectors::movement::{Grade, Movement, Reason, Way};

use super::super::collected::is_a_state;
use super::super::coverage::seconds;
use super::super::document::{
    Block, Item, Kind, Line, Section, Span, Table, brief, end, joined, ours, rule, strong,
};
use super::super::questions::open_questions;
use super::super::text::count;
use super::chosen::Chosen;
use crate::case::CaseResult;
use crate::export::Rules;
use crate::plan::Plan;

/// How many hosts, accounts, techniques and programs a sentence names.
const NAMED: usize = 4;
/// How many open questions stand on the first screen.
const QUESTIONS: usize = 5;

/// Where there was nothing to look at.
pub(super) const NOTHING_READ: &str = "No event was read, or none lies in the period that was asked for: nothing can be said of \
    lateral movement.";

pub(super) fn section(plan: &Plan, case: &CaseResult, chosen: &Chosen) -> Section {
    let mut section = Section::new(Kind::Answer, "answer", vec![ours("What happened")]);
    if plan.question.rules.rules.is_empty() {
        section.say("No rules were run, so nothing was looked for.");
    } else if case.counts.looked_at() == 0 {
        section.say(NOTHING_READ);
    } else if case.movements.is_empty() {
        section.say(
            "No lateral movement was found. What that is worth depends on the logs that were collected: see \
             what the evidence covers and what it could not answer, below.",
        );
    } else {
        section.paragraph(how_many(case));
        section.paragraph(surest(plan, case, chosen));
        section.paragraph(from_where_to_where(case));
        section.paragraph(as_whom(case));
        section.paragraph(how(plan, case));
    }
    section.table(in_short(case));
    questions(&mut section, case);
    section
}

/// The movements that the sentences tell of: nothing speaks against them.
fn standing(case: &CaseResult) -> impl Iterator<Item = (usize, &Movement)> + Clone {
    let movements = case.movements.iter().enumerate();
    movements.filter(|(_, movement)| movement.grade != Grade::Contradicted)
}

/// Where they lead from and to.
fn ways(case: &CaseResult) -> impl Iterator<Item = Way> + Clone {
    standing(case).map(|(place, _)| case.ends.ways[place])
}

/// How many movements, among how many hosts, in which time.
fn how_many(case: &CaseResult) -> Line {
    let ends: BTreeSet<usize> = ways(case)
        .flat_map(|way| [way.from, way.to])
        .flatten()
        .collect();
    let hosts = count(ends.len() as u64, "host");
    let movements = standing(case).count() as u64;
    let mut words = vec![
        strong(count(movements, "movement")),
        ours(format!(" among {hosts}")),
    ];
    let starts = standing(case).filter_map(|(_, movement)| movement.start);
    if let (Some(first), Some(last)) = (starts.clone().min(), starts.max()) {
        words.push(ours(if first == last {
            format!(", at {}", seconds(first))
        } else {
            format!(", from {} to {}", seconds(first), seconds(last))
        }));
    }
    words.push(ours("."));
    let against = case.movements.len() as u64 - movements;
    if against > 0 {
        words.push(ours(format!(
            " Evidence speaks against {against} more, which are left out here."
        )));
    }
    words
}

/// The first of the surest ones: where the story begins.
fn surest(plan: &Plan, case: &CaseResult, chosen: &Chosen) -> Line {
    let surest = standing(case).min_by_key(|(place, movement)| (movement.grade, *place));
    let Some((place, movement)) = surest else {
        return Line::new();
    };
    let rules = Rules::of(plan, case, movement);
    let mut words = vec![ours(if case.movements.len() == 1 {
        "It led from "
    } else {
        "The first of the surest led from "
    })];
    words.extend(end(
        &movement.source_host,
        &movement.source_ip,
        "a source that is not known",
    ));
    words.push(ours(" to "));
    words.extend(end(
        &movement.target_host,
        &movement.target_ip,
        "a target that is not known",
    ));
    if !movement.account.is_empty() {
        words.push(ours(" as "));
        words.extend(brief(&movement.account));
    }
    if let Some(start) = movement.start {
        words.push(ours(format!(" at {}", seconds(start))));
    }
    words.push(ours(" ("));
    words.push(chosen.link(place));
    words.push(ours(format!(", {}): ", movement.grade.as_str())));
    words.extend(rule(&rules.foremost(1)));
    words.push(ours("."));
    words
}

/// Where they came from and where they led.
fn from_where_to_where(case: &CaseResult) -> Line {
    let names = |places: Vec<usize>| {
        let mut seen = BTreeSet::new();
        let each = places.into_iter().filter(|place| seen.insert(*place));
        let each = each.map(|place| brief(&case.ends.all[place].name));
        named(each.collect(), "host")
    };
    let sources = names(ways(case).filter_map(|way| way.from).collect());
    let targets = names(ways(case).filter_map(|way| way.to).collect());
    let mut words = Line::new();
    if standing(case).count() == 1 {
        // The sentence before has said it.
        return words;
    }
    if sources.is_empty() {
        words.push(ours("Where they came from is not known; they led to "));
    } else {
        words.push(ours("They came from "));
        words.extend(sources);
        words.push(ours(" and led to "));
    }
    if targets.is_empty() {
        words.push(ours("hosts that are not known"));
    }
    words.extend(targets);
    words.push(ours("."));
    let unknown = ways(case).filter(|way| way.from.is_none()).count();
    if unknown > 0 && unknown < ways(case).count() {
        words.push(ours(format!(
            " Of {}, the source is not known.",
            count(unknown as u64, "movement")
        )));
    }
    let one_sided = |(_, movement): &(usize, &Movement)| movement.reason == Reason::SourceSideOnly;
    let unseen = standing(case).filter(one_sided).count();
    if unseen > 0 {
        words.push(ours(format!(
            " Of {}, only the source's records tell: that something arrived is not seen.",
            count(unseen as u64, "movement")
        )));
    }
    words
}

/// The accounts, those that moved most first.
fn as_whom(case: &CaseResult) -> Line {
    let mut accounts: BTreeMap<String, (&str, u64)> = BTreeMap::new();
    let mut unknown = 0;
    for (_, movement) in standing(case) {
        if movement.account.is_empty() {
            unknown += 1;
        } else {
            let key = movement.account.to_lowercase();
            accounts.entry(key).or_insert((&movement.account, 0)).1 += 1;
        }
    }
    let mut accounts: Vec<(&str, u64)> = accounts.into_values().collect();
    accounts.sort_by_key(|(name, movements)| (std::cmp::Reverse(*movements), *name));
    if accounts.is_empty() {
        return vec![ours(
            "No account is named by the events of these movements.",
        )];
    }
    let each = accounts.into_iter().map(|(name, movements)| {
        let mut words = brief(name);
        words.push(ours(format!(" ({})", count(movements, "movement"))));
        words
    });
    let mut words = vec![ours("Accounts: ")];
    words.extend(named(each.collect(), "account"));
    words.push(ours("."));
    if unknown > 0 {
        words.push(ours(format!(
            " Of {}, the account is not known.",
            count(unknown, "movement")
        )));
    }
    words
}

/// The techniques, the most frequent first, and what ran.
fn how(plan: &Plan, case: &CaseResult) -> Line {
    let mut techniques: BTreeMap<String, u64> = BTreeMap::new();
    let mut programs: Vec<&str> = Vec::new();
    for (_, movement) in standing(case) {
        for technique in Rules::of(plan, case, movement).technique {
            *techniques.entry(technique).or_default() += 1;
        }
        for program in &movement.ran {
            if !programs
                .iter()
                .any(|known| known.eq_ignore_ascii_case(program))
            {
                programs.push(program);
            }
        }
    }
    let mut techniques: Vec<(String, u64)> = techniques.into_iter().collect();
    techniques.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let each = techniques.into_iter().map(|(technique, movements)| {
        let mut words = rule(&technique);
        words.push(ours(format!(" ({movements})")));
        words
    });
    let mut words = vec![ours("How: ")];
    words.extend(named(each.collect(), "technique"));
    words.push(ours("."));
    if !programs.is_empty() {
        words.push(ours(" What ran, and files: "));
        words.extend(named(programs.into_iter().map(brief).collect(), ""));
        words.push(ours("."));
    }
    words
}

/// The first ones, and how many more there are, of what if there is a word for it.
fn named(mut each: Vec<Line>, what: &str) -> Line {
    let more = each.len().saturating_sub(NAMED);
    each.truncate(NAMED);
    if more > 0 {
        let what = match (what, more) {
            ("", _) => String::new(),
            (what, 1) => format!(" {what}"),
            (what, _) => format!(" {what}s"),
        };
        each.push(vec![ours(format!("{more} more{what}"))]);
    }
    let last = if each.len() > 1 { each.pop() } else { None };
    let mut words = joined(each, ", ");
    if let Some(last) = last {
        words.push(ours(" and "));
        words.extend(last);
    }
    words
}

/// Grades, and what the case rests on.
fn in_short(case: &CaseResult) -> Table {
    let mut table = Table::default();
    for grade in [
        Grade::Confirmed,
        Grade::Probable,
        Grade::Possible,
        Grade::Contradicted,
    ] {
        let movements = case.movements.iter();
        let movements = movements.filter(|movement| movement.grade == grade).count();
        if movements > 0 || grade != Grade::Contradicted {
            let movements = vec![ours(movements.to_string())];
            table.row(vec![vec![ours(grade.as_str())], movements]);
        }
    }
    let collected = case.host_count();
    let others = case.ends.all.iter().filter(|end| !end.is_collected).count();
    let mut hosts = format!("evidence of {collected}");
    if others > 0 {
        hosts = format!("{hosts}; movements name {others} more");
    }
    table.row(vec![vec![ours("hosts")], vec![ours(hosts)]]);
    let logs = || {
        let logs = case.coverage.iter();
        logs.filter(|covered| !is_a_state(&covered.channel))
    };
    let first = logs().map(|log| log.first).min();
    let last = logs().map(|log| log.last).max();
    if let (Some(first), Some(last)) = (first, last) {
        let period = format!("{} to {}", seconds(first), seconds(last));
        table.row(vec![vec![ours("events of logs")], vec![ours(period)]]);
    }
    let findings = count(case.findings.len() as u64, "finding");
    let events = count(case.counts.looked_at(), "event");
    let found = vec![ours(format!("{findings} in {events}"))];
    table.row(vec![vec![ours("rules found")], found]);
    if case.counts.losses > 0 {
        let losses = count(case.counts.losses, "loss");
        let losses = vec![Span::Link(losses, "issues".to_owned())];
        table.row(vec![vec![ours("could not be read")], losses]);
    }
    table
}

/// What is not known, and how much more of that there is.
fn questions(section: &mut Section, case: &CaseResult) {
    let open = open_questions(case);
    if open.is_empty() {
        return;
    }
    section.say("What this evidence could not answer:");
    let mut items: Vec<Item> = open
        .iter()
        .take(QUESTIONS)
        .map(|question| Item::of(question.words()))
        .collect();
    if open.len() > QUESTIONS {
        let more = format!("and {} more", open.len() - QUESTIONS);
        items.push(Item::of(vec![Span::Link(more, "questions".to_owned())]));
    }
    section.blocks.push(Block::List(items));
}

#[cfg(test)]
mod tests {
    use super::super::super::document::plain;
    use super::*;

    #[test]
    fn a_sentence_names_a_few_and_counts_the_others() {
        let told = |names: &[&str]| {
            plain(&named(
                names.iter().map(|name| brief(name)).collect(),
                "host",
            ))
        };
        assert_eq!(told(&[]), "");
        assert_eq!(told(&["A"]), "A");
        assert_eq!(told(&["A", "B"]), "A and B");
        assert_eq!(told(&["A", "B", "C", "D"]), "A, B, C and D");
        assert_eq!(
            told(&["A", "B", "C", "D", "E"]),
            "A, B, C, D and 1 more host"
        );
        assert_eq!(
            told(&["A", "B", "C", "D", "E", "F"]),
            "A, B, C, D and 2 more hosts"
        );
    }
}
