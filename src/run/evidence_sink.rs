//! Where one evidence file's events go in the first look: into segments, and those to disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use detectors::enrich::{Gather, host_key};
use timeline::{Event, Field, Issue, Segment, Severity, Sink, StringId};

use super::parts::{Part, ranges};
use super::workshop::{SharedSorter, Workshop};

/// Facts are handed to the sorter when there are so many bytes of them.
const FACTS: usize = 1 << 20;

/// Takes events and issues of one evidence file.
pub(crate) struct EvidenceSink<'a> {
    shop: &'a Workshop<'a>,
    facts: &'a SharedSorter,
    kind: &'static str,
    /// The file's path, and those of identical files.
    paths: Vec<&'a str>,
    segment: Segment,
    gather: Gather,
    issues: u64,
    /// The file's parts so far.
    pub(crate) parts: Vec<Part>,
    /// Losses so far.
    pub(crate) losses: u64,
    /// Spellings of each host's name.
    pub(crate) names: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> EvidenceSink<'a> {
    pub(crate) fn new(
        shop: &'a Workshop<'a>,
        facts: &'a SharedSorter,
        kind: &'static str,
        paths: Vec<&'a str>,
    ) -> Self {
        Self {
            shop,
            facts,
            kind,
            paths,
            segment: Segment::default(),
            gather: Gather::default(),
            issues: 0,
            parts: Vec::new(),
            losses: 0,
            names: BTreeMap::new(),
        }
    }

    /// The sink of one share of a file: its issues come behind those of the shares before.
    pub(crate) fn of_share(mut self, share: u64) -> Self {
        self.issues = share << 32;
        self
    }

    /// Writes what is still in memory.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.gather.finish();
        self.facts.absorb(&mut self.gather.batch)?;
        self.flush()
    }

    /// Gathers what an event proves.
    fn observe(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.gather.observe(event);
        if self.gather.batch.size() >= FACTS {
            self.facts.absorb(&mut self.gather.batch)?;
        }
        Ok(())
    }

    fn flush_full(&mut self) -> io::Result<()> {
        if self.segment.is_full() {
            self.flush()?;
        }
        Ok(())
    }

    /// Spills the segment, each host's events apart.
    fn flush(&mut self) -> io::Result<()> {
        let segment = std::mem::take(&mut self.segment);
        let mut names: BTreeMap<StringId, Vec<u32>> = BTreeMap::new();
        for (row, own) in (0u32..).zip(&segment.rows) {
            names.entry(own.host).or_default().push(row);
        }
        let mut hosts: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (name, rows) in names {
            let host = host_key(segment.strings.get(name));
            hosts.entry(host).or_default().extend(rows);
        }
        for rows in hosts.values_mut() {
            rows.sort_unstable();
        }
        if hosts.len() == 1 {
            return hosts
                .into_keys()
                .next()
                .map_or(Ok(()), |host| self.spill(host, segment));
        }
        hosts
            .into_iter()
            .try_for_each(|(host, rows)| self.spill(host, segment.select(&rows)))
    }

    fn spill(&mut self, host: String, segment: Segment) -> io::Result<()> {
        let names = self.names.entry(host.clone()).or_default();
        for row in &segment.rows {
            let name = segment.strings.get(row.host);
            if !names.contains(name) {
                names.insert(name.to_owned());
            }
        }
        self.parts.push(Part {
            kind: self.kind,
            host,
            events: segment.len(),
            size: segment.size(),
            ranges: ranges(&segment),
            spilled: self.shop.spill.put(segment)?,
        });
        Ok(())
    }
}

impl Sink for EvidenceSink<'_> {
    fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        self.segment.names.own_field(prefix, name)
    }

    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.observe(event)?;
        self.segment.push(event);
        self.flush_full()
    }

    fn event_like_last(&mut self, event: &Event<'_>, repeats: usize) -> io::Result<()> {
        self.observe(event)?;
        self.segment.push_like_last(event, repeats);
        self.flush_full()
    }

    fn issue(&mut self, issue: Issue) {
        self.issues += 1;
        if issue.severity == Severity::Loss {
            self.losses += 1;
        }
        for path in &self.paths {
            // The sorter fails only when the disk does, and then the segments fail, too.
            let _ = self.shop.issues.add(path, self.issues, &issue);
        }
    }
}
