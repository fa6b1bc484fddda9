//! A writer of JSON: objects, lists, strings, numbers; commas are its own business.
//!
//! JSON's strings are Unicode, names of files and symbols are bytes. So that each name has a string of its own and can be
//! had back, a byte that is not UTF-8 is written as the four characters `\xNN` (two hexadecimal digits), and so is a
//! backslash of the name that begins these four. All other names stand for themselves.

use alloc::{format, vec::Vec};

/// Changes whenever a key changes its meaning or goes.
pub const SCHEMA: u64 = 2;

/// A document being written.
#[derive(Debug, Default)]
pub struct Json {
    text: Vec<u8>,
    /// Something stands before, so that a comma is due.
    follows: bool,
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

    /// A name, in the form that the module's head tells of.
    #[inline(never)]
    pub fn string(&mut self, bytes: &[u8]) -> &mut Self {
        self.comma();
        self.text.push(b'"');
        for chunk in bytes.utf8_chunks() {
            let mut rest = chunk.valid().chars();
            while let Some(next) = rest.next() {
                match (next, rest.as_str().as_bytes()) {
                    ('\\', [b'x', first, second, ..]) if first.is_ascii_hexdigit() && second.is_ascii_hexdigit() => {
                        self.byte(b'\\');
                    }
                    _ => self.character(next),
                }
            }
            chunk.invalid().iter().for_each(|byte| self.byte(*byte));
        }
        self.text.push(b'"');
        self
    }

    /// Text as it stands: a sentence for people.
    #[inline(never)]
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.comma();
        self.text.push(b'"');
        text.chars().for_each(|next| self.character(next));
        self.text.push(b'"');
        self
    }

    /// `\xNN`; the backslash is escaped as JSON asks.
    fn byte(&mut self, byte: u8) {
        self.text.extend_from_slice(format!("\\\\x{byte:02x}").as_bytes());
    }

    fn character(&mut self, next: char) {
        match next {
            '"' | '\\' => self.text.extend_from_slice(&[b'\\', next as u8]),
            // Also those that JSON allows as they are: none reaches a terminal.
            _ if next.is_control() => self.text.extend_from_slice(format!("\\u{:04x}", u32::from(next)).as_bytes()),
            _ => self.text.extend_from_slice(next.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }

    /// A number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.raw(format_args!("{number}"))
    }

    /// What `write` makes of a value, or `null`.
    pub fn or_null<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T) -> &mut Self) -> &mut Self {
        match value {
            Some(value) => write(self, value),
            None => self.raw(format_args!("null")),
        }
    }

    /// A list of what `write` makes of each item.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) -> &mut Self {
        self.open(b'[');
        items.into_iter().for_each(|item| write(self, item));
        self.close(b']')
    }

    #[inline(never)]
    fn raw(&mut self, text: core::fmt::Arguments<'_>) -> &mut Self {
        self.comma();
        self.text.extend_from_slice(format!("{text}").as_bytes());
        self
    }

    fn comma(&mut self) {
        if core::mem::replace(&mut self.follows, true) {
            self.text.push(b',');
        }
    }

    /// Ends the document, an object: its text, a line.
    pub fn end(&mut self) -> Vec<u8> {
        self.close(b'}').text.push(b'\n');
        core::mem::take(&mut self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_escapes() {
        let mut json = Json::default();
        json.open(b'{')
            .key("a")
            .number(1)
            .key("b")
            .open(b'[')
            .string(b"x\"\\\n\xff")
            .or_null(None, Json::number)
            .close(b']');
        json.key("c").open(b'{').close(b'}').key("d").text("\\x0a\u{9b}");
        let text = br#"{"a":1,"b":["x\"\\\u000a\\xff",null],"c":{},"d":"\\x0a\u009b"}"#;
        assert_eq!(json.end(), [text, &b"\n"[..]].concat());
    }

    /// What a reader makes of a string: first JSON's escapes, then the module's.
    fn read(text: &[u8]) -> Vec<u8> {
        let text = std::str::from_utf8(text).unwrap_or_default();
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
        let (mut plain, mut rest) = (std::string::String::new(), text.chars());
        while let Some(next) = rest.next() {
            match (next, rest.as_str().as_bytes().first()) {
                ('\\', Some(b'u')) => {
                    let number = rest.as_str().get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                    plain.extend(number.and_then(char::from_u32));
                    rest.nth(4);
                }
                ('\\', _) => plain.extend(rest.next()),
                _ => plain.push(next),
            }
        }
        let (mut name, mut rest) = (Vec::new(), plain.as_bytes());
        while let Some((first, after)) = rest.split_first() {
            let digits = after.strip_prefix(b"x").and_then(|after| after.get(..2));
            let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
            let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
            let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'\\');
            name.push(byte.unwrap_or(*first));
            rest = if byte.is_some() { rest.get(4..).unwrap_or_default() } else { after };
        }
        name
    }

    #[test]
    fn every_name_has_a_string_of_its_own() {
        const LETTERS: &[u8] = b"\\x5cF\n\xff\"\xc3\xa4+";
        let mut names: Vec<Vec<u8>> = std::vec![Vec::new()];
        let mut at = 0;
        while let Some(name) = names.get(at).cloned().filter(|name| name.len() < if cfg!(miri) { 2 } else { 5 }) {
            names.extend(LETTERS.iter().map(|letter| [name.as_slice(), &[*letter]].concat()));
            at += 1;
        }
        for name in names {
            let mut json = Json::default();
            let text = &json.string(&name).text;
            assert_eq!(read(text), name, "{}", std::string::String::from_utf8_lossy(text));
        }
        for plain in ["/usr/lib/libc.so.6", "gr\u{fc}n", r"a\b\x\x4", r"\\server"] {
            let mut json = Json::default();
            let text = &json.string(plain.as_bytes()).text;
            assert_eq!(text, format!("\"{}\"", plain.replace('\\', r"\\")).as_bytes());
        }
    }
}
