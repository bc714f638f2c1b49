//! What happens on a host all day. Each routine begins at a time and plays a few happenings.

use super::day::Day;
use crate::corp::{
    APP04, COLLEAGUES, Colleague, DOMAIN_CONTROLLER, FILES, FS03, KRBTGT, MAIL, MONITORING, SITES,
    SRV02, UPDATES, WS01, account_of,
};
use crate::time::{FileTime, Span};
use crate::windows::Happening::{
    Accepts, Checks, Connects, CreatesKey, Grants, IsRefused, IsService, Loads, LogsOff, LogsOn,
    OpensShare, Reaches, Resolves, SetsValue, Writes,
};
use crate::windows::program::{
    BACKGROUND_TASK_HOST, CMD, GPUPDATE, IPCONFIG, MPCMDRUN, NOTEPAD, RUNTIME_BROKER,
    SEARCH_PROTOCOL_HOST, TASKHOSTW, TASKSCHD, TRUSTED_INSTALLER, UXTHEME, WINWORD, WMIPRVSE,
};
use crate::windows::{
    Account, Connection, Endpoint, FailedLogon, Logon, LogonType, Package, Peer, Program, Session,
    Share, ShareAccess, Ticket, run_mru, task_actions,
};

/// Something that is played again and again.
pub struct Routine {
    /// How often it is drawn, beside the others.
    pub weight: u64,
    /// Whether it shares nothing with any movement, and may be played beside one.
    pub harmless: bool,
    /// What it plays.
    pub play: fn(&mut Day<'_>, FileTime),
}

const fn harmless(weight: u64, play: fn(&mut Day<'_>, FileTime)) -> Routine {
    Routine {
        weight,
        harmless: true,
        play,
    }
}

const fn similar(weight: u64, play: fn(&mut Day<'_>, FileTime)) -> Routine {
    Routine {
        weight,
        harmless: false,
        play,
    }
}

/// What a workstation does.
pub const WORKSTATION: &[Routine] = &[
    harmless(30, browse),
    harmless(16, fetch_mail),
    harmless(16, host_a_background_task),
    harmless(10, write_a_letter),
    harmless(8, index_files),
    harmless(12, ask_the_domain_controller),
    harmless(3, apply_group_policy),
    harmless(4, scan_for_viruses),
    harmless(4, miss_a_name),
    similar(5, use_the_run_dialog),
    similar(4, update_windows),
    similar(4, look_at_own_tasks),
    similar(3, open_a_share),
];

/// What a server does.
pub const SERVER: &[Routine] = &[
    harmless(14, report_to_monitoring),
    harmless(12, ask_the_domain_controller),
    harmless(8, serve_wmi),
    harmless(7, start_a_service),
    harmless(6, log_a_service_on),
    harmless(5, scan_for_viruses),
    harmless(3, apply_group_policy),
    similar(9, serve_a_file),
    similar(9, greet_a_workstation),
    similar(4, update_windows),
    similar(4, run_a_local_task),
    similar(4, call_itself),
    similar(2, unlock_the_console),
    similar(2, use_the_run_dialog),
    similar(2, refuse_a_logon),
];

/// What a server does that logs little.
pub const MEMBER: &[Routine] = &[
    harmless(3, log_a_service_on),
    harmless(7, run_a_service),
    similar(6, serve_a_file),
    similar(8, greet_a_workstation),
    similar(1, refuse_a_logon),
];

/// What a domain controller does.
pub const CONTROLLER: &[Routine] = &[
    harmless(1, log_a_service_on),
    harmless(3, run_a_service),
    harmless(6, give_a_ticket),
    harmless(8, let_a_member_in),
    harmless(2, check_a_password),
];

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

fn browse(day: &mut Day<'_>, begin: FileTime) {
    let browser = day.desk.browser;
    let site = day.noise.one_of(&SITES);
    let over = day.connection_to(site.server);
    day.on(begin, 0, Resolves(browser, site.name, Some(site.answer)));
    day.on(begin, 38, Connects(browser, over));
}

fn miss_a_name(day: &mut Day<'_>, begin: FileTime) {
    let browser = day.desk.browser;
    day.on(begin, 0, Resolves(browser, "wpad.corp.example.com", None));
}

fn fetch_mail(day: &mut Day<'_>, begin: FileTime) {
    let mail = day.desk.mail;
    let over = day.connection_to(MAIL);
    let answer = Some("::ffff:10.20.30.5;");
    day.on(begin, 0, Resolves(mail, "mail.corp.example.com", answer));
    day.on(begin, 24, Connects(mail, over));
}

fn host_a_background_task(day: &mut Day<'_>, begin: FileTime) {
    let (dcom, session) = (day.machine.os.dcom, day.desk.session);
    let lasts = (4 * SECOND, 30 * SECOND);
    if day.noise.below(2) == 0 {
        let call = r"C:\Windows\System32\RuntimeBroker.exe -Embedding";
        day.run_as(begin, &RUNTIME_BROKER, call, dcom, session, lasts);
    } else {
        let call = r#""C:\Windows\system32\backgroundTaskHost.exe" -ServerName:App.Mail.mca"#;
        day.run_as(begin, &BACKGROUND_TASK_HOST, call, dcom, session, lasts);
    }
}

fn write_a_letter(day: &mut Day<'_>, begin: FileTime) {
    let explorer = day.desk.explorer;
    let number = day.noise.between(1_000, 9_999);
    let user = day.desk.session.account.name;
    let path = format!(r"C:\Users\{user}\Documents\Letter {number}.docx");
    let call = format!(r#""{}" /n "{path}""#, WINWORD.path);
    let word = day.run(begin, &WINWORD, &call, explorer, (3 * MINUTE, 8 * MINUTE));
    day.on(begin, 412, Loads(word, &UXTHEME));
    day.on(begin, 95 * SECOND, Writes(word, &path));
}

fn index_files(day: &mut Day<'_>, begin: FileTime) {
    let indexer = day.machine.os.indexer;
    let call = r#""C:\Windows\system32\SearchProtocolHost.exe" Global\Pipe1_ Global\CtrlPipe1 1"#;
    day.run(
        begin,
        &SEARCH_PROTOCOL_HOST,
        call,
        indexer,
        (60 * SECOND, 130 * SECOND),
    );
}

/// Among others by remote procedure call: outbound, both ports high, but without the library.
fn ask_the_domain_controller(day: &mut Day<'_>, begin: FileTime) {
    let lsass = day.machine.os.lsass;
    let port = *day.noise.one_of(&[88, 88, 389, 135, 49_667]);
    let over = day.connection_to(DOMAIN_CONTROLLER(port));
    day.on(begin, 0, Connects(lsass, over));
}

fn apply_group_policy(day: &mut Day<'_>, begin: FileTime) {
    let os = day.machine.os;
    day.run(
        begin,
        &GPUPDATE,
        "gpupdate.exe /target:computer",
        os.schedule,
        (2 * SECOND, 6 * SECOND),
    );
    let policies = day.connection_to(DOMAIN_CONTROLLER(445));
    day.on(begin, 310, Connects(os.system, policies));
}

fn scan_for_viruses(day: &mut Day<'_>, begin: FileTime) {
    let services = day.machine.os.services;
    let call = r#""C:\Program Files\Windows Defender\MpCmdRun.exe" SignatureUpdate -ScheduleJob -RestrictPrivileges"#;
    day.run(begin, &MPCMDRUN, call, services, (5 * SECOND, 40 * SECOND));
}

/// Programs come and are started here too, but the service writes them, not the kernel.
fn update_windows(day: &mut Day<'_>, begin: FileTime) {
    let update = day.machine.os.update;
    let number = day.noise.between(5_000_000, 5_999_999);
    let folder = r"C:\Windows\SoftwareDistribution\Download";
    let over = day.connection_to(UPDATES.server);
    day.on(
        begin,
        0,
        Resolves(update, UPDATES.name, Some(UPDATES.answer)),
    );
    day.on(begin, 41, Connects(update, over));
    day.on(
        begin,
        3_207,
        Writes(update, &format!(r"{folder}\windows-kb{number}-x64.cab")),
    );
    let path = format!(r"{folder}\Install\AM_Delta_{number}.exe");
    day.on(begin, 9_614, Writes(update, &path));
    let program = Program::unknown(&path);
    let call = format!("{path} WD /stub 1.1.24010.10 /payload 1.403.{number}");
    let later = begin + Span::milliseconds(11_030);
    day.run(later, &program, &call, update, (3 * SECOND, 9 * SECOND));
}

/// At the screen of the host itself: what is typed may well be a command.
fn use_the_run_dialog(day: &mut Day<'_>, begin: FileTime) {
    let explorer = day.desk.explorer;
    let run = run_mru(&explorer.session.account);
    day.on(begin, 3, CreatesKey(explorer, &run));
    let lasts = (20 * SECOND, 4 * MINUTE);
    if day.noise.below(2) == 0 {
        let call = r#""C:\Windows\system32\notepad.exe""#;
        day.run(begin, &NOTEPAD, call, explorer, lasts);
        day.on(
            begin,
            5,
            SetsValue(explorer, &format!(r"{run}\b"), r"notepad\1"),
        );
    } else {
        let call = r#""C:\Windows\system32\cmd.exe""#;
        let cmd = day.run(begin, &CMD, call, explorer, lasts);
        day.on(
            begin,
            5,
            SetsValue(explorer, &format!(r"{run}\a"), r"cmd.exe\1"),
        );
        let typed = begin + Span::milliseconds(7_450);
        day.run(typed, &IPCONFIG, "ipconfig  /all", cmd, (60, 300));
    }
    day.on(
        begin,
        6,
        SetsValue(explorer, &format!(r"{run}\MRUList"), "ab"),
    );
}

/// Loads the task scheduler's library, but looks at this host only; what goes out is mail.
fn look_at_own_tasks(day: &mut Day<'_>, begin: FileTime) {
    let mail = day.desk.mail;
    day.on(begin, 0, Loads(mail, &TASKSCHD));
    let over = day.connection_to(MAIL);
    day.on(begin, 1_904, Connects(mail, over));
}

fn open_a_share(day: &mut Day<'_>, begin: FileTime) {
    let system = day.machine.os.system;
    let over = day.connection_to(FILES);
    day.on(begin, 0, Connects(system, over));
}

fn report_to_monitoring(day: &mut Day<'_>, begin: FileTime) {
    let agent = day.machine.os.agent;
    let over = day.connection_to(MONITORING(8_443));
    let answer = Some("::ffff:10.20.30.6;");
    day.on(begin, 0, Resolves(agent, "mon01.corp.example.com", answer));
    day.on(begin, 17, Connects(agent, over));
}

fn serve_wmi(day: &mut Day<'_>, begin: FileTime) {
    let os = day.machine.os;
    let call = r"C:\Windows\system32\wbem\wmiprvse.exe -secured -Embedding";
    let session = Session::of_network_service(day.machine.host.boot);
    day.run_as(
        begin,
        &WMIPRVSE,
        call,
        os.dcom,
        session,
        (60 * SECOND, 95 * SECOND),
    );
}

fn start_a_service(day: &mut Day<'_>, begin: FileTime) {
    let services = day.machine.os.services;
    let key = r"HKLM\System\CurrentControlSet\Services\TrustedInstaller\Start";
    day.on(begin, 0, SetsValue(services, key, "DWORD (0x00000003)"));
    let call = r"C:\Windows\servicing\TrustedInstaller.exe";
    let later = begin + Span::milliseconds(44);
    day.run(
        later,
        &TRUSTED_INSTALLER,
        call,
        services,
        (2 * MINUTE, 5 * MINUTE),
    );
}

fn log_a_service_on(day: &mut Day<'_>, begin: FileTime) {
    let os = day.machine.os;
    let logon = Logon {
        session: Session::of_system(day.machine.host.boot),
        kind: LogonType::Service,
        package: Package::OfService,
        by: Some(os.services),
        from: Peer::NONE,
        elevated: true,
        linked: 0,
    };
    day.on(begin, 0, LogsOn(logon));
}

fn from_colleague<'a>(port: u16, colleague: &Colleague, to: Endpoint<'a>) -> Connection<'a> {
    Connection {
        from: Endpoint {
            ip: colleague.ip,
            name: colleague.computer,
            port,
        },
        to,
    }
}

/// The kernel writes what comes in here, too; but it is a spreadsheet.
fn serve_a_file(day: &mut Day<'_>, begin: FileTime) {
    let colleague = *day.noise.one_of(&COLLEAGUES);
    let host = day.machine.host;
    let over = from_colleague(day.port(), &colleague, host.port(445));
    let session = Session {
        account: colleague.account,
        logon_id: day.logon_id(),
        terminal: 0,
        began: begin,
    };
    let number = day.noise.between(100, 999);
    let name = format!(r"Bids\Bid {number}.xlsx");
    let system = day.machine.os.system;
    day.on(begin, 0, Accepts(system, over));
    day.on(
        begin,
        29,
        LogsOn(Logon::over_network(session, &over, false)),
    );
    day.on(begin, 51, OpensShare(session, over, Share::PROJECTS));
    day.on(
        begin,
        64,
        Reaches(session, over, Share::PROJECTS, "Bids", ShareAccess::Read),
    );
    day.on(
        begin,
        4_310,
        Reaches(session, over, Share::PROJECTS, &name, ShareAccess::Write),
    );
    day.on(
        begin,
        4_334,
        Writes(system, &format!(r"D:\Projects\{name}")),
    );
    let end = day.noise.between(15 * SECOND, 80 * SECOND);
    day.on(begin, end, LogsOff(session, LogonType::Network));
}

/// Workstations log on, too, with accounts of their own.
fn greet_a_workstation(day: &mut Day<'_>, begin: FileTime) {
    let colleague = *day.noise.one_of(&COLLEAGUES);
    let session = Session {
        account: colleague.workstation,
        logon_id: day.logon_id(),
        terminal: 0,
        began: begin,
    };
    let host = day.machine.host;
    let over = from_colleague(day.port(), &colleague, host.port(445));
    day.on(begin, 0, LogsOn(Logon::over_network(session, &over, false)));
    let end = day.noise.between(8 * SECOND, 30 * SECOND);
    day.on(begin, end, LogsOff(session, LogonType::Network));
}

/// The scheduler is asked over its port and writes a task's actions; but by this host itself.
fn run_a_local_task(day: &mut Day<'_>, begin: FileTime) {
    let schedule = day.machine.os.schedule;
    let over = loopback(day.port(), 49_668);
    day.on(begin, 0, Accepts(schedule, over));
    let actions = task_actions("{5D0E7C19-9A42-4F66-B3A8-71C2046B8E05}");
    day.on(begin, 2_216, SetsValue(schedule, &actions, "Binary Data"));
    let later = begin + Span::milliseconds(2_530);
    day.run(
        later,
        &TASKHOSTW,
        "taskhostw.exe",
        schedule,
        (9 * SECOND, 50 * SECOND),
    );
}

const fn loopback(from: u16, to: u16) -> Connection<'static> {
    const fn own(port: u16) -> Endpoint<'static> {
        Endpoint {
            ip: "127.0.0.1",
            name: "-",
            port,
        }
    }
    Connection {
        from: own(from),
        to: own(to),
    }
}

/// Sysmon writes addresses of version 6 in full.
fn call_itself(day: &mut Day<'_>, begin: FileTime) {
    let system = day.machine.os.system;
    let own = |port| Endpoint {
        ip: "0:0:0:0:0:0:0:1",
        name: "-",
        port,
    };
    let from = own(day.port());
    let over = Connection { from, to: own(445) };
    day.on(begin, 0, Connects(system, over));
    day.on(begin, 1, Accepts(system, over));
}

fn unlock_the_console(day: &mut Day<'_>, begin: FileTime) {
    let session = Session {
        logon_id: day.logon_id(),
        began: begin,
        ..day.desk.session
    };
    let logon = Logon {
        session,
        kind: LogonType::Unlock,
        package: Package::AtScreen,
        by: Some(day.machine.os.winlogon),
        from: Peer {
            ip: "127.0.0.1",
            port: Some(0),
            workstation: day.machine.host.name,
        },
        elevated: false,
        linked: 0,
    };
    day.on(begin, 0, LogsOn(logon));
    day.on(begin, 83, LogsOff(session, LogonType::Unlock));
}

fn refuse_a_logon(day: &mut Day<'_>, begin: FileTime) {
    let colleague = *day.noise.one_of(&COLLEAGUES);
    let (workstation, _) = colleague.computer.split_once('.').unwrap_or(("-", ""));
    let port = day.port();
    let failed = FailedLogon {
        account: colleague.account,
        from: Peer {
            ip: colleague.ip,
            port: Some(port),
            workstation,
        },
    };
    day.on(begin, 0, IsRefused(failed));
}

/// Services that are started when they are needed, and stopped again.
pub(super) const SERVICES: [&str; 6] = [
    "Windows Modules Installer",
    "Background Intelligent Transfer Service",
    "WMI Performance Adapter",
    "Software Protection",
    "Windows Update",
    "Portable Device Enumerator Service",
];

pub(super) fn run_a_service(day: &mut Day<'_>, begin: FileTime) {
    let name = *day.noise.one_of(&SERVICES);
    let end = day.noise.between(30 * SECOND, 5 * MINUTE);
    day.on(begin, 0, IsService(name, "running"));
    day.on(begin, end, IsService(name, "stopped"));
}

/// Somebody of the domain, and from which address.
fn somebody(day: &mut Day<'_>) -> (Account<'static>, &'static str) {
    let colleague = *day.noise.one_of(&COLLEAGUES);
    let hosts = [WS01, SRV02, FS03, APP04];
    let host = *day.noise.one_of(&hosts);
    match day.noise.below(4) {
        0 => (colleague.account, colleague.ip),
        1 => (colleague.workstation, colleague.ip),
        _ => (account_of(&host).unwrap_or(colleague.workstation), host.ip),
    }
}

fn give_a_ticket(day: &mut Day<'_>, begin: FileTime) {
    let (account, ip) = somebody(day);
    let port = day.port();
    let ticket = Ticket {
        account,
        krbtgt: KRBTGT,
        ip,
        port,
    };
    day.on(begin, 0, Grants(ticket));
}

/// Who belongs to the domain reads its policies.
fn let_a_member_in(day: &mut Day<'_>, begin: FileTime) {
    let (account, ip) = somebody(day);
    let session = log_on_over_network(day, begin, account, (ip, "-"), 389, false);
    let end = day.noise.between(200, 40 * SECOND);
    day.on(begin, end, LogsOff(session, LogonType::Network));
}

/// Somebody logs on over the network, from an address and what stands there, to a port of the host.
pub(super) fn log_on_over_network(
    day: &mut Day<'_>,
    begin: FileTime,
    account: Account<'static>,
    (ip, name): (&'static str, &'static str),
    port: u16,
    elevated: bool,
) -> Session<'static> {
    let session = Session {
        account,
        logon_id: day.logon_id(),
        terminal: 0,
        began: begin,
    };
    let from = Endpoint {
        ip,
        name,
        port: day.port(),
    };
    let host = day.machine.host;
    let to = host.port(port);
    let over = Connection { from, to };
    day.on(
        begin,
        0,
        LogsOn(Logon::over_network(session, &over, elevated)),
    );
    session
}

/// Some programs still know nothing but passwords.
fn check_a_password(day: &mut Day<'_>, begin: FileTime) {
    let colleague = *day.noise.one_of(&COLLEAGUES);
    let (workstation, _) = colleague.computer.split_once('.').unwrap_or(("-", ""));
    day.on(begin, 0, Checks(colleague.account, workstation));
}
