//! Lawful but bizarre libraries under the system's loader and under ours: `bizarre [COUNT [FROM]]`, 2,500 from 1 on if not
//! said. Exit code 0 if both do the same with each, 1 if not, 2 if the test could not be made. Libraries that differ
//! stay in target/bizarre.

use ld_rs_tests::bizarre::Workshop;
use ld_rs_tests::{ld_rs, repository};
use std::process::ExitCode;

fn work() -> Result<bool, String> {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u64>().map_err(|e| format!("{word}: {e}")));
    let mut next = |otherwise| numbers.next().unwrap_or(Ok(otherwise));
    let (count, from) = (next(2500)?, next(1)?);
    let report = Workshop::build(&repository().join("target/bizarre"))?.compare(&ld_rs()?, from..from + count)?;
    for (number, text) in &report.differences {
        println!("library {number}:\n{text}");
    }
    println!("{} opened, {} refused, {} differ", report.opened, report.refused, report.differences.len());
    Ok(report.differences.is_empty())
}

fn main() -> ExitCode {
    match work() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("bizarre: {e}");
            ExitCode::from(2)
        }
    }
}
