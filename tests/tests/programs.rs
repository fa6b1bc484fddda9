//! Every program in `testprogs/`, every configuration a trial: `tls/gd_library/cc=gcc,ld=mold`.

use ld_rs_tests::build::Workshop;
use ld_rs_tests::matrix::{Outcome, Row, report};
use ld_rs_tests::{claim, ld_rs, oracle_only, repository};
use libtest_mimic::{Arguments, Completion, Trial};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let loader = if oracle_only() { Ok("/no/loader/under/test".into()) } else { ld_rs() };
    let loader = match loader {
        Ok(path) => path,
        // Listing works without a loader; running does not.
        Err(_) if arguments.list => Default::default(),
        Err(e) => {
            eprintln!("no loader to test: {e}");
            return ExitCode::FAILURE;
        }
    };
    let testprogs = repository().join("testprogs");
    let claims = match claim::find(&testprogs) {
        Ok(claims) => claims,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::FAILURE;
        }
    };
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("testprogs");
    let workshop = Arc::new(Workshop::new(&root, &testprogs, &loader));
    let rows = Arc::new(Mutex::new(Vec::<Row>::new()));
    let mut trials = Vec::new();
    for claim in claims {
        let claim = Arc::new(claim);
        let row =
            |config, outcome, about: &str| Row { claim: claim.name.clone(), about: about.to_string(), config, outcome };
        let spec = match &claim.spec {
            Ok(spec) => spec,
            Err(e) => {
                let (e, rows) = (e.clone(), rows.clone());
                let row = row(None, Outcome::Failed, "its header cannot be read");
                trials.push(Trial::test(claim.name.clone(), move || {
                    rows.lock().expect("no panic under this lock").push(row);
                    Err(e.into())
                }));
                continue;
            }
        };
        for (config, skip) in spec.configs() {
            let name = match config.to_string() {
                axes if axes.is_empty() => claim.name.clone(),
                axes => format!("{}/{axes}", claim.name),
            };
            let rows = rows.clone();
            if let Some(reason) = skip.map(str::to_string) {
                let row = row(Some(config), Outcome::Skipped(reason.clone()), &spec.about);
                trials.push(Trial::ignorable_test(name, move || {
                    rows.lock().expect("no panic under this lock").push(row);
                    Ok(Completion::ignored_with(reason))
                }));
                continue;
            }
            let row = row(Some(config.clone()), Outcome::Failed, &spec.about);
            let (claim, workshop, loader) = (claim.clone(), workshop.clone(), loader.clone());
            trials.push(Trial::test(name, move || {
                let spec = claim.spec.as_ref().map_err(String::clone)?;
                let done = claim::prove(&workshop, &loader, &claim, spec, &config);
                let outcome = if done.is_ok() { Outcome::Passed } else { Outcome::Failed };
                rows.lock().expect("no panic under this lock").push(Row { outcome, ..row });
                done.map_err(Into::into)
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // nextest runs one process a trial: a matrix of one would say nothing.
    if !arguments.list && std::env::var_os("NEXTEST").is_none() {
        let under = if oracle_only() { "the system's loader only".into() } else { loader.display().to_string() };
        println!("under {under}");
        println!("{}", report(&rows.lock().expect("all trials have ended")));
    }
    conclusion.exit_code()
}
