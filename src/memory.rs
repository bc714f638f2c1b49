//! The memory budget (DESIGN.md §6): of the whole process, a quarter of the machine by default.

use timeline::MAX_BYTES;

use crate::exit::UsageError;

/// Less than this cannot be kept.
const LEAST: usize = 128 << 20;
/// What the machine is taken to have when it does not say.
const UNKNOWN_MACHINE: usize = 8 << 30;

/// The budget in bytes.
pub(crate) fn budget(stated: Option<&str>) -> anyhow::Result<usize> {
    let Some(text) = stated else {
        return Ok((machine() / 4).max(LEAST));
    };
    let bytes = parse(text).ok_or_else(|| {
        UsageError::because(format!(
            "--memory: expected a size such as 512M or 4G; found `{text}`"
        ))
    })?;
    if bytes < LEAST {
        return Err(UsageError::because(format!(
            "--memory: at least {}M is needed",
            LEAST >> 20
        )));
    }
    Ok(bytes)
}

pub(crate) fn parse(text: &str) -> Option<usize> {
    let text = text
        .trim()
        .trim_end_matches(['b', 'B'])
        .trim_end_matches(['i', 'I']);
    let (number, shift) = match text.char_indices().last()? {
        (end, 'k' | 'K') => (&text[..end], 10),
        (end, 'm' | 'M') => (&text[..end], 20),
        (end, 'g' | 'G') => (&text[..end], 30),
        (end, 't' | 'T') => (&text[..end], 40),
        _ => (text, 0),
    };
    number.trim().parse::<usize>().ok()?.checked_mul(1 << shift)
}

/// What the machine has. Only Linux tells it in a file.
fn machine() -> usize {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = total.and_then(|rest| {
        rest.trim()
            .strip_suffix(" kB")?
            .trim()
            .parse::<usize>()
            .ok()
    });
    kilobytes.map_or(UNKNOWN_MACHINE, |kilobytes| kilobytes << 10)
}

/// How the budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// Threads that may hold segments at once.
    pub(crate) workers: usize,
    /// Bytes of segments that wait for the second look in memory.
    pub(crate) waiting: usize,
    /// Bytes that the timeline's sorter keeps.
    pub(crate) timeline: usize,
    /// Bytes that each smaller sorter keeps.
    pub(crate) sorter: usize,
    /// Bytes for evidence that must be held as a whole. In the first look: the workers have one segment each
    /// then, a quarter of their share.
    pub(crate) whole: usize,
}

impl Shares {
    /// Half of the budget goes to segments in work, of which a worker has about four at once
    /// (read, merged, sorted, written); the rest to sorters. More than a sorter needs to make its runs
    /// long does not make it faster, so a large machine is not asked for more.
    pub(crate) fn of(memory: usize, threads: usize) -> Self {
        let workers = (memory / 2) / (4 * MAX_BYTES);
        Self {
            workers: workers.clamp(1, threads),
            waiting: (memory / 16).min(256 << 20),
            timeline: (memory / 8).clamp(8 << 20, 64 << 20),
            sorter: (memory / 128).clamp(2 << 20, 8 << 20),
            whole: memory * 3 / 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("512M", Some(512 << 20)),
            ("4g", Some(4 << 30)),
            ("200MiB", Some(200 << 20)),
            ("1000000000", Some(1_000_000_000)),
            ("M", None),
            ("", None),
            ("1.5G", None),
            ("99999999999T", None),
        ] {
            assert_eq!(parse(text), bytes, "{text}");
        }
    }

    #[test]
    fn little_memory_means_few_workers() {
        assert_eq!(Shares::of(128 << 20, 8).workers, 1);
        assert_eq!(Shares::of(64 << 30, 8).workers, 8);
    }
}
