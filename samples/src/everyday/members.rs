//! What is told with fixed times of the hosts that only log what Windows logs by default: how they were started, and
//! what looks a little like a movement.

use super::day::Day;
use super::routines::{log_on_over_network, run_a_service};
use crate::corp::{BACKUP, DAY, SANDOVAL};
use crate::time::{FileTime, Span};
use crate::windows::Happening::{
    Boots, GetsUp, InstallsService, IsService, LogsOff, ShutsDown, SitsDown,
};
use crate::windows::{LogonType, Session};

/// So long before it starts Windows was shut down, as the hives have it.
const DOWN: Span = Span::seconds(83);
/// The first of the days that the System logs have.
const FIRST_DAY: FileTime = FileTime::day(2026, 2, 23);
const DAYS: u64 = 7;
const A_DAY: u64 = 86_400;

/// The agent that all servers have, and its service.
const AGENT: &str = "Northvault Agent";
const UPDATE: &str = r"C:\Program Files\Northvault\Agent\nvupdate.exe";

/// When CORP\adm-sandoval comes by remote desktop.
pub const VISIT: FileTime = FileTime::day(2026, 2, 26).at(15, 3, 17, 0);
/// From where.
pub const VISITOR: &str = "10.20.30.14";

/// The file server: backed up in the evening, and its agent updates itself.
pub fn on_file_server(day: &mut Day<'_>) {
    live_before(day);
    let system = Session::of_system(day.machine.host.boot);
    day.on(
        DAY.at(22, 41, 12, 480),
        0,
        InstallsService(system, "NorthvaultUpdate", UPDATE),
    );
    back_up(day, DAY.at(22, 10, 0, 214));
    for (began, ended, desktop, from) in [
        (
            FIRST_DAY.at(14, 2, 40, 0),
            FIRST_DAY.at(14, 31, 8, 0),
            1,
            "LOCAL",
        ),
        (
            FileTime::day(2026, 2, 24).at(9, 12, 21, 0),
            FileTime::day(2026, 2, 24).at(9, 40, 55, 0),
            1,
            "LOCAL",
        ),
        (
            VISIT,
            FileTime::day(2026, 2, 26).at(16, 20, 2, 0),
            2,
            VISITOR,
        ),
        (DAY.at(8, 47, 33, 0), DAY.at(8, 58, 10, 0), 1, "LOCAL"),
    ] {
        day.on(began, 0, SitsDown(SANDOVAL, desktop, from));
        day.on(ended, 0, GetsUp(SANDOVAL, desktop));
    }
}

/// The application's server: days ago an administrator installed the agent, at the console.
pub fn on_application_server(day: &mut Day<'_>) {
    live_before(day);
    let session = Session {
        account: SANDOVAL,
        logon_id: 0x0021_8F3D,
        terminal: 1,
        began: FileTime::day(2026, 2, 27).at(10, 1, 0, 0),
    };
    let program = r#""C:\Program Files\Northvault\Agent\nvagent.exe" --service"#;
    day.on(
        FileTime::day(2026, 2, 27).at(10, 22, 40, 0),
        0,
        InstallsService(session, "NorthvaultAgent", program),
    );
    back_up(day, DAY.at(22, 25, 0, 391));
}

/// The domain controller.
pub fn on_controller(day: &mut Day<'_>) {
    live_before(day);
    back_up(day, DAY.at(22, 40, 0, 87));
}

/// A week of services that come and go, with a restart in between.
fn live_before(day: &mut Day<'_>) {
    let boot = day.machine.host.boot;
    day.on(boot - DOWN, 0, ShutsDown);
    day.on(boot, 0, Boots);
    for name in [AGENT, "Windows Event Log", "Server", "Netlogon"] {
        let after = day.noise.between(12_000, 31_000);
        day.on(boot, after, IsService(name, "running"));
    }
    for number in 0..DAYS {
        let midnight = FIRST_DAY + Span::seconds(A_DAY * number);
        for hour in [4, 11, 18] {
            let minutes = day.noise.below(50);
            run_a_service(day, midnight + Span::seconds(3_600 * hour + 60 * minutes));
        }
    }
}

/// An administrator's logon over the network, but nothing is installed.
fn back_up(day: &mut Day<'_>, begin: FileTime) {
    let from = ("10.20.30.7", "BKP01.corp.example.com");
    let session = log_on_over_network(day, begin, BACKUP, from, 445, true);
    day.on(begin, 214_090, LogsOff(session, LogonType::Network));
}
