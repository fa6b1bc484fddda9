//! Where names are looked up on behalf of an object that is loaded: by RTLD_DEFAULT, by RTLD_NEXT and by functions that are
//! bound when called. (What joins the process is bound in the scope of the dlopen that brings it, see `stages`.)
//!
//! The program's scope is everybody's. An object of start-up has no other. One that came by dlopen has the closure of every
//! object that was opened and needs it, in the order of opening: what it misses at first may come with a later opener.

use crate::process::Tables;
use alloc::rc::Rc;
use core::mem::take;
use ld_rs_plan::fallible;
use ld_rs_plan::order::sort_by;

impl Tables {
    /// The first answer of the scopes of object `number`, each a list of objects in the order in which they are asked.
    pub fn in_scopes<T>(&self, number: usize, ask: &mut dyn FnMut(&[usize]) -> Option<T>) -> Option<T> {
        let record = &self.records[number];
        let itself = [number];
        let mut closures = record.openers.iter().map(|opener| &*self.records[*opener].closure);
        let symbolic = if self.objects[number].dynamic.symbolic { &itself[..] } else { &[] };
        let first = if record.deep { closures.next() } else { None };
        let fixed = [symbolic, first.unwrap_or_default(), &self.namespace.scope];
        fixed.into_iter().chain(closures).find_map(ask)
    }

    /// What comes behind `number` where it was first looked for (RTLD_NEXT).
    #[must_use]
    pub fn behind(&self, number: usize) -> &[usize] {
        let mut root = number;
        while let Some(loader) = self.records[root].loader {
            root = loader;
        }
        let record = &self.records[root];
        // Also of an object opened RTLD_GLOBAL: in the program's scope it would stand behind everything.
        let scope = if record.of_start { &self.namespace.scope } else { &record.closure };
        let mut rest = scope.iter();
        rest.any(|member| *member == number);
        rest.as_slice()
    }

    /// `root` was opened: its closure is searched for whatever came by dlopen and is in it. Where there is no memory to
    /// remember that, it is not.
    pub fn widen(&mut self, root: usize) {
        let Self { records, .. } = self;
        let closure = take(&mut records[root].closure);
        for number in &closure {
            let record = &mut records[*number];
            if !record.of_start && !record.openers.contains(&root) {
                let _ = fallible::push(&mut record.openers, root);
            }
        }
        records[root].closure = closure;
    }

    /// The objects `gone` are closed: their closures are in nobody's scope any more. Who stays without one gets its own.
    /// Concerned is who is in such a closure, or was needed by one of them first: nobody else is looked at.
    pub fn narrow(&mut self, gone: &[usize]) {
        let mut sorted = gone.to_vec();
        sort_by(&mut sorted, &|number| number as u64);
        let goes = |number: usize| sorted.binary_search(&number).is_ok();
        for number in gone {
            let (closure, object) = (take(&mut self.records[*number].closure), Rc::clone(&self.objects.list[*number]));
            for other in closure.iter().chain(&object.needed).filter(|other| !goes(**other)) {
                self.leave(*other, &goes);
            }
        }
    }

    /// Object `number` stays, whose openers and loader may go.
    fn leave(&mut self, number: usize, goes: &dyn Fn(usize) -> bool) {
        let record = &mut self.records[number];
        record.loader = record.loader.filter(|loader| !goes(*loader));
        let Some(at) = record.openers.iter().position(|opener| goes(*opener)) else { return };
        let has_own = !record.closure.is_empty() || !self.ensure_memory(0);
        let record = &mut self.records[number];
        if has_own {
            record.deep &= at > 0;
        } else {
            record.openers[at] = number;
        }
        record.openers.retain(|opener| !goes(*opener));
        if !has_own {
            self.records[number].closure = self.closure(number);
        }
    }
}
