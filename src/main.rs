//! sidetrack: who moved from where to where, when, as whom, how, what ran, and how sure are we?
//!
//! This is the program around the crates: what was typed, finding evidence, running the line,
//! writing the case and the report.

mod args;
mod case;
mod collect;
mod duration;
mod exit;
mod explain;
mod export;
mod exports;
mod hashed;
mod inventory;
mod list;
mod manifest;
mod markup;
mod memory;
mod peek;
mod plan;
mod progress;
mod query;
mod report;
mod rules;
mod run;
mod signature;
mod sources;
mod stdout;
mod store;
mod stored_csv;
mod verify;
mod visible;

use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches};

use args::{Cli, Command};
use exit::{Exit, UsageError};
use visible::{is_visible, visible};

/// Most of what a run allocates is short and comes in millions.
#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // clap ends the program with 2 on wrong usage, and with 0 on --help.
    let matches = command_line().try_get_matches();
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let command = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let result = match cli.command {
        Command::Analyze(args) => {
            let run = if args.list { list::list } else { run::analyze };
            plan::Plan::new(args, without_passwords(command)).and_then(|plan| run(&plan))
        }
        Command::Query(args) => plan::QueryPlan::new(args).and_then(|plan| query::run(&plan)),
        Command::Explain(args) => plan::ExplainPlan::new(args).and_then(|plan| explain::run(&plan)),
        Command::Verify(args) => plan::VerifyPlan::new(&args).and_then(|plan| verify::run(&plan)),
        Command::Report(args) => report::run(&args),
        Command::Export(args) => exports::Plan::new(args).and_then(|plan| exports::run(&plan)),
        Command::Rules(args) => rules::run(&args.command),
        Command::Sources(args) => sources::print(args.events),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error);
            let usage = error.downcast_ref::<UsageError>().is_some();
            if usage { Exit::Usage } else { Exit::Failed }.into()
        }
    }
}

/// Ends as clap does. It would print what was typed as it is, and a shell may have taken that from evidence: names of
/// files, where somebody wrote `*`. Then only what is wrong is said.
#[expect(clippy::print_stderr, reason = "messages go to stderr (DESIGN.md §6)")]
fn refuse(error: &clap::Error) -> ExitCode {
    let typed: Vec<String> = std::env::args_os()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let is_plain = typed.iter().flat_map(|text| text.chars()).all(is_visible);
    if is_plain || !error.use_stderr() {
        error.exit();
    }
    let typed: Vec<String> = typed.iter().skip(1).map(|text| visible(text)).collect();
    eprintln!("sidetrack: {}: {}", error.kind(), typed.join(" "));
    Exit::Usage.into()
}

/// The command line for the manifest: passwords are nobody's affair who reads it.
fn without_passwords(command: impl Iterator<Item = String>) -> Vec<String> {
    const OPTION: &str = "--password";
    let mut is_next = false;
    let shown = |argument: String| {
        let hidden = std::mem::replace(&mut is_next, argument == OPTION);
        match argument.split_once('=') {
            _ if hidden => "***".into(),
            Some((OPTION, _)) => format!("{OPTION}=***"),
            _ => argument,
        }
    };
    command.map(shown).collect()
}

/// The command line, in colour only where that is wanted: clap itself looks at the terminal and at
/// NO_COLOR, and needs to know before it parses.
fn command_line() -> clap::Command {
    let plain = std::env::args_os().any(|argument| argument == "--no-color");
    let color = if plain {
        ColorChoice::Never
    } else {
        ColorChoice::Auto
    };
    Cli::command().color(color)
}

/// The error and its causes; pictures of queries keep their lines, and what was typed makes none.
#[expect(clippy::print_stderr, reason = "messages go to stderr (DESIGN.md §6)")]
fn complain(error: &anyhow::Error) {
    let text: Vec<String> = error.chain().map(ToString::to_string).collect();
    let mut text = text.join(": ");
    for argument in std::env::args_os() {
        let argument = argument.to_string_lossy();
        let shown = visible(&argument);
        if shown != argument {
            text = text.replace(&*argument, &shown);
        }
    }
    let lines = text.lines().map(visible).collect::<Vec<_>>().join("\n");
    eprintln!("sidetrack: {lines}");
}
