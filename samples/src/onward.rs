//! The story goes on: from the server to two others, an hour before midnight.
//!
//! The task on SRV02 starts its library again, and that goes on in the name of CORP\svc-deploy:
//!
//! 5. to FS03, where a service is installed that is a command and no service. Nobody logs there what Windows does
//!    not log by default.
//! 6. to APP04, where the tool is copied and installed as a service, as on SRV02. Then the Security log is cleared.
//!
//! What DC01 keeps of it all are tickets.

use crate::corp::{APP04, DAY, DEPLOY, FS03, SRV02};
use crate::intrusion::Trace::{Entry, Installed, Logged};
use crate::intrusion::{Cast, Movement, Named, Play, Reported, SERVICE, TASK_CALL};
use crate::stage::{Machine, Scene, Stage, UNMARKED};
use crate::time::FileTime;
use crate::windows::Happening::{
    ClearsSecurity, Connects, Ends, InstallsService, IsService, LogsOff, LogsOn, NeverAnswers,
    OpensShare, Reaches, Starts, Uses, Writes,
};
use crate::windows::program::RUNDLL32;
use crate::windows::{Explicit, Logon, LogonType, Process, Session, Share, ShareAccess};

/// The scenes, with who plays in each.
pub const SCENES: [(FileTime, &Cast<'_>, Play); 4] = [
    (WOKEN, &TO_FS03, wake_the_library),
    (DAY.at(23, 9, 26, 480), &TO_FS03, run_a_command_as_a_service),
    (COPIED, &TO_APP04, copy_the_tool_again),
    (DAY.at(23, 19, 11, 904), &TO_APP04, clear_the_log),
];

const WOKEN: FileTime = DAY.at(23, 8, 2, 110);
const COPIED: FileTime = DAY.at(23, 15, 40, 733);
/// When the service was written into APP04's registry.
pub(crate) const SERVICE_WRITTEN: FileTime = FileTime(COPIED.0 + 19_331_000);

/// What carries the library on SRV02.
const CARRIER: Process<'_> = Process {
    program: &RUNDLL32,
    pid: 6_912,
    started: WOKEN,
    command_line: TASK_CALL,
    session: Session::of_system(SRV02.boot),
};

/// From SRV02 to FS03.
pub const TO_FS03: Cast<'_> = Cast {
    source: Machine::running(SRV02),
    target: Machine::running(FS03),
    account: DEPLOY,
    shell: CARRIER,
    first_port: 50_310,
    first_logon: 0x02A9_4C11,
};

/// From SRV02 to APP04.
pub const TO_APP04: Cast<'_> = Cast {
    target: Machine::running(APP04),
    first_port: 50_341,
    first_logon: 0x0318_77E6,
    ..TO_FS03
};

/// The task runs once more.
#[rustfmt::skip] // Here and below: one happening, one line.
fn wake_the_library(cast: &Cast<'_>, begin: FileTime, stage: &mut dyn Stage) {
    let mut scene = Scene::new(stage, begin);
    let here = &cast.source;

    scene.on(here, 0,       UNMARKED, Starts(cast.shell.started_by(here.os.schedule)));
    scene.on(here, 742_306, UNMARKED, Ends(cast.shell));
}

pub(crate) const COMMAND_SERVICE: &str = "MsHelpUpd";
const COMMAND: &str = r"%COMSPEC% /Q /c nltest /dclist:CORP > C:\Windows\Temp\nl4.txt";

/// Fifth movement. The library speaks SMB by itself, without the kernel: over the pipe of FS03's service control
/// manager it installs a command as a service. The command runs; the manager waits for a service in vain.
#[rustfmt::skip]
fn run_a_command_as_a_service(cast: &Cast<'_>, begin: FileTime, stage: &mut dyn Stage) {
    let mut scene = Scene::new(stage, begin);
    let (from, to) = (&cast.source, &cast.target);
    let smb = cast.connection(0, 445);
    let session = cast.session(0, 0, scene.at(71));

    scene.on(from, 0,      "command.credentials", Uses(explicit(cast)));
    scene.on(from, 22,     "command.smb-out",     Connects(cast.shell, smb));
    scene.on(to,   71,     "command.logon",       LogsOn(Logon::over_network(session, &smb, true)));
    scene.on(to,   1_180,  UNMARKED,              Reaches(session, smb, Share::IPC, "svcctl", ShareAccess::Write));
    scene.on(to,   1_204,  "command.service",     InstallsService(session, COMMAND_SERVICE, COMMAND));
    scene.on(to,   1_262,  "command.failed",      NeverAnswers(COMMAND_SERVICE));
    scene.on(to,   33_870, "command.logoff",      LogsOff(session, LogonType::Network));
}

fn explicit<'a>(cast: &Cast<'a>) -> Explicit<'a> {
    Explicit {
        by: cast.shell,
        account: cast.account,
        to: cast.target.host,
    }
}

pub(crate) const TOOL: &str = r"C:\Windows\winhlp64.exe";
const TOOL_IN_SHARE: &str = "winhlp64.exe";
/// How the service names it.
pub(crate) const IMAGE: &str = r"%SystemRoot%\winhlp64.exe";

/// Sixth movement, as the first: a copy over SMB, and a service that runs it.
#[rustfmt::skip]
fn copy_the_tool_again(cast: &Cast<'_>, begin: FileTime, stage: &mut dyn Stage) {
    let mut scene = Scene::new(stage, begin);
    let (from, to) = (&cast.source, &cast.target);
    let smb = cast.connection(0, 445);
    let session = cast.session(0, 0, scene.at(52));

    scene.on(from, 0,      "again.credentials", Uses(explicit(cast)));
    scene.on(from, 18,     "again.smb-out",     Connects(from.os.system, smb));
    scene.on(to,   52,     "again.logon",       LogsOn(Logon::over_network(session, &smb, true)));
    scene.on(to,   80,     UNMARKED,            OpensShare(session, smb, Share::ADMIN));
    scene.on(to,   109,    UNMARKED,            Reaches(session, smb, Share::ADMIN, TOOL_IN_SHARE, ShareAccess::Write));
    scene.on(to,   151,    UNMARKED,            Writes(to.os.system, TOOL));
    scene.on(to,   1_930,  "again.service",     InstallsService(session, SERVICE, IMAGE));
    scene.on(to,   2_241,  "again.runs",        IsService(SERVICE, "running"));
    scene.on(to,   47_318, UNMARKED,            LogsOff(session, LogonType::Network));
}

/// What could have told where from is thrown away: the logon above is in no log but the domain controller's, as a
/// ticket.
#[rustfmt::skip]
fn clear_the_log(cast: &Cast<'_>, begin: FileTime, stage: &mut dyn Stage) {
    let mut scene = Scene::new(stage, begin);
    let (from, to) = (&cast.source, &cast.target);
    let call = cast.connection(9, 49_665);
    let session = cast.session(1, 0, scene.at(38));

    scene.on(from, 0,     UNMARKED,        Connects(cast.shell, call));
    scene.on(to,   38,    UNMARKED,        LogsOn(Logon::over_network(session, &call, true)));
    scene.on(to,   940,   "again.cleared", ClearsSecurity(session));
    scene.on(to,   1_377, UNMARKED,        LogsOff(session, LogonType::Network));
}

/// What an analysis has to find of it.
pub const MOVEMENTS: [(&Cast<'_>, Movement); 2] = [
    (
        &TO_FS03,
        Movement {
            name: "a command run as a service over SMB",
            findings: &[],
            residue: &[(
                "service_after_network_logon",
                &[Logged("command.logon"), Installed("command.service")],
            )],
            also: &[
                "command.credentials",
                "command.smb-out",
                "command.logon",
                "command.service",
                "command.failed",
                "command.logoff",
            ],
            ran: &[COMMAND],
            ran_as: r"NT AUTHORITY\SYSTEM",
            dropped: &[],
            persistence: &[
                r"service MsHelpUpd: %COMSPEC% /Q /c nltest /dclist:CORP > C:\Windows\Temp\nl4.txt",
            ],
            reported: Reported {
                grade: "PROBABLE",
                attack: &["T1543.003", "T1569.002", "T1021.002"],
                src_basis: "resolved",
                source: Named::Both,
                target_ip: false,
                account: true,
                ran: &[COMMAND],
                ran_as: "",
            },
        },
    ),
    (
        &TO_APP04,
        Movement {
            name: "the tool copied over SMB and run as a service, and the Security log cleared",
            findings: &[],
            residue: &[(
                "service_of_copied_file",
                &[Entry(TOOL), Installed("again.service")],
            )],
            also: &[
                "again.credentials",
                "again.smb-out",
                "again.logon",
                "again.service",
                "again.runs",
                "again.cleared",
            ],
            ran: &[IMAGE],
            ran_as: r"NT AUTHORITY\SYSTEM",
            dropped: &[TOOL],
            persistence: &[r"service WinHelpSvc: %SystemRoot%\winhlp64.exe"],
            reported: Reported {
                grade: "POSSIBLE",
                attack: &["T1569.002", "T1021.002"],
                src_basis: "unknown",
                source: Named::Not,
                target_ip: false,
                account: true,
                ran: &[IMAGE],
                ran_as: "",
            },
        },
    ),
];
