//! The driver of the stages by which objects join the process: start-up and dlopen go through the same ones in one
//! order, and say by an [`Occasion`] what differs. The stages themselves, with what is true before and after each,
//! stand in loader's `stages`.
//!
//! The tables are borrowed for one stage at a time, and not while IFUNC resolvers run.

use crate::namespace::Namespace;
use crate::process::{self, Tables};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use ld_rs_loader::object::{Module, Object, Objects};
use ld_rs_loader::relocate::{self, Indirect};
use ld_rs_loader::stages::{self, TlsKind};
use ld_rs_loader::stats::{Phase, mark};
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::resolve::{Bindings, Engine, Scope};

/// The objects that join, and how their references are bound.
pub struct Joining<'a> {
    /// Their numbers, in load order.
    pub numbers: &'a [usize],
    /// The scope of the object opened, beside the program's; empty at start-up.
    pub local: &'a [usize],
    /// Whose scope is asked first.
    pub first: First,
    /// A missing function is an error only when called.
    pub lazy: bool,
    /// From how many PLT slots on an object's functions are looked up when they are first called.
    pub postpone: Option<usize>,
}

/// Which scope a reference is looked up in first.
pub enum First {
    /// The program's.
    Global,
    /// That of the object opened (RTLD_DEEPBIND).
    Local,
}

/// What start-up and dlopen do differently, in the order in which it is asked.
pub trait Occasion {
    /// What speaks against an object, beside the versions it needs.
    fn refusal(&self, _object: &Object) -> Option<Cause> {
        None
    }
    /// What is wrong but no error.
    fn warn(&self, _warnings: &[Error]) {}
    /// Where TLS goes.
    fn tls_kind(&self) -> TlsKind;
    /// The module id and place of an object's PT_TLS, if it has one; `initial_exec` code reaches it or not.
    fn module(&mut self, object: &Object, initial_exec: bool) -> Result<Option<Module>, Error>;
    /// Asked between the stages, with the tables borrowed by nobody or to be read: whether memory ran out in the last one.
    fn enough_memory(&self) -> Result<(), Error> {
        Ok(())
    }
    /// TLS is laid out; nothing is relocated. Whatever IFUNC resolvers read must be there afterwards.
    fn placed(&mut self, _tables: &mut Tables) -> Result<(), Error> {
        Ok(())
    }
    /// Everything is relocated and protected. TLS images, which relocation completed, are copied now.
    fn relocated(&mut self, objects: &Objects, numbers: &[usize]) -> Result<(), Error>;
}

/// What is left to be kept once objects are relocated.
pub struct Joined {
    /// What they are bound to.
    pub bindings: Bindings,
    /// What their dynamic TLS descriptors point to: to be kept as long as the objects.
    pub descriptors: Vec<Box<[u64; 2]>>,
}

/// Takes the objects of `joining`, which are in memory, through all stages. On failure they are to be dropped.
pub fn join(joining: &Joining<'_>, occasion: &mut dyn Occasion) -> Result<Joined, Vec<Error>> {
    let all = joining.numbers;
    let (libc, rules, ours) = {
        let tables = process::read();
        let is_ours = |number: &usize| !tables.objects[*number].is_own_loader;
        let ours: Vec<usize> = all.iter().copied().filter(is_ours).collect();
        (tables.namespace.libc, tables.namespace.rules(), ours)
    };
    let one = |error| vec![error];
    occasion.enough_memory().map_err(one)?;
    mark(Phase::Resolve);
    let mut warnings = Vec::new();
    let checked = {
        let tables = process::read();
        let refusal = |object: &Object| occasion.refusal(object);
        stages::check(&tables.objects, &tables.namespace.names, all, &refusal, &mut warnings)
    };
    occasion.warn(&warnings);
    checked?;
    let bindings = {
        let tables = &mut *process::write();
        let visible = tables.visible_scope();
        let Namespace { scope, uniques, .. } = &mut tables.namespace;
        let scope = visible.as_ref().unwrap_or(scope);
        let parts = match joining.first {
            First::Global => [scope.as_slice(), joining.local],
            First::Local => [joining.local, scope.as_slice()],
        };
        let engine = if process::fixed().dynamic_weak { Engine::StrongFirst } else { Engine::default() };
        let scope = Scope { parts, uniques, engine, lazy: joining.lazy, postpone: joining.postpone };
        stages::resolve(&tables.objects, &ours, scope)?
    };
    occasion.enough_memory().map_err(one)?;
    mark(Phase::Prepare);
    let kind = occasion.tls_kind();
    stages::place(&mut process::write().objects, all, &bindings, kind, &mut |object, initial_exec| {
        occasion.module(object, initial_exec)
    })
    .map_err(one)?;
    occasion.placed(&mut process::write()).map_err(one)?;
    {
        let tables = process::read();
        if all.iter().any(|number| tables.objects[*number].needs_musl.is_some()) {
            libc.objects_of_others_come(&tables.objects, &tables.namespace.scope);
        }
    }
    occasion.enough_memory().map_err(one)?;
    mark(Phase::Relocate);
    let (pending, order) = {
        let objects = &process::read().objects;
        let (tags, services) = (libc.relocated_tags(), &process::fixed().services);
        let pending = stages::relocate(objects, &ours, tags, &bindings, services, joining.lazy).map_err(one)?;
        stages::judge(objects, &ours).map_err(one)?;
        (pending, stages::order(objects, all, rules))
    };
    let outer = process::read().resolving.len();
    process::write().resolving.push(((&raw const outer) as u64, all.to_vec()));
    let mut store = |word: &Indirect, answer| relocate::store(&process::read().objects, word, answer, &pending.copies);
    // SAFETY: all have their words but for what is pending; what they are bound to, and the libc's tables, are complete.
    let resolved = unsafe { relocate::finish(&pending, &order, &mut store) };
    process::write().resolving.truncate(outer);
    resolved.map_err(one)?;
    occasion.enough_memory().map_err(one)?;
    mark(Phase::Protect);
    let objects = &process::read().objects;
    stages::protect(objects, &ours).map_err(one)?;
    occasion.relocated(objects, all).map_err(one)?;
    Ok(Joined { bindings, descriptors: pending.descriptors })
}
