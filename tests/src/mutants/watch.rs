//! Finds out, by ptrace, where a process died, and whose doing that was.

use super::elf::number;
use super::trial::{LOADER, TIME, confine, kill_group};
use crate::run::start;
use iced_x86::{Decoder, DecoderOptions, Instruction, OpKind, Register};
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Whose code was running at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The loader's, at this offset from its base.
    Loader(u64),
    /// No code: the loader had called or jumped to this address. The offset is the call's.
    LedByLoader(u64, u64),
    /// The program's or a library's, or an address they went to.
    Target(String),
    /// The loader is not in the process: PT_INTERP does not lead to it.
    NoLoader,
    /// The kernel gave up starting it.
    Kernel,
    /// Watched, it ended in another way.
    Unknown,
}

/// The end of a process that was watched.
#[derive(Clone, Debug)]
pub struct Death {
    /// Where.
    pub whose: Whose,
    /// The last signal and the address it complains about.
    pub signal: Option<(i32, u64)>,
    /// Words of the stack that may be return addresses into the loader, as offsets.
    pub stack: Vec<u64>,
}

/// Runs `command` again, watched, up to its end or the end of its time.
pub fn watch(command: Command) -> Death {
    traced(command, follow).unwrap_or(Death { whose: Whose::Kernel, signal: None, stack: Vec::new() })
}

/// Starts `command` under ptrace for `what`, and clears up after it. `None` if it does not start.
fn traced<T>(mut command: Command, what: impl FnOnce(i32) -> T) -> Option<T> {
    confine(&mut command, true);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let pid = start(&mut command).ok()?.id().cast_signed();
    let result = what(pid);
    // Dying, it may stop at PTRACE_EVENT_EXIT once more, from where no signal moves it.
    let mut status = 0;
    // SAFETY: `status` is a local; the child is stopped, or is gone and the call fails.
    while unsafe {
        libc::ptrace(libc::PTRACE_CONT, pid, 0, 0) == 0 || libc::waitpid(pid, &mut status, libc::__WALL) > 0
    } {}
    Some(result)
}

fn follow(pid: i32) -> Death {
    let mut death = Death { whose: Whose::Kernel, signal: None, stack: Vec::new() };
    let deadline = Instant::now() + TIME;
    let (mut executed, mut interrupted) = (false, false);
    loop {
        let mut status = 0;
        // SAFETY: `status` is a local that outlives the call.
        let rc = unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG | libc::__WALL) };
        if rc == 0 {
            if !interrupted && Instant::now() > deadline {
                interrupted = true;
                // SAFETY: kill has no effect on our memory.
                unsafe { libc::kill(pid, libc::SIGSTOP) };
            }
            std::thread::sleep(Duration::from_micros(100));
            continue;
        }
        if rc < 0 || !libc::WIFSTOPPED(status) {
            // Not stopped once after exec: the kernel ended it.
            if executed {
                death.whose = Whose::Unknown;
            }
            return death;
        }
        let signal = libc::WSTOPSIG(status);
        let mut pass = signal;
        if !executed && signal == libc::SIGTRAP {
            executed = true;
            pass = 0;
            let options = libc::PTRACE_O_TRACEEXIT | libc::PTRACE_O_EXITKILL;
            // SAFETY: the child is stopped; options are numbers.
            unsafe { libc::ptrace(libc::PTRACE_SETOPTIONS, pid, 0, options) };
        } else if status >> 16 == libc::PTRACE_EVENT_EXIT || interrupted && signal == libc::SIGSTOP {
            // A segment that cannot be mapped ends the process inside execve.
            if executed {
                examine(pid, &mut death);
            }
            kill_group(pid.cast_unsigned());
            return death;
        } else if executed {
            // SAFETY: the all-zero siginfo_t is a valid value of this plain C struct.
            let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
            // SAFETY: the child is stopped; `info` is a local that outlives the call.
            unsafe { libc::ptrace(libc::PTRACE_GETSIGINFO, pid, 0, &mut info) };
            // SAFETY: every siginfo_t has bytes where si_addr is.
            death.signal = Some((signal, unsafe { info.si_addr() } as u64));
        }
        // SAFETY: the child is stopped.
        unsafe { libc::ptrace(libc::PTRACE_CONT, pid, 0, pass) };
    }
}

/// A place outside the loader to which it handed over control: the file's name and the distance
/// from its first mapping, or the address where there is no code.
pub type HandOver = Result<(String, u64), u64>;

/// Beyond this many instructions nothing is traced: a libc's start takes some millions.
const MOST_STEPS: u64 = 20_000_000;

/// Runs `command` instruction by instruction and lists the places to which the loader handed over
/// control, up to the first that is not in `known`. What a process does after code that nobody
/// wrote has run says nothing of the loader.
pub fn hand_overs(command: Command, known: Option<&[HandOver]>) -> Vec<HandOver> {
    traced(command, |pid| step(pid, known)).unwrap_or_default()
}

fn step(pid: i32, known: Option<&[HandOver]>) -> Vec<HandOver> {
    let mut list = Vec::new();
    let mut loader = None;
    let mut inside = false;
    let deadline = Instant::now() + 20 * TIME;
    for count in 0..MOST_STEPS {
        let mut status = 0;
        // SAFETY: `status` is a local that outlives the call.
        let rc = unsafe { libc::waitpid(pid, &mut status, libc::__WALL) };
        if rc < 0 || !libc::WIFSTOPPED(status) {
            return list;
        }
        let (low, high) = match loader {
            Some(range) => range,
            None => {
                let maps = mappings(pid);
                let code = |map: &&Mapping| map.executable && map.file == LOADER;
                let (Some(low), Some(high)) = (
                    maps.iter().filter(code).map(|map| map.start).min(),
                    maps.iter().filter(code).map(|map| map.end).max(),
                ) else {
                    break;
                };
                *loader.insert((low, high))
            }
        };
        let signal = libc::WSTOPSIG(status);
        let pass = if signal == libc::SIGTRAP { 0 } else { signal };
        // SAFETY: the child is stopped; the offset is that of rip in struct user.
        let rip = unsafe { libc::ptrace(libc::PTRACE_PEEKUSER, pid, 16 * 8, 0) }.cast_unsigned();
        let was_inside = std::mem::replace(&mut inside, (low..high).contains(&rip));
        if was_inside && !inside {
            let place = place(&mappings(pid), rip);
            let stranger = known.is_some_and(|known| !known.contains(&place));
            list.push(place);
            if stranger {
                break;
            }
        }
        if count % 4096 == 0 && Instant::now() > deadline {
            break;
        }
        // SAFETY: the child is stopped.
        unsafe { libc::ptrace(libc::PTRACE_SINGLESTEP, pid, 0, pass) };
    }
    kill_group(pid.cast_unsigned());
    list
}

fn place(maps: &[Mapping], address: u64) -> HandOver {
    let map = maps.iter().find(|map| map.executable && map.start <= address && address < map.end).ok_or(address)?;
    let first = maps.iter().filter(|other| other.file == map.file).map(|other| other.start).min();
    Ok((map.file.clone(), address - first.unwrap_or(0)))
}

struct Mapping {
    start: u64,
    end: u64,
    executable: bool,
    file: String,
}

fn mappings(pid: i32) -> Vec<Mapping> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let parse = |line: &str| {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let executable = words.next()?.contains('x');
        let path = words.nth(3).unwrap_or_default();
        let file = path.rsplit('/').next().unwrap_or_default().to_string();
        let hex = |text| u64::from_str_radix(text, 16).ok();
        Some(Mapping { start: hex(start)?, end: hex(end)?, executable, file })
    };
    text.lines().filter_map(parse).collect()
}

/// Reads the registers and the stack of a stopped process.
fn examine(pid: i32, death: &mut Death) {
    // SAFETY: all-zero registers are a valid value of this plain C struct.
    let mut registers: libc::user_regs_struct = unsafe { std::mem::zeroed() };
    // SAFETY: the child is stopped; `registers` is a local that outlives the call.
    if unsafe { libc::ptrace(libc::PTRACE_GETREGS, pid, 0, &mut registers) } != 0 {
        death.whose = Whose::Unknown;
        return;
    }
    let maps = mappings(pid);
    let Some(base) = maps.iter().filter(|map| map.file == LOADER).map(|map| map.start).min() else {
        death.whose = Whose::NoLoader;
        return;
    };
    let at = |address: u64| maps.iter().find(|map| map.start <= address && address < map.end);
    let in_loader = |address| at(address).is_some_and(|map| map.executable && map.file == LOADER);

    let memory = std::fs::File::open(format!("/proc/{pid}/mem"));
    let read = |bytes: &mut [u8], at| memory.as_ref().map_or(0, |memory| memory.read_at(bytes, at).unwrap_or(0));
    let mut words = [0; 512];
    let count = read(&mut words, registers.rsp);
    let stack: Vec<u64> = words[..count].chunks_exact(8).map(|word| number(word, 0, 8).unwrap_or(0)).collect();
    death.stack = stack.iter().copied().filter(|word| in_loader(*word)).map(|word| word - base).take(6).collect();

    let top = stack.first().copied().unwrap_or(0);
    death.whose = match at(registers.rip) {
        // A function of the loader that has no frame yet, called with arguments that are none.
        _ if in_loader(registers.rip)
            && let Some(caller) = at(top).filter(|map| map.executable && map.file != LOADER)
            && calls(top, read).next().is_some() =>
        {
            Whose::Target(format!("{}, in a function of the loader", caller.file))
        }
        _ if in_loader(registers.rip) => Whose::Loader(registers.rip - base),
        Some(map) if map.executable => Whose::Target(map.file.clone()),
        // Called from the loader, or at the entry point: a stack that begins with argc.
        _ if in_loader(top) && called(&registers, top, read) => Whose::LedByLoader(top - base, registers.rip),
        _ if (1..3).contains(&top) && registers.rsp.is_multiple_of(16) => Whose::LedByLoader(0, registers.rip),
        _ => Whose::Target("an address that is no code".into()),
    };
}

/// The calls that may have left `top` for their return address.
fn calls(top: u64, read: impl Fn(&mut [u8], u64) -> usize) -> impl Iterator<Item = Instruction> {
    let mut code = [0; 7];
    let start = top.wrapping_sub(code.len() as u64);
    let count = read(&mut code, start);
    (2..=count).filter_map(move |length| {
        let code = &code[count - length..];
        let call = Decoder::with_ip(64, code, top.wrapping_sub(length as u64), DecoderOptions::NONE).decode();
        (call.len() == length && (call.is_call_near() || call.is_call_near_indirect())).then_some(call)
    })
}

/// Whether the call of the loader that returns to `top` is what led to where the process stands: then nothing has run
/// since, and the call's operand is still that address. Otherwise what was called went there by itself.
fn called(registers: &libc::user_regs_struct, top: u64, read: impl Fn(&mut [u8], u64) -> usize) -> bool {
    calls(top, &read).any(|call| {
        let target = match call.op0_kind() {
            OpKind::NearBranch64 => Some(call.near_branch_target()),
            OpKind::Register => value(registers, call.op0_register()),
            _ => call.virtual_address(0, 0, |register, _, _| value(registers, register)).and_then(|address| {
                let mut word = [0; 8];
                (read(&mut word, address) == word.len()).then(|| u64::from_le_bytes(word))
            }),
        };
        target == Some(registers.rip)
    })
}

fn value(registers: &libc::user_regs_struct, register: Register) -> Option<u64> {
    Some(match register {
        Register::RAX => registers.rax,
        Register::RBX => registers.rbx,
        Register::RCX => registers.rcx,
        Register::RDX => registers.rdx,
        Register::RSI => registers.rsi,
        Register::RDI => registers.rdi,
        Register::RBP => registers.rbp,
        Register::R8 => registers.r8,
        Register::R9 => registers.r9,
        Register::R10 => registers.r10,
        Register::R11 => registers.r11,
        Register::R12 => registers.r12,
        Register::R13 => registers.r13,
        Register::R14 => registers.r14,
        Register::R15 => registers.r15,
        // A segment that begins at 0.
        Register::DS | Register::SS | Register::None => 0,
        // The stack pointer before the return address was pushed.
        Register::RSP => registers.rsp.wrapping_add(8),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_from_what_went_on_behind_it() {
        // Memory: the code before 0x1000, which calls what the word at %r15 + %rbx names; and that word.
        let read = |bytes: &mut [u8], at: u64| {
            let known: &[u8] = match at {
                0xff9 => &[0x89, 0xee, 0x90, 0x41, 0xff, 0x14, 0x1f],
                0x2010 => &[0x77, 0x77, 0, 0, 0, 0, 0, 0],
                _ => &[],
            };
            bytes[..known.len()].copy_from_slice(known);
            known.len()
        };
        // SAFETY: all-zero registers are a valid value of this plain C struct.
        let mut registers: libc::user_regs_struct = unsafe { std::mem::zeroed() };
        (registers.r15, registers.rbx, registers.rip) = (0x2000, 0x10, 0x7777);
        assert!(called(&registers, 0x1000, read));
        registers.rip = 0x7778;
        assert!(!called(&registers, 0x1000, read));
        (registers.rip, registers.rbx) = (0x7777, 0x18);
        assert!(!called(&registers, 0x1000, read));
    }

    #[test]
    fn a_process_without_the_loader_is_seen_as_such() {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "kill -SEGV $$"]);
        let death = watch(shell);
        assert_eq!(death.whose, Whose::NoLoader);
        assert_eq!(death.signal.map(|(signal, _)| signal), Some(libc::SIGSEGV));
    }
}
