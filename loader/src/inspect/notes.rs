//! What would help: facts added to an error as notes, each found by looking, not by guessing.
//!
//! Called when something is wrong, by start-up and by inspection; never on a start that succeeds.

use crate::object::{Object, Objects};
use alloc::vec::Vec;
use ld_rs_plan::elf::LE;
use ld_rs_plan::near;
use object::elf;

/// Symbols of the loaded objects that are nearly called `name`: the object, and `symbol` or
/// `symbol@version`. At most three.
pub(super) fn near_misses<'a>(objects: &'a Objects, name: &[u8]) -> Vec<(&'a Object, Vec<u8>)> {
    let mut best: Vec<(usize, &'a Object, Vec<u8>)> = Vec::new();
    for object in &objects.list {
        let dynamic = &object.dynamic;
        for (symbol, index) in dynamic.symbols.iter().zip(0u32..).take(dynamic.symbol_count()) {
            if symbol.st_shndx.get(LE) == elf::SHN_UNDEF || symbol.st_bind() == elf::STB_LOCAL {
                continue;
            }
            let Some(other) = dynamic.symbol_name(symbol) else { continue };
            let Some(distance) = near::distance(name, other) else { continue };
            let mut text = other.to_vec();
            if let Some(version) = dynamic.versions.wanted(index) {
                text.push(b'@');
                text.extend_from_slice(version.name);
            }
            best.push((distance, object, text));
        }
    }
    best.sort_by_key(|(distance, ..)| *distance);
    best.truncate(3);
    best.into_iter().map(|(_, object, text)| (object, text)).collect()
}
