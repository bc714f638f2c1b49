//! Work of a library that may panic: it costs its result, never the run, and says nothing on the
//! terminal, because the message of a panic can hold text of the evidence.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread is at such work.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Does the work and says whether it came to its end. What it changed until then stays.
pub(super) fn guard(work: impl FnOnce()) -> bool {
    be_silent_when_guarded();
    GUARDED.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work)).is_ok();
    GUARDED.set(false);
    done
}

/// There is one hook for all panics of a process, so ours hands on those that are none of its business.
fn be_silent_when_guarded() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                others(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_the_work_and_nothing_else() {
        let mut steps = Vec::new();
        let done = guard(|| {
            steps.push(1);
            assert!(steps.len() > 1, "\x1b[31mtext of the evidence");
            steps.push(2);
        });
        assert!(!done);
        assert_eq!(steps, [1]);
        assert!(guard(|| steps.push(3)));
        assert_eq!(steps, [1, 3]);
    }
}
