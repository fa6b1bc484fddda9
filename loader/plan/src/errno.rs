//! errno values by name (asm-generic/errno-base.h, errno.h): for patterns, where rustix's constants cannot stand.

macro_rules! errno {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        $(#[doc = $text]
        pub const $name: i32 = $number;)*

        /// What strerror says of `number` in the C locale, for those that a loader meets.
        #[must_use]
        pub const fn text(number: i32) -> Option<&'static str> {
            match number {
                $($name => Some($text),)*
                _ => None,
            }
        }
    };
}

errno! {
    EPERM = 1, "Operation not permitted";
    ENOENT = 2, "No such file or directory";
    EINTR = 4, "Interrupted system call";
    EIO = 5, "Input/output error";
    ENXIO = 6, "No such device or address";
    EBADF = 9, "Bad file descriptor";
    EAGAIN = 11, "Resource temporarily unavailable";
    ENOMEM = 12, "Cannot allocate memory";
    EACCES = 13, "Permission denied";
    EEXIST = 17, "File exists";
    ENODEV = 19, "No such device";
    ENOTDIR = 20, "Not a directory";
    EISDIR = 21, "Is a directory";
    EINVAL = 22, "Invalid argument";
    ENFILE = 23, "Too many open files in system";
    EMFILE = 24, "Too many open files";
    ETXTBSY = 26, "Text file busy";
    ENAMETOOLONG = 36, "File name too long";
    ENOSYS = 38, "Function not implemented";
    ELOOP = 40, "Too many levels of symbolic links";
    EOVERFLOW = 75, "Value too large for defined data type";
    ESTALE = 116, "Stale file handle";
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;

    #[test]
    fn as_the_systems_strerror() {
        let known: std::vec::Vec<i32> = (0..200).filter(|number| super::text(*number).is_some()).collect();
        assert_eq!(known.len(), 22);
        for number in known {
            let theirs = std::io::Error::from_raw_os_error(number).to_string();
            assert_eq!(Some(theirs), super::text(number).map(|text| format!("{text} (os error {number})")));
        }
    }
}
