//! Which log of which host covers which time, as lines on one axis.

mod axis;
mod draw;

use super::super::document::Period;
use axis::Axis;

/// How many rows are one picture: no higher than a page of paper.
const ROWS: usize = 46;

/// Draws them, with the times of movements above.
pub(super) fn draw(out: &mut String, id: &str, periods: &[Period], movements: &[i64]) {
    let Some(axis) = Axis::new(periods, movements) else {
        return;
    };
    out.push_str("<div class=\"drawing\">\n");
    for (place, periods) in pieces(periods).into_iter().enumerate() {
        draw::piece(out, &format!("{id}-{place}"), periods, &axis, movements);
    }
    out.push_str("</div>\n");
    out.push_str(LEGEND);
}

/// Pieces of some rows each. The logs of a host stay together, if they are not more than one piece has.
fn pieces(periods: &[Period]) -> Vec<&[Period]> {
    let mut pieces = Vec::new();
    let (mut begin, mut end, mut rows) = (0, 0, 0);
    for host in periods.chunk_by(|one, next| one.host == next.host) {
        for part in host.chunks(ROWS) {
            // The host's name is a row, too.
            let more = part.len() + 1;
            if rows > 0 && rows + more > ROWS {
                pieces.push(&periods[begin..end]);
                (begin, rows) = (end, 0);
            }
            end += part.len();
            rows += more;
        }
    }
    pieces.push(&periods[begin..end]);
    pieces
}

/// What the lines mean.
const LEGEND: &str = "<ul class=\"legend\">\n\
    <li><svg width=\"34\" height=\"12\" aria-hidden=\"true\"><rect class=\"bar\" x=\"1\" y=\"2\" width=\"32\" height=\"8\"/></svg> from the first to the last event</li>\n\
    <li><svg width=\"34\" height=\"12\" aria-hidden=\"true\"><path class=\"beyond\" d=\"M1 6L8 1V11Z\"/><rect class=\"bar\" x=\"8\" y=\"2\" width=\"25\" height=\"8\"/></svg> begins before</li>\n\
    <li><svg width=\"16\" height=\"16\" aria-hidden=\"true\"><g class=\"cleared\"><circle class=\"mark\" cx=\"8\" cy=\"8\" r=\"6\"/><path class=\"cross\" d=\"M5 5L11 11M11 5L5 11\"/></g></svg> was cleared</li>\n\
    <li><svg width=\"16\" height=\"14\" aria-hidden=\"true\"><rect class=\"moved\" x=\"2\" y=\"0\" width=\"12\" height=\"14\"/><line class=\"movement\" x1=\"8\" y1=\"0\" x2=\"8\" y2=\"14\"/></svg> movements</li>\n\
    </ul>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_keep_the_logs_of_a_host_together() {
        let of = |host: &str, count: usize| -> Vec<Period> {
            let period = Period {
                host: host.into(),
                log: String::new(),
                from: 0,
                to: 0,
                cleared: Vec::new(),
            };
            vec![period; count]
        };
        let periods = [of("a", 30), of("b", 15), of("c", 14), of("d", 2 * ROWS + 1)].concat();
        let sizes: Vec<usize> = pieces(&periods).iter().map(|piece| piece.len()).collect();
        assert_eq!(sizes, [30, 29, ROWS, ROWS, 1]);
    }
}
