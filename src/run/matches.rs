//! From sorted candidates to findings with their events.

use std::collections::BTreeMap;

use anyhow::Context;
use detectors::Finding;
use detectors::matching::{EventRef, Matched, Overflow, Seen};
use rayon::prelude::*;
use timeline::sort::{Batch, Sorted};
use timeline::{Issue, Segment, Spilled};

use super::asking::Candidates;
use super::load::load;
use super::workshop::Workshop;

/// Findings of one rule that are kept. A rule with more says nothing any more; that it had more is
/// an issue.
const MOST: usize = 100_000;

/// The findings in their order, and a segment of all their events.
pub(crate) fn find(
    shop: &Workshop<'_>,
    candidates: Candidates,
    segments: &[Option<Spilled>],
) -> anyhow::Result<(Vec<Finding>, Segment)> {
    let (mut findings, events) = find_by_key(shop, candidates, segments)?;
    findings.sort_by(|a, b| order(shop, &events, a, b));
    // Events that share several keys are found by each.
    findings.dedup_by(|a, b| a.rule == b.rule && a.events == b.events);
    Ok((findings, events))
}

/// The findings by rule and key, those of one key in the order of their last events.
pub(crate) fn find_by_key(
    shop: &Workshop<'_>,
    candidates: Candidates,
    segments: &[Option<Spilled>],
) -> anyhow::Result<(Vec<Finding>, Segment)> {
    let matched = run(shop, candidates, segments)?;
    let wanted = matched
        .iter()
        .flat_map(|matched| matched.found.events.iter().flatten().copied())
        .collect();
    let (events, places) = load(shop, segments, wanted)?;
    let findings = matched
        .into_iter()
        .map(|matched| located(matched, &places))
        .collect();
    Ok((findings, events))
}

fn run(
    shop: &Workshop<'_>,
    candidates: Candidates,
    segments: &[Option<Spilled>],
) -> anyhow::Result<Vec<Matched>> {
    let mut all = Vec::new();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut each = |matched: Matched| {
        let count = counts.entry(matched.rule).or_default();
        *count += 1;
        if *count <= MOST {
            all.push(matched);
        }
        Ok(())
    };
    let matching = &shop.question.matching;
    let mut overflows: Vec<Overflow> = Vec::new();
    let sequences = collect(shop, &candidates.seen, segments)?;
    for sorted in [Some(candidates.matches), sequences].into_iter().flatten() {
        overflows.extend(matching.run(sorted, &mut each).context("matching")?);
    }
    for overflow in overflows {
        let rule = &shop.question.rules.rules[overflow.rule];
        let message = format!(
            "Rule {} ({}) reached a bound on its state for the key {}: matches may be missing.",
            rule.name,
            rule.id,
            overflow.keys.join(", ")
        );
        shop.issues
            .add("", 0, &Issue::loss("rule-state", message))?;
    }
    for (rule, count) in counts.into_iter().filter(|(_, count)| *count > MOST) {
        let rule = &shop.question.rules.rules[rule];
        let message = format!(
            "Rule {} ({}) matched too often to be of use.",
            rule.name, rule.id
        );
        let issue = Issue::loss("too-many-findings", message)
            .expected(format!("at most {MOST} findings"), count);
        shop.issues.add("", 1, &issue)?;
    }
    Ok(all)
}

/// The candidates of sequences and samples, by rule, key and the one order; nothing when no rule has
/// events for all of its stages, which is what most of many rules lack.
fn collect(
    shop: &Workshop<'_>,
    seen: &BTreeMap<usize, Seen>,
    segments: &[Option<Spilled>],
) -> anyhow::Result<Option<Sorted>> {
    let mut all = Seen::default();
    for seen in seen.values() {
        all.merge(seen);
    }
    let matching = &shop.question.matching;
    let rules = matching.complete(&all);
    if rules.is_empty() {
        return Ok(None);
    }
    let sorter = shop.sorter(shop.shares.sorter);
    let wanted: Vec<usize> = seen
        .iter()
        .filter(|(_, seen)| rules.has_any(seen))
        .map(|(number, _)| *number)
        .collect();
    let collect = |number: usize| {
        let spilled = segments.get(number).copied().flatten();
        let spilled = spilled.context("a segment with candidates was not kept")?;
        let segment = shop.spill.read(spilled).context("reading the spill file")?;
        let place = u32::try_from(number).context("more than 2^32 segments")?;
        let mut batch = Batch::default();
        matching.collect(&segment, place, &rules, &mut batch);
        sorter.absorb(&mut batch).context("sorting candidates")
    };
    shop.install(|| wanted.into_par_iter().try_for_each(collect))?;
    let candidates = sorter.into_inner().finish();
    Ok(Some(candidates.context("sorting candidates")?))
}

fn located(matched: Matched, places: &BTreeMap<EventRef, u32>) -> Finding {
    let row = |event: Option<EventRef>| event.and_then(|event| places.get(&event).copied());
    Finding {
        rule: matched.rule,
        keys: matched.keys,
        events: matched
            .found
            .events
            .iter()
            .map(|event| row(*event))
            .collect(),
        slack: matched.found.slack,
        ambiguous: matched.found.ambiguous,
    }
}

/// By first event in the one order, then by rule, then by the other events.
fn order(shop: &Workshop<'_>, events: &Segment, a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let first = |finding: &Finding| finding.first(events);
    let by_first = match (first(a), first(b)) {
        (Some(a), Some(b)) => events.compare(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    let id = |finding: &Finding| &shop.question.rules.rules[finding.rule].id;
    by_first.then_with(|| id(a).cmp(id(b))).then_with(|| {
        let rows = |finding: &Finding| finding.rows().collect::<Vec<_>>();
        let (a, b) = (rows(a), rows(b));
        let differing = a.iter().zip(&b).map(|(&a, &b)| events.compare(a, b));
        differing
            .into_iter()
            .find(|order| order.is_ne())
            .unwrap_or(a.len().cmp(&b.len()))
    })
}
