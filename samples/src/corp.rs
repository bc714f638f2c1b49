//! The company: its hosts, the people at them, and whom they talk to. All made up.

use crate::time::FileTime;
use crate::windows::program::{EDGE, EXPLORER, OUTLOOK};
use crate::windows::{Account, Endpoint, Host, Process, Session};

/// The day of it all.
pub const DAY: FileTime = FileTime::day(2026, 3, 2);

/// The workstation where it begins.
pub const WS01: Host<'_> = Host {
    name: "WS01",
    computer: "WS01.corp.example.com",
    ip: "10.20.30.11",
    machine: 0x3F1C_7A20,
    boot: DAY.at(6, 48, 12, 500),
};
/// The server that it moves to.
pub const SRV02: Host<'_> = Host {
    name: "SRV02",
    computer: "SRV02.corp.example.com",
    ip: "10.20.30.22",
    machine: 0x8D20_55B1,
    boot: FileTime::day(2026, 2, 19).at(3, 11, 40, 0),
};

/// A file server that it moves to from there. Nothing is logged there but what Windows logs by default.
pub const FS03: Host<'_> = Host {
    name: "FS03",
    computer: "FS03.corp.example.com",
    ip: "10.20.30.23",
    machine: 0x5B07_E1C4,
    boot: FileTime::day(2026, 2, 24).at(2, 10, 5, 220),
};
/// A server of an application, whose Security log the intruder clears.
pub const APP04: Host<'_> = Host {
    name: "APP04",
    computer: "APP04.corp.example.com",
    ip: "10.20.30.24",
    machine: 0xC44A_0D93,
    boot: FileTime::day(2026, 2, 24).at(2, 31, 47, 810),
};
/// Knows who is who.
pub const DC01: Host<'_> = Host {
    name: "DC01",
    computer: "DC01.corp.example.com",
    ip: "10.20.30.10",
    machine: 0x1E96_B27D,
    boot: FileTime::day(2026, 2, 24).at(1, 20, 33, 90),
};

/// What a host is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Somebody works at it.
    Workstation,
    /// It serves.
    Server,
    /// It knows who is who.
    DomainController,
}

/// The hosts of which something was collected, with the accounts that they have in the domain.
pub const HOSTS: [(Host<'_>, Role, Account<'_>); 5] = [
    (WS01, Role::Workstation, Account::of_domain("WS01$", 1_201)),
    (SRV02, Role::Server, Account::of_domain("SRV02$", 1_222)),
    (FS03, Role::Server, Account::of_domain("FS03$", 1_223)),
    (APP04, Role::Server, Account::of_domain("APP04$", 1_224)),
    (
        DC01,
        Role::DomainController,
        Account::of_domain("DC01$", 1_000),
    ),
];

/// The account of one of these hosts.
#[must_use]
pub fn account_of(host: &Host<'_>) -> Option<Account<'static>> {
    let mut hosts = HOSTS.into_iter();
    let (.., account) = hosts.find(|(own, ..)| own.name == host.name)?;
    Some(account)
}

/// The service that gives tickets out.
pub const KRBTGT: Account<'_> = Account::of_domain("krbtgt", 502);

/// Who opens the note.
pub const MOREAU: Account<'_> = Account::of_domain("j.moreau", 1_108);
/// In whose name the intruder moves.
pub const DEPLOY: Account<'_> = Account::of_domain("svc-deploy", 1_131);
/// The administrator at the servers' console.
pub const SANDOVAL: Account<'_> = Account::of_domain("adm-sandoval", 1_123);
/// In whose name the servers are backed up.
pub const BACKUP: Account<'_> = Account::of_domain("svc-backup", 1_126);

/// Somebody at a screen, with what is always open on it.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The logon session.
    pub session: Session<'a>,
    /// The shell.
    pub explorer: Process<'a>,
    /// The browser.
    pub browser: Process<'a>,
    /// The mail program.
    pub mail: Process<'a>,
}

impl<'a> Desk<'a> {
    /// A desk at the console, since this time.
    #[must_use]
    pub const fn at_console(account: Account<'a>, logon_id: u64, began: FileTime) -> Self {
        let session = Session {
            account,
            logon_id,
            terminal: 1,
            began,
        };
        Self {
            session,
            explorer: Process {
                program: &EXPLORER,
                pid: 4_820,
                started: FileTime(began.0 + 31_250_000),
                command_line: r"C:\Windows\Explorer.EXE",
                session,
            },
            browser: Process {
                program: &EDGE,
                pid: 6_236,
                started: FileTime(began.0 + 402_110_000),
                command_line: r#""C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe""#,
                session,
            },
            mail: Process {
                program: &OUTLOOK,
                pid: 5_904,
                started: FileTime(began.0 + 268_840_000),
                command_line: r#""C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE""#,
                session,
            },
        }
    }
}

/// The desk of CORP\j.moreau.
pub const WS01_DESK: Desk<'_> = Desk::at_console(MOREAU, 0x8_3D21, DAY.at(7, 2, 55, 900));

/// Somebody who uses the servers' shares from a workstation that was not collected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Colleague {
    pub(crate) account: Account<'static>,
    /// The workstation's own account.
    pub(crate) workstation: Account<'static>,
    pub(crate) ip: &'static str,
    pub(crate) computer: &'static str,
}

pub(crate) const COLLEAGUES: [Colleague; 3] = [
    Colleague {
        account: Account::of_domain("a.lindqvist", 1_115),
        workstation: Account::of_domain("WS07$", 1_207),
        ip: "10.20.30.37",
        computer: "WS07.corp.example.com",
    },
    Colleague {
        account: Account::of_domain("t.okafor", 1_119),
        workstation: Account::of_domain("WS12$", 1_212),
        ip: "10.20.30.42",
        computer: "WS12.corp.example.com",
    },
    Colleague {
        account: Account::of_domain("m.ferrante", 1_127),
        workstation: Account::of_domain("WS15$", 1_215),
        ip: "10.20.30.45",
        computer: "WS15.corp.example.com",
    },
];

/// A server, by port.
const fn server(ip: &'static str, name: &'static str, port: u16) -> Endpoint<'static> {
    Endpoint { ip, name, port }
}

pub(crate) const DOMAIN_CONTROLLER: fn(u16) -> Endpoint<'static> =
    |port| server(DC01.ip, DC01.computer, port);
pub(crate) const MONITORING: fn(u16) -> Endpoint<'static> =
    |port| server("10.20.30.6", "MON01.corp.example.com", port);
pub(crate) const MAIL: Endpoint<'static> = server("10.20.30.5", "MAIL01.corp.example.com", 443);
pub(crate) const FILES: Endpoint<'static> = server("10.20.30.8", "FS01.corp.example.com", 445);

/// A site on the internet: name, answer to the question for it, server.
pub(crate) struct Site {
    pub(crate) name: &'static str,
    pub(crate) answer: &'static str,
    pub(crate) server: Endpoint<'static>,
}

pub(crate) const SITES: [Site; 4] = [
    Site {
        name: "www.example.net",
        answer: "::ffff:203.0.113.80;",
        server: server("203.0.113.80", "-", 443),
    },
    Site {
        name: "news.example.org",
        answer: "type:  5 edge.example.org;::ffff:203.0.113.124;",
        server: server("203.0.113.124", "-", 443),
    },
    Site {
        name: "timetable.example.com",
        answer: "::ffff:203.0.113.19;",
        server: server("203.0.113.19", "-", 443),
    },
    Site {
        name: "shop.example.net",
        answer: "::ffff:203.0.113.201;::ffff:203.0.113.202;",
        server: server("203.0.113.201", "-", 80),
    },
];

pub(crate) const UPDATES: Site = Site {
    name: "updates.example.org",
    answer: "::ffff:203.0.113.40;",
    server: server("203.0.113.40", "-", 443),
};
