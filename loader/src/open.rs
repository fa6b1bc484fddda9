//! Files and mappings that become objects: opened, judged by their headers, mapped or read.
//!
//! Called by [`crate::discover`] for libraries, and by start-up for the program, ld-rs and the vdso.

use crate::image::{Image, bytes_at};
use crate::object::{Object, Role};
use crate::root::Root;
use crate::{arch, map, sys};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use ld_rs_plan::elf::header::{self, Headers};
use ld_rs_plan::elf::note;
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::{Bytes, align_down};
use object::elf;
use rustix::fd::OwnedFd;
use rustix::io::Errno;

/// An open file that may become an object.
pub(crate) struct Candidate {
    pub(crate) file: OwnedFd,
    pub(crate) facts: sys::FileFacts,
    pub(crate) headers: Box<Headers>,
}

/// A file that is no object at all.
pub(crate) const NO_ELF: &str = header::NO_ELF;
/// A file that cannot be opened.
pub(crate) const NOT_OPENED: &str = "cannot open shared object file";
/// What is not there yet, and is only to be found (RTLD_NOLOAD): no error, so that nobody says it.
pub const NOT_LOADED: Cause = Cause::Plain("");
/// A device, a FIFO, a socket.
pub(crate) const NO_FILE: &str = "not a regular file";

/// Opens a file and judges its headers.
pub(crate) fn open(root: &Root, path: &[u8]) -> Result<Box<Candidate>, Cause> {
    let opened = root.open(path);
    judged(opened.map_err(|errno| Cause::System(NOT_OPENED, errno.raw_os_error()))?, By::File)
}

/// Whose word the beginning of a file is judged by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// Nobody's: all of it is looked at.
    File,
    /// The kernel's, which runs the file. Of the identification it looks at the first four bytes alone.
    Kernel,
}

/// Judges an open file by its headers.
fn judged(file: OwnedFd, by: By) -> Result<Box<Candidate>, Cause> {
    let facts = sys::stat(&file).map_err(|errno| Cause::System("cannot stat shared object", errno.raw_os_error()))?;
    if facts.directory {
        return Err(map::unreadable(Errno::ISDIR));
    }
    if !facts.regular {
        return Err(Cause::Plain(NO_FILE));
    }
    let headers = read_headers(&file, facts.size, by)?;
    Ok(Box::new(Candidate { file, facts, headers }))
}

/// The build id of the file at `path`.
pub(crate) fn build_id(path: &[u8]) -> Option<Vec<u8>> {
    let file = sys::open(path).ok()?;
    let facts = sys::stat(&file).ok().filter(|facts| facts.regular)?;
    let headers = read_headers(&file, facts.size, By::File).ok()?;
    headers.notes.iter().find_map(|range| {
        let segment = headers.segment_of(range.vaddr, range.size)?;
        let (size, offset) = (range.size.min(note::MOST) as usize, segment.offset_of(range.vaddr));
        let notes = sys::read_vec(&file, size, offset).ok()?;
        note::build_id(&notes).map(<[u8]>::to_vec)
    })
}

/// Reads and judges the headers of an open file of `size` bytes.
fn read_headers(file: &OwnedFd, size: u64, by: By) -> Result<Box<Headers>, Cause> {
    // One read is enough for a header and 17 program headers. libc.so.6 has 14, for which glibc's first read of 832 bytes does
    // not suffice.
    let mut start = sys::read_vec(file, 1024, 0).map_err(map::unreadable)?;
    if by == By::Kernel {
        header::identify(&mut start);
    }
    let ident = header::ident(&start, size)?;
    let (offset, length) = ident.table();
    let table = usize::try_from(offset).ok().and_then(|offset| start.get(offset..)?.get(..length as usize));
    let read;
    let table = match table {
        Some(table) => table,
        None => {
            read = sys::read_vec(file, length as usize, offset).map_err(map::unreadable)?;
            &read
        }
    };
    header::headers(ident, table, size, sys::page_size())
}

/// Maps a file's object for running, or reads its tables for inspection.
pub(crate) fn object(
    role: Role,
    path: Vec<u8>,
    mut candidate: Box<Candidate>,
    purpose: Purpose,
) -> Result<Rc<Object>, Cause> {
    let Candidate { file, headers, .. } = &*candidate;
    match purpose {
        Purpose::Inspect => {
            let (image, held) = map::read(file, headers)?;
            let mut object = finish(role, path, &mut candidate, purpose, image)?;
            if let Some(object) = Rc::get_mut(&mut object) {
                object.dynamic.cut(held);
            }
            return Ok(object);
        }
        Purpose::Find => return Err(NOT_LOADED),
        Purpose::Run | Purpose::Open => {}
    }
    if role == Role::Library && headers.ident.kind == header::Kind::Fixed {
        return Err(Cause::Plain("cannot dynamically load executable"));
    }
    if role == Role::Library && headers.dynamic.is_none() {
        return Err(Cause::Plain("object file has no dynamic section"));
    }
    let image = map::map(file, headers)?;
    to_run(role, path, &mut candidate, purpose, image)
}

/// A mapped object whose relocation is to come.
fn to_run(
    role: Role,
    path: Vec<u8>,
    candidate: &mut Candidate,
    purpose: Purpose,
    image: Image,
) -> Result<Rc<Object>, Cause> {
    image.own_dynamic(&candidate.headers);
    let mut object = finish(role, path, candidate, purpose, image)?;
    if let Some(object) = Rc::get_mut(&mut object) {
        object.tls_image = map::tls_image(&candidate.file, &object.headers)?;
        if object.headers.phdrs.is_none() {
            let (offset, length) = object.headers.ident.table();
            object.phdr_table = sys::read_vec(&candidate.file, length as usize, offset).map_err(map::unreadable)?;
        }
    }
    map::lay_huge(Some(&candidate.file), &object.image, &object.headers, &object.dynamic)?;
    Ok(object)
}

#[inline(never)]
fn finish(
    role: Role,
    path: Vec<u8>,
    candidate: &mut Candidate,
    purpose: Purpose,
    image: Image,
) -> Result<Rc<Object>, Cause> {
    let mut object = Object::new(role, path, &mut candidate.headers, image)?;
    if let Some(object) = Rc::get_mut(&mut object) {
        object.file = Some(candidate.facts.identity);
    }
    if role == Role::Library && object.dynamic.has_flag_1(elf::DF_1_PIE) {
        return Err(Cause::Plain("cannot dynamically load position-independent executable"));
    }
    if purpose == Purpose::Open && object.dynamic.has_flag_1(elf::DF_1_NOOPEN) {
        return Err(Cause::Plain("shared object cannot be dlopen()ed"));
    }
    Ok(object)
}

/// The program named on our own command line: mapped to run, or read to inspect.
pub fn program(root: &Root, path: &[u8], purpose: Purpose) -> Result<Rc<Object>, Error> {
    open(root, path)
        .and_then(|candidate| object(Role::Program, path.owned(), candidate, purpose))
        .map_err(|cause| Error::new(path, cause))
}

/// What the kernel tells of the program that it mapped for us, its interpreter.
#[derive(Clone, Copy)]
pub struct KernelProgram {
    entry: u64,
    /// AT_PHDR and AT_PHNUM.
    phdr: (u64, u64),
}

impl KernelProgram {
    /// AT_ENTRY, AT_PHDR and AT_PHNUM.
    ///
    /// # Safety
    /// The kernel's words: a program is mapped, and AT_ENTRY is where its file's e_entry lies. Nobody has written to it.
    #[must_use]
    pub const unsafe fn new(entry: u64, phdr: (u64, u64)) -> Self {
        Self { entry, phdr }
    }
}

/// The program that the kernel mapped for us. Its headers are judged where they lie in memory, as glibc reads them: to ask
/// the file takes four system calls. Where they lie elsewhere, or what they say is refused, the file has the last word.
pub fn kernel_program(name: &[u8], told: KernelProgram) -> Result<Rc<Object>, Error> {
    let make = || {
        if told.entry == 0 {
            return Err(Cause::Plain("the kernel does not tell where the program begins (AT_ENTRY)"));
        }
        let refused = match headers_in_memory(told) {
            Ok((mut headers, image)) => {
                image.own_dynamic(&headers);
                let object = Object::new(Role::Program, name.owned(), &mut headers, image)?;
                map::lay_huge(None, &object.image, &object.headers, &object.dynamic)?;
                return Ok(object);
            }
            Err(cause) => cause,
        };
        let Ok(file) = sys::open(sys::OWN_FILE) else { return Err(refused) };
        let mut candidate = judged(file, By::Kernel)?;
        // SAFETY: the kernel mapped the segments of these headers, for they are those of its file; AT_ENTRY is bias + e_entry.
        let image = unsafe { Image::of_kernel(told.entry.wrapping_sub(candidate.headers.ident.entry)) };
        to_run(Role::Program, name.owned(), &mut candidate, Purpose::Run, image)
    };
    make().map_err(|cause| Error::new(name, cause))
}

/// Judges the program by what AT_PHDR points to, of which nothing is known: the kernel may have mapped nothing there, and a
/// table that begins in a segment may end outside of all.
fn headers_in_memory(told: KernelProgram) -> Result<(Box<Headers>, Image), Cause> {
    const UNREADABLE: Cause = Cause::Plain("cannot read the program's headers");
    let (phdr, phnum) = told.phdr;
    let phnum = u16::try_from(phnum).map_err(|_| UNREADABLE)?;
    // The bias is told by the ELF header, which has to be on the page that the program headers begin on.
    let base = align_down(phdr, sys::page_size());
    if !sys::is_readable(base) {
        return Err(UNREADABLE);
    }
    // By its path, for one call: what a file that was cut short does not have is a signal when it is touched.
    let size = sys::stat_path(sys::OWN_FILE).map_or(header::MAX_SPAN, |facts| facts.size);
    // SAFETY: the first page was asked for, others are by `bytes_at`; relocation comes later.
    let read = |address: u64, length: usize| unsafe { bytes_at(address, length) }.ok_or(UNREADABLE);
    let ident = header::ident(read(base, header::EHDR_SIZE)?, size).ok();
    let ident =
        ident.filter(|ident| ident.phnum == phnum && base.wrapping_add(ident.phoff) == phdr).ok_or(UNREADABLE)?;
    let table = read(phdr, ident.table().1 as usize)?;
    let headers = header::headers(ident, table, size, sys::page_size())?;
    let bias = told.entry.wrapping_sub(headers.ident.entry);
    let is_place = headers.phdrs.map(|vaddr| bias.wrapping_add(vaddr)) == Some(phdr);
    // What else is taken from the file.
    let has_tls = headers.tls.is_none_or(|tls| tls.mapped || tls.filesz == 0);
    if !bias.is_multiple_of(headers.page) || !is_place || !has_tls {
        return Err(UNREADABLE);
    }
    // SAFETY: the kernel mapped the segments by this very table, which by this bias lies where it is.
    Ok((headers, unsafe { Image::of_kernel(bias) }))
}

/// An object of which a whole page range is mapped with the ELF header first: the vdso, ld-rs.
///
/// # Safety
/// All of it is mapped at `address`, for good, and the first page does not change.
unsafe fn mapped_object(role: Role, name: &[u8], address: u64) -> Result<Rc<Object>, Cause> {
    // SAFETY: the caller's promise.
    let page = unsafe { core::slice::from_raw_parts(address as *const u8, sys::page_size() as usize) };
    let ident = header::ident(page, header::MAX_SPAN)?;
    let (offset, length) = ident.table();
    let table = page.get(offset as usize..).and_then(|rest| rest.get(..length as usize)).unwrap_or_default();
    let mut headers = header::headers(ident, table, header::MAX_SPAN, sys::page_size())?;
    // SAFETY: the caller's promise; offset 0 of the file is at `address`.
    let image = unsafe { Image::of_kernel(address.wrapping_sub(headers.span.vaddr)) };
    Object::new(role, name.owned(), &mut headers, image)
}

/// The vdso.
///
/// # Safety
/// `address` is AT_SYSINFO_EHDR.
pub unsafe fn vdso(address: u64) -> Result<Rc<Object>, Cause> {
    // SAFETY: the kernel mapped it.
    unsafe { mapped_object(Role::Vdso, b"linux-vdso.so.1", address) }
}

/// ld-rs itself, started as `name`.
pub fn own_object(name: &[u8]) -> Result<Rc<Object>, Cause> {
    // SAFETY: this code runs there. Our first page is read-only: headers and tables.
    unsafe { mapped_object(Role::Loader, name, arch::own_base()) }
}

/// What objects are taken in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Mapped as the program needs them, at start-up.
    Run,
    /// As [`Purpose::Run`], by dlopen.
    Open,
    /// Not taken in: an object of the process is asked for (RTLD_NOLOAD).
    Find,
    /// Read into private memory.
    Inspect,
}

/// Refuses what weakens the process's memory if the user is `strict`. Otherwise the object is opened for its text relocations.
pub fn admit(mut object: Rc<Object>, strict: bool, purpose: Purpose) -> Result<Rc<Object>, Cause> {
    if let Some((_, cause)) = object.weaknesses().next().filter(|_| strict) {
        return Err(cause);
    }
    if object.dynamic.text_relocations
        && let Some(object) = Rc::get_mut(&mut object).filter(|_| purpose != Purpose::Inspect)
    {
        object.open_text()?;
    }
    Ok(object)
}
