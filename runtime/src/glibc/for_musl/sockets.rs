//! For objects built for musl: <sys/socket.h>, <netdb.h>. Resolution binds their references to these.

use super::{OUT_OF_MEMORY, Pointer, host};
use crate::glibc;
use core::ffi::{c_int, c_uint};

// --- sys/socket.h: what is padding there is the upper half of a length here, and may hold anything.

/// `struct msghdr`; of musl but for the upper halves of `parts` and `control_size`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Message {
    name: Pointer,
    name_size: u64,
    vector: Pointer,
    parts: u64,
    control: Pointer,
    control_size: u64,
    flags: u64,
}

/// A `struct mmsghdr`: a message, and the bytes that were sent or received.
type Many = (Message, u64);

/// The lower half: what a length of musl says.
const LENGTH: u64 = u32::MAX as u64;
/// Bytes of a `struct cmsghdr`, and to what they are aligned.
const CONTROL_HEAD: usize = 16;
const CONTROL_ALIGN: usize = 8;
/// Control data of up to so many bytes can be sent, as under musl.
const CONTROL_ROOM: usize = 1024;

fn clean(message: Message) -> Message {
    Message { parts: message.parts & LENGTH, control_size: message.control_size & LENGTH, ..message }
}

unsafe fn send(socket: c_int, message: *const Message, flags: c_int) -> isize {
    let mut room = [0u64; CONTROL_ROOM / 8];
    // SAFETY: the caller's promise of `message`.
    let mut message = clean(unsafe { message.read() });
    let size = message.control_size as usize;
    if size > CONTROL_ROOM {
        glibc::set_errno(OUT_OF_MEMORY);
        return -1;
    }
    if size > 0 && !message.control.is_null() {
        let copy = room.as_mut_ptr().cast::<u8>();
        // SAFETY: the caller's promise of so many bytes; there is room for them.
        unsafe { copy.copy_from_nonoverlapping(message.control.cast::<u8>(), size) };
        let mut at = 0;
        while at + CONTROL_HEAD <= size {
            // At a multiple of 8 inside the copy.
            room[at / 8] &= LENGTH;
            let length = room[at / 8] as usize;
            if length < CONTROL_HEAD {
                break;
            }
            at += length.next_multiple_of(CONTROL_ALIGN);
        }
        message.control = room.as_mut_ptr().cast();
    }
    // SAFETY: as the caller promised, in glibc's layout.
    unsafe { host::sendmsg(socket, &raw const message, flags) }
}

musl! {
    /// sendmsg.
    sendmsg as "__ld_rs_musl_sendmsg" (socket: c_int, message: *const Message, flags: c_int) -> isize {
        // SAFETY: the caller's promise.
        unsafe { send(socket, message, flags) }
    }
    /// recvmsg.
    recvmsg as "__ld_rs_musl_recvmsg" (socket: c_int, message: *mut Message, flags: c_int) -> isize {
        // SAFETY: the caller's promise; the upper halves are padding, which may be written.
        unsafe {
            message.write(clean(message.read()));
            host::recvmsg(socket, message, flags)
        }
    }
    /// sendmmsg: one message after the other, as musl does it.
    sendmmsg as "__ld_rs_musl_sendmmsg" (socket: c_int, list: *mut Many, count: c_uint, flags: c_uint) -> c_int {
        /// IOV_MAX: no more in one call.
        const MOST: c_uint = 1024;
        for at in 0..count.min(MOST) {
            // SAFETY: the caller's promise of `count` messages.
            let sent = unsafe {
                let entry = list.add(at as usize);
                let sent = send(socket, &raw const (*entry).0, flags as c_int);
                if sent >= 0 {
                    (*entry).1 = sent as u64;
                }
                sent
            };
            if sent < 0 {
                return if at == 0 { -1 } else { at as c_int };
            }
        }
        count.min(MOST) as c_int
    }
    /// recvmmsg.
    recvmmsg as "__ld_rs_musl_recvmmsg"
    (socket: c_int, list: *mut Many, count: c_uint, flags: c_uint, timeout: Pointer) -> c_int {
        // SAFETY: the caller's promise of `count` messages, as for recvmsg.
        unsafe {
            for at in 0..count as usize {
                let message = &raw mut (*list.add(at)).0;
                message.write(clean(message.read()));
            }
            host::recvmmsg(socket, list.cast(), count, flags as c_int, timeout)
        }
    }
    /// getnameinfo: glibc refuses the flag for numeric scopes.
    getnameinfo as "__ld_rs_musl_getnameinfo"
    (address: Pointer, size: c_uint, host: Pointer, hosts: c_uint, service: Pointer, services: c_uint, flags: c_int) -> c_int {
        const NI_NUMERICSCOPE: c_int = 0x100;
        // SAFETY: the caller's promise.
        unsafe { host::getnameinfo(address, size, host, hosts, service, services, flags & !NI_NUMERICSCOPE) }
    }
}
