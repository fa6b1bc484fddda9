//! Running out while a program with twenty libraries starts: of address space, of descriptors, of time before a signal, of
//! the files themselves. It runs, or says why not and ends with 127; a signal of ours is a defect. Only a file cut while it
//! is mapped leaves the kernel no choice but SIGBUS. Not run under the system's loader: it gives up at other points, and
//! which these are says nothing about ld-rs.

mod common;

use common::{loader, must, scratch, shell};
use ld_rs_tests::run;
use std::fs;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const LIBRARIES: usize = 20;

/// The folder with `prog`, which says "ran" when all its libraries answer.
fn build(name: &str) -> PathBuf {
    let dir = scratch(name);
    fs::copy(loader(), dir.join("ld-rs.so")).unwrap();
    let mut main = String::from("#include <unistd.h>\n");
    let mut sum = String::new();
    for number in 0..LIBRARIES {
        main += &format!("int f{number}(void);\n");
        sum += &format!(" + f{number}()");
    }
    main += &format!("int main(void) {{ return 0{sum} == {LIBRARIES} && write(1, \"ran\\n\", 4) == 4 ? 0 : 3; }}\n");
    fs::write(dir.join("main.c"), main).unwrap();
    let script = format!(
        "for i in $(seq 0 {}); do
           echo \"static __thread int t = 1; char data$i[200000] = {{1}}; int f$i(void) {{ return t; }}\" |
             gcc -shared -fPIC -x c - -o lib$i.so -Wl,-soname,lib$i.so || exit 1
         done
         gcc main.c -o prog lib*.so '-Wl,-rpath,$ORIGIN' -Wl,--dynamic-linker=./ld-rs.so",
        LIBRARIES - 1
    );
    must(&mut shell(&dir, &script));
    dir
}

/// By the kernel and by the loader's own name.
const STARTS: [&[&str]; 2] = [&["./prog"], &["./ld-rs.so", "./prog"]];

#[derive(Debug)]
struct End {
    code: Option<i32>,
    signal: Option<i32>,
    said: String,
    errors: String,
}

impl End {
    fn ran(&self) -> bool {
        self.code == Some(0) && self.said == "ran\n" && self.errors.is_empty()
    }

    fn refused(&self) -> bool {
        self.code == Some(127) && self.said.is_empty() && self.errors.ends_with('\n')
    }

    fn signal(&self, number: i32) -> bool {
        self.signal == Some(number)
    }
}

/// Starts the program after `prepare`, which runs in the child; `meanwhile` gets its process id.
fn start(dir: &Path, words: &[&str], prepare: impl Fn() + Send + Sync + 'static, meanwhile: impl FnOnce(i32)) -> End {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env_clear().current_dir(dir);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // SAFETY: what the tests prepare is system calls on copied numbers.
    unsafe {
        command.pre_exec(move || {
            prepare();
            Ok(())
        });
    }
    let mut child = run::start(&mut command).expect("start");
    meanwhile(child.id().cast_signed());
    let (mut said, mut errors) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    let status = child.wait().unwrap();
    End { code: status.code(), signal: status.signal(), said, errors }
}

fn limit(which: u32, value: u64) -> impl Fn() + Send + Sync + 'static {
    move || {
        let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
        // SAFETY: a struct on the stack.
        unsafe { libc::setrlimit(which, &limit) };
    }
}

#[test]
fn address_space() {
    let dir = build("memory");
    for words in STARTS {
        let (mut refused, mut ran, mut bytes) = (0, 0, 4 << 20);
        while ran < 3 {
            let end = start(&dir, words, limit(libc::RLIMIT_AS, bytes), |_| {});
            let silent = end.said.is_empty() && end.errors.is_empty();
            if end.ran() {
                ran += 1;
            } else if end.refused() && end.errors.contains("annot") {
                (refused, ran) = (refused + 1, 0);
            } else {
                // The kernel ends a process whose new image does not fit; later that is ours.
                assert!(silent && refused == 0 && end.signal.is_some(), "{words:?} {bytes}: {end:?}");
            }
            bytes += 96 << 10;
            assert!(bytes < 64 << 20, "{words:?} does not start with {bytes} bytes");
        }
        println!("{words:?}: {refused} limits refused with a message, enough is {} KiB", bytes >> 10);
        assert!(refused > 5, "the sweep missed one of its ends");
    }
}

#[test]
fn descriptors() {
    let dir = build("descriptors");
    for words in STARTS {
        let ends: Vec<_> = (0..12).map(|most| start(&dir, words, limit(libc::RLIMIT_NOFILE, most), |_| {})).collect();
        for (most, end) in ends.iter().enumerate() {
            assert!(
                end.ran() || end.refused() && end.errors.contains("Too many open files"),
                "{words:?} {most}: {end:?}"
            );
        }
        assert!(ends[0].refused() && ends[11].ran());
    }
}

/// A timer set before exec ends the process at many points; it may come at any, and does nothing else.
#[test]
fn signals() {
    let dir = build("signals");
    for words in STARTS {
        let (mut ended, mut ran) = (0, 0);
        for step in 1..=150 {
            let alarm = move || {
                let timer = libc::itimerval {
                    it_interval: libc::timeval { tv_sec: 0, tv_usec: 0 },
                    it_value: libc::timeval { tv_sec: 0, tv_usec: step * step / 2 + 50 },
                };
                // SAFETY: a struct on the stack; exec keeps the timer.
                unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut()) };
            };
            let end = start(&dir, words, alarm, |_| {});
            assert!(end.ran() || end.signal(libc::SIGALRM) && end.errors.is_empty(), "{words:?} {step}: {end:?}");
            (ended, ran) = (ended + usize::from(!end.ran()), ran + usize::from(end.ran()));
            // Stopped and continued, it goes on.
            if step % 3 == 0 {
                let end = start(
                    &dir,
                    words,
                    || {},
                    |child| {
                        thread::sleep(Duration::from_micros(20 * step.cast_unsigned()));
                        // SAFETY: the child is not yet waited for, so the number is its.
                        unsafe {
                            libc::kill(child, libc::SIGSTOP);
                            thread::sleep(Duration::from_micros(200));
                            libc::kill(child, libc::SIGCONT);
                        }
                    },
                );
                assert!(end.ran(), "{words:?} {step}: {end:?}");
            }
        }
        println!("{words:?}: {ended} ended by the timer, {ran} ran");
        assert!(ended > 5 && ran > 5, "the timers missed one of their ends");
    }
}

/// Libraries replaced by renaming, sound by sound and sound by cut: whichever is met, it runs or says why not.
#[test]
fn files_replaced() {
    let dir = build("replaced");
    let sound = fs::read(dir.join("lib7.so")).unwrap();
    for (length, cut) in [(sound.len(), false), (sound.len() / 2, true), (0, true)] {
        fs::write(dir.join("sound"), &sound).unwrap();
        fs::write(dir.join("other"), &sound[..length]).unwrap();
        let (stop, folder) = (Arc::new(AtomicBool::new(false)), dir.clone());
        let stopped = stop.clone();
        let replacer = thread::spawn(move || {
            for turn in 0.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let _ = fs::remove_file(folder.join("new"));
                fs::hard_link(folder.join(if turn % 2 == 0 { "other" } else { "sound" }), folder.join("new")).unwrap();
                fs::rename(folder.join("new"), folder.join("lib7.so")).unwrap();
                thread::sleep(Duration::from_micros(100));
            }
        });
        let ends: Vec<_> = (0..60).map(|turn| start(&dir, STARTS[turn % 2], || {}, |_| {})).collect();
        stop.store(true, Ordering::Relaxed);
        replacer.join().unwrap();
        for end in &ends {
            assert!(end.ran() || cut && end.refused() && end.errors.contains("file too short"), "{length}: {end:?}");
        }
        let refused = ends.iter().filter(|end| end.refused()).count();
        println!("{length} bytes of {}: {refused} of {} refused", sound.len(), ends.len());
        assert!(ends.iter().any(End::ran));
    }
}

/// A library cut in place at some point of the start: a message before it is mapped, SIGBUS when lost pages are touched.
#[test]
fn files_cut() {
    let dir = build("cut");
    let sound = fs::read(dir.join("lib7.so")).unwrap();
    let (mut ran, mut refused, mut bus) = (0, 0, 0);
    for turn in 0..120u64 {
        fs::write(dir.join("new"), &sound).unwrap();
        fs::rename(dir.join("new"), dir.join("lib7.so")).unwrap();
        // Whole pages: what is left of a page reads as zero, not as an error.
        let pages = turn % 4;
        let end = start(
            &dir,
            STARTS[turn as usize % 2],
            || {},
            |_| {
                thread::sleep(Duration::from_micros(turn * 40));
                let file = fs::OpenOptions::new().write(true).open(dir.join("lib7.so")).unwrap();
                file.set_len(pages * 4096).unwrap();
            },
        );
        (ran, refused, bus) =
            (ran + u32::from(end.ran()), refused + u32::from(end.refused()), bus + u32::from(end.signal(libc::SIGBUS)));
        assert!(end.ran() || end.refused() || end.signal(libc::SIGBUS), "{pages} pages left after {turn}: {end:?}");
    }
    println!("{ran} ran, {refused} refused, {bus} ended by SIGBUS");
    assert!(ran > 0 && refused > 0);
}
