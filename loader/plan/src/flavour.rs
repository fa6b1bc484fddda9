//! Which libc a program lives with, told by what it loaded.

/// The kinds of guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// No libc: the program brings its own start-up code, we bring TLS.
    None,
    /// glibc: object number of libc.so.6.
    Glibc(usize),
    /// musl: object number of libc.so.
    Musl(usize),
}

/// Names under which programs need musl's libc, which is also its loader.
pub const MUSL_NAMES: [&[u8]; 3] = [b"libc.so", b"libc.musl-x86_64.so.1", b"ld-musl-x86_64.so.1"];

/// Tells the flavour from each loaded object's soname (or, lacking one, file name) and whether it
/// defines `_dlstart`: musl's libc is its own loader, another library may have the same name.
pub fn detect<'a>(objects: impl IntoIterator<Item = (&'a [u8], bool)>) -> Flavour {
    for (index, (name, starts)) in objects.into_iter().enumerate() {
        if name == b"libc.so.6" {
            return Flavour::Glibc(index);
        }
        if starts && MUSL_NAMES.contains(&name) {
            return Flavour::Musl(index);
        }
    }
    Flavour::None
}
