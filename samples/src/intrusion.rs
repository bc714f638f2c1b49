//! The story: one evening, one intruder. [`crate::onward`] tells how it goes on.
//!
//! CORP\j.moreau opens a "delivery note" on the workstation WS01. Whoever sent it has the password
//! of CORP\svc-deploy, opens a shell in that name, and moves to the server SRV02 in four ways:
//!
//! 1. copies a tool over SMB and starts it as a service,
//! 2. drops a shortcut into somebody's start-up folder over SMB,
//! 3. registers a scheduled task from afar,
//! 4. logs on by remote desktop and types one command into the Run dialog.
//!
//! Each is a scene below, told from both hosts; the times are milliseconds since it began.
//! `samples generate` plays the same scenes with another cast.

use crate::corp::{DAY, DEPLOY, Desk, SRV02, WS01, WS01_DESK};
use crate::stage::{Machine, Scene, Stage, UNMARKED};
use crate::time::FileTime;
use crate::windows::Happening::{
    Accepts, Connects, CreatesKey, Deletes, Ends, InstallsService, Loads, LogsOff, LogsOn,
    OpensShare, Reaches, RegistersTask, Resolves, SetsValue, Starts, Uses, Writes,
};
use crate::windows::program::{
    CMD, CONHOST, EXPLORER, POWERSHELL, RUNAS, RUNDLL32, SYSTEMINFO, TASKSCHD, USERINIT, WHOAMI,
};
use crate::windows::{
    Account, Connection, Endpoint, Explicit, Logon, LogonType, Package, Peer, Process, Program,
    Session, Share, ShareAccess, TASK_CACHE, Task, run_mru,
};

/// The two hosts and the means of the intruder.
#[derive(Clone, Copy, Debug)]
pub struct Cast<'a> {
    /// Where the intruder is.
    pub source: Machine<'a>,
    /// Where the intruder goes.
    pub target: Machine<'a>,
    /// The account that the intruder uses.
    pub account: Account<'a>,
    /// The intruder's shell on the source.
    pub shell: Process<'a>,
    /// The first of the ports that the source's connections leave from.
    pub first_port: u16,
    /// The first of the logon ids that the target gives out.
    pub first_logon: u64,
}

impl Cast<'_> {
    pub(crate) fn connection(&self, number: u16, port: u16) -> Connection<'_> {
        Connection {
            from: self.source.host.port(self.first_port + number),
            to: self.target.host.port(port),
        }
    }

    pub(crate) fn session(&self, number: u64, terminal: u32, began: FileTime) -> Session<'_> {
        Session {
            account: self.account,
            logon_id: self.first_logon + 0x1_2C40 * number,
            terminal,
            began,
        }
    }
}

/// A scene, and when it is played on the evening of the samples.
pub type Play = fn(&Cast<'_>, FileTime, &mut dyn Stage);

/// The evening's scenes, as far as they are about these two hosts.
pub const SCENES: [(FileTime, Play); 5] = [
    (FOOTHOLD, gain_a_foothold),
    (DAY.at(21, 14, 2, 640), copy_a_tool_and_run_it),
    (DAY.at(21, 58, 31, 207), drop_into_startup),
    (DAY.at(22, 21, 17, 915), register_a_task),
    (DAY.at(22, 47, 9, 382), type_over_remote_desktop),
];

const FOOTHOLD: FileTime = DAY.at(21, 3, 44, 118);
/// How long after the note was opened the shell is there.
const SHELL_AFTER: u64 = 212_430;

/// Who plays on the evening of the samples.
pub const CAST: Cast<'_> = Cast {
    source: Machine::running(WS01),
    target: Machine::running(SRV02),
    account: DEPLOY,
    shell: shell(DEPLOY, FOOTHOLD),
    first_port: 50_112,
    first_logon: 0x0471_C3A8,
};

/// The intruder's shell on the source: opened by `runas`, so it has a session of its own there.
#[must_use]
pub const fn shell(account: Account<'_>, foothold: FileTime) -> Process<'_> {
    let started = FileTime(foothold.0 + SHELL_AFTER * 10_000);
    Process {
        program: &POWERSHELL,
        pid: 7_964,
        started,
        command_line: "powershell.exe -nop -w hidden",
        session: Session {
            account,
            logon_id: 0x2E_90D5,
            terminal: 1,
            began: FileTime(started.0 - 310_000),
        },
    }
}

/// What was in the mail.
const NOTE: Program<'_> = Program::unknown(NOTE_PATH);
pub(crate) const NOTE_PATH: &str = r"C:\Users\j.moreau\Downloads\Delivery_Note_7731.exe";
const NOTE_CALL: &str = r#""C:\Users\j.moreau\Downloads\Delivery_Note_7731.exe""#;
/// Who it talks to: a server on the internet.
const CONTROL: Endpoint<'_> = Endpoint {
    ip: "203.0.113.77",
    name: "-",
    port: 443,
};
const RUNAS_CALL: &str = r#"runas /user:CORP\svc-deploy "powershell.exe -nop -w hidden""#;

/// Before the first movement: the note is opened, talks to its sender, and a shell in the name of
/// svc-deploy is started out of it. Nothing here leaves WS01 for another host of CORP.
#[rustfmt::skip] // Here and below: one happening, one line.
fn gain_a_foothold(cast: &Cast<'_>, begin: FileTime, stage: &mut dyn Stage) {
    let mut scene = Scene::new(stage, begin);
    let here = &cast.source;
    let Desk { session, explorer, .. } = WS01_DESK;
    let note = scene.process(0, 6_616, &NOTE, NOTE_CALL, session);
    let runas = scene.process(SHELL_AFTER - 640, 7_420, &RUNAS, RUNAS_CALL, session);
    let call = Connection { from: here.host.port(50_037), to: CONTROL };
    let answer = Some("::ffff:203.0.113.77;");

    scene.on(here, 0,                 UNMARKED, Starts(note.started_by(explorer)));
    scene.on(here, 1_204,             UNMARKED, Resolves(note, "static.example.net", answer));
    scene.on(here, 1_251,             UNMARKED, Connects(note, call));
    scene.on(here, SHELL_AFTER - 640, UNMARKED, Starts(runas.started_by(note)));
    scene.on(here, SHELL_AFTER - 41,  UNMARKED, Uses(Explicit { by: runas, account: cast.account, to: here.host }));
    scene.on(here, SHELL_AFTER,       UNMARKED, Starts(cast.shell.started_by(runas)));
    scene.on(here, SHELL_AFTER + 90,  UNMARKED, Ends(runas));
}

pub(crate) const TOOL: &str = r"C:\Windows\Temp\winhlp64.exe";
const TOOL_IN_SHARE: &str = r"Temp\winhlp64.exe";
const TOOL_PROGRAM: Program<'_> = Program::unknown(TOOL);
pub(crate) const SERVICE: &str = "WinHelpSvc";
const SERVICE_START: &str = r"HKLM\System\CurrentControlSet\Services\WinHelpSvc\Start";
const SERVICE_IMAGE: &str = r"HKLM\System\CurrentControlSet\Services\WinHelpSvc\ImagePath";

/// First movement. The shell copies its tool to ADMIN$ by itself, without a command that a log
/// would show; on both ends the connection is the kernel's. Then it installs the copy as a service
/// over the same session, and the service control manager starts it as the local system. In the
/// end the file goes the way it came.
#[rustfmt::skip]
pub fn copy_a_tool_and_run_it(cast: &Cast<'_>, begin: FileTime, stage: &mut dyn Stage) {
    let mut scene = Scene::new(stage, begin);
    let (from, to) = (&cast.source, &cast.target);
    let (kernel, services) = (to.os.system, to.os.services);
    let smb = cast.connection(0, 445);
    let session = cast.session(0, 0, scene.at(34));
    let tool = scene.process(2_648, 5_168, &TOOL_PROGRAM, TOOL, Session::of_system(to.host.boot));

    scene.on(from, 0,     "copy.smb-out",  Connects(from.os.system, smb));
    scene.on(to,   2,     "copy.smb-in",   Accepts(kernel, smb));
    scene.on(to,   34,    "copy.logon",    LogsOn(Logon::over_network(session, &smb, true)));
    scene.on(to,   61,    "copy.share",    OpensShare(session, smb, Share::ADMIN));
    scene.on(to,   88,    "copy.check",    Reaches(session, smb, Share::ADMIN, TOOL_IN_SHARE, ShareAccess::Write));
    scene.on(to,   131,   "copy.write",    Writes(kernel, TOOL));

    scene.on(to,   2_207, "copy.pipe",     Reaches(session, smb, Share::IPC, "svcctl", ShareAccess::Write));
    scene.on(to,   2_310, "copy.service",  InstallsService(session, SERVICE, TOOL));
    scene.on(to,   2_314, UNMARKED,        SetsValue(services, SERVICE_START, "DWORD (0x00000003)"));
    scene.on(to,   2_315, UNMARKED,        SetsValue(services, SERVICE_IMAGE, TOOL));
    scene.on(to,   2_648, "copy.run",      Starts(tool.started_by(services)));

    look_around(&mut scene, to, tool);

    scene.on(to,  40_216, UNMARKED,        Ends(tool));
    scene.on(to,  42_870, "copy.clean-up", Reaches(session, smb, Share::ADMIN, TOOL_IN_SHARE, ShareAccess::Delete));
    scene.on(to,  42_894, "copy.clean-up", Deletes(kernel, TOOL));
    scene.on(to,  44_538, "copy.logoff",   LogsOff(session, LogonType::Network));
}

const SYSTEMINFO_CALL: &str = r"C:\Windows\system32\cmd.exe /c systeminfo";

/// The tool asks what kind of host it is on, and leaves a library for later.
#[rustfmt::skip]
fn look_around(scene: &mut Scene<'_>, to: &Machine<'_>, tool: Process<'_>) {
    let command = scene.process(4_903, 5_880, &CMD, SYSTEMINFO_CALL, tool.session);
    let systeminfo = scene.process(4_981, 6_004, &SYSTEMINFO, "systeminfo", tool.session);

    scene.on(to, 4_903,  UNMARKED, Starts(command.started_by(tool)));
    scene.on(to, 4_981,  UNMARKED, Starts(systeminfo.started_by(command)));
    scene.on(to, 7_566,  UNMARKED, Ends(systeminfo));
    scene.on(to, 7_571,  UNMARKED, Ends(command));
    scene.on(to, 21_350, UNMARKED, Writes(tool, LIBRARY));
}

pub(crate) const SHORTCUT: &str =
    r"C:\Users\svc-backup\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\sync.lnk";
const SHORTCUT_IN_SHARE: &str =
    r"Users\svc-backup\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\sync.lnk";

/// Second movement, three quarters of an hour later, over a connection and a session of its own.
/// Nothing runs yet: the shortcut waits for svc-backup to log on.
#[rustfmt::skip]
pub fn drop_into_startup(cast: &Cast<'_>, begin: FileTime, stage: &mut dyn Stage) {
    let mut scene = Scene::new(stage, begin);
    let (from, to) = (&cast.source, &cast.target);
    let smb = cast.connection(275, 445);
    let session = cast.session(1, 0, scene.at(41));

    scene.on(from, 0,      "startup.smb-out", Connects(from.os.system, smb));
    scene.on(to,   3,      "startup.smb-in",  Accepts(to.os.system, smb));
    scene.on(to,   41,     "startup.logon",   LogsOn(Logon::over_network(session, &smb, true)));
    scene.on(to,   70,     "startup.share",   OpensShare(session, smb, Share::C));
    scene.on(to,   102,    "startup.check",   Reaches(session, smb, Share::C, SHORTCUT_IN_SHARE, ShareAccess::Write));
    scene.on(to,   148,    "startup.write",   Writes(to.os.system, SHORTCUT));
    scene.on(to,   11_730, "startup.logoff",  LogsOff(session, LogonType::Network));
}

pub(crate) const LIBRARY: &str = r"C:\ProgramData\HelpSync\hs64.dll";
pub(crate) const TASK: &str = r"\Microsoft\Windows\HelpSync";
const TASK_COMMAND: &str = r"C:\Windows\System32\rundll32.exe";
const TASK_ARGUMENTS: &str = r"C:\ProgramData\HelpSync\hs64.dll,Start";
pub(crate) const TASK_CALL: &str =
    r"C:\Windows\System32\rundll32.exe C:\ProgramData\HelpSync\hs64.dll,Start";
pub(crate) const TASK_ID: &str = "{8B3C1F52-6E0D-4A97-9C1B-2D5A70E4F611}";
/// Where the task scheduler of every host here listens.
const SCHEDULE_PORT: u16 = 49_668;

/// The task of the third movement.
pub(crate) const fn task(author: &str) -> Task<'_> {
    Task {
        path: TASK,
        author,
        command: TASK_COMMAND,
        arguments: TASK_ARGUMENTS,
        client: 0,
        client_parent: 0,
    }
}

/// Third movement. The shell loads the task scheduler's library, asks the server's endpoint mapper
/// for the scheduler's port, and calls that. The scheduler writes the task into the registry and
/// runs it at once.
#[rustfmt::skip]
pub fn register_a_task(cast: &Cast<'_>, begin: FileTime, stage: &mut dyn Stage) {
    let mut scene = Scene::new(stage, begin);
    let (from, to) = (&cast.source, &cast.target);
    let mapper = cast.connection(449, 135);
    let call = cast.connection(450, SCHEDULE_PORT);
    let session = cast.session(2, 0, scene.at(873));
    let author = cast.account.full_name();
    let task = task(&author);
    let action = scene.process(2_095, 6_748, &RUNDLL32, TASK_CALL, Session::of_system(to.host.boot));

    scene.on(from, 0,      "task.library",    Loads(cast.shell, &TASKSCHD));
    scene.on(from, 742,    "task.mapper-out", Connects(cast.shell, mapper));
    scene.on(to,   744,    "task.mapper-in",  Accepts(to.os.rpc, mapper));
    scene.on(from, 816,    "task.call-out",   Connects(cast.shell, call));
    scene.on(to,   818,    "task.call-in",    Accepts(to.os.schedule, call));
    scene.on(to,   873,    "task.logon",      LogsOn(Logon::over_network(session, &call, true)));

    write_task_cache(&mut scene, to);

    scene.on(to,   1_512,  "task.registered", RegistersTask(session, task));
    scene.on(to,   2_095,  "task.run",        Starts(action.started_by(to.os.schedule)));
    scene.on(to,   10_980, "task.logoff",     LogsOff(session, LogonType::Network));
    scene.on(to,   64_207, UNMARKED,          Ends(action));
}

/// What the scheduler leaves in the registry: the task's name leads to its GUID, the GUID to the
/// rest.
#[rustfmt::skip]
fn write_task_cache(scene: &mut Scene<'_>, to: &Machine<'_>) {
    let schedule = to.os.schedule;
    let tree = format!(r"{TASK_CACHE}\Tree{TASK}");
    let task = format!(r"{TASK_CACHE}\Tasks\{TASK_ID}");

    scene.on(to, 1_466, UNMARKED,       CreatesKey(schedule, &tree));
    scene.on(to, 1_467, "task.id",      SetsValue(schedule, &format!(r"{tree}\Id"), TASK_ID));
    scene.on(to, 1_469, UNMARKED,       CreatesKey(schedule, &task));
    scene.on(to, 1_470, UNMARKED,       SetsValue(schedule, &format!(r"{task}\Path"), TASK));
    scene.on(to, 1_474, "task.actions", SetsValue(schedule, &format!(r"{task}\Actions"), "Binary Data"));
    scene.on(to, 1_475, UNMARKED,       SetsValue(schedule, &format!(r"{task}\DynamicInfo"), "Binary Data"));
}

pub(crate) const TYPED: &str = r"cmd.exe /c whoami /all > C:\ProgramData\HelpSync\w.txt";
const TYPED_CALL: &str =
    r#""C:\Windows\system32\cmd.exe" /c whoami /all > C:\ProgramData\HelpSync\w.txt"#;
const USERINIT_CALL: &str = r"C:\Windows\system32\userinit.exe";
const EXPLORER_CALL: &str = r"C:\Windows\Explorer.EXE";
const CONHOST_CALL: &str = r"\??\C:\Windows\system32\conhost.exe 0xffffffff -ForceV1";

/// Fourth movement. A remote desktop client that nobody sees: it logs on, opens the Run dialog,
/// types one command, and is gone in half a minute.
#[rustfmt::skip]
pub fn type_over_remote_desktop(cast: &Cast<'_>, begin: FileTime, stage: &mut dyn Stage) {
    let mut scene = Scene::new(stage, begin);
    let (from, to) = (&cast.source, &cast.target);
    let desktop = cast.connection(678, 3389);

    scene.on(from, 0,      "rdp.out", Connects(cast.shell, desktop));
    scene.on(to,   3,      "rdp.in",  Accepts(to.os.terminal, desktop));

    let session = log_on_to_a_desktop(&mut scene, cast);
    let userinit = scene.process(3_120, 7_012, &USERINIT, USERINIT_CALL, session);
    let explorer = scene.process(3_388, 7_148, &EXPLORER, EXPLORER_CALL, session);

    scene.on(to,   3_120,  UNMARKED,  Starts(userinit.started_by(to.os.winlogon)));
    scene.on(to,   3_388,  UNMARKED,  Starts(explorer.started_by(userinit)));
    type_a_command(&mut scene, to, explorer);
    scene.on(to,   26_010, UNMARKED,  Ends(userinit));
    scene.on(to,   27_914, UNMARKED,  Ends(explorer));
}

/// Network level authentication comes first, with a session of its own; then an administrator gets
/// two sessions at once, one with and one without the rights. The desktop runs in the latter.
#[rustfmt::skip]
fn log_on_to_a_desktop<'a>(scene: &mut Scene<'_>, cast: &'a Cast<'_>) -> Session<'a> {
    let (from, to) = (&cast.source, &cast.target);
    let first = cast.session(3, 0, scene.at(266));
    let full = cast.session(4, 2, scene.at(1_872));
    let limited = Session { logon_id: full.logon_id + 0x1E, ..full };
    let peer = |workstation| Peer { ip: from.host.ip, port: Some(0), workstation };
    let nla = Logon {
        package: Package::Ntlm,
        from: peer(from.host.name),
        ..Logon::over_network(first, &cast.connection(678, 3389), true)
    };
    let desktop = |session, elevated, linked| Logon {
        session,
        kind: LogonType::RemoteInteractive,
        package: Package::AtScreen,
        by: Some(to.os.terminal),
        from: peer(to.host.name),
        elevated,
        linked,
    };

    scene.on(to, 266,    "rdp.nla",    LogsOn(nla));
    scene.on(to, 1_410,  UNMARKED,     LogsOff(first, LogonType::Network));
    scene.on(to, 1_872,  "rdp.logon",  LogsOn(desktop(full, true, limited.logon_id)));
    scene.on(to, 1_876,  "rdp.logon",  LogsOn(desktop(limited, false, full.logon_id)));
    scene.on(to, 28_163, "rdp.logoff", LogsOff(limited, LogonType::RemoteInteractive));
    scene.on(to, 28_165, "rdp.logoff", LogsOff(full, LogonType::RemoteInteractive));
    limited
}

/// Windows remembers what was typed, with `\1` at the end.
#[rustfmt::skip]
fn type_a_command(scene: &mut Scene<'_>, to: &Machine<'_>, explorer: Process<'_>) {
    let session = explorer.session;
    let command = scene.process(17_291, 7_396, &CMD, TYPED_CALL, session);
    let console = scene.process(17_322, 7_404, &CONHOST, CONHOST_CALL, session);
    let whoami = scene.process(17_438, 7_460, &WHOAMI, "whoami  /all", session);
    let run = run_mru(&session.account);

    scene.on(to, 17_291, "rdp.command", Starts(command.started_by(explorer)));
    scene.on(to, 17_296, UNMARKED,      CreatesKey(explorer, &run));
    scene.on(to, 17_298, "rdp.typed",   SetsValue(explorer, &format!(r"{run}\a"), &format!(r"{TYPED}\1")));
    scene.on(to, 17_299, UNMARKED,      SetsValue(explorer, &format!(r"{run}\MRUList"), "a"));
    scene.on(to, 17_322, UNMARKED,      Starts(console.started_by(command)));
    scene.on(to, 17_438, "rdp.run",     Starts(whoami.started_by(command)));
    scene.on(to, 17_690, UNMARKED,      Ends(whoami));
    scene.on(to, 17_702, UNMARKED,      Ends(command));
    scene.on(to, 17_709, UNMARKED,      Ends(console));
}

/// What an analysis of the samples has to find of this part of the story: one movement per scene after the first.
pub const MOVEMENTS: [Movement; 4] = [
    Movement {
        name: "a tool copied over SMB and run as a service",
        findings: &[
            ("tool_transfer_smb", &["copy.smb-in", "copy.write"]),
            ("execution_via_file_share", &["copy.write", "copy.run"]),
        ],
        residue: &[
            (
                "tool_owned_by_network_logon",
                &[Logged("copy.logon"), Entry(TOOL)],
            ),
            (
                "service_of_copied_file",
                &[Entry(TOOL), Logged("copy.service")],
            ),
            // What Sysmon saw start is joined, too.
            ("execution_of_copied_file", &[Entry(TOOL), Seen("copy.run")]),
            (
                "program_written_to_share",
                &[Logged("copy.logon"), Logged("copy.check")],
            ),
            (
                "service_of_network_logon",
                &[Logged("copy.logon"), Logged("copy.service")],
            ),
        ],
        also: &[
            "copy.smb-out",
            "copy.logon",
            "copy.share",
            "copy.check",
            "copy.pipe",
            "copy.service",
            "copy.clean-up",
            "copy.logoff",
        ],
        ran: &[TOOL],
        ran_as: r"NT AUTHORITY\SYSTEM",
        dropped: &[TOOL, LIBRARY],
        persistence: &[r"service WinHelpSvc: C:\Windows\Temp\winhlp64.exe"],
        reported: Reported {
            grade: "CONFIRMED",
            attack: &["T1570", "T1021.002", "T1543.003", "T1569.002", "T1070.004"],
            src_basis: "recorded",
            source: Named::Both,
            target_ip: true,
            account: true,
            ran: &[TOOL],
            ran_as: "SYSTEM",
        },
    },
    Movement {
        name: "a shortcut dropped into a start-up folder over SMB",
        findings: &[("startup_folder", &["startup.write"])],
        residue: &[
            (
                "startup_item_of_network_logon",
                &[Logged("startup.logon"), Entry(SHORTCUT)],
            ),
            (
                "startup_item_after_network_logon",
                &[Logged("startup.logon"), Made(SHORTCUT)],
            ),
            (
                "program_written_to_share",
                &[Logged("startup.logon"), Logged("startup.check")],
            ),
        ],
        also: &[
            "startup.smb-out",
            "startup.smb-in",
            "startup.logon",
            "startup.share",
            "startup.check",
            "startup.logoff",
        ],
        ran: &[SHORTCUT],
        ran_as: "",
        dropped: &[SHORTCUT],
        persistence: &[
            r"start-up item C:\Users\svc-backup\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\sync.lnk",
        ],
        reported: Reported {
            grade: "CONFIRMED",
            attack: &["T1547.001", "T1570", "T1021.002"],
            src_basis: "resolved",
            source: Named::Both,
            target_ip: false,
            account: true,
            ran: &[SHORTCUT],
            ran_as: "",
        },
    },
    Movement {
        name: "a scheduled task registered from another host",
        findings: &[
            (
                "outbound_task_scheduler",
                &["task.library", "task.call-out"],
            ),
            ("remote_task_taskcache", &["task.call-in", "task.actions"]),
        ],
        residue: &[(
            "task_of_network_logon",
            &[Logged("task.logon"), Logged("task.registered")],
        )],
        also: &[
            "task.mapper-out",
            "task.mapper-in",
            "task.logon",
            "task.id",
            "task.registered",
            "task.run",
            "task.logoff",
        ],
        ran: &[TASK_CALL],
        ran_as: r"NT AUTHORITY\SYSTEM",
        dropped: &[],
        persistence: &[
            r"task \Microsoft\Windows\HelpSync: C:\Windows\System32\rundll32.exe C:\ProgramData\HelpSync\hs64.dll,Start",
        ],
        reported: Reported {
            grade: "CONFIRMED",
            attack: &["T1053.005"],
            src_basis: "recorded",
            source: Named::Both,
            target_ip: true,
            account: true,
            ran: &[TASK_CALL],
            ran_as: "",
        },
    },
    Movement {
        name: "a command typed over remote desktop by a program",
        findings: &[("sharprdp", &["rdp.in", "rdp.typed", "rdp.run"])],
        residue: &[],
        also: &[
            "rdp.out",
            "rdp.nla",
            "rdp.logon",
            "rdp.command",
            "rdp.logoff",
        ],
        ran: &[TYPED_CALL, "whoami  /all"],
        ran_as: r"CORP\svc-deploy",
        dropped: &[],
        persistence: &[],
        reported: Reported {
            grade: "CONFIRMED",
            attack: &["T1021.001", "T1059.003"],
            src_basis: "recorded",
            source: Named::Both,
            target_ip: true,
            account: true,
            ran: &[
                "whoami  /all",
                r"cmd.exe /c whoami /all > C:\ProgramData\HelpSync\w.txt",
            ],
            ran_as: r"CORP\svc-deploy",
        },
    },
];

use Trace::{Entry, Logged, Made, Seen};

/// One movement of the ground truth. Source, target and account are those of its [`Cast`].
#[derive(Clone, Copy, Debug)]
pub struct Movement {
    /// In words.
    pub name: &'static str,
    /// The rules that match, each with the marks of the events it matches, stage by stage.
    pub findings: &'static [(&'static str, &'static [&'static str])],
    /// The rules that match what Windows keeps by default on the target, likewise.
    pub residue: &'static [(&'static str, &'static [Trace])],
    /// The marks of everything else that proves it.
    pub also: &'static [&'static str],
    /// What ran, or waits to run.
    pub ran: &'static [&'static str],
    /// As whom, or nobody yet.
    pub ran_as: &'static str,
    /// Programs and start-up items that it put on the target.
    pub dropped: &'static [&'static str],
    /// What it made there that makes something run again, in the words of `movements.csv`.
    pub persistence: &'static [&'static str],
    /// What of this an analysis reports with the rules there are.
    pub reported: Reported,
}

/// A trace that Windows keeps by default.
#[derive(Clone, Copy, Debug)]
pub enum Trace {
    /// A record of the Security log, by its mark.
    Logged(&'static str),
    /// A record of Sysmon's log, by its mark: on a host that has it.
    Seen(&'static str),
    /// A record of the System log, by its mark.
    Installed(&'static str),
    /// A file's entry in the table, by its path.
    Entry(&'static str),
    /// The journal's record that the file was made, by its path.
    Made(&'static str),
}

/// How a host is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Not at all.
    Not,
    /// By its address alone.
    Address,
    /// By name and address.
    Both,
}

/// What the events that the rules match say about a movement; the rest of the truth is in other
/// records, which later rules will join. Nothing may be reported that no matched event names.
#[derive(Clone, Copy, Debug)]
pub struct Reported {
    /// The grade.
    pub grade: &'static str,
    /// Its techniques.
    pub attack: &'static [&'static str],
    /// How the source is known.
    pub src_basis: &'static str,
    /// How the source is named.
    pub source: Named,
    /// Whether the target's address is named; its name always is.
    pub target_ip: bool,
    /// Whether the account is named.
    pub account: bool,
    /// What ran or was placed.
    pub ran: &'static [&'static str],
    /// As whom it ran.
    pub ran_as: &'static str,
}
