//! What the report says, without a form: `report.jsonl` keeps it, one section a line, and `report.html` and
//! `report.md` are two ways to show it.
//!
//! Words of the evidence are never mixed with ours: what an attacker chose stands in [`Span::Shown`] and nowhere
//! else, so that each form escapes it in one place and `report --redact` knows where to look.

use serde::{Deserialize, Serialize};

/// A section: a heading and what stands below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Section {
    /// What it is about.
    pub(crate) kind: Kind,
    /// Its name in links: letters, digits and `-`.
    pub(crate) anchor: String,
    /// The heading.
    pub(crate) title: Line,
    /// What it says, in order.
    pub(crate) blocks: Vec<Block>,
}

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The title of the report, and whose it is. Always the first, and once.
    Title,
    /// What happened, in a few sentences.
    Answer,
    /// All movements, one row each, with what the grades mean.
    Movements,
    /// The movements in time, between the hosts.
    Ladder,
    /// The hosts, and who moved from which to which.
    Graph,
    /// Movements that follow each other.
    Paths,
    /// One movement.
    Movement,
    /// Findings that are no movement.
    Findings,
    /// The hosts.
    Hosts,
    /// The accounts.
    Accounts,
    /// Which log of which host covers which time.
    Coverage,
    /// What could not be answered.
    Questions,
    /// What could not be read.
    Issues,
    /// What was read and written, with hashes, and with what.
    Custody,
    /// How the report was made.
    Method,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Block {
    /// A paragraph.
    Paragraph(Line),
    /// Lines that stay lines, below each other.
    Lines(Vec<Line>),
    /// A list, of which items can be below others.
    List(Vec<Item>),
    /// A table.
    Table(Table),
    /// Movements in time.
    Ladder(Ladder),
    /// Hosts, and the movements between them.
    Graph(Graph),
    /// Periods of time.
    Periods(Vec<Period>),
}

impl Block {
    /// Its lines; a picture has none.
    fn lines(&self) -> Vec<&Line> {
        match self {
            Self::Paragraph(line) => vec![line],
            Self::Lines(lines) => lines.iter().collect(),
            Self::List(items) => items.iter().map(|item| &item.words).collect(),
            Self::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                cells.chain([&table.more]).collect()
            }
            Self::Ladder(_) | Self::Graph(_) | Self::Periods(_) => Vec::new(),
        }
    }
}

/// Words that stand beside each other.
pub(crate) type Line = Vec<Span>;

/// Some words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Span {
    /// Ours: times, numbers, words of this program. Nothing of the evidence is among them.
    Ours(String),
    /// Ours, and they matter.
    Strong(String),
    /// Of a rule: prose, ours or that of who wrote the rule.
    Rule(String),
    /// Of the evidence or of the command line: shown character for character, and harmless in every form.
    Shown(String),
    /// The beginning of such words, and some that follow and are not shown: `report --redact` has to know what the
    /// beginning is of.
    Begun(String, String),
    /// A link to a section or a row of a table: the words, and its anchor.
    Link(String, String),
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// How many others it is below.
    pub(crate) depth: usize,
    /// What it says.
    pub(crate) words: Line,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Table {
    /// The names of its columns; empty where the first column names what the second says.
    pub(crate) head: Vec<String>,
    /// Its rows.
    pub(crate) rows: Vec<Row>,
    /// What is not in it, and where it is.
    pub(crate) more: Line,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Its name in links, if it has one: letters, digits and `-`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) anchor: String,
    /// Its cells.
    pub(crate) cells: Vec<Line>,
}

/// Hosts as lanes, time downwards, movements as arrows from lane to lane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ladder {
    /// The hosts, in the order in which movements reach them.
    pub(crate) lanes: Vec<Lane>,
    /// The movements, in the order of their times.
    pub(crate) arrows: Vec<Arrow>,
    /// How many movements are not drawn.
    pub(crate) left: usize,
}

/// The lane of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lane {
    /// The host's name or address, as recorded.
    pub(crate) name: String,
    /// Whether there is evidence of it.
    pub(crate) is_collected: bool,
    /// How far its clock is ahead of the reference, in words of ours; empty where it is not known.
    pub(crate) skew: String,
    /// When logs that tell of movements have events, in ticks of 100 ns since 1601.
    pub(crate) covered: Vec<(i64, i64)>,
    /// When one of its logs was cleared, in the same ticks.
    pub(crate) cleared: Vec<i64>,
}

/// A movement as an arrow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Arrow {
    /// Its id, which is the anchor of its section.
    pub(crate) id: String,
    /// Whether it has a section to link to.
    pub(crate) is_told: bool,
    /// The lane that it comes from; none where the source is not known.
    pub(crate) from: Option<usize>,
    /// The lane that it leads to; none where the target is not known.
    pub(crate) to: Option<usize>,
    /// When it began, in ticks of 100 ns since 1601; none where that is not known.
    pub(crate) time: Option<i64>,
    /// The account, as recorded.
    pub(crate) account: String,
    /// The technique, in words.
    pub(crate) technique: String,
    /// The grade: `CONFIRMED`, `PROBABLE`, `POSSIBLE` or `CONTRADICTED`.
    pub(crate) grade: String,
}

/// Hosts, and the movements between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Graph {
    /// The hosts, in the order in which movements reach them.
    pub(crate) nodes: Vec<Node>,
    /// Who moved from which to which.
    pub(crate) edges: Vec<Edge>,
    /// How many pairs of hosts are not drawn.
    pub(crate) left: usize,
}

/// A host of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Node {
    /// The host's name or address, as recorded.
    pub(crate) name: String,
    /// Whether there is evidence of it.
    pub(crate) is_collected: bool,
}

/// All movements from one host to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Edge {
    /// The node that they come from.
    pub(crate) from: usize,
    /// The node that they lead to.
    pub(crate) to: usize,
    /// How many they are.
    pub(crate) movements: usize,
    /// The first one's id.
    pub(crate) first: String,
    /// Whether it has a section to link to.
    pub(crate) is_told: bool,
    /// The strongest grade among them.
    pub(crate) grade: String,
}

/// What one log of one host covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Period {
    /// The host, as recorded.
    pub(crate) host: String,
    /// The log, as recorded.
    pub(crate) log: String,
    /// From when to when it has events, in ticks of 100 ns since 1601.
    pub(crate) from: i64,
    /// Until then.
    pub(crate) to: i64,
    /// When it was cleared.
    pub(crate) cleared: Vec<i64>,
}

/// Words of ours.
pub(crate) fn ours(words: impl Into<String>) -> Span {
    Span::Ours(words.into())
}

/// How many characters of one value of the evidence the report tells: the CSV files have all.
const LONGEST: usize = 4000;
/// How many of them stand in a sentence or an overview.
const BRIEF: usize = 80;
/// How many characters behind the beginning of a value are kept, which nobody is shown.
const AHEAD: usize = 1000;

/// Words of the evidence; nothing where there are none.
pub(crate) fn shown(words: &str) -> Line {
    up_to(words, LONGEST)
}

/// The beginning of such words, for a sentence or an overview: what they are about has all of them.
pub(crate) fn brief(words: &str) -> Line {
    up_to(words, BRIEF)
}

/// Up to so many characters of them.
pub(crate) fn up_to(words: &str, longest: usize) -> Line {
    if words.trim().is_empty() {
        return Vec::new();
    }
    let kept = beginning(words, longest);
    if kept.len() == words.len() {
        return vec![Span::Shown(words.to_owned())];
    }
    let left = words[kept.len()..].chars().count();
    let mut line = Vec::new();
    if !kept.trim().is_empty() {
        let ahead = words[kept.len()..].char_indices().nth(AHEAD);
        let ahead = ahead.map_or(words.len(), |(end, _)| kept.len() + end);
        let ahead = words[kept.len()..ahead].to_owned();
        line.push(Span::Begun(kept.to_owned(), ahead));
        line.push(ours(" "));
    }
    line.push(ours(if longest < LONGEST {
        "…".to_owned()
    } else {
        format!("… ({left} characters more)")
    }));
    line
}

/// At most so many characters of a text, cut where a word ends.
pub(crate) fn beginning(words: &str, longest: usize) -> &str {
    match words.char_indices().nth(longest) {
        Some((end, _)) => &words[..whole_words(words, end)],
        None => words,
    }
}

/// Where a text can be cut so that no name is cut in two, which `report --redact` would then not know: at a blank, or
/// else at what is no letter and no digit; one endless word is cut as it is.
fn whole_words(words: &str, end: usize) -> usize {
    let head = &words[..end];
    let cut = |at: usize| Some(at).filter(|&at| at > end / 2);
    head.rfind(char::is_whitespace)
        .and_then(cut)
        .or_else(|| {
            head.rfind(|char: char| !char.is_alphanumeric())
                .and_then(cut)
        })
        .unwrap_or(end)
}

/// Words of ours that matter.
pub(crate) fn strong(words: impl Into<String>) -> Span {
    Span::Strong(words.into())
}

/// Words of a rule.
pub(crate) fn rule(words: &str) -> Line {
    vec![Span::Rule(words.to_owned())]
}

/// Lines as one, with words of ours between them.
pub(crate) fn joined(lines: impl IntoIterator<Item = Line>, between: &str) -> Line {
    let mut all = Line::new();
    for line in lines.into_iter().filter(|line| !line.is_empty()) {
        if !all.is_empty() {
            all.push(ours(between));
        }
        all.extend(line);
    }
    all
}

/// The words alone.
pub(crate) fn plain(line: &Line) -> String {
    let each = line.iter().map(|span| match span {
        Span::Ours(words)
        | Span::Strong(words)
        | Span::Rule(words)
        | Span::Shown(words)
        | Span::Begun(words, _)
        | Span::Link(words, _) => words.as_str(),
    });
    each.collect()
}

/// One side of a movement: `HOST (ADDRESS)`, or that it is unknown.
pub(crate) fn end(host: &str, ip: &str, unknown: &str) -> Line {
    match (brief(host), brief(ip)) {
        (host, ip) if host.is_empty() && ip.is_empty() => vec![ours(unknown)],
        (host, ip) if ip.is_empty() => host,
        (host, ip) if host.is_empty() => ip,
        (mut host, ip) => {
            host.push(ours(" ("));
            host.extend(ip);
            host.push(ours(")"));
            host
        }
    }
}

/// The first few of many lines as one, and how many others there are and where.
pub(crate) fn few(
    lines: impl ExactSizeIterator<Item = Line>,
    most: usize,
    between: &str,
    elsewhere: &str,
) -> Line {
    let more = lines.len().saturating_sub(most);
    let mut words = joined(lines.take(most), between);
    if more > 0 {
        words.push(ours(format!("{between}and {more} more in {elsewhere}")));
    }
    words
}

impl Section {
    /// All words of the evidence that it has, but for those in pictures, which other sections have, too.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &str> {
        let blocks = self.blocks.iter().flat_map(Block::lines);
        let spans = [&self.title].into_iter().chain(blocks).flatten();
        spans.filter_map(|span| match span {
            Span::Shown(words) | Span::Begun(words, _) => Some(words.as_str()),
            Span::Ours(_) | Span::Strong(_) | Span::Rule(_) | Span::Link(..) => None,
        })
    }

    /// A section without anything in it.
    pub(crate) fn new(kind: Kind, anchor: impl Into<String>, title: Line) -> Self {
        Self {
            kind,
            anchor: anchor.into(),
            title,
            blocks: Vec::new(),
        }
    }

    /// Adds a paragraph.
    pub(crate) fn paragraph(&mut self, words: Line) {
        if !words.is_empty() {
            self.blocks.push(Block::Paragraph(words));
        }
    }

    /// Adds a paragraph of ours.
    pub(crate) fn say(&mut self, words: impl Into<String>) {
        self.paragraph(vec![ours(words)]);
    }

    /// Adds a list.
    pub(crate) fn list(&mut self, items: Vec<Item>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    /// Adds a table.
    pub(crate) fn table(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.blocks.push(Block::Table(table));
        }
    }
}

impl Item {
    /// An item at the outermost level.
    pub(crate) fn of(words: Line) -> Self {
        Self { depth: 0, words }
    }
}

impl Table {
    /// Says what of so many rows is not in it, where only the first are, and which file has all.
    pub(crate) fn tell_cut(&mut self, all: usize, most: usize, file: &str) {
        let more = all.saturating_sub(most);
        if more > 0 {
            self.more = vec![ours(format!("… and {more} more, in {file}."))];
        }
    }

    /// A table without rows.
    pub(crate) fn with(head: &[&str]) -> Self {
        Self {
            head: head.iter().map(|&name| name.to_owned()).collect(),
            ..Self::default()
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<Line>) {
        self.rows.push(Row {
            anchor: String::new(),
            cells,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut_between_words_and_says_so() {
        assert_eq!(plain(&brief("whoami /all")), "whoami /all");
        let long = "ä".repeat(BRIEF);
        assert_eq!(plain(&brief(&long)), long);
        assert_eq!(plain(&brief(&format!("{long}x"))), format!("{long} …"));
        let words = format!("{} svc-deploy", "x".repeat(BRIEF - 4));
        assert_eq!(
            plain(&brief(&words)),
            format!("{} …", "x".repeat(BRIEF - 4))
        );
        let path = format!(r"{}\svc-deploy", "x".repeat(BRIEF - 4));
        assert_eq!(plain(&brief(&path)), format!("{} …", "x".repeat(BRIEF - 4)));
        let value = "x".repeat(LONGEST + 3);
        let told = format!("{} … (3 characters more)", "x".repeat(LONGEST));
        assert_eq!(plain(&shown(&value)), told);
    }

    #[test]
    fn of_many_lines_the_first_are_told() {
        let lines = ["a", "b", "c"].map(shown);
        assert_eq!(
            plain(&few(lines.clone().into_iter(), 3, ", ", "x.csv")),
            "a, b, c"
        );
        assert_eq!(
            plain(&few(lines.into_iter(), 1, ", ", "x.csv")),
            "a, and 2 more in x.csv"
        );
    }
}
