//! Text that is written at once: what ld-rs says is put together here first.

use crate::sys;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// Text collected and written in one call, so that lines of several processes do not mix.
#[derive(Default)]
pub struct Page(Vec<u8>);

impl Write for Page {
    #[inline(never)]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// One call for each of a hundred lines.
    #[inline(never)]
    fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> fmt::Result {
        fmt::write(self, text)
    }
}

/// A page of one line.
#[inline(never)]
pub fn line(text: fmt::Arguments<'_>) -> Page {
    let mut page = Page::default();
    let _ = writeln!(page, "{text}");
    page
}

impl Page {
    /// Raw bytes, as they stand.
    #[inline(never)]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The text so far.
    pub fn take(self) -> Vec<u8> {
        self.0
    }

    /// Writes the page to descriptor `fd`.
    pub fn write(self, fd: u32) {
        sys::write_all(fd, &self.0);
    }

    /// Writes the page to descriptor `fd` and ends the process.
    pub fn exit(self, fd: u32, code: i32) -> ! {
        self.write(fd);
        sys::exit(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn text_and_bytes_stand_as_they_came() {
        let mut page = Page::default();
        write!(page, "{}-{:#x}", Errno::NOENT.raw_os_error(), 255).unwrap();
        page.bytes(b"\0\xff");
        assert_eq!(page.take(), b"2-0xff\0\xff");
    }
}
