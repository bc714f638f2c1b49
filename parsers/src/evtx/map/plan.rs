//! What becomes of an event, compiled: steps that are taken one after the other.

use std::borrow::Cow;

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
    Run(Algorithm),
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
    /// The values that a field always has, those under a condition last, for references.
    pub(super) fn constants(&self, field: Field) -> Vec<String> {
        let mut values = Vec::new();
        each_step(&self.steps, &mut |step| match step {
            Step::Constant(own, text) if *own == field && !values.contains(&text.to_string()) => {
                values.push(text.to_string());
            }
            _ => {}
        });
        values
    }

    /// Names of the fields that it copies, for references.
    pub(super) fn fields(&self) -> Vec<String> {
        let mut names = Vec::new();
        each_step(&self.steps, &mut |step| {
            let field = match step {
                Step::Copy(target, _) => target.first_field(),
                _ => None,
            };
            names.extend(field.and_then(Field::info).map(|info| info.name.to_owned()));
        });
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Takes all steps.
    pub(super) fn apply<'a>(&'a self, record: &LogRecord<'a>, values: &mut Values<'a>) {
        take(&self.steps, record, values);
    }
}

fn each_step(steps: &[Step], each: &mut dyn FnMut(&Step)) {
    for step in steps {
        match step {
            Step::When(_, inner) => each_step(inner, each),
            step => each(step),
        }
    }
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
