//! Hiding who and where: names of accounts and hosts become pseudonyms, secrets in command lines stars.
//!
//! Only words of the evidence and of rules are looked at: those of this program name nobody. The same case gives the
//! same pseudonyms, because they follow the order of hosts.csv and accounts.csv.

mod encoded;
mod names;
mod secrets;

use std::path::Path;

use super::document::{
    Arrow, Block, Edge, Graph, Item, Kind, Ladder, Lane, Line, Node, Period, Row, Section, Span,
    Table, ours,
};

use names::Names;
use secrets::Secrets;

/// Hides names and secrets.
pub(super) struct Redactor {
    names: Names,
    secrets: Secrets,
}

impl Redactor {
    /// What hides the names of a case.
    pub(super) fn of(case: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            names: Names::of(case)?,
            secrets: Secrets::new(),
        })
    }

    /// A text without secrets and names.
    fn text(&self, text: &str) -> String {
        let text = self.secrets.hide(text);
        let names: Vec<_> = self
            .names
            .find(&text)
            .into_iter()
            .map(|(range, _)| range)
            .collect();
        let text = encoded::hide(&text, &names, |inner| {
            let told = self.secrets.hide(inner);
            told != inner || self.names.hide(&told) != told
        });
        self.names.hide(&text)
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

    fn span(&self, span: Span) -> Span {
        match span {
            Span::Shown(words) => Span::Shown(self.text(&words)),
            Span::Rule(words) => Span::Rule(self.text(&words)),
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
            name: self.text(&lane.name),
            ..lane
        });
        let arrows = ladder.arrows.into_iter().map(|arrow| Arrow {
            account: self.text(&arrow.account),
            technique: self.text(&arrow.technique),
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
            name: self.text(&node.name),
            is_collected: node.is_collected,
        });
        let edges: Vec<Edge> = graph.edges;
        Graph {
            nodes: nodes.collect(),
            edges,
            left: graph.left,
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::document::{plain, shown};
    use super::*;

    /// That of a case with these rows, and one movement.
    fn redactor(case: &Path, hosts: &str, accounts: &str) -> Redactor {
        for (name, text) in [
            ("hosts.csv", format!("\"host\",\"names\"\n{hosts}")),
            (
                "accounts.csv",
                format!("\"account\",\"sid\",\"names\"\n{accounts}"),
            ),
            (
                "movements.csv",
                "src_host,dst_host,account,ran_as\nWS01,SRV02,NEW\\bo,SYSTEM\n".into(),
            ),
            ("sessions.csv", "user,src_host\nNEW\\bo,KALI\n".into()),
        ] {
            fs::write(case.join(name), text).unwrap();
        }
        Redactor::of(case).unwrap()
    }

    #[test]
    fn what_only_movements_and_sessions_name_is_hidden_too() {
        let case = tempfile::tempdir().unwrap();
        let redactor = redactor(case.path(), "\"WS01\",\"\"\n", "");
        assert_eq!(
            redactor.text(r"WS01 to \\srv02\c$ as NEW\bo of kali, SYSTEM"),
            r"HOST-1 to \\HOST-2\c$ as DOMAIN-1\ACCOUNT-1 of HOST-3, SYSTEM"
        );
    }

    #[test]
    fn names_and_secrets_go_wherever_the_evidence_speaks() {
        let case = tempfile::tempdir().unwrap();
        let redactor = redactor(
            case.path(),
            "\"WS01.corp.example.com\",\"WS01;WS01.corp.example.com\"\n",
            "\"CORP\\ana\",\"S-1\",\"CORP\\ana\"\n",
        );
        let text = r"net use \\WS01\c$ Geheim1 /user:corp\ANA from ws01.CORP.example.com";
        let expected = r"net use \\HOST-1\c$ *** /user:DOMAIN-2\ACCOUNT-1 from HOST-1";
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
    fn what_is_written_in_base64_is_not_told_either() {
        use base64::Engine;
        let case = tempfile::tempdir().unwrap();
        let redactor = redactor(case.path(), "\"WS01\",\"\"\n", "");
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
    }
}
