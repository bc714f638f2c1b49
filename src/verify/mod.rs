//! Whether a case, and the evidence that it was made from, are as its manifest says (CASE.md).

mod evidence;
mod file;
mod outputs;
mod report;

use anyhow::Context;
use sha2::{Digest, Sha256};

use crate::exit::Exit;
use crate::manifest::{self, MANIFEST, Manifest, SIGNATURE};
use crate::plan::VerifyPlan;
use crate::progress::Progress;
use crate::run;

use report::Report;

/// Checks a case.
pub(crate) fn run(plan: &VerifyPlan) -> anyhow::Result<Exit> {
    let bytes = manifest::bytes(&plan.case)?;
    let manifest = Manifest::parse(&plan.case, &bytes)?;
    let progress = Progress::new(plan.reading.quiet);
    let mut report = Report::new(plan.reading.quiet);
    check_signature(plan, &bytes, &mut report)?;
    let hash = timeline::hex(&Sha256::digest(&bytes));
    drop(bytes);
    run::on_threads(plan.reading.threads, || {
        outputs::check(&plan.case, &manifest, &progress, &mut report)?;
        if let Some(root) = &plan.evidence {
            return evidence::check(plan, root, &manifest, &progress, &mut report);
        }
        report.sum("The evidence was not checked: --evidence DIR does that.");
        Ok(())
    })??;
    progress.finish();
    report.sum(format!("The SHA-256 of {MANIFEST} is {hash}."));
    report.finish().context("printing")
}

/// Checks the signature, if there is something to check it with.
fn check_signature(plan: &VerifyPlan, bytes: &[u8], report: &mut Report) -> anyhow::Result<()> {
    let Some(checker) = &plan.checker else {
        if plan.case.join(SIGNATURE).symlink_metadata().is_ok() {
            let how = "was not checked: --public-key KEY does that";
            report.note("signature", SIGNATURE, how)?;
        }
        return Ok(());
    };
    match checker.check(&plan.case, bytes) {
        Ok(comment) => {
            report.sum(format!("{MANIFEST} is signed by that key: {comment}."));
            Ok(())
        }
        Err(why) => report.differs("signature", SIGNATURE, &why),
    }
}
