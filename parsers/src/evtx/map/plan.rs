//! What becomes of an event, compiled: steps that are taken one after the other.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use timeline::{Field, fields as f};

use super::algorithm::Algorithm;
use super::source::{Origin, Source};
use super::writer::{Target, number};
use crate::ecs::Values;
use crate::evtx::record::LogRecord;

/// Steps for one event of one provider.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// Fields that have a value of the record in parts, instead of the whole.
    pub(super) lists: Vec<Field>,
}

/// One thing to do.
#[derive(Debug)]
pub(super) enum Step {
    /// Adds a value that is the same for every record.
    Constant(Field, Box<str>),
    /// Copies what the record says.
    Copy(Target, Source),
    /// What needs code.
    Run(&'static Algorithm),
    /// Steps for records that meet all conditions.
    When(Vec<Condition>, Vec<Step>),
}

/// What a record must say.
#[derive(Debug)]
pub(super) enum Condition {
    /// A value is one of these, whatever its case. An empty word means that it says nothing.
    Is(Origin, Vec<String>),
    /// A value is none of these.
    IsNot(Origin, Vec<String>),
    /// A number has any of these bits.
    HasBits(Origin, u64),
}

impl Plan {
    /// The words that it puts into a field, and whether every event has them, for references.
    pub(super) fn words(&self, field: Field) -> Vec<(String, bool)> {
        let mut words: Vec<(String, bool)> = Vec::new();
        each_step(&self.steps, true, &mut |step, always| {
            let mut add = |text: &str, always: bool| match words.iter_mut().find(|(w, _)| w == text)
            {
                Some((_, known)) => *known |= always,
                None => words.push((text.to_owned(), always)),
            };
            match step {
                Step::Constant(own, text) if *own == field => add(text, always),
                Step::Copy(target, source) if target.first_field() == Some(field) => {
                    for text in source.words().unwrap_or_default() {
                        add(text, false);
                    }
                }
                Step::Run(algorithm) => {
                    let own = algorithm.words.iter().filter(|(own, _)| *own == field);
                    for (_, text) in own {
                        add(text, false);
                    }
                }
                _ => {}
            }
        });
        words
    }

    /// Names of the fields that it can fill beside those of [`Plan::words`], for references.
    pub(super) fn fields(&self) -> Vec<String> {
        let mut all: Vec<Field> = Vec::new();
        each_step(&self.steps, true, &mut |step, _| match step {
            Step::Copy(target, _) => all.extend(target.fields()),
            Step::Run(algorithm) => all.extend((algorithm.fields)()),
            Step::Constant(..) | Step::When(..) => {}
        });
        all.extend(addresses(&all));
        let infos = all.into_iter().filter_map(Field::info);
        let mut names: Vec<String> = infos.map(|info| info.name.to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Those of the fields that only have some words, and these.
    pub(super) fn word_fields(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut words: BTreeMap<Field, BTreeSet<String>> = BTreeMap::new();
        let mut free: Vec<Field> = Vec::new();
        each_step(&self.steps, true, &mut |step, _| match step {
            Step::Copy(target @ Target::Field(field, ..), source) => match source.words() {
                Some(texts) => {
                    let texts = texts.into_iter().map(str::to_owned);
                    words.entry(*field).or_default().extend(texts);
                }
                None => free.extend(target.fields()),
            },
            Step::Copy(target, _) => free.extend(target.fields()),
            Step::Run(algorithm) => free.extend((algorithm.fields)()),
            Step::Constant(field, _) => free.push(*field),
            Step::When(..) => {}
        });
        // Every record has one.
        free.push(f::EVENT_OUTCOME);
        let words = words.into_iter().filter(|(field, _)| !free.contains(field));
        words
            .filter_map(|(field, texts)| Some((field.info()?.name.to_owned(), texts)))
            .collect()
    }

    /// Takes all steps.
    pub(super) fn apply<'a>(&'a self, record: &LogRecord<'a>, values: &mut Values<'a>) {
        take(&self.steps, record, values);
    }
}

/// Every step, and whether it is taken for every event.
fn each_step(steps: &[Step], always: bool, each: &mut dyn FnMut(&Step, bool)) {
    for step in steps {
        match step {
            Step::When(_, inner) => each_step(inner, false, each),
            step => each(step, always),
        }
    }
}

/// What an end of a connection gets in one field, of whatever is known of it.
fn addresses(fields: &[Field]) -> Vec<Field> {
    let ends = [
        (f::SOURCE_ADDRESS, [f::SOURCE_IP, f::SOURCE_DOMAIN]),
        (
            f::DESTINATION_ADDRESS,
            [f::DESTINATION_IP, f::DESTINATION_DOMAIN],
        ),
    ];
    let known = ends
        .into_iter()
        .filter(|(_, parts)| parts.iter().any(|part| fields.contains(part)));
    known.map(|(address, _)| address).collect()
}

fn take<'a>(steps: &'a [Step], record: &LogRecord<'a>, values: &mut Values<'a>) {
    for step in steps {
        match step {
            Step::Constant(field, text) => put_constant(*field, text, values),
            Step::Copy(target, source) => {
                source.each(record, |text| target.put(text, values));
            }
            Step::Run(algorithm) => algorithm.run(record, values),
            Step::When(conditions, steps) => {
                if conditions.iter().all(|condition| condition.is_met(record)) {
                    take(steps, record, values);
                }
            }
        }
    }
}

/// Kind and outcome are the last one's word, everything else is a list.
fn put_constant<'a>(field: Field, text: &'a str, values: &mut Values<'a>) {
    if field == f::EVENT_OUTCOME || field == f::EVENT_KIND {
        values.replace(field, text);
    } else {
        values.put(field, text);
    }
}

impl Condition {
    fn is_met(&self, record: &LogRecord<'_>) -> bool {
        match self {
            Self::Is(origin, words) => is_one_of(origin, words, record),
            Self::IsNot(origin, words) => !is_one_of(origin, words, record),
            Self::HasBits(origin, bits) => origin
                .read(record)
                .and_then(|text| number(&text))
                .is_some_and(|number| number.cast_unsigned() & bits != 0),
        }
    }
}

fn is_one_of(origin: &Origin, words: &[String], record: &LogRecord<'_>) -> bool {
    let value = origin.read(record).unwrap_or(Cow::Borrowed(""));
    words.iter().any(|word| word.eq_ignore_ascii_case(&value))
}
