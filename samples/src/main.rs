//! Makes the samples, checks them, or makes any amount of the same.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use samples::pack::Layout;
use samples::{bulk, committed};

/// Writes the sample evidence and its ground truth.
#[derive(Parser)]
struct Args {
    /// Write nothing; say whether the files on disk are what would be written.
    #[arg(long)]
    check: bool,
    /// The folder of the samples [default: this crate's own].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Makes bulk evidence for measurements.
    Generate {
        /// How many events in all.
        #[arg(long)]
        events: u64,
        /// Among how many hosts.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        hosts: u32,
        /// What everything is drawn from.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The folder to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Packs the samples as collectors leave evidence: a folder for each of KAPE, Velociraptor, CyLR,
    /// nested archives, a password, tar.gz.
    Pack {
        /// The folder to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Writes down what the volumes of the samples were told to hold, for each host a JSON file: to hold readers
    /// against.
    DescribeVolumes {
        /// The folder to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            say(&chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<ExitCode, Box<dyn Error>> {
    match args.command {
        Some(Command::Generate {
            events,
            hosts,
            seed,
            out,
        }) => generate(&bulk::Plan {
            events,
            hosts,
            seed,
            out,
        }),
        Some(Command::Pack { out }) => pack(
            &args.folder.unwrap_or_else(own_folder).join("evidence"),
            &out,
        ),
        Some(Command::DescribeVolumes { out }) => describe(&out),
        None if args.check => check(&args.folder.unwrap_or_else(own_folder)),
        None => write(&args.folder.unwrap_or_else(own_folder)),
    }
}

/// Cargo tells a program that it runs where its crate is; otherwise the workspace is assumed.
fn own_folder() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| "samples".into(), PathBuf::from)
}

fn pack(evidence: &std::path::Path, out: &std::path::Path) -> Result<ExitCode, Box<dyn Error>> {
    for layout in Layout::ALL {
        for path in samples::pack::pack(evidence, layout, &out.join(layout.as_str()))? {
            say(&format!("wrote {}", path.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(out: &std::path::Path) -> Result<ExitCode, Box<dyn Error>> {
    for path in samples::volumes::describe(out)? {
        say(&format!("wrote {}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &std::path::Path) -> Result<ExitCode, Box<dyn Error>> {
    for path in committed::write(folder)? {
        say(&format!("wrote {}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn check(folder: &std::path::Path) -> Result<ExitCode, Box<dyn Error>> {
    let wrong = committed::check(folder)?;
    for path in &wrong {
        say(&format!("not as it would be written: {}", path.display()));
    }
    Ok(if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn generate(plan: &bulk::Plan) -> Result<ExitCode, Box<dyn Error>> {
    let events = bulk::generate(plan)?;
    say(&format!("wrote {events} events"));
    Ok(ExitCode::SUCCESS)
}

/// An error and all that caused it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[expect(clippy::print_stderr, reason = "messages of the program go to stderr")]
fn say(message: &str) {
    eprintln!("{message}");
}
