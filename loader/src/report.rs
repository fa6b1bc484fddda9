//! What ld-rs says: errors on standard error, lists on standard output.

use crate::sys;
use alloc::format;
use alloc::vec::Vec;
use core::fmt::{self, Write};
use ld_rs_plan::error::{Cause, Error, Text};

/// Text collected and written in one call, so that lines of several processes do not mix.
#[derive(Default)]
pub struct Page(Vec<u8>);

impl Write for Page {
    #[inline(never)]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
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

    /// Writes the page to descriptor `fd`.
    pub fn write(self, fd: u32) {
        sys::write_all(fd, &self.0);
    }
}

/// Says on standard error what is wrong with loading `program`.
pub fn say(program: &[u8], errors: &[Error]) {
    let mut page = Page::default();
    for error in errors {
        let _ = writeln!(page, "{}: {}{error}", Text(program), error.heading());
        for note in &error.notes {
            let _ = writeln!(page, "  note: {}", Text(note));
        }
    }
    page.write(2);
}

/// glibc's sentence for an object that cannot be preloaded: a warning.
pub fn cannot_preload(page: &mut Page, source: &str, name: &[u8], error: Error) {
    let reason = match &error.cause {
        Cause::System(doing, _) => (*doing).into(),
        _ => format!("{}", Error { object: Vec::new(), ..error }),
    };
    let name = Text(name);
    let _ = writeln!(page, "ERROR: ld.so: object '{name}' from {source} cannot be preloaded ({reason}): ignored.");
}

/// Says it and ends the process with the code of the first error.
pub fn fail(program: &[u8], errors: &[Error]) -> ! {
    say(program, errors);
    sys::exit(errors.first().map_or(127, Error::exit_code))
}
