//! Answers to a query for single events.

use timeline::Reader;
use timeline::sort::Sorted;

use super::answer::{Answer, hit};
use super::kept;
use crate::args::QueryFormat;
use crate::export::{LineContext, Proof, csv_line, json_text, proof_of};
use crate::plan::QueryPlan;

/// A match as it will be printed.
pub(super) fn line(
    reader: &Reader<'_>,
    row: u32,
    context: LineContext<'_>,
    plan: &QueryPlan,
) -> Vec<u8> {
    match plan.format {
        QueryFormat::Json | QueryFormat::Jsonl => json_text(hit(reader.segment(), row, plan)),
        QueryFormat::Csv => csv_line(reader, row, context),
        QueryFormat::Table => table_line(&proof_of(context.evidence, reader, row)),
    }
    .into_bytes()
}

/// An event as a row of the table; its cells are harmless when they are printed.
pub(super) fn table_line(proof: &Proof<'_>) -> String {
    [
        proof.time.as_str(),
        proof.host,
        &format!("{} {}", proof.channel, proof.code),
        &proof.record,
        &proof.message,
    ]
    .map(crate::visible::visible)
    .join("\t")
}

/// Prints the matches in the one order.
pub(super) fn print(plan: &QueryPlan, lines: Sorted) -> anyhow::Result<()> {
    let pipes = &plan.question.rules.rules[0].query.pipes;
    let mut answer = Answer::events(plan.format)?;
    let range = kept(pipes, lines.left());
    for (place, item) in (0u64..)
        .zip(lines)
        .take_while(|(place, _)| *place < range.end)
    {
        let item = item?;
        if range.contains(&place) {
            answer.line(&item.payload)?;
        }
    }
    answer.finish()
}
