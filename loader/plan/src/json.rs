//! A writer of JSON: objects, lists, strings, numbers; commas are its own business.

use crate::error::Text;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// A document being written.
#[derive(Debug, Default)]
pub struct Json {
    text: Vec<u8>,
    /// Something stands before, so that a comma is due.
    follows: bool,
}

/// Writes text between quotes.
struct Quoted<'a>(&'a mut Vec<u8>);

impl Write for Quoted<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if matches!(byte, b'"' | b'\\') {
                self.0.push(b'\\');
            }
            self.0.push(byte);
        }
        Ok(())
    }
}

impl Json {
    /// Begins an object (`{`) or a list (`[`).
    #[inline(never)]
    pub fn open(&mut self, bracket: u8) -> &mut Self {
        self.comma();
        self.text.push(bracket);
        self.follows = false;
        self
    }

    /// Ends it (`}` or `]`).
    #[inline(never)]
    pub fn close(&mut self, bracket: u8) -> &mut Self {
        self.text.push(bracket);
        self.follows = true;
        self
    }

    /// A member's name; its value comes next.
    #[inline(never)]
    pub fn key(&mut self, name: &str) -> &mut Self {
        self.string(name.as_bytes());
        self.text.push(b':');
        self.follows = false;
        self
    }

    /// A string. Bytes that are no printable text are shown as [`Text`] shows them.
    #[inline(never)]
    pub fn string(&mut self, bytes: &[u8]) -> &mut Self {
        self.comma();
        self.text.push(b'"');
        let _ = write!(Quoted(&mut self.text), "{}", Text(bytes));
        self.text.push(b'"');
        self
    }

    /// A number.
    #[inline(never)]
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.comma();
        let _ = write!(Quoted(&mut self.text), "{number}");
        self
    }

    /// `true`, `false` or `null`.
    #[inline(never)]
    pub fn word(&mut self, word: &str) -> &mut Self {
        self.comma();
        self.text.extend_from_slice(word.as_bytes());
        self
    }

    /// A string or `null`.
    #[inline(never)]
    pub fn string_or_null(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        match bytes {
            Some(bytes) => self.string(bytes),
            None => self.word("null"),
        }
    }

    fn comma(&mut self) {
        if core::mem::replace(&mut self.follows, true) {
            self.text.push(b',');
        }
    }

    /// The text so far, which is given up.
    pub fn take(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_escapes() {
        let mut json = Json::default();
        json.open(b'{').key("a").number(1).key("b").open(b'[').string(b"x\"\\\n\xff").word("null").close(b']');
        json.key("c").open(b'{').close(b'}').close(b'}');
        assert_eq!(json.take(), br#"{"a":1,"b":["x\"\\\\x0a\\xff",null],"c":{}}"#);
    }
}
