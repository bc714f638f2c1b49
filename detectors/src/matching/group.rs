//! The candidates of one rule and key, sorted.

use std::io;

use super::candidate::Candidate;
use super::plan::RuleKind;
use super::sample::Sampler;
use super::sequence::{Match, Matcher};
use super::{Matched, Matching, Overflow, keys};

/// The start of the sort key of a group.
pub(super) fn group_key(rule: usize, key: &[u8]) -> Vec<u8> {
    let rule = u32::try_from(rule).expect("a run has fewer than 2^32 rules");
    [rule.to_be_bytes().as_slice(), key].concat()
}

/// Rule, key and candidate of a sorted item.
pub(super) fn split<'a>(
    sort_key: &'a [u8],
    payload: &'a [u8],
) -> Option<(usize, &'a [u8], &'a [u8])> {
    let (length, payload) = payload.split_first_chunk::<8>()?;
    let group = sort_key.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let (rule, key) = group.split_first_chunk::<4>()?;
    Some((
        usize::try_from(u32::from_be_bytes(*rule)).ok()?,
        key,
        payload,
    ))
}

/// The candidates of one rule and key.
pub(super) struct Group<'p> {
    pub(super) rule: usize,
    pub(super) key: Vec<u8>,
    work: Work<'p>,
}

/// What is done with the candidates of a group.
enum Work<'p> {
    /// Each is a match.
    Each,
    Sequence(Box<Matcher<'p>>),
    Sample(Sampler),
}

impl<'p> Group<'p> {
    pub(super) fn new(matching: &'p Matching, rule: usize, key: &[u8]) -> Option<Self> {
        let work = match &matching.plan.rules.get(rule)?.kind {
            RuleKind::Sequence { sequence, .. } => {
                Work::Sequence(Box::new(Matcher::new(sequence, matching.options.limits)))
            }
            RuleKind::Sample(filters) => Work::Sample(Sampler::new(filters.len())),
            RuleKind::Event(_) => Work::Each,
        };
        Some(Self {
            rule,
            key: key.to_vec(),
            work,
        })
    }

    pub(super) fn push(
        &mut self,
        candidate: Candidate,
        found: &mut dyn FnMut(Matched) -> io::Result<()>,
    ) -> io::Result<()> {
        match &mut self.work {
            Work::Sequence(matcher) => {
                matcher.push(candidate);
                let decided = matcher.take_matches();
                self.hand_out(decided, found)
            }
            Work::Sample(sampler) => {
                sampler.push(candidate);
                Ok(())
            }
            Work::Each => found(Matched {
                rule: self.rule,
                keys: Vec::new(),
                found: Match::single(&candidate),
            }),
        }
    }

    fn hand_out(
        &self,
        matches: Vec<Match>,
        found: &mut dyn FnMut(Matched) -> io::Result<()>,
    ) -> io::Result<()> {
        let keys = keys::display(&self.key);
        matches.into_iter().try_for_each(|matched| {
            found(Matched {
                rule: self.rule,
                keys: keys.clone(),
                found: matched,
            })
        })
    }
}

/// Hands out what a group still has, and notes whether its state reached a bound.
pub(super) fn finish(
    group: Option<Group<'_>>,
    overflows: &mut Vec<Overflow>,
    found: &mut dyn FnMut(Matched) -> io::Result<()>,
) -> io::Result<()> {
    let Some(mut group) = group else {
        return Ok(());
    };
    let matches = match &mut group.work {
        Work::Each => return Ok(()),
        Work::Sample(sampler) => sampler.finish().into_iter().collect(),
        Work::Sequence(matcher) => {
            matcher.finish();
            if matcher.overflowed {
                overflows.push(Overflow {
                    rule: group.rule,
                    keys: keys::display(&group.key),
                });
            }
            matcher.take_matches()
        }
    };
    group.hand_out(matches, found)
}
