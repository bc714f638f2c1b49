//! Accounts, and the logon sessions they have on a host.

use super::host::Host;
use crate::evtx::{Guid, Sid};
use crate::time::FileTime;

/// The domain of all hosts and people here.
pub const DOMAIN: &str = "CORP";
/// Its DNS name as Kerberos writes it.
pub const REALM: &str = "CORP.EXAMPLE.COM";
/// What the SIDs of the domain begin with, after `S-1-5-21`.
const DOMAIN_SID: [u32; 3] = [1_804_652_287, 3_120_057_731, 2_267_493_018];

/// Somebody who can log on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// The name without the domain.
    pub name: &'a str,
    /// Who keeps the account.
    keeper: Keeper,
    /// The last part of its SID.
    number: u32,
}

/// Who keeps an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeper {
    Windows,
    Domain,
}

impl<'a> Account<'a> {
    /// The local system, which also is the host's own account in the domain.
    pub const SYSTEM: Self = Self::built_in("SYSTEM", 18);
    /// What services with few rights run as.
    pub const LOCAL_SERVICE: Self = Self::built_in("LOCAL SERVICE", 19);
    /// The same, with the host's account on the network.
    pub const NETWORK_SERVICE: Self = Self::built_in("NETWORK SERVICE", 20);

    const fn built_in(name: &'a str, number: u32) -> Self {
        Self {
            name,
            keeper: Keeper::Windows,
            number,
        }
    }

    /// An account of the domain with this relative id.
    #[must_use]
    pub const fn of_domain(name: &'a str, relative_id: u32) -> Self {
        Self {
            name,
            keeper: Keeper::Domain,
            number: relative_id,
        }
    }

    /// The domain, short form.
    #[must_use]
    pub const fn domain(&self) -> &'static str {
        match self.keeper {
            Keeper::Windows => "NT AUTHORITY",
            Keeper::Domain => DOMAIN,
        }
    }

    /// The SID.
    #[must_use]
    pub const fn sid(&self) -> Sid {
        let [a, b, c] = DOMAIN_SID;
        match self.keeper {
            Keeper::Windows => Sid::new(5, [self.number]),
            Keeper::Domain => Sid::new(5, [21, a, b, c, self.number]),
        }
    }

    /// `DOMAIN\name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!(r"{}\{}", self.domain(), self.name)
    }
}

/// What an account has on one host from logon to logoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session<'a> {
    /// Whose it is.
    pub account: Account<'a>,
    /// The id by which all logs of the host name it.
    pub logon_id: u64,
    /// The desktop: 0 for services, 1 for the console, 2 and up for remote desktops.
    pub terminal: u32,
    /// When it began.
    pub began: FileTime,
}

impl<'a> Session<'a> {
    /// The session that the local system always has.
    #[must_use]
    pub const fn of_system(boot: FileTime) -> Self {
        Self::of_service(Account::SYSTEM, 0x3E7, boot)
    }

    /// The session that all services of the network service share.
    #[must_use]
    pub const fn of_network_service(boot: FileTime) -> Self {
        Self::of_service(Account::NETWORK_SERVICE, 0x3E4, boot)
    }

    /// The session that all services of the local service share.
    #[must_use]
    pub const fn of_local_service(boot: FileTime) -> Self {
        Self::of_service(Account::LOCAL_SERVICE, 0x3E5, boot)
    }

    const fn of_service(account: Account<'a>, logon_id: u64, boot: FileTime) -> Self {
        Self {
            account,
            logon_id,
            terminal: 0,
            began: boot,
        }
    }

    /// Sysmon's name for the session: host, time and logon id in one.
    #[must_use]
    pub fn sysmon_guid(&self, host: &Host<'_>) -> Guid {
        host.sysmon_guid(self.began, self.logon_id)
    }
}
