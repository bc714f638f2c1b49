//! The movement that a rule without our table implies (MATCHING.md §5, last paragraph).
//!
//! A rule for lateral movement that asks for an incoming flow tells of a movement from the flow's
//! source to the host; one that asks for an outgoing flow, from the host to its destination.

use eql::Value;
use eql::plan::{Category, Condition, Filter, Leaf, QueryKind};

use super::{MovementTable, Read, Side, Sidetrack};

/// The table for a query, if it asks for a flow in one direction.
pub(super) fn table(query: &QueryKind) -> Option<Sidetrack> {
    let stages = stages(query);
    let (flow, side) = stages
        .iter()
        .find_map(|(number, filter)| Some((*number, direction(&filter.condition)?)))?;
    let (last, _) = *stages.last()?;
    Some(Sidetrack {
        movement: Some(movement(side, flow, last, &stages)),
        ..Sidetrack::of_side(side)
    })
}

/// The stages that have an event, by their numbers from 1 on.
fn stages(query: &QueryKind) -> Vec<(usize, &Filter)> {
    match query {
        QueryKind::Event(filter) => vec![(1, filter)],
        QueryKind::Sequence(sequence) => (1..)
            .zip(&sequence.stages)
            .filter(|(_, stage)| !stage.missing)
            .map(|(number, stage)| (number, &stage.filter))
            .collect(),
        QueryKind::Sample(_) => Vec::new(),
    }
}

/// What is said of an incoming flow: by an endpoint, by Windows's filter, by others.
const INCOMING: [&str; 3] = ["ingress", "inbound", "incoming"];
/// What is said of an outgoing flow.
const OUTGOING: [&str; 3] = ["egress", "outbound", "outgoing"];

/// The side whose flow the condition wants: it accepts one direction and refuses the other.
fn direction(condition: &Condition) -> Option<Side> {
    match condition {
        Condition::All(parts) => parts.iter().find_map(direction),
        // Each alternative must want it.
        Condition::Any(parts) => {
            let mut sides = parts.iter().map(direction);
            let first = sides.next().flatten();
            first.filter(|_| sides.all(|side| side == first))
        }
        Condition::Leaf(Leaf::Test { field, predicate }) if field == "network.direction" => {
            let accepts = |ways: [&str; 3]| {
                let mut ways = ways.into_iter();
                ways.any(|way| predicate.test(&Value::from(way)) == Some(true))
            };
            match (accepts(INCOMING), accepts(OUTGOING)) {
                (true, false) => Some(Side::Target),
                (false, true) => Some(Side::Source),
                _ => None,
            }
        }
        _ => None,
    }
}

fn movement(side: Side, flow: usize, last: usize, stages: &[(usize, &Filter)]) -> MovementTable {
    let of_flow = |field: &str| vec![read(flow, field)];
    let mut table = MovementTable {
        when: last,
        source_ip: of_flow("source.ip"),
        source_host: of_flow("source.domain"),
        target_host: of_flow("destination.domain"),
        target_ip: of_flow("destination.ip"),
        account: Vec::new(),
        ran_as: Vec::new(),
        ran: Vec::new(),
    };
    match side {
        Side::Target => {
            table.target_host = of_flow("host.name");
            // What started on the target after the flow came in is what ran.
            for (number, _) in stages.iter().filter(|(number, filter)| {
                *number > flow && filter.category == Category::Named("process".into())
            }) {
                table.ran.push(read(*number, "process.command_line"));
                table.ran.push(read(*number, "process.executable"));
                table.ran_as.push(read(*number, "user.name"));
            }
        }
        Side::Source => {
            table.source_host = of_flow("host.name");
            table.account = of_flow("user.name");
        }
    }
    table
}

fn read(stage: usize, field: &str) -> Read {
    Read {
        stage,
        field: field.to_owned(),
        capture: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Table;

    fn implied(query: &str) -> Option<(Side, usize, usize)> {
        let query = eql::compile(query, &Table).unwrap().query;
        let table = table(&query.kind)?;
        let movement = table.movement?;
        Some((table.side, movement.source_ip[0].stage, movement.when))
    }

    #[test]
    fn the_direction_of_the_flow_tells_the_side() {
        for (query, expected) in [
            (
                r#"network where network.direction : ("incoming", "ingress")"#,
                Some((Side::Target, 1, 1)),
            ),
            (
                r#"network where network.direction == "egress""#,
                Some((Side::Source, 1, 1)),
            ),
            (
                r#"sequence by host.id with maxspan=1m [process where true]
                   [network where (network.direction : ("outgoing", "egress") and destination.port == 445)] [file where true]"#,
                Some((Side::Source, 2, 3)),
            ),
            (
                r#"sequence by host.id with maxspan=1m ![network where network.direction == "egress"]
                   [network where network.direction == "ingress"] [process where true]"#,
                Some((Side::Target, 2, 3)),
            ),
            ("network where destination.port == 445", None),
            (
                r#"network where network.direction in ("ingress", "egress")"#,
                None,
            ),
            (
                r#"network where network.direction == "ingress" or network.direction == "egress""#,
                None,
            ),
            (
                r#"network where network.direction == "egress" or destination.port == 445"#,
                None,
            ),
            (
                r#"network where network.direction == "egress" or network.direction == "outgoing""#,
                Some((Side::Source, 1, 1)),
            ),
            (r#"network where not network.direction == "egress""#, None),
            ("process where true", None),
        ] {
            assert_eq!(implied(query), expected, "{query}");
        }
    }
}
