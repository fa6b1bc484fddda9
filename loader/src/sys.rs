//! System calls: rustix where it has them, bare ones where a loader needs what rustix keeps closed.

use crate::arch;
use alloc::ffi::CString;
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use ld_rs_plan::fallible::with_capacity;
use ld_rs_plan::{Bytes, MIN_PAGE, align_down, auxv};
use linux_raw_sys::general as nr;
use rustix::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use rustix::fs::{FileType, MemfdFlags, Mode, OFlags, RawDir};
use rustix::io::Errno;

/// Bytes in a page.
static PAGE_SIZE: AtomicU64 = AtomicU64::new(MIN_PAGE);

/// Bytes in a page: a power of two from [`MIN_PAGE`] on, and no other as long as anything is mapped.
#[inline]
#[must_use]
pub fn page_size() -> u64 {
    PAGE_SIZE.load(Ordering::Relaxed)
}

/// Sets it, before anything is mapped.
pub fn set_page_size(size: u64) {
    PAGE_SIZE.store(auxv::page_size(size), Ordering::Relaxed);
}

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Counts a system call, for `--stats`. Threads that race lose a count, not more.
#[inline]
pub fn count() {
    CALLS.store(CALLS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

/// System calls made so far.
#[must_use]
pub fn calls() -> u32 {
    CALLS.load(Ordering::Relaxed)
}

/// CLOCK_MONOTONIC in nanoseconds.
#[must_use]
pub fn now() -> u64 {
    let mut time = [0u64; 2];
    let args = [nr::CLOCK_MONOTONIC as usize, time.as_mut_ptr() as usize, 0, 0];
    // SAFETY: clock_gettime fills a struct timespec; this clock always exists.
    unsafe { syscall(nr::__NR_clock_gettime as usize, args) };
    time[0].wrapping_mul(1_000_000_000).wrapping_add(time[1])
}

/// Nanoseconds that the thread of this process with the id `thread` has computed; `None` if it has ended.
#[must_use]
pub fn computed(thread: u32) -> Option<u64> {
    /// CPUCLOCK_PERTHREAD_MASK and CPUCLOCK_SCHED of the kernel, below the complement of the thread's id.
    const OF_THREAD: i32 = 4 | 2;
    let clock = !(thread as i32) << 3 | OF_THREAD;
    let mut time = [0u64; 2];
    // SAFETY: clock_gettime fills a struct timespec, or fails.
    let answer =
        unsafe { syscall(nr::__NR_clock_gettime as usize, [clock as usize, time.as_mut_ptr() as usize, 0, 0]) };
    let ended = result(answer) == Err(Errno::INVAL.raw_os_error());
    (!ended).then_some(time[0].wrapping_mul(1_000_000_000).wrapping_add(time[1]))
}

/// A bare system call with up to four arguments; the result is negative errno on failure.
///
/// # Safety
/// The arguments are right for call `number`.
pub unsafe fn syscall(number: usize, args: [usize; 4]) -> isize {
    count();
    // SAFETY: the caller's promise.
    unsafe { arch::syscall(number, args) }
}

/// A bare result as a `Result` with errno.
pub fn result(raw: isize) -> Result<usize, i32> {
    if (-4095..0).contains(&raw) { Err(-raw as i32) } else { Ok(raw.cast_unsigned()) }
}

/// Ends the process; by a signal where a filter of system calls refuses it.
pub fn exit(code: i32) -> ! {
    // SAFETY: exit_group takes one number.
    unsafe { syscall(nr::__NR_exit_group as usize, [code as usize, 0, 0, 0]) };
    arch::stop()
}

/// Writes all of `bytes` to standard error (2) or output (1), as far as that goes; by writev as glibc's loader.
pub fn write_all(fd: u32, mut bytes: &[u8]) -> bool {
    const MOST_INTERRUPTIONS: usize = 100;
    let mut interrupted = 0;
    while !bytes.is_empty() {
        let part = [bytes.as_ptr() as usize, bytes.len()];
        // SAFETY: one struct iovec, of a slice.
        let written = unsafe { syscall(nr::__NR_writev as usize, [fd as usize, part.as_ptr() as usize, 1, 0]) };
        match result(written) {
            Ok(count) if count > 0 => bytes = bytes.get(count..).unwrap_or_default(),
            Err(errno) if errno == Errno::INTR.raw_os_error() && interrupted < MOST_INTERRUPTIONS => interrupted += 1,
            _ => return false,
        }
    }
    true
}

/// A file in memory with these bytes, not to be executed. Its name is shown in /proc/PID/maps.
pub fn memory_file(name: &CStr, bytes: &[u8]) -> Result<OwnedFd, Errno> {
    let create = |flags| {
        count();
        rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC | flags)
    };
    // Where the kernel knows the flag (Linux 6.3) it may refuse whoever does not give it (vm.memfd_noexec).
    let file = create(MemfdFlags::NOEXEC_SEAL).or_else(|_| create(MemfdFlags::empty()))?;
    count();
    if write_all(file.as_raw_fd().cast_unsigned(), bytes) { Ok(file) } else { Err(Errno::NOSPC) }
}

/// What fstat tells of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// st_size.
    pub size: u64,
    /// (st_dev, st_ino).
    pub identity: (u64, u64),
    /// S_ISREG.
    pub regular: bool,
    /// S_ISDIR.
    pub directory: bool,
    /// A directory with no other in it, where its file system counts them: they would be links to it.
    pub flat: bool,
    /// S_ISUID.
    pub set_user_id: bool,
    /// st_uid is 0.
    pub is_roots: bool,
}

/// The program's file, by whatever name it was called, and if it has none by now.
pub const OWN_FILE: &[u8] = b"/proc/self/exe";

/// Flags to read an object by: never to wait for a FIFO's other end, never to become a terminal's owner.
pub const READING: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// Opens `path` for reading.
pub fn open(path: &[u8]) -> Result<OwnedFd, Errno> {
    open_with(path, READING)
}

/// Opens `path`, by openat, as glibc's loader does it: filters of system calls may know no other.
pub fn open_with(path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    count();
    let opened = with_c_path(path, |path| rustix::fs::openat(rustix::fs::CWD, path, flags, Mode::empty()));
    if opened.is_ok() {
        count(); // closed in the end
    }
    opened
}

/// Opens `path` with `root` for `/`, also where symbolic links in it are absolute.
pub fn open_in_root(root: &OwnedFd, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    /// The kernel gives up where it follows a `..` while anything anywhere is renamed or mounted.
    const TRIES: usize = 1000;
    let within = rustix::fs::ResolveFlags::IN_ROOT;
    let path = if path.is_empty() { b"/" } else { path };
    let open = || with_c_path(path, |path| rustix::fs::openat2(root, path, flags, Mode::empty(), within));
    (1..TRIES).map(|_| open()).find(|opened| !matches!(opened, Err(Errno::AGAIN))).unwrap_or_else(open)
}

/// Calls `call` with `path` as a C string: on the stack if it is short, for threads that open
/// libraries have small stacks at times.
fn with_c_path<T>(path: &[u8], call: impl FnOnce(&CStr) -> Result<T, Errno>) -> Result<T, Errno> {
    const SHORT: usize = 256;
    // An embedded NUL cannot name a file.
    if path.contains(&0) {
        return Err(Errno::NOENT);
    }
    let mut short = [MaybeUninit::uninit(); SHORT];
    if let Some((end, room)) = short.get_mut(..=path.len()).and_then(<[_]>::split_last_mut) {
        room.write_copy_of_slice(path);
        end.write(0);
        // SAFETY: just written: the path, without a NUL, and one behind it.
        return call(unsafe { CStr::from_bytes_with_nul_unchecked(short[..=path.len()].assume_init_ref()) });
    }
    call(&CString::new(path).map_err(|_| Errno::NOENT)?)
}

fn facts(stat: &rustix::fs::Stat) -> FileFacts {
    let kind = FileType::from_raw_mode(stat.st_mode);
    FileFacts {
        size: u64::try_from(stat.st_size).unwrap_or(0),
        identity: (stat.st_dev, stat.st_ino),
        regular: kind == FileType::RegularFile,
        directory: kind == FileType::Directory,
        flat: kind == FileType::Directory && stat.st_nlink == 2,
        set_user_id: Mode::from_raw_mode(stat.st_mode).contains(Mode::SUID),
        is_roots: stat.st_uid == 0,
    }
}

/// Whether the libc of the process makes fstat by the call of that name. Of start-up's files that is not known: a libc is
/// among them.
static FSTAT_IS_FSTAT: AtomicBool = AtomicBool::new(false);

/// From now on files are asked for their facts by the call that the libc makes.
pub fn use_fstat() {
    FSTAT_IS_FSTAT.store(true, Ordering::Relaxed);
}

/// What fstat of the C library does: glibc makes it by newfstatat from 2.33 to 2.38 and by fstat before and after, so that a
/// filter of system calls may know only one of them, and kill who makes the other.
pub fn stat(file: impl AsFd) -> Result<FileFacts, Errno> {
    let by = |fstat: bool| {
        count();
        if fstat { rustix::fs::fstat(&file) } else { rustix::fs::statat(&file, c"", rustix::fs::AtFlags::EMPTY_PATH) }
    };
    let fstat = FSTAT_IS_FSTAT.load(Ordering::Relaxed);
    by(fstat).or_else(|_| by(!fstat)).map(|stat| facts(&stat))
}

/// stat, by newfstatat for the same reason as [`open`].
pub fn stat_path(path: &[u8]) -> Result<FileFacts, Errno> {
    count();
    let flags = rustix::fs::AtFlags::empty();
    with_c_path(path, |path| rustix::fs::statat(rustix::fs::CWD, path, flags)).map(|stat| facts(&stat))
}

/// Whether the user who called the program may read `path`, by access(2) as glibc asks it.
#[must_use]
pub fn may_read(path: &CStr) -> bool {
    count();
    rustix::fs::access(path, rustix::fs::Access::READ_OK).is_ok()
}

/// Fills `buffer` from `offset` on as far as the file goes; the number of bytes read.
pub fn read_at(file: impl AsFd, buffer: &mut [u8], offset: u64) -> Result<usize, Errno> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        count();
        match rustix::io::pread(&file, rest, offset.saturating_add(done as u64)) {
            Ok(0) => break,
            Ok(count) => done = done.saturating_add(count),
            // EINTR too, as glibc has it: no file of a disk says so, and one that does may say so for ever.
            Err(errno) => return Err(errno),
        }
    }
    Ok(done)
}

/// `len` bytes at `offset`; fewer only where the file ends. The caller bounds `len` by the file.
pub fn read_vec(file: impl AsFd, len: usize, offset: u64) -> Result<Vec<u8>, Errno> {
    let mut bytes = with_capacity(len).map_err(|_| Errno::NOMEM)?;
    while bytes.len() < len {
        let done = bytes.len();
        let rest = bytes.spare_capacity_mut().get_mut(..len - done).unwrap_or_default();
        count();
        let read = rustix::io::pread(&file, rest, offset.saturating_add(done as u64))?.0.len();
        if read == 0 {
            break;
        }
        // SAFETY: so many bytes more were just written.
        unsafe { bytes.set_len(done + read) };
    }
    Ok(bytes)
}

/// Where the file holds bytes next, from `offset` on; far behind its end if nowhere. Where the file system does not tell,
/// everywhere.
#[must_use]
pub fn next_data(file: &OwnedFd, offset: u64) -> u64 {
    count();
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(offset)) {
        Err(Errno::NXIO) => u64::MAX,
        found => found.unwrap_or(offset),
    }
}

/// Where the bytes that the file holds at `offset` end; far behind its end where the file system does not tell.
#[must_use]
pub fn next_hole(file: &OwnedFd, offset: u64) -> u64 {
    count();
    rustix::fs::seek(file, rustix::fs::SeekFrom::Hole(offset)).unwrap_or(u64::MAX)
}

/// The path that a /proc link names; by readlink as in glibc's loader, for the reason of [`stat`].
pub fn read_link(path: &CStr) -> Option<Vec<u8>> {
    let mut buffer = vec![0u8; ld_rs_plan::search::MAX_PATH];
    let args = [path.as_ptr() as usize, buffer.as_mut_ptr() as usize, buffer.len(), 0];
    // SAFETY: the path ends with a NUL, and the buffer is as long as said.
    let length = result(unsafe { syscall(nr::__NR_readlink as usize, args) }).ok()?;
    buffer.get(..length).filter(|path| path.len() < buffer.len()).map(ld_rs_plan::Bytes::owned)
}

/// The current directory's path.
pub fn current_directory() -> Option<Vec<u8>> {
    let mut buffer = vec![0u8; ld_rs_plan::search::MAX_PATH];
    // SAFETY: the buffer is as long as said.
    let length = unsafe { syscall(nr::__NR_getcwd as usize, [buffer.as_mut_ptr() as usize, buffer.len(), 0, 0]) };
    // The length counts the NUL.
    let path = buffer.get(..result(length).ok()?.checked_sub(1)?)?;
    path.starts_with(b"/").then(|| path.owned())
}

/// The process's number.
#[must_use]
pub fn process_id() -> u32 {
    count();
    rustix::process::getpid().as_raw_pid().cast_unsigned()
}

/// Flags of a file that nothing of its name may lead away from.
const WRITING: OFlags = OFlags::WRONLY.union(OFlags::APPEND).union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);

/// A file to append to: a new one, or one that is there if it is the user's own and has no other name. In a directory
/// where others may write, what has the name may be theirs: a link, or a pipe that nobody reads.
#[must_use]
pub fn append_to(path: &[u8]) -> Option<OwnedFd> {
    let open = |path: &CStr| {
        let new = OFlags::CREATE | OFlags::EXCL;
        for (flags, mode) in [(new, 0o666), (OFlags::NONBLOCK | OFlags::NOCTTY, 0)] {
            count();
            let opened = rustix::fs::openat(rustix::fs::CWD, path, WRITING | flags, Mode::from_raw_mode(mode));
            match opened {
                Err(Errno::EXIST) => {}
                Ok(file) if flags != new && own_names(&file) != Some(1) => break,
                opened => return opened,
            }
        }
        Err(Errno::EXIST)
    };
    with_c_path(path, open).ok()
}

/// How many names a file or directory has that is the user's own.
fn own_names(file: &OwnedFd) -> Option<u64> {
    count();
    let stat = rustix::fs::fstat(file).ok()?;
    (stat.st_uid == rustix::process::geteuid().as_raw()).then_some(stat.st_nlink)
}

/// A new directory for its owner alone; an error if anything has this name, or took its place.
pub fn make_directory(path: &[u8]) -> Result<OwnedFd, Errno> {
    count();
    with_c_path(path, |path| rustix::fs::mkdirat(rustix::fs::CWD, path, Mode::RWXU))?;
    let directory = open_with(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC)?;
    own_names(&directory).map(|_| directory).ok_or(Errno::EXIST)
}

/// A new file of `bytes` in `directory`, as far as they can be written; for its owner alone.
pub fn write_file(directory: &OwnedFd, name: &CStr, bytes: &[u8]) {
    count();
    let flags = WRITING | OFlags::CREATE | OFlags::EXCL;
    if let Ok(file) = rustix::fs::openat(directory, name, flags, Mode::RUSR | Mode::WUSR) {
        write_all(file.as_raw_fd().cast_unsigned(), bytes);
    }
}

/// Whether descriptor `fd` is a terminal.
#[must_use]
pub fn is_terminal(fd: u32) -> bool {
    const TCGETS: usize = 0x5401;
    let mut settings = [0u32; 16];
    // SAFETY: TCGETS fills a struct termios, 36 bytes.
    unsafe { syscall(nr::__NR_ioctl as usize, [fd as usize, TCGETS, settings.as_mut_ptr() as usize, 0]) == 0 }
}

/// The entries of a directory: names, and whether each is a directory itself. As far as it can be read.
#[must_use]
pub fn directory(path: &[u8]) -> Vec<(Vec<u8>, bool)> {
    let mut entries = Vec::new();
    let Ok(file) = open(path) else { return entries };
    let mut buffer = Vec::with_capacity(32768);
    let mut found = RawDir::new(file, buffer.spare_capacity_mut());
    while let Some(Ok(entry)) = found.next() {
        let name = entry.file_name().to_bytes();
        if !name.is_empty() && !name.starts_with(b".") {
            entries.push((name.owned(), entry.file_type() == FileType::Directory));
        }
    }
    entries
}

/// Real and effective identity of the process: uid, euid, gid, egid.
#[must_use]
pub fn ids() -> [u32; 4] {
    use rustix::process::{getegid, geteuid, getgid, getuid};
    [getuid().as_raw(), geteuid().as_raw(), getgid().as_raw(), getegid().as_raw()]
}

/// Makes sure that descriptors 0, 1 and 2 are open, as glibc does for a setuid program: a file it opens
/// would become its standard output.
pub fn open_standard_descriptors() -> Result<(), Errno> {
    /// makedev(1, 3)
    const NULL_DEVICE: u64 = 0x103;
    for number in 0..3 {
        // SAFETY: F_GETFD takes a number, open or not, and changes nothing.
        let open = unsafe { syscall(nr::__NR_fcntl as usize, [number as usize, nr::F_GETFD as usize, 0, 0]) };
        if open >= 0 {
            continue;
        }
        let flags = OFlags::RDWR | OFlags::NOFOLLOW;
        let opened = rustix::fs::openat(rustix::fs::CWD, c"/dev/null", flags, Mode::empty())?;
        let is_right = opened.as_raw_fd() == number && rustix::fs::fstat(&opened)?.st_rdev == NULL_DEVICE;
        // It stays open.
        core::mem::forget(opened);
        if !is_right {
            return Err(Errno::BADF);
        }
    }
    Ok(())
}

/// Bytes of address space that the process may still take; `None` without a limit.
#[must_use]
pub fn address_space_left() -> Option<u64> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::As).current?;
    let mut text = [0u8; 32];
    let count = read_at(open(b"/proc/self/statm").ok()?, &mut text, 0).ok()?;
    let digits = text.get(..count)?.split(|byte| *byte == b' ').next()?;
    let pages: u64 = core::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(limit.saturating_sub(pages.saturating_mul(page_size())))
}

/// Whether a filter of system calls is installed, as far as can be told: it may kill who makes one that glibc's loader does
/// not make. Takes three calls that it makes.
#[must_use]
pub fn is_filtered() -> bool {
    const MOST_BYTES: usize = 16384;
    let status = open(b"/proc/self/status").and_then(|file| read_vec(file, MOST_BYTES, 0)).unwrap_or_default();
    !status.split(|byte| *byte == b'\n').any(|line| line == b"Seccomp:\t0")
}

/// Whether the page of `address` can be read: openat looks at its path before it sees that the folder is none, and is a call
/// that every start makes, so that filters of system calls let it pass. A path is no longer than the smallest page.
#[must_use]
pub fn is_readable(address: u64) -> bool {
    let page = align_down(address, MIN_PAGE) as usize;
    let flags = OFlags::PATH.union(OFlags::CLOEXEC).bits() as usize;
    // SAFETY: the kernel reads a string from the address, and stores nothing.
    match result(unsafe { syscall(nr::__NR_openat as usize, [usize::MAX, page, flags, 0]) }) {
        Ok(fd) => {
            // SAFETY: just opened: the page begins with an absolute path.
            drop(unsafe { OwnedFd::from_raw_fd(fd as i32) });
            true
        }
        Err(errno) => errno != Errno::FAULT.raw_os_error(),
    }
}

/// Makes the stack that the kernel lets grow executable, from the page of `address` down to its end, wherever that will be.
pub fn make_stack_executable(address: u64) -> Result<(), Errno> {
    protect_stack(align_down(address, page_size()), page_size(), nr::PROT_GROWSDOWN)
}

/// Makes `size` bytes of a stack executable, with `more` flags of mprotect.
pub fn protect_stack(address: u64, size: u64, more: u32) -> Result<(), Errno> {
    let rights = nr::PROT_READ | nr::PROT_WRITE | nr::PROT_EXEC | more;
    // SAFETY: whoever uses the stack may read and write it as before.
    let made = unsafe { syscall(nr::__NR_mprotect as usize, [address as usize, size as usize, rights as usize, 0]) };
    result(made).map(|_| ()).map_err(Errno::from_raw_os_error)
}

/// mseal: the pages can be neither unmapped nor given another protection any more.
pub fn seal(address: u64, size: u64) -> Result<(), Errno> {
    // SAFETY: sealing takes nothing from memory but possibilities.
    let sealed = unsafe { syscall(nr::__NR_mseal as usize, [address as usize, size as usize, 0, 0]) };
    result(sealed).map(|_| ()).map_err(Errno::from_raw_os_error)
}

/// Whether the thread of this process with the id `thread` runs or waits for a processor or a disk.
#[must_use]
pub fn can_run(thread: u32) -> bool {
    let mut text = [0u8; 128];
    let read =
        open(alloc::format!("/proc/self/task/{thread}/stat").as_bytes()).and_then(|file| read_at(file, &mut text, 0));
    // The state is the word after the name, which stands in brackets and may hold anything.
    let state = read.ok().and_then(|count| {
        let text = text.get(..count)?;
        text.get(text.iter().rposition(|byte| *byte == b')')?.checked_add(2)?).copied()
    });
    matches!(state, Some(b'R' | b'D'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(std::format!("ld-rs-{name}-{}", process_id()));
        let _ = std::fs::remove_dir_all(&path);
        path
    }

    #[test]
    fn reading_ends_where_the_file_does() {
        let path = scratch("read");
        std::fs::write(&path, b"0123456789").unwrap();
        let file = open(path.as_os_str().as_encoded_bytes()).unwrap();
        let mut buffer = [b'-'; 6];
        assert_eq!((read_at(&file, &mut buffer, 2), &buffer), (Ok(6), b"234567"));
        assert_eq!((read_at(&file, &mut buffer, 7), &buffer), (Ok(3), b"789567"));
        assert_eq!(read_at(&file, &mut buffer, 10), Ok(0));
        assert_eq!(read_at(&file, &mut buffer, u64::MAX), Err(Errno::INVAL));
        assert_eq!(read_vec(&file, 100, 8), Ok(b"89".to_vec()));
        assert_eq!(read_vec(&file, usize::MAX, 0), Err(Errno::NOMEM));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_path_with_a_nul_names_nothing() {
        for length in [1, 254, 255, 256, 257, 5000] {
            let mut path = vec![b'a'; length];
            path[length / 2] = 0;
            assert_eq!(open(&path).unwrap_err(), Errno::NOENT, "{length}");
        }
        assert_eq!(open(&[b'a'; 5000]).unwrap_err(), Errno::NAMETOOLONG);
        assert!(stat_path(&[b"/".repeat(300), b"tmp".to_vec()].concat()).unwrap().directory);
    }

    #[test]
    fn files_and_directories_are_made_once() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let path = scratch("made");
        let name = path.as_os_str().as_encoded_bytes();
        let made = make_directory(name).unwrap();
        assert_eq!(make_directory(name).unwrap_err(), Errno::EXIST);
        write_file(&made, c"file", b"some text");
        write_file(&made, c"file", b"another");
        symlink("none", path.join("link")).unwrap();
        write_file(&made, c"link", b"through a link");
        assert_eq!(std::fs::read(path.join("file")).unwrap(), b"some text");
        assert!(!path.join("none").exists());
        let mode = |name: &str| std::fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("file")), (0o700, 0o600));
        make_directory(&[name, b"/.hidden"].concat()).unwrap();
        make_directory(&[name, b"/folder"].concat()).unwrap();
        let mut entries = directory(name);
        entries.sort();
        assert_eq!(entries, [(b"file".to_vec(), false), (b"folder".to_vec(), true), (b"link".to_vec(), false)]);
        assert_eq!(directory(&[name, b"/file"].concat()), []);
        std::fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn only_a_file_of_ones_own_is_appended_to() {
        let path = scratch("appended");
        std::fs::create_dir(&path).unwrap();
        let append = |name: &str| append_to(path.join(name).as_os_str().as_encoded_bytes());
        for text in [&b"some "[..], b"text"] {
            write_all(append("file").unwrap().as_raw_fd().cast_unsigned(), text);
        }
        assert_eq!(std::fs::read(path.join("file")).unwrap(), b"some text");
        std::os::unix::fs::symlink("file", path.join("link")).unwrap();
        std::os::unix::fs::symlink("none", path.join("dangling")).unwrap();
        assert!(append("link").is_none() && append("dangling").is_none() && append("none/file").is_none());
        std::fs::hard_link(path.join("file"), path.join("twin")).unwrap();
        assert!(append("twin").is_none() && append("file").is_none() && append(".").is_none());
        let fifo = path.join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, fifo.as_os_str().as_encoded_bytes(), FileType::Fifo, Mode::RWXU, 0)
            .unwrap();
        assert!(append("fifo").is_none());
        if rustix::process::geteuid().is_root() {
            std::fs::write(path.join("theirs"), "").unwrap();
            std::os::unix::fs::chown(path.join("theirs"), Some(65534), None).unwrap();
            assert!(append("theirs").is_none());
        }
        std::fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_can_be_read_is_known_without_reading() {
        let page = rustix::mm::MapFlags::PRIVATE;
        let size = 2 * page_size() as usize;
        // SAFETY: a new mapping, whose second page is then taken away from nobody.
        let start = unsafe {
            let start =
                rustix::mm::mmap_anonymous(core::ptr::null_mut(), size, rustix::mm::ProtFlags::READ, page).unwrap();
            rustix::mm::mprotect(start.byte_add(size / 2), size / 2, rustix::mm::MprotectFlags::empty()).unwrap();
            start as u64
        };
        assert!(is_readable(start) && is_readable(start + 4095));
        assert!(!is_readable(start + 4096) && !is_readable(start + 8191));
        assert!(!is_readable(0) && !is_readable(u64::MAX) && !is_readable(1 << 63));
        // SAFETY: the first page can be read.
        let read = |from: u64, length| unsafe { crate::image::bytes_at(start + from, length) }.map(<[u8]>::len);
        assert_eq!((read(0, 4096), read(4000, 96), read(4095, 1)), (Some(4096), Some(96), Some(1)));
        assert_eq!((read(0, 4097), read(4000, 97), read(4095, 2)), (None, None, None));
        assert_eq!((read(0, 0), read(0, usize::MAX)), (None, None));
    }

    #[test]
    fn the_kernel_is_asked_who_we_are() {
        use std::os::unix::fs::MetadataExt;
        let own = std::fs::metadata("/proc/self").unwrap();
        let [_, uid, _, gid] = ids();
        assert_eq!((uid, gid), (own.uid(), own.gid()));
        assert_eq!(process_id(), std::process::id());
        assert_eq!(current_directory().unwrap(), std::env::current_dir().unwrap().as_os_str().as_encoded_bytes());
        assert_eq!(
            read_link(c"/proc/self/exe").unwrap(),
            std::env::current_exe().unwrap().as_os_str().as_encoded_bytes()
        );
        assert_eq!(read_link(c"/proc/self/none"), None);
        assert!(now() > 0 && now() <= now());
    }
}
