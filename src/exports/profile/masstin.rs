//! `masstin`: its 14 columns, for its graph loaders. They compare the heading as text and split rows at commas, so nothing
//! is quoted, and no value has a comma or a quote.

use timeline::fields as f;
use timeline::sort::Sorted;

use super::legacy::{UNDATED, neutral, value};
use super::{Tools, View};
use crate::exports::event::Told;
use crate::exports::output::Files;
use crate::exports::table::Plain;
use crate::exports::tally::Tally;

const HEADER: &str = "time_created,dst_computer,event_type,event_id,logon_type,target_user_name,target_domain_name,\
    src_computer,src_ip,subject_user_name,subject_domain_name,logon_id,detail,log_filename\n";
/// Why an event has no row.
const NO_LOGON: &str = "it is no logon, logoff or connection that masstin knows";

pub(super) struct Masstin;

impl View for Masstin {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let Some(what) = event_type(event) else {
            return tally.leave_out(NO_LOGON);
        };
        let Some(time) = event.time() else {
            return tally.leave_out(UNDATED);
        };
        let cells = cells(event, what, &time.to_string());
        let cells = cells.map(|cell| plain(&cell, tally));
        put(&event.key(), format!("{}\n", cells.join(",")).as_bytes());
    }

    fn write(
        &self,
        _: Tools<'_>,
        rows: Sorted,
        files: &Files<'_>,
        _: &mut Tally,
    ) -> anyhow::Result<()> {
        Plain::alone(HEADER).write(rows, files)
    }
}

/// What masstin calls such an event.
fn event_type(event: &Told<'_>) -> Option<&'static str> {
    let channel = event.text(f::WINLOG_CHANNEL);
    let outcome = event.text(f::EVENT_OUTCOME);
    let by_outcome = if outcome == "failure" {
        "FAILED_LOGON"
    } else {
        "SUCCESSFUL_LOGON"
    };
    Some(match (channel, event.text(f::EVENT_CODE)) {
        ("Security", "4624" | "4648" | "4778") => "SUCCESSFUL_LOGON",
        ("Security", "4625" | "4771") => "FAILED_LOGON",
        ("Security", "4768" | "4769" | "4770" | "4776") => by_outcome,
        ("Security", "4634" | "4647" | "4779") => "LOGOFF",
        ("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", code) => {
            match code {
                "21" | "22" | "25" => "SUCCESSFUL_LOGON",
                "23" | "24" => "LOGOFF",
                _ => return None,
            }
        }
        ("Security", "5140")
        | ("Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational", "1149")
        | ("Microsoft-Windows-TerminalServices-RDPClient/Operational", "1024" | "1102")
        | ("Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational", "131") => "CONNECT",
        _ => return None,
    })
}

fn cells(event: &Told<'_>, what: &str, time: &str) -> [String; 14] {
    let columns = event.columns();
    let data = |name: &str| event.own(&format!("winlog.event_data.{name}"));
    // What the record itself says of the account logged on; or else the account of the event.
    let first = |texts: &[&str]| {
        let found = texts.iter().find(|text| !text.is_empty() && **text != "-");
        found.map_or_else(String::new, |text| (*text).to_owned())
    };
    let is_client = event
        .text(f::WINLOG_CHANNEL)
        .ends_with("RDPClient/Operational");
    let here = columns.get("host").to_owned();
    let there = first(&[
        columns.get("dst_host"),
        event.text(f::DESTINATION_ADDRESS),
        event.text(f::DESTINATION_IP),
    ]);
    let (target, source) = if is_client {
        (there, here)
    } else {
        (
            here,
            first(&[columns.get("src_host"), data("WorkstationName")]),
        )
    };
    [
        time.to_owned(),
        target,
        what.to_owned(),
        columns.get("event_id").to_owned(),
        columns.get("logon_type").to_owned(),
        first(&[
            data("TargetUserName"),
            event.text(f::USER_TARGET_NAME),
            event.text(f::USER_NAME),
        ]),
        first(&[
            data("TargetDomainName"),
            event.text(f::USER_TARGET_DOMAIN),
            event.text(f::USER_DOMAIN),
        ]),
        source,
        columns.get("src_ip").to_owned(),
        first(&[data("SubjectUserName")]),
        first(&[data("SubjectDomainName")]),
        columns.get("logon_id").to_owned(),
        detail(event),
        columns.get("evidence_file").to_owned(),
    ]
}

/// What else is of use, and the event's identity.
fn detail(event: &Told<'_>) -> String {
    let data = |name: &str| event.own(&format!("winlog.event_data.{name}"));
    let all = [
        ("status", event.text(f::WINLOG_LOGON_FAILURE_SUB_STATUS)),
        ("process", event.text(f::PROCESS_EXECUTABLE)),
        ("share", data("ShareName")),
        ("service", data("ServiceName")),
    ];
    let all = all.into_iter().filter(|(_, text)| !text.is_empty());
    let mut all: Vec<String> = all.map(|(name, text)| format!("{name} {text}")).collect();
    all.push(format!("event_uid {}", event.uid()));
    all.join("; ")
}

fn plain(text: &str, tally: &mut Tally) -> String {
    if text.is_empty() {
        // As masstin writes it.
        return "\"\"".to_owned();
    }
    let text = value(text, ',', " ", tally);
    neutral(value(&text, '"', "'", tally), tally)
}
