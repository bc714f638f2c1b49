//! What the domain controller hears of the others: who goes somewhere over the network has asked it for a ticket, or
//! has his password checked by it.

use crate::corp::{DC01, KRBTGT, account_of};
use crate::stage::{Stage, Tag};
use crate::time::{FileTime, Span};
use crate::windows::{Happening, Host, Logon, LogonType, Package, ServiceTicket, Ticket};

/// How long before the logon the ticket for it is given out.
const BEFORE: Span = Span::milliseconds(6);
/// The port that a ticket is asked from was open before that of the connection that it is for.
const EARLIER_PORTS: u16 = 1;

/// A stage with a domain controller that listens.
pub(crate) struct Domain<'a> {
    pub(crate) stage: &'a mut dyn Stage,
}

impl Stage for Domain<'_> {
    fn note(&mut self, host: &Host<'_>, at: FileTime, tag: Tag, what: &Happening<'_>) {
        self.stage.note(host, at, tag, what);
        match what {
            Happening::LogsOn(logon) if logon.kind == LogonType::Network => {
                self.lets_in(host, at, tag, logon);
            }
            Happening::Uses(explicit) => {
                let ticket = Ticket {
                    account: explicit.account,
                    krbtgt: KRBTGT,
                    ip: host.ip,
                    port: 49_900 + (at.0 / 10_000 % 400) as u16,
                };
                let at = at + Span::milliseconds(4);
                self.stage.note(&DC01, at, tag, &Happening::Grants(ticket));
            }
            _ => {}
        }
    }
}

impl Domain<'_> {
    fn lets_in(&mut self, host: &Host<'_>, at: FileTime, tag: Tag, logon: &Logon<'_>) {
        let account = logon.session.account;
        let Some(service) = account_of(host) else {
            return;
        };
        let heard = match logon.package {
            Package::Kerberos => Happening::GrantsService(ServiceTicket {
                account,
                service,
                ip: logon.from.ip,
                port: logon
                    .from
                    .port
                    .unwrap_or_default()
                    .saturating_sub(EARLIER_PORTS),
                guid: logon.guid(host),
            }),
            Package::Ntlm => Happening::Checks(account, logon.from.workstation),
            Package::AtScreen | Package::OfService => return,
        };
        self.stage.note(&DC01, at - BEFORE, tag, &heard);
    }
}
