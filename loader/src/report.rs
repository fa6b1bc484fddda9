//! What ld-rs says: errors on standard error, lists on standard output.

use crate::{last_error, sys};
use alloc::format;
use alloc::vec::Vec;
use core::fmt::{self, Write};
use ld_rs_plan::error::{Cause, Error, Text};
use ld_rs_plan::fallible::NoMemory;

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

    /// Says it on standard error, leaves it for later, and ends the process.
    pub fn last_words(self, code: i32) -> ! {
        last_error::remember(&[&self.0]);
        sys::write_all(2, &self.0);
        last_error::save(&self.0);
        sys::exit(code)
    }

    /// Writes the page to descriptor `fd`.
    pub fn write(self, fd: u32) {
        sys::write_all(fd, &self.0);
    }
}

/// Says on standard error what is wrong with loading `program`.
pub fn say(program: &[u8], errors: &[Error]) {
    page(program, errors).write(2);
}

fn page(program: &[u8], errors: &[Error]) -> Page {
    let mut page = Page::default();
    for error in errors {
        let _ = writeln!(page, "{}: {}{error}", Text(program), error.heading());
        for note in &error.notes {
            let _ = writeln!(page, "  note: {}", Text(note));
        }
    }
    page
}

/// glibc's sentence for an object that cannot be preloaded: a warning.
pub fn cannot_preload(page: &mut Page, source: &str, name: &[u8], mut error: Error) {
    let reason = match &error.cause {
        Cause::System(doing, _) => (*doing).into(),
        _ => {
            error.object.clear();
            format!("{error}")
        }
    };
    let name = Text(name);
    let _ = writeln!(page, "ERROR: ld.so: object '{name}' from {source} cannot be preloaded ({reason}): ignored.");
}

/// An inspection has no memory for its tables.
pub fn no_memory(cause: NoMemory) -> ! {
    fail(b"ld-rs.so", &[Error::new(b"", cause.into())])
}

/// Says it and ends the process with the code of the first error.
pub fn fail(program: &[u8], errors: &[Error]) -> ! {
    page(program, errors).last_words(errors.first().map_or(127, Error::exit_code))
}
