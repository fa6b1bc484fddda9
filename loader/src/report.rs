//! What ld-rs says: errors on standard error, lists on standard output.

use crate::page::{self, Page};
use crate::{last_error, sys};
use alloc::format;
use core::fmt::Write;
use ld_rs_plan::error::{Cause, Error, Text};
use ld_rs_plan::fallible::NoMemory;

/// Says `page` on standard error, leaves it for later, and ends the process.
pub fn last_words(page: Page, code: i32) -> ! {
    let text = page.take();
    last_error::remember(&[&text]);
    sys::write_all(2, &text);
    last_error::save(&text);
    sys::exit(code)
}

/// Says on standard error what is wrong with loading `program`.
pub fn say(program: &[u8], errors: &[Error]) {
    told(program, errors).write(2);
}

fn told(program: &[u8], errors: &[Error]) -> Page {
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
pub fn cannot_preload(source: &str, name: &[u8], error: &Error) -> Page {
    let reason = match &error.cause {
        Cause::System(doing, _) => (*doing).into(),
        cause => format!("{cause}"),
    };
    let name = Text(name);
    page::line(format_args!("ERROR: ld.so: object '{name}' from {source} cannot be preloaded ({reason}): ignored."))
}

/// Says glibc's sentence for each object of `list` (LD_AUDIT, `--audit`, DT_AUDIT), none of which can audit.
#[cold]
#[inline(never)]
pub fn cannot_audit(list: &[u8]) {
    let mut page = Page::default();
    for name in list.split(|byte| *byte == b':').filter(|name| !name.is_empty()) {
        let name = Text(name);
        let _ = writeln!(
            page,
            "ERROR: ld.so: object '{name}' cannot be loaded as audit interface: ld-rs has no auditing; ignored."
        );
    }
    page.write(2);
}

/// An inspection has no memory for its tables.
pub fn no_memory(cause: NoMemory) -> ! {
    fail(b"ld-rs.so", &[Error::new(b"", cause.into())])
}

/// Says it and ends the process with the code of the first error.
pub fn fail(program: &[u8], errors: &[Error]) -> ! {
    last_words(told(program, errors), errors.first().map_or(127, Error::exit_code))
}
