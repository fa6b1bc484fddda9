//! `make fuzz`: all targets, or those named, in turns until the time is over.
//!
//! usage: fuzz [SECONDS [TARGET...]]       fuzz --seeds DIR: writes the seeds there, a folder a target, for cargo-fuzz
//!        fuzz --try TARGET FILE

use ld_rs_fuzz::{TARGETS, runner, seeds};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

#[global_allocator]
static ALLOCATOR: runner::Counting = runner::Counting;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--seeds", folder] => {
            for (name, _) in TARGETS {
                let folder = Path::new(folder).join(name);
                fs::create_dir_all(&folder).expect("folder");
                for (at, seed) in seeds::of(name).iter().enumerate() {
                    fs::write(folder.join(at.to_string()), seed).expect("seed");
                }
            }
            return ExitCode::SUCCESS;
        }
        ["--try", name, file] => {
            let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target's name");
            println!("{:?}", runner::judge(*target, &fs::read(file).expect("file")));
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    runner::quiet_panics();
    let seconds = arguments.first().map_or(600, |text| text.parse().expect("seconds"));
    let chosen: Vec<&str> = TARGETS
        .map(|(name, _)| name)
        .into_iter()
        .filter(|name| arguments.len() < 2 || arguments[1..].iter().any(|wanted| wanted == name))
        .collect();
    let end = Instant::now() + Duration::from_secs(seconds);
    let turn = Duration::from_secs((seconds / chosen.len().max(1) as u64).clamp(1, 20));
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    let folder = Path::new("target/fuzz");
    // Each thread takes every target in turn, from other seeds.
    let mut totals = vec![(0u64, 0usize, 0usize); chosen.len()];
    thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs as u64)
            .map(|job| {
                let chosen = &chosen;
                scope.spawn(move || {
                    let mut totals = vec![(0, 0, 0); chosen.len()];
                    for round in 0.. {
                        for (at, name) in chosen.iter().enumerate() {
                            if Instant::now() >= end {
                                return totals;
                            }
                            let seed = 1000 + round * jobs as u64 + job;
                            let done = runner::batch(name, seed, u64::MAX, turn, folder);
                            for (finding, file) in &done.findings {
                                println!("{name}: {finding}: {}", file.display());
                            }
                            totals[at].0 += done.runs;
                            totals[at].1 = totals[at].1.max(done.kept);
                            totals[at].2 += done.findings.len();
                        }
                    }
                    totals
                })
            })
            .collect();
        for thread in threads {
            for (total, more) in totals.iter_mut().zip(thread.join().expect("a job")) {
                *total = (total.0 + more.0, total.1.max(more.1), total.2 + more.2);
            }
        }
    });
    for (name, (runs, kept, findings)) in chosen.iter().zip(&totals) {
        println!("{name:10} {runs:>12} executions, corpus {kept}, {findings} findings");
    }
    println!("{:10} {:>12} executions", "all", totals.iter().map(|total| total.0).sum::<u64>());
    if totals.iter().all(|total| total.2 == 0) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
