//! Hiding who and where: names of accounts and hosts become pseudonyms, secrets in command lines stars.
//!
//! Only words of the evidence and of rules are looked at: those of this program name nobody. The same case gives the
//! same pseudonyms, because they follow the order of hosts.csv and accounts.csv.

mod encoded;
mod names;
mod secrets;
mod told;

use std::collections::BTreeSet;
use std::path::Path;

use super::document::{
    Arrow, Block, Graph, Item, Kind, Ladder, Lane, Line, Node, Period, Row, Section, Span, Table,
    beginning, ours,
};

use crate::rules;
use names::{Known, Names};
use secrets::Secrets;
use told::Tellers;

/// The files of a case that names are known from.
pub(super) const NAMED_IN: [&str; 4] = names::FILES;

/// Hides names and secrets.
pub(super) struct Redactor {
    names: Names,
    secrets: Secrets,
    tellers: Tellers,
    /// What the rules that come with the program say, in lower case: no word of theirs names anybody.
    words: BTreeSet<String>,
}

impl Redactor {
    /// What hides the names of a case, and those that only texts of its report tell.
    pub(super) fn of(
        case: &Path,
        report: impl Iterator<Item = anyhow::Result<Section>>,
    ) -> anyhow::Result<Self> {
        let tellers = Tellers::new();
        let mut known = Known::of(case)?;
        for section in report {
            for text in section?.shown() {
                tellers
                    .named(text)
                    .into_iter()
                    .for_each(|name| known.told(name));
            }
        }
        Ok(Self {
            names: known.finish()?,
            secrets: Secrets::new(),
            tellers,
            words: words_of_rules()?,
        })
    }

    /// A text without secrets and names.
    fn text(&self, text: &str) -> String {
        let text = self.secrets.hide(text);
        let text = encoded::hide(&text, &|inner| {
            let told = self.secrets.hide(inner);
            told != inner || self.names.is_named(&told) || !self.tellers.named(inner).is_empty()
        });
        self.names.hide(&text)
    }

    /// Words of a rule: prose, in which a word that is somebody's name is most often just a word.
    fn prose(&self, text: &str) -> String {
        self.names.hide_but(&self.secrets.hide(text), &self.words)
    }

    /// A section without secrets and names.
    pub(super) fn section(&self, section: Section) -> Section {
        let is_title = section.kind == Kind::Title;
        let mut blocks: Vec<Block> = section
            .blocks
            .into_iter()
            .map(|block| self.block(block))
            .collect();
        if is_title {
            blocks.push(Block::Paragraph(vec![ours(
                "Names of accounts, hosts and domains stand as pseudonyms here, and passwords that were typed as ***. \
                 Addresses, SIDs and names of files are as they are.",
            )]));
        }
        Section {
            kind: section.kind,
            anchor: section.anchor,
            title: self.line(section.title),
            blocks,
        }
    }

    fn block(&self, block: Block) -> Block {
        match block {
            Block::Paragraph(words) => Block::Paragraph(self.line(words)),
            Block::Lines(lines) => Block::Lines(self.lines(lines)),
            Block::List(items) => {
                Block::List(items.into_iter().map(|item| self.item(item)).collect())
            }
            Block::Table(table) => Block::Table(self.table(table)),
            Block::Ladder(ladder) => Block::Ladder(self.ladder(ladder)),
            Block::Graph(graph) => Block::Graph(self.graph(graph)),
            Block::Periods(periods) => Block::Periods(
                periods
                    .into_iter()
                    .map(|period| self.period(period))
                    .collect(),
            ),
        }
    }

    fn lines(&self, lines: Vec<Line>) -> Vec<Line> {
        lines.into_iter().map(|line| self.line(line)).collect()
    }

    fn line(&self, line: Line) -> Line {
        line.into_iter().map(|span| self.span(span)).collect()
    }

    /// Words in a picture, which have no spans.
    fn drawn(&self, text: &str) -> String {
        const CUT: &str = " \u{2026}";
        match text.strip_suffix(CUT) {
            Some(beginning) => self.cut_text(beginning) + CUT,
            None => self.text(text),
        }
    }

    /// The beginning of a text, whose end can be that of no name.
    fn cut_text(&self, text: &str) -> String {
        match self.names.cut(text) {
            Some((at, pseudonym)) => self.text(&text[..at]) + pseudonym,
            None => self.text(text),
        }
    }

    /// The beginning of a text, of which more is known than is shown: what tells a secret may stand behind it.
    fn begun(&self, words: &str, ahead: &str) -> String {
        let hidden = self.cut_text(&format!("{words}{ahead}"));
        // What did not change is as long as it was.
        if hidden.starts_with(words) {
            return words.to_owned();
        }
        let longest = words.chars().count();
        beginning(&hidden, longest).to_owned()
    }

    fn span(&self, span: Span) -> Span {
        match span {
            Span::Shown(words) => Span::Shown(self.text(&words)),
            Span::Begun(words, ahead) => Span::Begun(self.begun(&words, &ahead), String::new()),
            Span::Rule(words) => Span::Rule(self.prose(&words)),
            ours @ (Span::Ours(_) | Span::Strong(_) | Span::Link(..)) => ours,
        }
    }

    fn item(&self, item: Item) -> Item {
        Item {
            depth: item.depth,
            words: self.line(item.words),
        }
    }

    fn table(&self, table: Table) -> Table {
        let rows = table.rows.into_iter().map(|row| Row {
            anchor: row.anchor,
            cells: self.lines(row.cells),
        });
        Table {
            rows: rows.collect(),
            head: table.head,
            more: self.line(table.more),
        }
    }

    fn ladder(&self, ladder: Ladder) -> Ladder {
        let lanes = ladder.lanes.into_iter().map(|lane| Lane {
            name: self.drawn(&lane.name),
            ..lane
        });
        let arrows = ladder.arrows.into_iter().map(|arrow| Arrow {
            account: self.drawn(&arrow.account),
            technique: self.prose(&arrow.technique),
            ..arrow
        });
        Ladder {
            lanes: lanes.collect(),
            arrows: arrows.collect(),
            left: ladder.left,
        }
    }

    fn graph(&self, graph: Graph) -> Graph {
        let nodes = graph.nodes.into_iter().map(|node| Node {
            name: self.drawn(&node.name),
            is_collected: node.is_collected,
        });
        Graph {
            nodes: nodes.collect(),
            ..graph
        }
    }

    fn period(&self, period: Period) -> Period {
        Period {
            host: self.text(&period.host),
            log: self.text(&period.log),
            ..period
        }
    }
}

/// Every word of what the rules that come with the program are called and say; not of their samples, which name hosts.
fn words_of_rules() -> anyhow::Result<BTreeSet<String>> {
    let rules = rules::read_files(&rules::builtin_files())?.rules;
    let texts = rules.iter().flat_map(|rule| {
        let innocent = rule.sidetrack.iter().map(|table| &table.innocent);
        let own = [&rule.name, &rule.description].into_iter();
        own.chain(&rule.technique).chain(innocent)
    });
    let words = texts.flat_map(|text| text.split(|char: char| !char.is_alphanumeric()));
    let words = words.filter(|word| !word.is_empty());
    Ok(words.map(str::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::document::{brief, plain, shown};
    use super::*;

    /// A case with these rows of its files.
    fn case(hosts: &str, accounts: &str, movements: &str) -> tempfile::TempDir {
        let case = tempfile::tempdir().unwrap();
        for (name, head, rows) in [
            ("hosts.csv", "\"host\",\"names\"\n", hosts),
            ("accounts.csv", "\"account\",\"names\"\n", accounts),
            (
                "movements.csv",
                "\"src_host\",\"dst_host\",\"account\",\"ran_as\"\n",
                movements,
            ),
            ("sessions.csv", "\"src_host\",\"user\"\n", ""),
        ] {
            fs::write(case.path().join(name), format!("{head}{rows}")).unwrap();
        }
        case
    }

    #[test]
    fn names_and_secrets_go_wherever_the_evidence_speaks() {
        let case = case(
            "\"WS01.corp.example.com\",\"WS01;WS01.corp.example.com\"\n",
            "\"CORP\\ana\",\"CORP\\ana\"\n",
            "\"KALI\",\"\",\"\",\"\"\n",
        );
        let redactor = Redactor::of(case.path(), std::iter::empty()).unwrap();
        assert_eq!(
            redactor.text("$c = 1\nrubeus.exe ptt\n/hashes:4711\nws01"),
            "$c = 1\nrubeus.exe ptt\n/hashes:***\nHOST-1",
            "lines are lines"
        );
        assert_eq!(
            redactor.text("from kali"),
            "from HOST-2",
            "nobody's evidence names it"
        );
        let text = r"net use \\WS01\c$ Geheim1 /user:corp\ANA from ws01.CORP.example.com";
        let expected = r"net use \\HOST-1\c$ *** /user:DOMAIN-3\ACCOUNT-1 from HOST-1";
        assert_eq!(redactor.text(text), expected);
        let mut section = Section::new(Kind::Movement, "M-0001", shown(text));
        section.paragraph(vec![
            ours("WS01 is a word of ours"),
            Span::Rule("as ana".into()),
        ]);
        section.list(vec![Item::of(shown(text))]);
        let mut table = Table::with(&["a"]);
        table.row(vec![shown(text)]);
        section.table(table);
        section.blocks.push(Block::Graph(Graph {
            nodes: vec![Node {
                name: text.into(),
                is_collected: true,
            }],
            ..Graph::default()
        }));
        let json = serde_json::to_string(&redactor.section(section)).unwrap();
        assert_eq!(json.matches("HOST-1").count(), 8, "{json}");
        assert!(!json.to_lowercase().contains("ana "), "{json}");
        assert!(!json.contains("Geheim1"), "{json}");
        let title = redactor.section(Section::new(Kind::Title, "report", Line::new()));
        assert!(
            matches!(&title.blocks[..], [Block::Paragraph(words)] if plain(words).contains("pseudonyms"))
        );
    }

    #[test]
    fn whom_only_a_text_names_is_hidden_wherever_it_stands() {
        let case = case("\"WS01\",\"\"\n", "", "");
        let mut table = Table::with(&["a"]);
        table.row(vec![shown(r"copy x \\SRV77\c$ /user:CORP\ivo")]);
        let mut section = Section::new(Kind::Movement, "M-0001", Line::new());
        section.table(table);
        let redactor = Redactor::of(case.path(), [Ok(section)].into_iter()).unwrap();
        assert_eq!(
            redactor.text(r"ping srv77; dir C:\Users\ivo from WS01"),
            r"ping HOST-2; dir C:\Users\ACCOUNT-1 from HOST-1"
        );
        assert_eq!(redactor.text("to corp"), "to DOMAIN-1");
    }

    #[test]
    fn what_tells_a_secret_can_stand_behind_the_cut() {
        let redactor = Redactor {
            names: Known::default().finish().unwrap(),
            secrets: Secrets::new(),
            tellers: Tellers::new(),
            words: BTreeSet::new(),
        };
        let text = "x".repeat(60) + " 'Geheim1' | ConvertTo-SecureString -AsPlainText -Force";
        let cut = brief(&text);
        assert!(plain(&cut).contains("Geheim1"));
        let told = redactor.line(cut);
        assert!(plain(&told).ends_with("*** | \u{2026}"), "{}", plain(&told));
        assert!(!serde_json::to_string(&told).unwrap().contains("Geheim1"));
    }

    #[test]
    fn what_is_written_in_base64_is_not_told_either() {
        use base64::Engine;
        let case = case("\"WS01\",\"\"\n", "\"z\",\"\"\n", "");
        let redactor = Redactor::of(case.path(), std::iter::empty()).unwrap();
        let encode = |text: &str| {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            base64::prelude::BASE64_STANDARD.encode(bytes)
        };
        let telling = format!("powershell -enc {}", encode("dir \\\\ws01\\c$"));
        assert_eq!(
            redactor.text(&telling),
            "powershell -enc [base64 that names somebody]"
        );
        let silent = format!("powershell -enc {}", encode("Get-ChildItem Env:"));
        assert_eq!(redactor.text(&silent), silent);
        for word in [
            "WindowsPowerShell",
            "32ed18cd1c8c9de51d4b74e9ba192da7e26bf4e787e5268107832e40ec30c3c1",
        ] {
            assert_eq!(redactor.text(word), word, "no base64");
        }
        // One odd character, base64 in base64, letters before it, and bytes one by one.
        let nested = format!("powershell -enc {}", encode("dir \\\\ws01\\c$"));
        let numbers: Vec<String> = b"dir \\\\ws01\\c$".iter().map(u8::to_string).collect();
        for (text, expected) in [
            (
                encode("\u{feff}dir \u{201c}\\\\ws01\\c$\u{201d} \u{1f600}"),
                "[base64 that names somebody]",
            ),
            (encode(&nested), "[base64 that names somebody]"),
            (
                format!("/enc/{}", encode("dir \\\\ws01\\c$")),
                "[base64 that names somebody]",
            ),
            (numbers.join(","), "[bytes that name somebody]"),
        ] {
            let told = redactor.text(&text);
            assert!(told.ends_with(expected), "{text}: {told}");
        }
        let glued = format!("-enc={}", encode("dir \\\\ws01\\c$"));
        assert_eq!(redactor.text(&glued), "-enc=[base64 that names somebody]");
    }

    /// Command lines as they are typed, with `{U}` for an account, `{H}` for a host, `{D}` for a domain, and `{S}`, `{X}` and
    /// `{B}` for a password, a hash and a key in base64. Those that begin with `?` tell a secret still.
    const TYPED: &str = include_str!("typed.txt");
    /// What stands for each, and what else does.
    const FILLED: [(&str, &str); 9] = [
        ("{S}", "Kx7Tr0ub!"),
        ("{X}", "0123456789abcdef0123456789abcde7"),
        ("{B}", "MIIKkQIBAzCCCk0GCSqGSIb3DQEHAaCCCj7=="),
        ("{U}", "umaz7"),
        ("{H}", "HALZ7-PC"),
        ("{D}", "DOXZ7"),
        ("{V}", "vera8"),
        ("{E}", "ELSE8"),
        ("{K}", "IOSFODNN7EXAMPL7"),
    ];

    /// What is hidden of what is typed. Names that no case knows are found by where they stand, which is a matter of
    /// form: most of them, not all. So the secrets are held to the line, and the names to their number.
    #[test]
    fn what_attackers_and_administrators_type() {
        let (secrets, tellers) = (Secrets::new(), Tellers::new());
        let (mut names, mut left) = (0, 0);
        for typed in TYPED.lines() {
            let (is_open, line) = match typed.strip_prefix("? ") {
                Some(line) => (true, line),
                None => (false, typed),
            };
            let filled = FILLED.iter();
            let text = filled.fold(line.to_owned(), |text, (mark, fill)| {
                text.replace(mark, fill)
            });
            let mut known = Known::default();
            let told = tellers.named(&text).into_iter();
            told.for_each(|name| known.told(name));
            let told = known.finish().unwrap().hide(&secrets.hide(&text));
            let told = told.to_lowercase();
            let tells =
                |fill: &str| told.contains(fill.trim_end_matches('=').to_lowercase().as_str());
            let has_secret = FILLED[..3].iter().any(|(_, fill)| tells(fill));
            assert_eq!(has_secret, is_open, "{line} => {told}");
            for (mark, fill) in &FILLED[3..6] {
                names += usize::from(line.contains(mark));
                left += usize::from(line.contains(mark) && tells(fill));
            }
        }
        assert!(names > 800 && left * 5 <= names, "{left} of {names}");
    }
}
