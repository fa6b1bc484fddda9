//! The loader's own memcpy and its family, against plain loops: every size up to beyond where their
//! ways change, every kind of overlap. (In this process they are everybody's.)

#[path = "../../loader/src/arch/x86_64/memory.rs"]
#[allow(dead_code)]
mod memory;

const MOST: usize = 530;

/// Bytes that differ from their neighbours.
fn pattern() -> Vec<u8> {
    (0..5 * MOST).map(|i| (i * 7 + i / 251) as u8).collect()
}

#[test]
fn copies_overlap_as_they_may() {
    for count in 0..MOST {
        for distance in
            [-531isize, -500, -33, -17, -16, -15, -9, -8, -3, -1, 0, 1, 2, 7, 8, 9, 15, 16, 17, 40, 511, 531]
        {
            let (mut found, before) = (pattern(), pattern());
            let (from, to) = (2 * MOST, (2 * MOST).wrapping_add_signed(distance));
            // SAFETY: both ranges lie inside the vector.
            unsafe { memory::memmove(found.as_mut_ptr().add(to), found.as_ptr().add(from), count) };
            let mut expected = before.clone();
            for (to, from) in expected[to..].iter_mut().zip(&before[from..from + count]) {
                *to = *from;
            }
            assert!(found == expected, "memmove of {count} bytes by {distance}");
        }
    }
}

#[test]
fn fills_exactly() {
    for count in 0..MOST {
        for value in [0i32, 0x1a5, -1] {
            let mut found = pattern();
            // SAFETY: inside the vector.
            unsafe { memory::memset(found.as_mut_ptr().add(MOST), value, count) };
            let mut expected = pattern();
            for byte in &mut expected[MOST..MOST + count] {
                *byte = value as u8;
            }
            assert!(found == expected, "memset of {count} bytes to {value}");
        }
    }
}

#[test]
fn comparisons_find_the_first_difference() {
    for count in 0..100 {
        let left = pattern();
        for at in 0..=count {
            let mut right = pattern();
            right[at] = right[at].wrapping_add(1);
            // SAFETY: inside the vectors.
            let found = unsafe { memory::memcmp(left.as_ptr(), right.as_ptr(), count) };
            let expected = if at == count { 0 } else { i32::from(left[at]) - i32::from(right[at]) };
            assert_eq!(found.signum(), expected.signum(), "memcmp of {count} bytes with a difference at {at}");
        }
    }
}

#[test]
fn lengths_end_at_the_first_nul() {
    for before in 0..32 {
        for length in 0..70 {
            let mut text = vec![0u8; before + 16];
            text.extend((0..length).map(|at| 1 + at as u8 * 3));
            let start = text.len();
            text.extend(b"\0\x01\0");
            // SAFETY: inside the vector, with a NUL.
            let found = unsafe { memory::strlen(text[start - length..].as_ptr()) };
            assert_eq!(found, length, "strlen {before} bytes into a vector");
        }
    }
}
