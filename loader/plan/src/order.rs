//! The order of constructors: every object after the objects it needs, DF_1_INITFIRST before all,
//! cycles broken where load order meets them. Work lists, no recursion.

use alloc::vec;
use alloc::vec::Vec;

/// Orders the objects `0..needed.len()`, given the objects each one needs, so that dependencies come
/// first: glibc's `dso_sort_algo=2`, a depth-first search from the last loaded object to the first,
/// needed objects in DT_NEEDED order. Destructors run in the reverse order.
#[must_use]
pub fn dependencies_first(needed: &[Vec<usize>], initfirst: Option<usize>) -> Vec<usize> {
    let mut order = Vec::with_capacity(needed.len());
    let mut seen = vec![false; needed.len()];
    // (object, the position in its list of needed objects)
    let mut work: Vec<(usize, usize)> = Vec::new();
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

#[cfg(test)]
mod tests {
    use super::*;

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
