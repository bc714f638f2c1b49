//! Progress on stderr: for work over a second, and none when that is not a terminal.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::visible::visible;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// One bar for the stage at hand.
pub(crate) struct Progress {
    quiet: bool,
    enabled: bool,
    started: Instant,
    bar: Mutex<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        Self {
            quiet,
            enabled: !quiet && std::io::stderr().is_terminal(),
            started: Instant::now(),
            bar: Mutex::new(ProgressBar::hidden()),
        }
    }

    /// Begins a stage of so many bytes, or events.
    pub(crate) fn stage(&self, name: &'static str, total: u64, bytes: bool) {
        if !self.enabled {
            return;
        }
        let counts = if bytes {
            "{bytes}/{total_bytes}"
        } else {
            "{human_pos}/{human_len} events"
        };
        let template = format!("{{prefix}} {{bar:30}} {counts} {{percent}}% eta {{eta}} {{msg}}");
        let style = ProgressStyle::with_template(&template);
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden())
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            .with_prefix(name);
        if let Ok(mut current) = self.bar.lock() {
            current.finish_and_clear();
            *current = bar;
        }
        self.advance(0);
    }

    /// Tells that so much more is done.
    pub(crate) fn advance(&self, count: u64) {
        let Some(bar) = self.bar.lock().ok().filter(|_| self.enabled) else {
            return;
        };
        if bar.is_hidden() && self.started.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.inc(count);
    }

    /// Tells what is worked on: a host, a file.
    pub(crate) fn at(&self, what: &str) {
        if let Some(bar) = self.bar.lock().ok().filter(|_| self.enabled) {
            bar.set_message(visible(what));
        }
    }

    /// Says something that the caller should know, unless nothing is to be said.
    #[expect(clippy::print_stderr, reason = "messages go to stderr (DESIGN.md §6)")]
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            eprintln!("{}", visible(text));
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Ok(bar) = self.bar.lock() {
            bar.finish_and_clear();
        }
    }
}
