//! What looks most like a movement and is none: for each of the six behaviours of the story,
//! something on the same host with one essential thing missing.

use super::day::Day;
use crate::corp::{COLLEAGUES, DAY, MONITORING, SRV02};
use crate::time::{FileTime, Span};
use crate::windows::Happening::{
    Accepts, CreatesKey, InstallsService, Loads, LogsOff, LogsOn, RegistersTask, SetsValue, Starts,
    Sysmon, Writes,
};
use crate::windows::program::{CMD, IPCONFIG, MMC, TASKSCHD};
use crate::windows::{
    Connection, Endpoint, Logon, LogonType, Package, Peer, Program, Session, Task, run_mru,
    task_actions,
};

/// When CORP\adm-sandoval sits down at the server's console.
pub const CONSOLE_LOGON: FileTime = DAY.at(20, 52, 5, 310);
/// And leaves.
const CONSOLE_LOGOFF: FileTime = DAY.at(23, 26, 41, 72);

/// On the workstation.
pub fn on_workstation(day: &mut Day<'_>) {
    day.on(DAY.at(20, 50, 12, 660), 0, Sysmon("Started"));
    look_at_tasks_in_the_console(day, DAY.at(21, 36, 20, 415));
    make_a_startup_shortcut(day, DAY.at(22, 59, 3, 801));
}

/// On the server.
pub fn on_server(day: &mut Day<'_>) {
    day.on(DAY.at(20, 50, 48, 27), 0, Sysmon("Started"));
    sit_down_at_the_console(day);
    type_a_command_at_the_console(day, DAY.at(20, 57, 33, 190));
    for time in [
        DAY.at(21, 5, 0, 412),
        DAY.at(21, 35, 0, 377),
        DAY.at(22, 35, 0, 390),
    ] {
        check_the_desktop_port(day, time);
    }
    read_event_logs_while_a_task_changes(day, DAY.at(21, 24, 51, 733));
    download_while_files_are_served(day, DAY.at(21, 41, 9, 56));
    make_a_startup_shortcut(day, DAY.at(22, 8, 47, 294));
    install_an_agent(day, DAY.at(23, 4, 30, 618));
    leave_the_console(day);
}

/// Library without a call: the console shows the tasks of its own host.
fn look_at_tasks_in_the_console(day: &mut Day<'_>, begin: FileTime) {
    let call = r#""C:\Windows\system32\mmc.exe" C:\Windows\system32\taskschd.msc /s"#;
    let explorer = day.desk.explorer;
    let console = day.run(begin, &MMC, call, explorer, (80_000, 90_000));
    day.on(begin, 733, Loads(console, &TASKSCHD));
}

/// Start-up folder, but the person's own, and by the person's own shell.
fn make_a_startup_shortcut(day: &mut Day<'_>, begin: FileTime) {
    let user = day.desk.session.account.name;
    let path = format!(
        r"C:\Users\{user}\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\Notes.lnk"
    );
    let explorer = day.desk.explorer;
    day.on(begin, 0, Writes(explorer, &path));
}

fn sit_down_at_the_console(day: &mut Day<'_>) {
    let desk = day.desk;
    let winlogon = day.machine.os.winlogon;
    let logon = Logon {
        session: desk.session,
        kind: LogonType::Interactive,
        package: Package::AtScreen,
        by: Some(winlogon),
        from: Peer {
            ip: "127.0.0.1",
            port: Some(0),
            workstation: SRV02.name,
        },
        elevated: true,
        linked: 0,
    };
    day.on(CONSOLE_LOGON, 0, LogsOn(logon));
    let shell = desk.explorer.started_by(winlogon);
    day.on(desk.explorer.started, 0, Starts(shell));
}

fn leave_the_console(day: &mut Day<'_>) {
    let session = day.desk.session;
    day.on(CONSOLE_LOGOFF, 0, LogsOff(session, LogonType::Interactive));
}

/// A typed command and its child, but nobody is connected to port 3389.
fn type_a_command_at_the_console(day: &mut Day<'_>, begin: FileTime) {
    let explorer = day.desk.explorer;
    let run = run_mru(&explorer.session.account);
    let call = r#""C:\Windows\system32\cmd.exe" /k ipconfig"#;
    let command = day.run(begin, &CMD, call, explorer, (40_000, 41_000));
    day.on(begin, 4, CreatesKey(explorer, &run));
    day.on(
        begin,
        6,
        SetsValue(explorer, &format!(r"{run}\a"), r"cmd.exe /k ipconfig\1"),
    );
    day.on(
        begin,
        7,
        SetsValue(explorer, &format!(r"{run}\MRUList"), "a"),
    );
    day.run(
        begin + Span::milliseconds(120),
        &IPCONFIG,
        "ipconfig",
        command,
        (80, 90),
    );
}

fn from_monitoring(day: &Day<'_>, from: u16, to: u16) -> Connection<'static> {
    debug_assert_eq!(day.machine.host.name, SRV02.name);
    Connection {
        from: MONITORING(from),
        to: SRV02.port(to),
    }
}

/// Port 3389, but nobody logs on: monitoring asks whether it answers.
fn check_the_desktop_port(day: &mut Day<'_>, begin: FileTime) {
    let terminal = day.machine.os.terminal;
    let port = day.port();
    let over = from_monitoring(day, port, 3389);
    day.on(begin, 0, Accepts(terminal, over));
}

/// A remote procedure call and a task's actions, but not of one service: monitoring reads event
/// logs while the scheduler rewrites a task of this host.
fn read_event_logs_while_a_task_changes(day: &mut Day<'_>, begin: FileTime) {
    let os = day.machine.os;
    let port = day.port();
    let over = from_monitoring(day, port, 49_665);
    day.on(begin, 0, Accepts(os.event_log, over));
    let actions = task_actions("{C2A96E40-17B3-4D5C-8E02-90FB3341D7AA}");
    day.on(
        begin,
        8_120,
        SetsValue(os.schedule, &actions, "Binary Data"),
    );
}

/// A program appears and is started right after somebody came in over SMB, but the person's own
/// shell wrote it, not the kernel.
fn download_while_files_are_served(day: &mut Day<'_>, begin: FileTime) {
    let (kernel, explorer) = (day.machine.os.system, day.desk.explorer);
    let colleague = &COLLEAGUES[1];
    let from = Endpoint {
        ip: colleague.ip,
        name: colleague.computer,
        port: day.port(),
    };
    let over = Connection {
        from,
        to: SRV02.port(445),
    };
    day.on(begin, 0, Accepts(kernel, over));
    let path = r"C:\Users\adm-sandoval\Downloads\nvsetup.exe";
    day.on(begin, 6_040, Writes(explorer, path));
    let program = Program::unknown(path);
    let later = begin + Span::milliseconds(15_870);
    day.run(later, &program, path, explorer, (30_000, 31_000));
}

/// A service and a task, but both made by the host itself.
fn install_an_agent(day: &mut Day<'_>, begin: FileTime) {
    let os = day.machine.os;
    let system = Session::of_system(day.machine.host.boot);
    let program = r"C:\Program Files\Northvault\Agent\nvupdate.exe";
    day.on(
        begin,
        0,
        InstallsService(system, "NorthvaultUpdate", program),
    );
    let key = r"HKLM\System\CurrentControlSet\Services\NorthvaultUpdate\ImagePath";
    day.on(begin, 4, SetsValue(os.services, key, program));
    let task = Task {
        path: r"\Northvault\Update",
        author: "Northvault",
        command: program,
        arguments: "--check",
        client: os.agent.pid,
        client_parent: os.services.pid,
    };
    day.on(begin, 1_315, RegistersTask(system, task));
}
