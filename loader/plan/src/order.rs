//! The order of constructors: every object after the objects it needs, DF_1_INITFIRST before all,
//! cycles broken where load order meets them. Work lists, no recursion.

use alloc::vec;
use alloc::vec::Vec;

/// `list` and all that its `count` objects need, breadth first, given what each needs and which of that (by position) are
/// filtees: these come right before their filter, as in glibc's `_dl_map_object_deps`, but for one that is there earlier already.
#[must_use]
pub fn breadth_first<'n>(
    mut list: Vec<usize>,
    count: usize,
    needs: &dyn Fn(usize) -> (&'n [usize], &'n [usize]),
) -> Vec<usize> {
    const LISTED: u8 = 1;
    const DONE: u8 = 2;
    let mut flags = vec![0u8; count];
    let mut is_new = |number: usize, flag: u8| {
        flags.get_mut(number).is_some_and(|flags| core::mem::replace(flags, *flags | flag) & flag == 0)
    };
    for number in &list {
        is_new(*number, LISTED);
    }
    let mut at = 0usize;
    while let Some(number) = list.get(at).copied() {
        // Filtees that were put here come next.
        if !is_new(number, DONE) {
            at = at.saturating_add(1);
            continue;
        }
        let mut place = at;
        let (needed, filtees) = needs(number);
        for (position, other) in needed.iter().enumerate() {
            if is_new(*other, LISTED) {
                list.push(*other);
            }
            if filtees.contains(&position)
                && let Some(moved) = list.get_mut(place..)
                && let Some(later @ 1..) = moved.iter().position(|known| known == other)
                && let Some(moved) = moved.get_mut(..=later)
            {
                moved.rotate_right(1);
                place = place.saturating_add(1);
            }
        }
    }
    list
}

/// Orders the objects `0..needed.len()`, given the objects each one needs, so that dependencies come
/// first: glibc's `dso_sort_algo=2`, a depth-first search from the last loaded object to the first,
/// needed objects in DT_NEEDED order. Destructors run in the reverse order.
#[must_use]
pub fn dependencies_first(needed: &[Vec<usize>], initfirst: Option<usize>) -> Vec<usize> {
    let mut order = Vec::with_capacity(needed.len());
    let mut seen = vec![false; needed.len()];
    // (object, the position in its list of needed objects)
    let mut work: Vec<(usize, usize)> = Vec::with_capacity(needed.len());
    for root in (0..needed.len()).rev() {
        visit(root, &mut seen, &mut work);
        while let Some((object, at)) = work.pop() {
            match needed.get(object).and_then(|list| list.get(at)) {
                Some(next) => {
                    work.push((object, at.saturating_add(1)));
                    visit(*next, &mut seen, &mut work);
                }
                None => order.push(object),
            }
        }
    }
    if let Some(first) = initfirst
        && let Some(at) = order.iter().position(|object| *object == first)
        && let Some(prefix) = order.get_mut(..=at)
    {
        prefix.rotate_right(1);
    }
    order
}

fn visit(object: usize, seen: &mut [bool], work: &mut Vec<(usize, usize)>) {
    if let Some(seen) = seen.get_mut(object).filter(|seen| !**seen) {
        *seen = true;
        work.push((object, 0));
    }
}

/// Sorts `numbers` by `key`: heapsort, one copy for all callers. core's `sort_unstable_by_key` in its place makes the stripped
/// file 3.5 KB larger.
pub fn sort_by(numbers: &mut [usize], key: &dyn Fn(usize) -> u64) {
    let sink = |numbers: &mut [usize], mut at: usize, end: usize| {
        let of = |numbers: &[usize], at: usize| numbers.get(at).filter(|_| at < end).map(|number| key(*number));
        loop {
            let left = at.saturating_mul(2).saturating_add(1);
            let right = left.saturating_add(1);
            let child = if of(numbers, right) > of(numbers, left) { right } else { left };
            if of(numbers, child) <= of(numbers, at) {
                return;
            }
            numbers.swap(at, child);
            at = child;
        }
    };
    let length = numbers.len();
    for at in (0..length / 2).rev() {
        sink(numbers, at, length);
    }
    for end in (1..length).rev() {
        numbers.swap(0, end);
        sink(numbers, 0, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_by_key() {
        for length in 0..40usize {
            let keys: Vec<u64> = (0..length as u64).map(|n| n * 7919 % 31).collect();
            let mut numbers: Vec<usize> = (0..length).collect();
            sort_by(&mut numbers, &|number| keys.get(number).copied().unwrap_or(0));
            assert!(numbers.iter().map(|number| keys.get(*number)).is_sorted(), "{numbers:?}");
            numbers.sort_unstable();
            assert_eq!(numbers, (0..length).collect::<Vec<_>>());
        }
    }

    #[test]
    fn filtees_come_before_their_filters() {
        // What each object needs, and which of that, by position, are its filtees.
        type Needs = [(&'static [usize], &'static [usize])];
        let order = |needs: &Needs| breadth_first(vec![0], needs.len(), &|number| needs[number]);
        assert_eq!(order(&[(&[1, 2], &[]), (&[3], &[]), (&[3], &[]), (&[], &[])]), [0, 1, 2, 3]);
        // 1 is a filter for 2 and 3, of which 2 is one for 4; 5 is needed by 1 and 3.
        let chain: &Needs = &[(&[1], &[]), (&[5, 2, 3], &[1, 2]), (&[4], &[0]), (&[5], &[]), (&[], &[]), (&[], &[])];
        assert_eq!(order(chain), [0, 4, 2, 3, 1, 5]);
        // A filtee that comes later anyway moves up, one that came earlier stays, and so does one that is itself.
        assert_eq!(order(&[(&[1, 2], &[]), (&[2], &[0]), (&[], &[])]), [0, 2, 1]);
        assert_eq!(order(&[(&[1, 2], &[]), (&[], &[]), (&[1, 2], &[0, 1])]), [0, 1, 2]);
        // What is needed first and a filtee later moves when it is one.
        assert_eq!(order(&[(&[1], &[]), (&[2, 3, 2], &[1, 2]), (&[], &[]), (&[], &[])]), [0, 3, 2, 1]);
        // Filters of each other end.
        assert_eq!(order(&[(&[1], &[]), (&[2], &[0]), (&[1], &[0])]).len(), 3);
    }

    #[test]
    fn dependencies_come_first() {
        // main -> a, b; a -> c; b -> c
        let order = dependencies_first(&[vec![1, 2], vec![3], vec![3], vec![]], None);
        assert_eq!(order, [3, 2, 1, 0]);
    }

    #[test]
    fn a_cycle_ends_and_loses_nobody() {
        let order = dependencies_first(&[vec![1], vec![2], vec![1]], None);
        assert_eq!(order.len(), 3);
        assert_eq!(order.last(), Some(&0));
    }

    #[test]
    fn initfirst_leads() {
        let order = dependencies_first(&[vec![1, 2], vec![], vec![]], Some(1));
        assert_eq!(order, [1, 2, 0]);
    }
}
