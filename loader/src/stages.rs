//! The stages through which objects that were taken in become part of the process, each a function over all of them.
//!
//! Start-up and dlopen go through them in one order, by one driver (runtime's `stages`): check, resolve, place,
//! relocate, judge, resolvers, protect. The head of each says what is not yet true and what becomes true. A stage that
//! fails leaves memory of the new objects half done: its objects are dropped as they are, and the caller gives back the
//! unique definitions and modules that it got.

use crate::names::Names;
use crate::object::{Module, Object, Objects, Role};
use crate::relocate::{self, Pending, Services};
use crate::{debug, resolve};
use alloc::vec;
use alloc::vec::Vec;
use ld_rs_plan::debug::{BINDINGS, SYMBOLS};
use ld_rs_plan::elf::LE;
use ld_rs_plan::elf::header::Range;
use ld_rs_plan::error::{Cause, Error, Malformed};
use ld_rs_plan::libc::Rules;
use ld_rs_plan::order;
use ld_rs_plan::resolve::{Bindings, Scope};
use object::elf::{self, DynamicTag};

/// Objects are in memory with their headers and tables judged. Afterwards every version that one of `numbers` needs
/// exists, and `refusal` has nothing against any. Errors and warnings of all are told at once.
pub fn check(
    objects: &Objects,
    names: &Names,
    numbers: &[usize],
    refusal: &dyn Fn(&Object) -> Option<Cause>,
    warnings: &mut Vec<Error>,
) -> Result<(), Vec<Error>> {
    let mut errors = Vec::new();
    for number in numbers {
        let object = &objects[*number];
        if let Some(cause) = refusal(object).or_else(|| object.lacks_cpu()) {
            errors.push(Error::new(&object.name, cause));
        }
        debug::weaknesses(object);
        debug::versions(objects, names, *number);
        resolve::check_versions(objects, names, *number, &mut errors, warnings);
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Nothing of the objects is written yet. Afterwards it is known what each symbolic relocation binds to.
pub fn resolve(objects: &Objects, numbers: &[usize], mut scope: Scope<'_>) -> Result<Bindings, Vec<Error>> {
    let relocated: Vec<usize> = numbers.iter().copied().filter(|number| objects[*number].is_relocated()).collect();
    let mut errors = Vec::new();
    let in_scope: Vec<usize> = numbers.iter().copied().filter(|number| objects[*number].role != Role::Vdso).collect();
    debug::scopes(objects, &in_scope, scope.parts);
    let bindings = resolve::resolve(objects, &relocated, &mut scope, &mut errors).map_err(|cause| {
        let of = relocated.first().map_or(&b""[..], |first| &objects[*first].name);
        alloc::vec![Error::new(of, cause.into())]
    })?;
    if debug::on(SYMBOLS | BINDINGS) {
        tell_bindings(objects, &bindings, &relocated, scope.parts);
    }
    if errors.is_empty() { Ok(bindings) } else { Err(errors) }
}

/// Gives an object its module id and place, if it has TLS; told whether initial-exec code reaches it.
pub type GiveModule<'a> = dyn FnMut(&Object, bool) -> Result<Option<Module>, Error> + 'a;

/// Where the TLS of the objects goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsKind {
    /// All of it is static: it does not matter who reaches it by which code.
    Static,
    /// Static only where initial-exec code reaches it.
    Late,
}

/// No TLS relocation has a value yet. Afterwards every object with PT_TLS has a module id, and a distance to the thread
/// pointer where one is needed: `module` gives them, told whether the module is reached by initial-exec code. Offsets
/// are needed before relocation stores them; the images, which relocation completes, come after it.
pub fn place(
    objects: &mut Objects,
    numbers: &[usize],
    bindings: &Bindings,
    kind: TlsKind,
    module: &mut GiveModule<'_>,
) -> Result<(), Error> {
    let mut initial_exec: Vec<usize> = Vec::new();
    let late = kind == TlsKind::Late && numbers.iter().any(|number| objects[*number].headers.tls.is_some());
    for bindings in bindings.iter().filter(|_| late) {
        relocate::initial_exec_targets(objects, bindings, &mut initial_exec);
    }
    for number in numbers {
        let module = module(&objects[*number], initial_exec.contains(number))?;
        if let Some(object) = objects.edit(*number) {
            object.module = module;
        }
    }
    debug::tls(objects, numbers);
    Ok(())
}

/// No word is relocated. Afterwards the entries `tags` of the dynamic sections that may be written hold addresses, as a libc
/// and whoever reads its processes expect. We do not read the sections again.
fn relocate_dynamic(objects: &Objects, numbers: &[usize], tags: &[DynamicTag]) -> Result<(), Error> {
    for object in numbers.iter().map(|number| &objects[*number]).filter(|object| object.image.bias != 0) {
        let mut writer = object.image.writer(&object.headers, &object.dynamic.guarded);
        for (place, value) in object.dynamic.values(&object.headers, tags) {
            writer.set_word(place, object.image.address(value)).map_err(|_| {
                let cause =
                    Malformed::new("PT_DYNAMIC", place, "a table in a writable segment, beside those that it names");
                Error::new(&object.name, cause.into())
            })?;
        }
    }
    Ok(())
}

/// For LD_DEBUG, in the order in which glibc looks symbols up: object by object, dependencies first.
#[cold]
fn tell_bindings(objects: &Objects, bindings: &Bindings, numbers: &[usize], parts: [&[usize]; 2]) {
    let mut of = vec![None; objects.list.len()];
    bindings.iter().for_each(|bindings| of[bindings.object] = Some(bindings));
    let order = order::dependencies_first(numbers, &|number, at| objects[number].needed.get(at).copied(), None);
    order.iter().filter_map(|number| of[*number]).for_each(|bindings| debug::bound(objects, bindings, parts));
}

/// No word is relocated. Afterwards all are but for what IFUNC resolvers answer, which is pending, and code is read-only.
/// Objects come in reverse load order. glibc's come dependencies first, which nothing but LD_DEBUG=reloc shows.
pub fn relocate(
    objects: &Objects,
    numbers: &[usize],
    tags: &[DynamicTag],
    bindings: &Bindings,
    services: &Services,
    lazy: bool,
) -> Result<Pending, Error> {
    relocate_dynamic(objects, numbers, tags)?;
    let mut pending = Pending::default();
    for bindings in bindings.iter().rev() {
        debug::relocating(&objects[bindings.object]);
        relocate::relocate(objects, bindings, services, lazy, &mut pending)?;
    }
    relocate::copy(objects, &pending.copies)?;
    Ok(pending)
}

/// Function arrays have the addresses that relocation gave them, and no function of the new objects has run. Afterwards
/// every entry is known to be code of a loaded object; of ld-rs, next to which the libraries lie, a function that it
/// exports.
pub fn judge(objects: &Objects, numbers: &[usize]) -> Result<(), Error> {
    for object in numbers.iter().map(|number| &objects[*number]) {
        let dynamic = &object.dynamic;
        for range in [dynamic.preinit_array, dynamic.init_array, dynamic.fini_array] {
            for function in functions(object, range) {
                let exported = |other: &Object| {
                    let vaddr = function.wrapping_sub(other.image.bias);
                    other.nearest_symbol(function).is_some_and(|symbol| symbol.st_value.get(LE) == vaddr)
                };
                let may_run =
                    |other: &Object| other.is_code(function) && (other.role != Role::Loader || exported(other));
                if !may_run(object) && !objects.list.iter().any(|other| may_run(other)) {
                    let expected = "an address in an executable segment";
                    let cause = Malformed::new("entry of a function array", function, expected);
                    return Err(Error::new(&object.name, cause.into()));
                }
            }
        }
    }
    Ok(())
}

/// The addresses in a function array, as relocation left them.
pub fn functions(object: &Object, range: Range) -> impl DoubleEndedIterator<Item = u64> {
    (0..range.size / 8).filter_map(move |index| entry(object, range, index))
}

/// Entry `index` of a function array, if it has so many.
#[must_use]
pub fn entry(object: &Object, range: Range, index: u64) -> Option<u64> {
    let place = Some(index).filter(|index| *index < range.size / 8)?;
    object.image.word(&object.headers, range.vaddr + 8 * place)
}

/// Every word is as the program will find it; RELRO is still writable. Afterwards it is read-only, before anybody else
/// knows of the objects.
pub fn protect(objects: &Objects, numbers: &[usize]) -> Result<(), Error> {
    let mut protected = numbers.iter().map(|number| &objects[*number]).filter(|object| object.role != Role::Vdso);
    protected.try_for_each(|object| object.protect())
}

/// The objects `numbers` of start-up in the order of their constructors: dependencies first, by the rules of the libc.
#[must_use]
pub fn order(objects: &Objects, numbers: &[usize], rules: &Rules) -> Vec<usize> {
    let needed = |number: usize, at: usize| objects[number].needed.get(at).copied();
    if !rules.depth_first {
        let mut order = order::dependencies_first(numbers, &needed, None);
        initfirst(objects, numbers, &mut order);
        return order;
    }
    // To musl the program needs what is preloaded, before all else.
    let program = numbers.first().copied().unwrap_or_default();
    let preloaded =
        |number: &usize| objects[*number].needed_by == Some(program) && !objects[program].needed.contains(number);
    let preloaded: Vec<usize> = numbers.iter().copied().filter(preloaded).collect();
    order::depth_first(numbers, &|number, at| match number == program {
        true => preloaded.get(at).copied().or_else(|| needed(number, at - preloaded.len())),
        false => needed(number, at),
    })
}

/// The last of `numbers` with DF_1_INITFIRST leads `order`.
pub fn initfirst(objects: &Objects, numbers: &[usize], order: &mut [usize]) {
    let first = numbers.iter().rfind(|number| objects[**number].dynamic.has_flag_1(elf::DF_1_INITFIRST));
    if let Some(first) = first {
        order::lead(order, *first);
    }
}
