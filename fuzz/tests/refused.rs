//! Resolution without memory: every allocation that it makes is refused once, on both engines, and what comes back is an
//! error, never the end of the process. (Here and not in plan, where an allocator would be the only unsafe code.)

use ld_rs_fuzz::bindings::{self, Outcome};
use ld_rs_fuzz::{runner, scope, seeds};
use ld_rs_plan::facts::Facts;
use ld_rs_plan::resolve::{Bindings, Engine, Packed};

#[global_allocator]
static ALLOCATOR: runner::Counting = runner::Counting;

/// Every binding.
fn all(outcome: &Outcome) -> Vec<Vec<Packed>> {
    outcome.bindings.iter().flat_map(Bindings::iter).map(|of| of.all().collect()).collect()
}

/// The numbers of the objects whose unique symbols are the process's.
fn uniques(outcome: &Outcome) -> Vec<usize> {
    outcome.uniques.definers_since(0).collect()
}

#[test]
fn every_refusal_is_an_error() {
    // The most that any of the scopes has, so that it is seen that nothing is left out.
    let mut most = [0; 4];
    for kind in 0..32 {
        let scope = scope::draw(&seeds::scope(kind));
        let phases = scope.phases();
        let files: Vec<Vec<u8>> = scope.objects.iter().map(scope::Object::file).collect();
        let facts = scope.objects.iter().zip(&files).map(|(object, file)| bindings::parse(&object.name, file));
        let objects: Vec<Facts<'_>> = facts.map(|facts| facts.expect("a sound object")).collect();
        let objects: Vec<&Facts<'_>> = objects.iter().collect();
        for engine in [Engine::Walk, Engine::Join] {
            let whole = bindings::resolve(&scope, &objects, engine).expect("memory");
            let mut nth = 0;
            loop {
                let mut outcome = Outcome { bindings: Vec::with_capacity(phases.len()), ..Outcome::default() };
                let attempt = || bindings::resume(&scope, &phases, &objects, engine, &mut outcome);
                let (result, refused) = runner::refusing(nth, attempt);
                assert_eq!(result.is_err(), refused, "scope {kind}, {engine:?}: allocation {nth}");
                if refused {
                    // As dlopen does: what the attempt left is forgotten, and another finds the same.
                    outcome.uniques.truncate(0);
                    (outcome.bindings, outcome.errors) = (Vec::new(), Vec::new());
                    bindings::resume(&scope, &phases, &objects, engine, &mut outcome).expect("memory");
                }
                assert_eq!((all(&outcome), &outcome.errors), (all(&whole), &whole.errors));
                assert_eq!(uniques(&outcome), uniques(&whole));
                if !refused {
                    break;
                }
                nth += 1;
            }
            let bound = all(&whole).iter().map(Vec::len).sum();
            for (most, new) in most.iter_mut().zip([nth, whole.errors.len(), whole.uniques.count(), bound]) {
                *most = new.max(*most);
            }
        }
    }
    let [allocations, errors, uniques, bindings] = most;
    assert!(allocations > 40 && errors > 4 && uniques > 4 && bindings > 4096, "{most:?}");
}
