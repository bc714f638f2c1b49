//! Who is who: what hosts and accounts are called, which addresses hosts had, and how that is known
//! (EVIDENCE.md §3.1).
//!
//! The second look notes what each segment says ([`note`]), once for each distinct thing with its first and last
//! time; the notes of all segments are sorted and put together ([`Identities::build`]). A name that the other side
//! chose itself (workstation, terminal client) is kept as what it is: it never says who somebody was.

mod account;
mod build;
mod host;
mod named;
mod note;
mod resolve;

use timeline::Ticks;

pub use account::{Account, AccountKind};
pub use build::{Built, Identities};
pub use host::{Host, Leased};
pub use note::note;
pub use resolve::{Given, Resolved};

/// From the first to the last time that something was so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// The first time.
    pub from: Ticks,
    /// The last time.
    pub to: Ticks,
}

impl Period {
    fn at(time: Ticks) -> Self {
        Self {
            from: time,
            to: time,
        }
    }

    fn join(&mut self, other: Self) {
        self.from = self.from.min(other.from);
        self.to = self.to.max(other.to);
    }
}

/// How something is known, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The responder says so (`--hosts`).
    Given,
    /// The machine's own registry.
    Registry,
    /// The machine's own log.
    OwnLog,
    /// Its own log has the very connection (EVIDENCE.md §3, J4).
    Connection,
    /// The machine's account logged on from there with Kerberos, or got a ticket there.
    MachineAccount,
    /// A connection's other end, by the name service.
    NameService,
    /// What a remote desktop client calls itself.
    TerminalClient,
    /// What the other side of a logon calls itself.
    Workstation,
}

impl Basis {
    const ALL: [Self; 8] = [
        Self::Given,
        Self::Registry,
        Self::OwnLog,
        Self::Connection,
        Self::MachineAccount,
        Self::NameService,
        Self::TerminalClient,
        Self::Workstation,
    ];

    /// In words, as `hosts.csv` and `accounts.csv` have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Registry => "registry",
            Self::OwnLog => "own log",
            Self::Connection => "own log of the connection",
            Self::MachineAccount => "machine account",
            Self::NameService => "name service",
            Self::TerminalClient => "terminal client's claim",
            Self::Workstation => "workstation's claim",
        }
    }

    fn of(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Whether it says who somebody was: the other side did not choose it.
    #[must_use]
    pub fn is_proof(self) -> bool {
        self <= Self::MachineAccount
    }
}
