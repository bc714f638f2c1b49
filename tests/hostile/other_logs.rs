//! Records of logs that the samples do not have: all of them of the workstation, in one file.

use samples::evtx::{Body, Fields, Record, Value};
use samples::intrusion::CAST;
use samples::time::{FileTime, Span};
use samples::windows::{Account, Log};

use crate::payload::{Payloads, mark};

const SECURITY: [&str; 2] = ["Microsoft-Windows-Security-Auditing", "Security"];
const SYSMON: [&str; 2] = [
    "Microsoft-Windows-Sysmon",
    "Microsoft-Windows-Sysmon/Operational",
];
const POWERSHELL: [&str; 2] = [
    "Microsoft-Windows-PowerShell",
    "Microsoft-Windows-PowerShell/Operational",
];
const DESKTOP_CLIENT: [&str; 2] = [
    "Microsoft-Windows-TerminalServices-ClientActiveXCore",
    "Microsoft-Windows-TerminalServices-RDPClient/Operational",
];
const CONNECTIONS: [&str; 2] = [
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager",
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
];
const DESKTOPS: [&str; 2] = [
    "Microsoft-Windows-TerminalServices-LocalSessionManager",
    Log::Desktops.channel(),
];
const WINRM: [&str; 2] = [
    "Microsoft-Windows-WinRM",
    "Microsoft-Windows-WinRM/Operational",
];
const EVENT_LOG: [&str; 2] = ["Microsoft-Windows-Eventlog", "System"];

/// All of them, in the order of their times.
pub(crate) fn records(payloads: Payloads, class: usize) -> Vec<Record> {
    let writer = Writer { payloads, class };
    let mut all = writer.commands();
    all.extend(writer.desktops());
    all.extend(writer.sysmon());
    all.extend(writer.security());
    all.extend(writer.odd());
    for (record, second) in all.iter_mut().zip(0..) {
        record.time = writer.at(second);
        record.computer = "WS01.corp.example.com".into();
    }
    all
}

/// Writes records with payloads of a class.
struct Writer {
    payloads: Payloads,
    class: usize,
}

impl Writer {
    fn at(&self, second: u64) -> FileTime {
        FileTime::day(2026, 3, 2).at(20, 0, 0, 0)
            + Span::seconds(86_400 * self.class as u64 + second)
    }

    fn text(&self, field: &str) -> String {
        self.payloads.text(self.class, field)
    }

    fn value(&self, field: &str) -> Value {
        self.text(field).into()
    }

    /// Somebody of the company by a payload.
    fn user(&self) -> Value {
        format!(r"CORP\{}", self.text("un")).into()
    }

    fn commands(&self) -> Vec<Record> {
        let password = mark(self.class, "pw");
        let wmic = format!(
            r"wmic.exe /node:{} /user:CORP\svc-deploy /password:{password} process call create cmd.exe {}",
            mark(self.class, "wn"),
            self.text("cm")
        );
        let net = format!(
            r"net use \\SRV02\C$ {password} /user:CORP\{}",
            self.text("un")
        );
        let script = format!(
            "Invoke-Command -ComputerName {} -ScriptBlock {{ {} }}",
            mark(self.class, "ic"),
            self.text("sc")
        );
        let script = vec![
            ("MessageNumber", Value::UInt32(1)),
            ("MessageTotal", Value::UInt32(1)),
            ("ScriptBlockText", script.into()),
            (
                "ScriptBlockId",
                "0ad4e05d-23ab-4bd9-8d6b-1d9b7bd5e001".into(),
            ),
            ("Path", format!(r"C:\{}.ps1", self.text("sp")).into()),
        ];
        let connection = format!("{}/wsman?PSVersion=5.1", self.text("wr"));
        vec![
            self.starts("wmic.exe", wmic),
            self.starts("net.exe", net),
            data(POWERSHELL, 4104, script),
            data(WINRM, 6, vec![("connection", connection.into())]),
        ]
    }

    fn starts(&self, program: &str, command: String) -> Record {
        let mut fields = subject();
        fields.extend([
            ("NewProcessId", Value::Pointer(4_000)),
            (
                "NewProcessName",
                format!(r"C:\Windows\System32\{program}").into(),
            ),
            ("ProcessId", Value::Pointer(7_964)),
            ("CommandLine", command.into()),
            (
                "ParentProcessName",
                format!(r"C:\Temp\{}.exe", self.text("pp")).into(),
            ),
        ]);
        data(SECURITY, 4688, fields)
    }

    fn desktops(&self) -> Vec<Record> {
        let client = vec![
            ("Name", "Server Name".into()),
            ("Value", self.value("rd")),
            ("CustomLevel", "Info".into()),
        ];
        let connection = vec![
            ("Param1", self.value("un")),
            ("Param2", self.value("do")),
            ("Param3", self.value("ra")),
        ];
        let session = vec![
            ("User", self.user()),
            ("SessionID", Value::UInt32(5)),
            ("Address", self.value("la")),
        ];
        vec![
            data(DESKTOP_CLIENT, 1024, client),
            user_data(CONNECTIONS, 1149, "EventXML", connection),
            user_data(DESKTOPS, 21, "EventXML", session),
        ]
    }

    fn sysmon(&self) -> Vec<Record> {
        let pipe = vec![
            ("EventType", "CreatePipe".into()),
            ("UtcTime", self.at(7).to_sysmon_text().into()),
            ("ProcessId", Value::UInt32(900)),
            (
                "PipeName",
                format!(r"\PSEXESVC-{}-1234-stdin", self.text("pi")).into(),
            ),
            ("Image", r"C:\Windows\PSEXESVC.exe".into()),
            ("User", self.user()),
        ];
        let consumer = vec![
            ("EventType", "WmiConsumerEvent".into()),
            ("UtcTime", self.at(8).to_sysmon_text().into()),
            ("Operation", "Created".into()),
            ("User", self.user()),
            ("Name", self.value("wm")),
            ("Type", "Command Line".into()),
            ("Destination", self.value("wd")),
        ];
        vec![data(SYSMON, 17, pipe), data(SYSMON, 20, consumer)]
    }

    fn security(&self) -> Vec<Record> {
        let mut share = subject();
        share.extend([
            ("ObjectType", "File".into()),
            ("IpAddress", "10.20.30.22".into()),
            ("IpPort", "50000".into()),
            ("ShareName", format!(r"\\*\{}", self.text("sn")).into()),
            (
                "ShareLocalPath",
                format!(r"\??\C:\{}", self.text("sl")).into(),
            ),
            ("RelativeTargetName", self.value("rt")),
            ("AccessMask", Value::HexInt32(2)),
            ("AccessList", "%%4417".into()),
        ]);
        let number = 4_000 + u32::try_from(self.class).unwrap();
        let mut account = subject();
        account.extend([
            ("TargetUserName", self.value("un")),
            ("TargetDomainName", "WS01".into()),
            (
                "TargetSid",
                Value::Sid(Account::of_domain("", number).sid()),
            ),
            ("SamAccountName", self.value("un")),
            ("DisplayName", self.value("dp")),
        ]);
        let refused = vec![
            ("TargetUserName", self.value("fu")),
            ("TargetDomainName", self.value("fd")),
            ("Status", Value::HexInt32(0xC000_006D)),
            ("FailureReason", self.value("fr")),
            ("SubStatus", Value::HexInt32(0xC000_006A)),
            ("LogonType", Value::UInt32(3)),
            ("WorkstationName", self.value("fw")),
            ("IpAddress", self.value("fp")),
        ];
        vec![
            data(SECURITY, 5145, share),
            data(SECURITY, 4720, account),
            data(SECURITY, 4625, refused),
        ]
    }

    /// A log that was cleared, and one of which nobody knows anything.
    fn odd(&self) -> Vec<Record> {
        let cleared = vec![
            ("SubjectUserName", "svc-deploy".into()),
            ("SubjectDomainName", "CORP".into()),
            ("Channel", self.value("ch")),
            ("BackupPath", self.value("bp")),
        ];
        let unknown = vec![("param1", self.value("p1")), ("", self.value("p2"))];
        let body = Body::EventData(unknown);
        vec![
            user_data(EVENT_LOG, 104, "LogFileCleared", cleared),
            Record::plain(self.text("pr"), self.text("cn"), 1, body),
        ]
    }
}

/// Who does it.
fn subject() -> Fields {
    vec![
        ("SubjectUserSid", Value::Sid(CAST.account.sid())),
        ("SubjectUserName", "svc-deploy".into()),
        ("SubjectDomainName", "CORP".into()),
        ("SubjectLogonId", Value::HexInt64(0x2E_90D5)),
    ]
}

fn data([provider, channel]: [&'static str; 2], id: u16, fields: Fields) -> Record {
    Record::plain(provider, channel, id, Body::EventData(fields))
}

fn user_data(
    [provider, channel]: [&'static str; 2],
    id: u16,
    element: &'static str,
    fields: Fields,
) -> Record {
    let body = Body::UserData {
        element,
        namespace: "Event_NS",
        fields,
    };
    Record::plain(provider, channel, id, body)
}
