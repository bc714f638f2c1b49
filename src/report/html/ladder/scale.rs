//! From times to places in a piece of the ladder: rows are steps, and time is even between two of them.

/// Where rows are, by their times.
pub(super) struct Scale {
    /// Times and places, both rising.
    known: Vec<(i64, i64)>,
    top: i64,
    bottom: i64,
}

/// How long the least cover is drawn: one event is enough to say that there was a log.
const LEAST: i64 = 7;

impl Scale {
    /// By the times of rows and their places, and where lanes begin and end. `before` is the time of the row
    /// above, which is in another piece.
    pub(super) fn new(before: Option<i64>, rows: &[(i64, i64)], top: i64, bottom: i64) -> Self {
        let mut known: Vec<(i64, i64)> = before.map(|time| (time, top)).into_iter().collect();
        known.extend(rows);
        Self { known, top, bottom }
    }

    /// Where a time is; above the first and below the last known one nothing is further away than they are.
    fn place(&self, time: i64) -> i64 {
        let next = self.known.partition_point(|(known, _)| *known <= time);
        match (
            next.checked_sub(1).map(|last| self.known[last]),
            self.known.get(next),
        ) {
            (Some((before, above)), Some((after, below))) => {
                let part = i128::from(time - before) * i128::from(below - above);
                above + i64::try_from(part / i128::from(after - before)).unwrap_or(0)
            }
            (Some((_, above)), None) => above,
            (None, _) => self.top,
        }
    }

    /// The parts of a lane that periods cover, from above to below, none of which touch.
    pub(super) fn covered(&self, periods: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let (Some((first, _)), Some((last, _))) = (self.known.first(), self.known.last()) else {
            return Vec::new();
        };
        let mut parts: Vec<(i64, i64)> = periods
            .iter()
            .filter(|(from, to)| to >= first && from <= last)
            .map(|(from, to)| {
                // A log that goes on behind the last row goes on to the end of the lane.
                let from = if from < first {
                    self.top
                } else {
                    self.place(*from) - LEAST
                };
                let to = if to > last {
                    self.bottom
                } else {
                    self.place(*to) + LEAST
                };
                (from.max(self.top), to.min(self.bottom))
            })
            .collect();
        parts.sort_unstable();
        let mut whole: Vec<(i64, i64)> = Vec::new();
        for (from, to) in parts {
            match whole.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => whole.push((from, to)),
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_covered_where_logs_are() {
        let scale = Scale::new(None, &[(100, 50), (200, 90), (1000, 130)], 30, 150);
        for (periods, expected) in [
            (&[][..], vec![]),
            (&[(0, 50), (1001, 2000)], vec![]),
            (&[(0, 2000)], vec![(30, 150)]),
            (&[(0, 100)], vec![(30, 57)]),
            (&[(150, 150)], vec![(63, 77)]),
            (&[(200, 600), (600, 1000)], vec![(83, 137)]),
            (&[(1000, 5000), (100, 100)], vec![(43, 57), (123, 150)]),
        ] {
            assert_eq!(scale.covered(periods), expected, "{periods:?}");
        }
        let later = Scale::new(Some(0), &[(100, 50)], 30, 70);
        assert_eq!(later.covered(&[(50, 100)]), [(33, 57)]);
    }
}
