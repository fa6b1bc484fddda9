//! What one start does that times do not tell: how often it executes CPUID, how many system calls
//! it makes, and what memory it holds at its end. Watched by ptrace, once a row and unmeasured.
//!
//! CPUID is counted because a hypervisor has to trap it: in a virtual machine it costs a thousand
//! times what it costs on bare metal, and a loader that executes it often looks slow for that
//! alone. A stop at every instruction would take minutes for a large program, so an INT3 stands in
//! place of every CPUID of whatever the process maps as code.

use crate::measure::{LIMIT, Start};
use iced_x86::{Code, Decoder, DecoderOptions};
use std::collections::HashSet;
use std::fs::File;
use std::hint::black_box;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::Instant;

/// Seconds that one CPUID takes on this machine: what thirty more of them add to a loop, from the
/// least of many tries, for an interrupt only ever adds.
pub fn cpuid_cost() -> f64 {
    const MORE: u32 = 30;
    let least = |count: u32| {
        let once = |_| {
            let began = Instant::now();
            // The leaves that a loader asks for: vendor, features, more features.
            for leaf in [0, 1, 7].into_iter().cycle().take(count as usize) {
                black_box(std::arch::x86_64::__cpuid_count(leaf, 0));
            }
            began.elapsed()
        };
        (0..100).map(once).min().unwrap_or_default()
    };
    let (few, many) = (least(3), least(3 + MORE));
    many.saturating_sub(few).as_secs_f64() / f64::from(MORE)
}

/// KiB at the exit.
#[derive(Clone, Copy)]
pub struct Memory {
    /// Pages it shares with others included.
    pub resident: f64,
    /// Pages it has written, which are its alone.
    pub dirty: f64,
}

/// The kernel's own peak (ru_maxrss) would count what the bench held when it was forked.
///
/// # Errors
/// When it cannot be traced or does not exit 0.
pub fn memory(start: &Start) -> Result<Memory, String> {
    let mut found = None;
    follow(start, libc::PTRACE_CONT, |pid, stop| {
        if stop == Stop::Exit {
            let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"));
            found = Some(rollup(&text.map_err(|e| e.to_string())?).ok_or("smaps_rollup: no figures")?);
        }
        Ok(())
    })?;
    found.ok_or_else(|| format!("{}: exit was not seen", start.program.display()))
}

fn rollup(text: &str) -> Option<Memory> {
    let of = |name: &str| {
        let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
        rest.split_whitespace().next()?.parse().ok()
    };
    Some(Memory { resident: of("Rss:")?, dirty: of("Private_Dirty:")? })
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    pub cpuid: u64,
    pub calls: u64,
}

/// From the first instruction to the exit. The execve itself is not counted.
///
/// # Errors
/// As [`memory`].
pub fn counts(start: &Start) -> Result<Counts, String> {
    let mut counts = Counts { cpuid: 0, calls: 0 };
    let mut sites = HashSet::new();
    // What the call under way makes executable; the address of a new mapping is its result.
    let mut code = None;
    follow(start, libc::PTRACE_SYSCALL, |pid, stop| {
        match stop {
            Stop::Exec => executable(pid)?.into_iter().try_for_each(|mapping| plant(pid, &mapping, &mut sites))?,
            Stop::Enter(number, args) => {
                counts.calls += 1;
                let [start, length, protection, _, fd, offset] = args;
                code = match number.cast_signed() {
                    _ if protection & libc::PROT_EXEC as u64 == 0 => None,
                    libc::SYS_mmap => {
                        let file = File::open(format!("/proc/{pid}/fd/{}", fd as i32)).ok();
                        Some(Mapping { start: 0, length, file, offset })
                    }
                    libc::SYS_mprotect => Some(Mapping { start, length, file: None, offset: 0 }),
                    _ => None,
                };
            }
            Stop::Leave(result) => {
                if let (Some(mut mapping), 0..) = (code.take(), result) {
                    mapping.start = mapping.start.max(result.cast_unsigned());
                    plant(pid, &mapping, &mut sites)?;
                }
            }
            Stop::Trap => {
                step_over(pid, &sites)?;
                counts.cpuid += 1;
            }
            Stop::Exit => (),
        }
        Ok(())
    })?;
    Ok(counts)
}

/// A stretch of memory that is executable, and where in its file it comes from.
struct Mapping {
    start: u64,
    length: u64,
    file: Option<File>,
    offset: u64,
}

const CPUID: [u8; 2] = [0x0f, 0xa2];
const INT3: u8 = 0xcc;

/// Replaces the CPUID instructions of a mapping.
fn plant(pid: i32, mapping: &Mapping, sites: &mut HashSet<u64>) -> Result<(), String> {
    let memory = memory_of(pid)?;
    let whole = mapping.offset..mapping.offset.saturating_add(mapping.length);
    // Old linkers make one segment of code and of tables, which are not to be changed.
    let sections = mapping.file.as_ref().and_then(|file| code_sections(file).ok());
    for section in sections.filter(|list| !list.is_empty()).unwrap_or_else(|| vec![whole.clone()]) {
        let (from, to) = (section.start.max(whole.start), section.end.min(whole.end));
        let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).map_err(|e| e.to_string())?];
        let from = from.wrapping_sub(mapping.offset).wrapping_add(mapping.start);
        // The mapping may be longer than its file, where nothing can be read.
        let mut read = 0;
        while let Ok(1..) = memory.read_at(&mut bytes[read..], from + read as u64).inspect(|n| read += n) {}
        bytes.truncate(read);
        for at in cpuids(&bytes) {
            memory.write_all_at(&[INT3], from + at as u64).map_err(|e| e.to_string())?;
            sites.insert(from + at as u64);
        }
    }
    Ok(())
}

/// The sections of a file that hold instructions, as places in it; none where it has no section
/// headers.
fn code_sections(file: &File) -> io::Result<Vec<Range<u64>>> {
    // ELF, generic ABI: e_shoff, e_shentsize and e_shnum; sh_type, sh_flags, sh_offset and sh_size.
    let mut header = [0; 64];
    file.read_exact_at(&mut header, 0)?;
    let (table, size, count) = (number(&header, 40, 8), number(&header, 58, 2), number(&header, 60, 2));
    let mut code = vec![];
    for i in 0..count {
        let mut section = [0; 64];
        file.read_exact_at(&mut section, table.wrapping_add(i * size))?;
        let field = |at| number(&section, at, 8);
        const SHF_EXECINSTR: u64 = 4;
        if field(8) & SHF_EXECINSTR != 0 {
            code.push(field(24)..field(24).saturating_add(field(32)));
        }
    }
    Ok(code)
}

fn number(bytes: &[u8; 64], at: usize, size: usize) -> u64 {
    bytes[at..at + size].iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// Where instructions are CPUID: the two bytes also occur inside others, as part of a number.
fn cpuids(bytes: &[u8]) -> Vec<usize> {
    // Wherever a decoder begins, it soon is in step with the instructions, most often within ten.
    const BEFORE: usize = 1024;
    let found = bytes.windows(2).enumerate().filter(|(_, pair)| *pair == CPUID);
    let is_instruction = |&at: &usize| {
        let from = at.saturating_sub(BEFORE);
        let decoder = Decoder::with_ip(64, &bytes[from..at + 2], from as u64, DecoderOptions::NONE);
        decoder.into_iter().any(|instruction| instruction.ip() == at as u64 && instruction.code() == Code::Cpuid)
    };
    found.map(|(at, _)| at).filter(is_instruction).collect()
}

/// Executes the CPUID in whose place the INT3 stands that was just met.
fn step_over(pid: i32, sites: &HashSet<u64>) -> Result<(), String> {
    // SAFETY: the all-zero value is valid for this plain C struct.
    let mut registers: libc::user_regs_struct = unsafe { std::mem::zeroed() };
    // SAFETY: the process is stopped; `registers` is a local that outlives the call.
    check(unsafe { libc::ptrace(libc::PTRACE_GETREGS, pid, 0, &mut registers) })?;
    registers.rip -= 1;
    if !sites.contains(&registers.rip) {
        return Err(format!("a trap of its own at {:#x}", registers.rip));
    }
    let memory = memory_of(pid)?;
    let write = |byte: u8| memory.write_all_at(&[byte], registers.rip).map_err(|e| e.to_string());
    write(CPUID[0])?;
    let mut status = 0;
    // SAFETY: as above; `status` is a local that outlives its call.
    unsafe {
        check(libc::ptrace(libc::PTRACE_SETREGS, pid, 0, &registers))?;
        check(libc::ptrace(libc::PTRACE_SINGLESTEP, pid, 0, 0))?;
        libc::waitpid(pid, &mut status, 0);
    }
    match libc::WIFSTOPPED(status) && libc::WSTOPSIG(status) == libc::SIGTRAP {
        true => write(INT3),
        false => Err(format!("a CPUID ended with wait status {status:#x}")),
    }
}

fn memory_of(pid: i32) -> Result<File, String> {
    File::options().read(true).write(true).open(format!("/proc/{pid}/mem")).map_err(|e| e.to_string())
}

/// What is mapped as code. The kernel's own page for processes cannot be written.
fn executable(pid: i32) -> Result<Vec<Mapping>, String> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).map_err(|e| e.to_string())?;
    let hex = |text: &str| u64::from_str_radix(text, 16).ok();
    let mapping = |line: &str| {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let (mode, offset) = (words.next()?, hex(words.next()?)?);
        // The path may have blanks, and follows device and inode.
        let file = line.find('/').and_then(|at| File::open(&line[at..]).ok());
        let (start, length) = (hex(start)?, hex(end)? - hex(start)?);
        (mode.contains('x') && !line.ends_with(']')).then_some(Mapping { start, length, file, offset })
    };
    Ok(maps.lines().filter_map(mapping).collect())
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stop {
    /// Before its first instruction.
    Exec,
    /// A system call's number and arguments.
    Enter(u64, [u64; 6]),
    /// Its result.
    Leave(i64),
    Trap,
    /// Its memory is still there.
    Exit,
}

/// Runs `start`, unmeasured, calls `at` whenever it stops and goes on by `request`.
fn follow(
    start: &Start,
    request: libc::c_uint,
    mut at: impl FnMut(i32, Stop) -> Result<(), String>,
) -> Result<(), String> {
    let fail = |what: String| format!("{}: {what}", start.program.display());
    let mut command = start.command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: ptrace is a bare system call here; the closure touches no memory.
    unsafe { command.pre_exec(|| check(libc::ptrace(libc::PTRACE_TRACEME)).map_err(io::Error::other)) };
    let pid = command.spawn().map_err(|e| fail(e.to_string()))?.id().cast_signed();
    // SAFETY: alarm touches no memory. It interrupts the wait below.
    unsafe { libc::alarm(LIMIT) };
    let end = go_on(pid, request, &mut at);
    // SAFETY: as above; `pid` is ours until it is reaped, which an error says it is not.
    unsafe {
        libc::alarm(0);
        let mut status = 0;
        if end.is_err() && libc::kill(pid, libc::SIGKILL) == 0 {
            // It may stop once more at its exit.
            while libc::waitpid(pid, &mut status, 0) == pid && libc::WIFSTOPPED(status) {
                libc::ptrace(libc::PTRACE_CONT, pid, 0, 0);
            }
        }
    }
    match end.map_err(&fail)? {
        0 => Ok(()),
        status => Err(fail(format!("watched, it ended with wait status {status:#x}"))),
    }
}

/// The wait status of its end, or why it did not come to that.
fn go_on(pid: i32, request: libc::c_uint, at: &mut dyn FnMut(i32, Stop) -> Result<(), String>) -> Result<i32, String> {
    let mut executed = false;
    loop {
        let mut status = 0;
        // SAFETY: `status` is a local that outlives the call.
        if unsafe { libc::waitpid(pid, &mut status, 0) } != pid {
            return Err(format!("wait: {}", io::Error::last_os_error()));
        }
        if !libc::WIFSTOPPED(status) {
            return Ok(status);
        }
        let mut pass = 0;
        match libc::WSTOPSIG(status) {
            _ if status >> 16 == libc::PTRACE_EVENT_EXIT => at(pid, Stop::Exit)?,
            libc::SIGTRAP if !executed => {
                executed = true;
                let options = libc::PTRACE_O_TRACEEXIT | libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL;
                // SAFETY: the process is stopped; options are numbers.
                check(unsafe { libc::ptrace(libc::PTRACE_SETOPTIONS, pid, 0, options) })?;
                at(pid, Stop::Exec)?;
            }
            libc::SIGTRAP => at(pid, Stop::Trap)?,
            signal if signal == libc::SIGTRAP | 0x80 => {
                if let Some(stop) = call(pid)? {
                    at(pid, stop)?;
                }
            }
            signal => pass = signal,
        }
        // SAFETY: the process is stopped; the signal is a number.
        check(unsafe { libc::ptrace(request, pid, 0, pass) })?;
    }
}

/// The system call at whose beginning or end the process is stopped.
fn call(pid: i32) -> Result<Option<Stop>, String> {
    // SAFETY: the all-zero value is valid for this plain C struct.
    let mut info: libc::ptrace_syscall_info = unsafe { std::mem::zeroed() };
    // SAFETY: the process is stopped; `info` is a local that outlives the call, and its size is told.
    let size = unsafe { libc::ptrace(libc::PTRACE_GET_SYSCALL_INFO, pid, size_of_val(&info), &mut info) };
    check(size)?;
    // SAFETY: `op` says which member of the union the kernel has filled; all hold plain numbers.
    Ok(unsafe {
        match info.op {
            libc::PTRACE_SYSCALL_INFO_ENTRY => Some(Stop::Enter(info.u.entry.nr, info.u.entry.args)),
            libc::PTRACE_SYSCALL_INFO_EXIT => Some(Stop::Leave(info.u.exit.sval)),
            _ => None,
        }
    })
}

fn check(result: libc::c_long) -> Result<(), String> {
    if result < 0 { Err(format!("ptrace: {}", io::Error::last_os_error())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache;
    use std::fs;

    fn start(program: std::path::PathBuf) -> Start {
        Start { program, args: vec![], preload: None, library_path: None }
    }

    /// The slow way, against which the quick one is held.
    fn stepped(start: &Start) -> u64 {
        let mut count = 0;
        // Every step is a SIGTRAP, and the stop after exec stands before the first instruction.
        follow(start, libc::PTRACE_SINGLESTEP, |pid, stop| {
            if stop != Stop::Exit {
                // SAFETY: the all-zero value is valid for this plain C struct.
                let mut registers: libc::user_regs_struct = unsafe { std::mem::zeroed() };
                // SAFETY: the process is stopped; `registers` is a local that outlives the call.
                unsafe { check(libc::ptrace(libc::PTRACE_GETREGS, pid, 0, &mut registers))? };
                // SAFETY: the process is stopped; the word is returned.
                let word = unsafe { libc::ptrace(libc::PTRACE_PEEKTEXT, pid, registers.rip, 0) };
                count += u64::from(word.to_le_bytes()[..2] == CPUID);
            }
            Ok(())
        })
        .unwrap();
        count
    }

    #[test]
    fn every_cpuid_and_system_call_is_counted_once() {
        // Seven in a loop and one after it; the same bytes in a number and in a table stay, or it fails.
        let source = ".globl _start\n_start: mov $7,%ebp\n1: xor %eax,%eax\ncpuid\ndec %ebp\njnz 1b\n\
                      mov $0xa20f,%ebp\nmov $39,%eax\nsyscall\ncpuid\n\
                      mov $60,%eax\nlea -0xa20e(%rbp),%edi\ndec %edi\nadd table(%rip),%edi\nsub $0xa20f,%edi\n\
                      syscall\n.section .rodata\ntable: .long 0xa20f\n";
        let dir = cache::dir("count-test", source, |dir| {
            fs::write(dir.join("count.s"), source).map_err(|e| e.to_string())?;
            cache::tool(dir, "as", &["count.s", "-o", "count.o"])?;
            // Code and the table in one segment.
            cache::tool(dir, "ld", &["-z", "noseparate-code", "count.o", "-o", "count"])
        });
        let program = start(dir.unwrap().join("count"));
        assert_eq!(counts(&program), Ok(Counts { cpuid: 8, calls: 2 }));
        assert_eq!(stepped(&program), 8);
    }

    #[test]
    fn libraries_mapped_later_are_counted_as_by_single_steps() {
        let program = start("/bin/true".into());
        let counts = counts(&program).unwrap();
        assert_eq!(counts.cpuid, stepped(&program));
        assert!(counts.calls > 10);
    }

    #[test]
    fn bytes_within_a_number_are_no_cpuid() {
        // mov $0xa20f,%eax; cpuid; movabs with both bytes; cpuid as the last of all.
        let code = [&[0xb8, 0x0f, 0xa2, 0, 0][..], &CPUID, &[0x48, 0xb8, 1, 2, 0x0f, 0xa2, 5, 6, 7, 8], &CPUID];
        assert_eq!(cpuids(&code.concat()), [5, 17]);
        assert!(cpuids(&CPUID[..1]).is_empty());
    }

    #[test]
    fn memory_is_read_at_the_exit() {
        let held = rollup("00-11 r--p\nRss:   1280 kB\nPrivate_Clean: 4 kB\nPrivate_Dirty:  96 kB\n").unwrap();
        assert_eq!((held.resident, held.dirty), (1280.0, 96.0));
        assert!(rollup("Rss: 1 kB\n").is_none());
        let held = memory(&start("/bin/true".into())).unwrap();
        assert!(held.resident > held.dirty && held.dirty > 10.0);
        assert!(memory(&start("/bin/false".into())).is_err());
    }
}
