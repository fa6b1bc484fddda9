//! The order of constructors and destructors: every object after, or before, the objects it needs; cycles broken where
//! glibc's depth-first search (`dso_sort_algo=2`) breaks them. Work lists, no recursion.
//!
//! Objects are numbers; what each one leads to is told by a function of the number and a position in its list.

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

/// What an object leads to: `(object, position)` to an object, `None` behind the end.
pub type Edges<'a> = dyn Fn(usize, usize) -> Option<usize> + 'a;

/// Dependencies first: a search from the last of `numbers` to the first, needed objects in DT_NEEDED order. The object that
/// is opened, `root`, comes last even if others need it.
#[must_use]
pub fn dependencies_first(numbers: &[usize], needed: &Edges<'_>, root: Option<usize>) -> Vec<usize> {
    let mut order = search(&mut numbers.iter().rev().copied(), numbers, needed);
    let at = root.and_then(|root| order.iter().position(|number| *number == root));
    if let Some(behind) = at.and_then(|at| order.get_mut(at..)) {
        behind.rotate_left(1);
    }
    order
}

/// Dependencies first as musl has it (`queue_ctors`): a search from the first of `numbers`, the object that is opened, down.
#[must_use]
pub fn depth_first(numbers: &[usize], needed: &Edges<'_>) -> Vec<usize> {
    search(&mut numbers.iter().copied(), numbers, needed)
}

/// Dependents first, among `numbers` in load order. Where objects are bound to others that they do not need, `bound` leads
/// to those too, behind the needed ones: they are kept longer as far as no need speaks against it. Else `first` leads.
#[must_use]
pub fn dependents_first(
    numbers: &[usize],
    needed: &Edges<'_>,
    bound: Option<&Edges<'_>>,
    first: Option<usize>,
) -> Vec<usize> {
    let mut order = search(&mut numbers.iter().rev().copied(), numbers, bound.unwrap_or(needed));
    if bound.is_some() {
        order = search(&mut order.into_iter(), numbers, needed);
    }
    order.reverse();
    if let Some(first) = first.filter(|_| bound.is_none()) {
        lead(&mut order, first);
    }
    order
}

/// Moves `first` to the front.
pub fn lead(order: &mut [usize], first: usize) {
    let at = order.iter().position(|number| *number == first);
    if let Some(before) = at.and_then(|at| order.get_mut(..=at)) {
        before.rotate_right(1);
    }
}

/// The objects `from`, which are `numbers` in some order: each one behind what it leads to, as far as that is among them.
fn search(from: &mut dyn Iterator<Item = usize>, numbers: &[usize], edges: &Edges<'_>) -> Vec<usize> {
    let last = numbers.iter().max().copied().unwrap_or_default();
    let mut seen = vec![true; last.saturating_add(1)];
    numbers.iter().for_each(|number| _ = seen.get_mut(*number).map(|seen| *seen = false));
    let mut is_new = |number: usize| seen.get_mut(number).is_some_and(|seen| !core::mem::replace(seen, true));
    let mut order = Vec::with_capacity(numbers.len());
    // (object, the position in what it leads to)
    let mut work: Vec<(usize, usize)> = Vec::new();
    for root in from {
        work.extend(is_new(root).then_some((root, 0)));
        while let Some((object, at)) = work.pop() {
            match edges(object, at) {
                Some(next) => {
                    work.push((object, at.saturating_add(1)));
                    work.extend(is_new(next).then_some((next, 0)));
                }
                None => order.push(object),
            }
        }
    }
    order
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

    fn edges(needed: &[Vec<usize>]) -> impl Fn(usize, usize) -> Option<usize> {
        |object, at| needed.get(object)?.get(at).copied()
    }

    #[test]
    fn filtees_come_before_their_filters() {
        // What each object needs, and which of that, by position, are its filtees.
        type Needs = [(&'static [usize], &'static [usize])];
        let order = |needs: &Needs| {
            breadth_first(vec![0], needs.len(), &|number| needs.get(number).copied().unwrap_or_default())
        };
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
        let needed = [vec![1, 2], vec![3], vec![3], vec![]];
        assert_eq!(dependencies_first(&[0, 1, 2, 3], &edges(&needed), None), [3, 2, 1, 0]);
    }

    #[test]
    fn a_search_from_the_first_goes_down_in_the_order_of_needs() {
        // main -> a, b; a -> c; b -> d; c -> main
        let needed = [vec![1, 2], vec![3], vec![4], vec![0], vec![]];
        assert_eq!(depth_first(&[0, 1, 2, 3, 4], &edges(&needed)), [3, 1, 4, 2, 0]);
        assert_eq!(dependencies_first(&[0, 1, 2, 3, 4], &edges(&needed), None), [4, 1, 2, 0, 3]);
    }

    #[test]
    fn a_cycle_ends_and_loses_nobody() {
        let needed = [vec![1], vec![2], vec![1]];
        assert_eq!(dependencies_first(&[0, 1, 2], &edges(&needed), None), [1, 2, 0]);
        assert_eq!(dependents_first(&[0, 1, 2], &edges(&needed), None, None), [0, 2, 1]);
    }

    #[test]
    fn the_opened_object_of_a_cycle_comes_last() {
        let needed = [vec![1], vec![0]];
        assert_eq!(dependencies_first(&[0, 1], &edges(&needed), None), [0, 1]);
        assert_eq!(dependencies_first(&[0, 1], &edges(&needed), Some(0)), [1, 0]);
        // Only those asked for take part.
        assert_eq!(dependencies_first(&[1], &edges(&needed), Some(0)), [1]);
    }

    #[test]
    fn what_is_bound_goes_before_what_it_is_bound_to() {
        let (needed, bound) = ([vec![], vec![], vec![]], [vec![], vec![0], vec![1]]);
        assert_eq!(dependents_first(&[0, 1, 2], &edges(&needed), None, Some(0)), [0, 1, 2]);
        assert_eq!(dependents_first(&[0, 1, 2], &edges(&needed), Some(&edges(&bound)), Some(0)), [2, 1, 0]);
        // 0 needs 2, which is bound to 0.
        let (needed, both) = ([vec![2], vec![], vec![]], [vec![2], vec![], vec![0]]);
        assert_eq!(dependents_first(&[0, 1, 2], &edges(&needed), Some(&edges(&both)), None), [1, 0, 2]);
    }

    #[test]
    fn one_leads() {
        let mut order = [3, 1, 2];
        lead(&mut order, 2);
        assert_eq!(order, [2, 3, 1]);
    }
}
