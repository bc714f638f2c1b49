//! A made-up case for tests: five hosts, seven movements, and every kind of section and piece.

use timeline::Ticks;

use super::super::document::{
    Arrow, Block, Edge, Graph, Item, Kind, Ladder, Lane, Line, Node, Period, Row, Section, Span,
    Table, ours, rule, shown, strong,
};

/// The hosts: names, and whether there is evidence of them.
const HOSTS: [(&str, bool); 5] = [
    ("10.20.30.14", false),
    ("FS03.corp.example.com", true),
    ("WS01.corp.example.com", true),
    ("SRV02.corp.example.com", true),
    ("APP04.corp.example.com", true),
];

/// A movement: from, to, time, grade, technique, what ran.
type Movement = (
    Option<usize>,
    usize,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// The movements.
const MOVEMENTS: [Movement; 7] = [
    (
        Some(0),
        1,
        "2026-02-26T15:03:17.0050139Z",
        "PROBABLE",
        "Remote Desktop Protocol",
        "",
    ),
    (
        Some(2),
        3,
        "2026-03-02T21:14:02.7026065Z",
        "CONFIRMED",
        "Lateral Tool Transfer",
        r"C:\Windows\Temp\winhlp64.exe",
    ),
    (
        Some(2),
        3,
        "2026-03-02T21:58:31.3115391Z",
        "CONFIRMED",
        "Registry Run Keys / Startup Folder",
        r"C:\Users\svc\sync.lnk",
    ),
    (
        Some(2),
        3,
        "2026-03-02T22:21:18.1234567Z",
        "CONTRADICTED",
        "Scheduled Task",
        "rundll32.exe hs64.dll,Start",
    ),
    (
        Some(3),
        3,
        "2026-03-02T22:47:09.0000000Z",
        "CONFIRMED",
        "Remote Desktop Protocol",
        "whoami  /all",
    ),
    (
        Some(3),
        1,
        "2026-03-02T23:09:27.6842432Z",
        "PROBABLE",
        "Windows Service",
        "%COMSPEC% /Q /c nltest /dclist:CORP",
    ),
    (
        None,
        4,
        "2026-03-02T23:15:42.6646436Z",
        "POSSIBLE",
        "Service Execution",
        r"%SystemRoot%\winhlp64.exe",
    ),
];

/// The whole document.
pub(super) fn document() -> Vec<Section> {
    let mut all = vec![title(), answer(), movements(), ladder(), graph(), paths()];
    all.extend((0..MOVEMENTS.len()).map(movement));
    all.extend([
        findings(),
        hosts(),
        accounts(),
        coverage(),
        questions(),
        issues(),
        custody(),
        method(),
    ]);
    all
}

/// One movement.
pub(super) fn movement(place: usize) -> Section {
    let (from, to, time, grade, technique, ran) = MOVEMENTS[place % MOVEMENTS.len()];
    let id = id(place);
    let mut title = vec![ours(format!("{id}: "))];
    title.extend(from.map_or_else(|| vec![ours("unknown source")], |from| shown(HOSTS[from].0)));
    title.push(ours(" to "));
    title.extend(shown(HOSTS[to].0));
    title.push(ours(format!(", {grade}")));
    let mut section = Section::new(Kind::Movement, id.clone(), title);
    let mut why = rule("Program or script written to an <administrative> share");
    why.extend([
        ours(". "),
        strong(grade),
        ours(", because one session ties the source to it."),
    ]);
    section.paragraph(why);
    let mut facts = Table::default();
    facts.row(vec![vec![ours("when")], vec![ours(time)]]);
    facts.row(vec![vec![ours("account")], shown("CORP\\svc-deploy")]);
    facts.row(vec![vec![ours("technique")], rule(technique)]);
    facts.row(vec![vec![ours("what ran")], shown(ran)]);
    section.table(facts);
    section.say("Evidence, in order:");
    let mut table = Table::with(&["time", "record", "host", "event", "what", "event_uid"]);
    for event in 0..4 {
        let uid = format!("{:032x}", place * 10 + event);
        table.rows.push(Row {
            anchor: format!("{id}-{uid}"),
            cells: vec![
                vec![ours(time)],
                vec![ours("902482 in file 1")],
                shown(HOSTS[to].0),
                shown("Security 4624"),
                shown(r"Share \\*\ADMIN$: Temp\winhlp64.exe accessed by CORP\svc-deploy"),
                vec![ours(uid)],
            ],
        });
    }
    section.table(table);
    section.say("What ran on the target, each process below the one that started it:");
    let item = |depth: usize, words: &str| Item {
        depth,
        words: shown(words),
    };
    section.list(vec![
        item(0, "services.exe"),
        item(1, "cmd.exe /c systeminfo"),
        item(2, "systeminfo"),
        item(0, "x"),
    ]);
    section
}

fn id(place: usize) -> String {
    format!("M-{:04}", place + 1)
}

fn title() -> Section {
    let mut section = Section::new(Kind::Title, "report", vec![ours("Lateral movement report")]);
    let line = |name: &str, value: &str| [vec![ours(name)], shown(value)].concat();
    section.blocks.push(Block::Lines(vec![
        line("Case: ", "IR-2026-0042"),
        line("Examiner: ", "A. Ndiaye"),
        vec![ours(
            "Evidence: 35 files, 5 hosts, 3152 events. All times are UTC.",
        )],
    ]));
    section
}

fn answer() -> Section {
    let mut section = Section::new(Kind::Answer, "answer", vec![ours("What happened")]);
    section.paragraph(vec![
        strong("7 movements"),
        ours(", from 2026-02-26 15:03:17 to 2026-03-02 23:15:42."),
    ]);
    let mut surest: Line = vec![
        ours("The surest is "),
        Span::Link(id(1), id(1)),
        ours(" of "),
    ];
    surest.extend(shown(HOSTS[2].0));
    section.paragraph(surest);
    let mut short = Table::default();
    for (name, value) in [
        ("POSSIBLE", "1"),
        ("CONFIRMED", "3"),
        ("PROBABLE", "2"),
        ("CONTRADICTED", "1"),
        ("hosts", "5"),
    ] {
        short.row(vec![vec![ours(name)], vec![ours(value)]]);
    }
    section.table(short);
    section.say("What this evidence could not answer:");
    section.list(vec![Item::of(
        [shown(HOSTS[2].0), vec![ours(": who logged on")]].concat(),
    )]);
    section
}

fn movements() -> Section {
    let mut section = Section::new(Kind::Movements, "movements", vec![ours("Movements")]);
    let mut table = Table::with(&["id", "grade", "start", "from", "to", "how"]);
    for (place, (from, to, time, grade, technique, _)) in MOVEMENTS.into_iter().enumerate() {
        table.row(vec![
            vec![Span::Link(id(place), id(place))],
            vec![ours(grade)],
            vec![ours(time[..19].replace('T', " "))],
            from.map_or_else(|| vec![ours("unknown")], |from| shown(HOSTS[from].0)),
            shown(HOSTS[to].0),
            rule(technique),
        ]);
    }
    table.more = vec![ours("… and 3 more, in movements.csv.")];
    section.table(table);
    section
}

fn ladder() -> Section {
    let mut section = Section::new(Kind::Ladder, "ladder", vec![ours("Movements in time")]);
    let lane = |(place, (name, is_collected)): (usize, (&str, bool))| Lane {
        name: name.to_owned(),
        is_collected,
        skew: if place == 1 {
            "clock 51 ms ahead".to_owned()
        } else {
            String::new()
        },
        covered: vec![(at("2026-03-02T20:00:00Z"), at("2026-03-02T23:30:00Z"))],
        cleared: if place == 4 {
            vec![at("2026-03-02T23:19:12Z")]
        } else {
            Vec::new()
        },
    };
    let mut arrows: Vec<Arrow> = MOVEMENTS
        .into_iter()
        .enumerate()
        .map(|(place, (from, to, time, grade, technique, _))| Arrow {
            id: id(place),
            is_told: true,
            from,
            to: Some(to),
            time: Some(at(time)),
            account: "CORP\\svc-deploy".to_owned(),
            technique: technique.to_owned(),
            grade: grade.to_owned(),
        })
        .collect();
    // What nobody knows: where to, where from and to, when, and a lane that there is not.
    for (from, to) in [(Some(2), None), (None, None), (Some(99), Some(98))] {
        let unknown = Arrow {
            from,
            to,
            time: None,
            is_told: false,
            account: String::new(),
            ..arrows[0].clone()
        };
        arrows.push(unknown);
    }
    let mut lanes: Vec<Lane> = HOSTS.into_iter().enumerate().map(lane).collect();
    // Nothing leads there.
    lanes.push(lane((5, ("DC01.corp.example.com", true))));
    section.blocks.push(Block::Ladder(Ladder {
        lanes,
        arrows,
        left: 3,
    }));
    section
}

fn graph() -> Section {
    let mut section = Section::new(Kind::Graph, "graph", vec![ours("Who reached whom")]);
    let edge = |(from, to, movements, first, grade): (usize, usize, usize, usize, &str)| Edge {
        from,
        to,
        movements,
        first: id(first),
        is_told: true,
        grade: grade.to_owned(),
    };
    let edges = [
        (0, 1, 1, 0, "PROBABLE"),
        (2, 3, 3, 1, "CONFIRMED"),
        (3, 1, 1, 5, "PROBABLE"),
        (1, 3, 1, 5, "CONTRADICTED"),
        (3, 3, 1, 4, "CONFIRMED"),
        (0, 77, 1, 4, "CONFIRMED"),
    ];
    section.blocks.push(Block::Graph(Graph {
        nodes: HOSTS
            .into_iter()
            .map(|(name, is_collected)| Node {
                name: name.to_owned(),
                is_collected,
            })
            .collect(),
        edges: edges.into_iter().map(edge).collect(),
        left: 1,
    }));
    section
}

fn paths() -> Section {
    let mut section = Section::new(Kind::Paths, "paths", vec![ours("Paths")]);
    let mut table = Table::with(&["path", "hops"]);
    table.rows.push(Row {
        anchor: "P-0001".to_owned(),
        cells: vec![vec![ours("P-0001")], vec![ours("2")]],
    });
    section.table(table);
    section
}

fn findings() -> Section {
    let mut section = Section::new(
        Kind::Findings,
        "findings",
        vec![ours("Findings that are no movement")],
    );
    let mut table = Table::with(&["id", "start", "host", "rule"]);
    table.row(vec![
        vec![ours("LM-0037")],
        vec![ours("2026-03-02 23:19:12")],
        shown(HOSTS[4].0),
        rule("Event log cleared"),
    ]);
    section.table(table);
    section
}

fn hosts() -> Section {
    let mut section = Section::new(Kind::Hosts, "hosts", vec![ours("Hosts")]);
    let mut table = Table::with(&[
        "host",
        "evidence",
        "names",
        "addresses",
        "Windows",
        "role",
        "zone",
        "clock",
        "first",
        "last",
    ]);
    for (name, _) in HOSTS {
        let empty = || Line::new();
        table.row(vec![
            shown(name),
            vec![ours("collected")],
            empty(),
            empty(),
            shown("Windows 10"),
            empty(),
        ]);
    }
    section.table(table);
    section
}

fn accounts() -> Section {
    let mut section = Section::new(Kind::Accounts, "accounts", vec![ours("Accounts")]);
    let mut table = Table::with(&["account", "SID"]);
    table.row(vec![
        shown("CORP\\svc-deploy"),
        shown("S-1-5-21-1804652287-3120057731-2267493018-1131"),
    ]);
    section.table(table);
    section
}

fn coverage() -> Section {
    let mut section = Section::new(
        Kind::Coverage,
        "coverage",
        vec![ours("What the evidence covers")],
    );
    let period = |(host, log, from, to, cleared): (usize, &str, &str, &str, &[&str])| Period {
        host: HOSTS[host].0.to_owned(),
        log: log.to_owned(),
        from: at(from),
        to: at(to),
        cleared: cleared.iter().map(|time| at(time)).collect(),
    };
    let periods = [
        (
            1,
            "Security",
            "2026-03-02T20:51:00Z",
            "2026-03-02T23:29:37Z",
            &[][..],
        ),
        (
            1,
            "C:\\$MFT",
            "2001-05-08T08:14:19Z",
            "2026-03-02T23:31:02Z",
            &[],
        ),
        (
            4,
            "Security",
            "2026-03-02T23:19:12Z",
            "2026-03-02T23:28:23Z",
            &["2026-03-02T23:19:12Z"],
        ),
        (
            4,
            "Microsoft-Windows-Sysmon/Operational",
            "2031-01-01T00:00:00Z",
            "2032-01-01T00:00:00Z",
            &[],
        ),
        (
            4,
            "",
            "2009-01-01T00:00:00Z",
            "2010-01-01T00:00:00Z",
            &["2009-06-01T00:00:00Z"],
        ),
    ];
    section
        .blocks
        .push(Block::Periods(periods.into_iter().map(period).collect()));
    section.say("What happened outside of these times cannot be seen here.");
    section
}

fn questions() -> Section {
    let mut section = Section::new(
        Kind::Questions,
        "questions",
        vec![ours("What this evidence could not answer")],
    );
    section.list(vec![Item::of(
        [
            shown(HOSTS[2].0),
            vec![ours(": who logged on over the network")],
        ]
        .concat(),
    )]);
    section
}

fn issues() -> Section {
    let mut section = Section::new(Kind::Issues, "issues", vec![ours("What could not be read")]);
    section.list(vec![Item::of(shown(
        "APP04/Security.evtx: chunk 3: checksum",
    ))]);
    section
}

fn custody() -> Section {
    let mut section = Section::new(Kind::Custody, "custody", vec![ours("Custody")]);
    let mut table = Table::with(&["file", "bytes", "SHA-256"]);
    for place in 0..12 {
        table.row(vec![
            shown(&format!("SRV02/Windows/System32/winevt/Logs/{place}.evtx")),
            vec![ours("69632")],
            shown(&format!("{place:064x}")),
        ]);
    }
    section.table(table);
    section
}

fn method() -> Section {
    let mut section = Section::new(Kind::Method, "method", vec![ours("How this was made")]);
    section.list(vec![Item::of(vec![ours("sidetrack read 2774 records.")])]);
    section
}

fn at(time: &str) -> i64 {
    Ticks::parse(time).unwrap().0
}
