//! Times as STIX has them: UTC, to the millisecond, of years with four digits.

use timeline::Ticks;

/// The time of objects that tell no movement, or one without a time: they have none, and none is made up.
pub(super) const TIMELESS: &str = "1970-01-01T00:00:00.000Z";

/// `2026-03-02T21:14:02.702Z`, cut to the millisecond.
pub(super) fn milliseconds(time: Ticks) -> Option<String> {
    let text = time.to_string();
    let is_plain = text.len() == "2026-03-02T21:14:02.7026065Z".len() && text.ends_with('Z');
    let cut = text.get(.."2026-03-02T21:14:02.702".len())?;
    is_plain.then(|| format!("{cut}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_to_the_millisecond() {
        let of = |text| Ticks::parse(text).and_then(milliseconds);
        let time = of("2026-03-02T21:14:02.7029999Z");
        assert_eq!(time.as_deref(), Some("2026-03-02T21:14:02.702Z"));
        assert_eq!(milliseconds(Ticks(i64::MAX)), None);
    }
}
