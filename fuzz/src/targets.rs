//! The targets. Each calls plan as loader and runtime do, and asserts what they rely on.

use ld_rs_plan::args::{self, Environment};
use ld_rs_plan::elf::dynamic::Dynamic;
use ld_rs_plan::elf::header::{self, Headers, Range, Segment};
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::{LE, Memory, Part, note};
use ld_rs_plan::error::Cause;
use ld_rs_plan::patch::Patches;
use ld_rs_plan::search::{self, MAX_PATH, Tokens};
use ld_rs_plan::{
    MIN_PAGE, arch, auxv, cache, conf, debug, edit_distance, hints, json, map, names, order, reloc, tls, tunables, uses,
};
use object::elf::RelocationType;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Collects what was seen, each fact a number.
#[derive(Default)]
pub(crate) struct Seen(pub(crate) Vec<u64>);

impl Seen {
    #[track_caller]
    pub(crate) fn note(&mut self, what: impl Hash) {
        let mut hasher = DefaultHasher::new();
        (std::panic::Location::caller().line(), what).hash(&mut hasher);
        let fact = hasher.finish();
        if !self.0.contains(&fact) {
            self.0.push(fact);
        }
    }

    /// A number by its magnitude.
    #[track_caller]
    fn size(&mut self, number: usize) {
        self.note(number.checked_ilog2());
    }

    /// Why a file was refused, without the numbers.
    pub(crate) fn refused(mut self, cause: &Cause) -> Vec<u64> {
        match cause {
            Cause::Malformed(malformed) => self.note((malformed.place, malformed.expected)),
            Cause::Plain(sentence) => self.note(sentence),
            other => self.note(std::mem::discriminant(other)),
        }
        self.0
    }
}

/// A whole file: headers, then what they lead to.
pub fn elf(file: &[u8]) -> Vec<u64> {
    let mut seen = Seen::default();
    let length = file.len() as u64;
    let _ = header::claimed_size(file);
    seen.note(hints::kind(file));
    let ident = match header::ident(file, length) {
        Ok(ident) => ident,
        Err(cause) => return seen.refused(&cause),
    };
    let (offset, size) = ident.table();
    let table = &file[offset as usize..(offset + size) as usize];
    // The last byte of e_flags, which means nothing, chooses between pages of 4, 16 and 64 KiB.
    let page = MIN_PAGE << (2 * u32::from(file[51] % 3));
    let headers = match header::headers(ident, table, length, page) {
        Ok(headers) => headers,
        Err(cause) => return seen.refused(&cause),
    };
    layout(&headers, length, &mut seen);
    let parts: Vec<Part<'_>> = headers
        .segments
        .iter()
        .filter(|segment| segment.filesz > 0) // else it may say any place in the file
        .map(|s| Part { vaddr: s.memory.vaddr, bytes: &file[s.offset as usize..(s.offset + s.filesz) as usize] })
        .collect();
    let memory = Memory::new(&parts);
    for range in &headers.notes {
        if range.size == 0 {
            continue; // may lie at a segment's very end, where there is nothing
        }
        let notes = memory.bytes(range.vaddr, range.size).expect("a note lies in a file part");
        seen.note(note::build_id(notes).map(<[u8]>::len));
    }
    if let Some((at, size)) = headers.interp {
        assert!(at + size <= length && size <= 4096);
    }
    if let Some(range) = headers.dynamic {
        let section = memory.bytes(range.vaddr, range.size).expect("PT_DYNAMIC lies in a file part");
        let inspected = map::inspected(&headers, section);
        for (range, offset) in &inspected {
            assert!(headers.in_file_part(*range) && offset + range.size <= length);
        }
        seen.size(inspected.len());
    }
    judge(&headers, memory, file, seen)
}

/// A libc's code, of which the first bytes may load a table's address, and a file that may be its loader.
pub fn uses(bytes: &[u8]) -> Vec<u64> {
    let mut seen = Seen::default();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(arch::code::instruction) {
        assert!((1..=15).contains(&found.length));
        seen.note((found.memory.is_some(), found.changed.count_ones(), std::mem::discriminant(&found.next)));
        at += found.length;
    }
    // mov 0x100(%rip),%rax leads to the one table, and to the other with another displacement.
    let mut code = vec![0x48, 0x8b, 0x05, 0, 1, 0, 0];
    code.extend(bytes);
    let mut found = uses::Uses::default();
    found.add(Part { vaddr: 0x1000, bytes: &code }, &[(0x1107, 0), (0x1108, 1)]);
    for uses in &found.0 {
        assert!(uses.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(uses.iter().all(|(_, place)| place - 0x1000 < code.len() as u64));
        seen.size(uses.len());
    }
    if let Some(loader) = uses::Loader::read(bytes) {
        for table in 0..3 {
            let size = loader.size(table).unwrap_or(0);
            assert!(loader.functions(table).all(|offset| offset < size));
            assert_eq!(loader.word(table, size, 8), None);
            seen.note((loader.word(table, 0, 8).is_some(), loader.is_mcount(table, 0)));
        }
    }
    seen.0
}

/// What the headers promise to whoever maps the file.
fn layout(headers: &Headers, length: u64, seen: &mut Seen) {
    assert!(!headers.segments.is_empty() && headers.align.is_power_of_two());
    assert!(headers.span.vaddr.is_multiple_of(headers.page) && headers.span.size.is_multiple_of(headers.page));
    let mut end = headers.span.vaddr;
    for (segment, step) in headers.segments.iter().zip(map::steps(headers)) {
        let u = u128::from;
        assert!(segment.filesz == 0 || u(segment.offset) + u(segment.filesz) <= u(length));
        assert!(segment.filesz <= segment.memory.size);
        assert!(u(segment.memory.vaddr) + u(segment.memory.size) <= u(headers.span.vaddr) + u(headers.span.size));
        assert!(segment.memory.vaddr >= end, "segments overlap");
        end = segment.memory.end();
        // File pages, then zeroes, cover the segment and nothing beyond the span.
        assert!(
            step.file.vaddr.is_multiple_of(headers.page)
                && step.file.size.is_multiple_of(headers.page)
                && step.bss.size.is_multiple_of(headers.page)
        );
        assert!(step.file.vaddr <= segment.memory.vaddr && step.bss.end() >= end);
        assert!(step.bss.end() <= headers.span.end() && step.offset.is_multiple_of(headers.page));
        let zero = step.zero.vaddr..step.zero.end();
        assert!(zero.start >= segment.file_part().end() && zero.end - zero.start < headers.page);
    }
    if let Some(relro) = map::relro(headers) {
        assert!(
            headers.span.holds(relro.vaddr, relro.size)
                && relro.vaddr.is_multiple_of(headers.page)
                && relro.size.is_multiple_of(headers.page)
        );
    }
    if let Some(module) = headers.tls {
        let distance = tls::StaticTls::default().place(&module).expect("a single module fits");
        assert!(distance < 0 && distance.unsigned_abs() >= module.memsz);
        assert_eq!(distance.cast_unsigned() % module.align, module.vaddr % module.align);
        seen.note((module.mapped, module.align > headers.page));
    }
    seen.note((headers.executable_stack, headers.eh_frame_hdr.is_some(), headers.phdrs.is_some()));
    seen.size(headers.segments.len());
}

/// A dynamic section at address 0 with its tables behind it, so that the headers need not stay sound.
pub fn dynamic(bytes: &[u8]) -> Vec<u64> {
    let whole = Range { vaddr: 0, size: bytes.len() as u64 };
    let segment = |vaddr, size, write| Segment {
        memory: Range { vaddr, size },
        offset: vaddr,
        filesz: size,
        read: true,
        write,
        execute: !write,
    };
    let mut headers = Headers::none();
    // Cut in two where there is enough: data, then code.
    let half = whole.size / 2;
    headers.segments = vec![segment(0, half, true), segment(half, whole.size - half, false)];
    headers.span = whole;
    headers.dynamic = Some(Range { vaddr: 0, size: half.min(1024) });
    let (low, high) = bytes.split_at(half as usize);
    let parts = [Part { vaddr: 0, bytes: low }, Part { vaddr: half, bytes: high }];
    judge(&headers, Memory::new(&parts), bytes, Seen::default())
}

fn inside<T>(table: &[T], bytes: &[u8]) {
    let (table, bytes) = (table.as_ptr_range(), bytes.as_ptr_range());
    assert!(
        table.is_empty() || table.start.cast() >= bytes.start && table.end.cast() <= bytes.end,
        "a table outside the file"
    );
}

/// The dynamic section and every table it names.
fn judge(headers: &Headers, memory: Memory<'_, '_>, bytes: &[u8], mut seen: Seen) -> Vec<u64> {
    let dynamic = match Dynamic::parse(headers, memory) {
        Ok(dynamic) => dynamic,
        Err(cause) => return seen.refused(&cause),
    };
    inside(dynamic.symbols, bytes);
    inside(dynamic.rela, bytes);
    inside(dynamic.plt, bytes);
    inside(dynamic.relr, bytes);
    for name in dynamic.needed.iter().chain(&dynamic.soname).chain(&dynamic.rpath).chain(&dynamic.runpath) {
        inside(name, bytes);
        assert!(!name.contains(&0));
    }
    let patches = Patches::of_text(headers, &dynamic).expect("memory");
    for rela in dynamic.rela.iter().chain(dynamic.plt) {
        let (place, size) = (rela.r_offset.get(LE), arch::width(rela.r_type(LE, false)));
        let fixed = |segment: &Segment| !segment.write && segment.file_part().holds(place, size);
        assert!(size == 0 || patches.around(place, size).is_some() == headers.segments.iter().any(fixed));
    }
    assert!(patches.pages(headers).all(|(_, segment)| !segment.write));
    seen.note(patches.pages(headers).count());
    for range in [dynamic.preinit_array, dynamic.init_array, dynamic.fini_array] {
        assert!(range.size == 0 || headers.segment_of(range.vaddr, range.size).is_some());
    }
    assert!(dynamic.init.is_none_or(|at| headers.is_code(at)) && dynamic.fini.is_none_or(|at| headers.is_code(at)));
    if let Some(at) = dynamic.debug {
        assert!(headers.segment_of(at, 8).is_some_and(|segment| segment.write));
    }
    seen.note((dynamic.gnu_hash.is_some(), dynamic.sysv_hash.is_some(), dynamic.versions.entry(0).is_some()));
    seen.size(dynamic.symbol_count());
    seen.size(dynamic.relative_and_rest().1.len());
    seen.size(dynamic.versions.needs.len());
    seen.size(dynamic.versions.defined.len());
    seen.note((dynamic.symbolic, dynamic.bind_now, dynamic.guarded.len()));
    for need in &dynamic.versions.needs {
        inside(need.version.name, bytes);
    }
    for number in (0..dynamic.symbols.len()).take(64) {
        let symbol = &dynamic.symbols[number];
        let Some(name) = dynamic.symbol_name(symbol) else { continue };
        inside(name, bytes);
        let version = dynamic.versions.wanted(number as u32);
        let hashed = dynamic.strings.hashed(symbol.st_name.get(LE));
        assert_eq!(hashed, Some((name, object::elf::gnu_hash(name))));
        assert!(dynamic.strings.is(symbol.st_name.get(LE), name));
        for version in [version, None] {
            for (plt, newest) in [(true, false), (false, true)] {
                let query = Query { accepts_plt: plt, newest, ..Query::new(name, version) };
                let found = dynamic.find(&query);
                if let Some(found) = found {
                    let answer = &dynamic.symbols[found as usize];
                    assert_eq!(dynamic.symbol_name(answer), Some(name), "another name was found");
                }
                seen.note((found.is_some(), dynamic.may_define(query.hash)));
                let _ = dynamic.versions.verdict(number as u32, version.as_ref(), newest);
            }
        }
    }
    for rela in dynamic.rela.iter().chain(dynamic.plt).take(256) {
        let kind = rela.r_type(LE, false);
        seen.note(arch::class(kind).map(|class| class as u8));
        if arch::class(kind).is_some() {
            let target = reloc::Target { address: rela.r_offset.get(LE), ..reloc::Target::default() };
            seen.note(arch::value(kind, &target, rela.r_offset.get(LE), rela.r_addend.get(LE).cast_unsigned()).is_ok());
            assert!(arch::width(kind) <= 16);
        }
    }
    seen.0
}

/// ld.so.cache, asked for every name in it.
pub fn cache(bytes: &[u8]) -> Vec<u64> {
    let mut seen = Seen::default();
    let Some(cache) = cache::Cache::parse(bytes) else { return seen.0 };
    seen.note(true);
    let names = bytes.split(|byte| *byte == 0).filter(|name| name.len() > 3 && name.len() < 80);
    for name in names.take(64) {
        let mut asked = 0usize;
        let found = cache.find(
            name,
            |directory| {
                asked += 1;
                directory.ends_with(b"v2").then_some(1)
            },
            || u64::MAX,
        );
        if let Some(path) = found {
            inside(path, bytes);
            assert!(!path.contains(&0));
        }
        seen.note((found.map(|path| path.len().checked_ilog2()), asked.checked_ilog2()));
    }
    seen.0
}

/// ld.so.conf, and patterns against a table of all ways to match.
pub fn conf(bytes: &[u8]) -> Vec<u64> {
    let mut seen = Seen::default();
    seen.size(conf::lines(bytes).count());
    for line in conf::lines(bytes) {
        match line {
            conf::Line::Directory(path) => assert!(path.starts_with(b"/") && !path.contains(&b'\n')),
            conf::Line::Include(pattern) => assert!(!pattern.is_empty() && !pattern.contains(&b' ')),
        }
        seen.note(std::mem::discriminant(&line));
    }
    let middle = bytes.len().min(80) / 2;
    let (pattern, name) = (&bytes[..middle], &bytes[middle..bytes.len().min(80)]);
    let found = conf::matches(pattern, name);
    assert_eq!(found, glob(pattern, name), "{pattern:?} {name:?}");
    let stars = pattern.iter().filter(|byte| **byte == b'*').count();
    seen.note((found, stars.min(4), name.len().checked_ilog2()));
    seen.0
}

/// The table's cell says whether the pattern's rest matches the name's rest.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (p, n) = (pattern.len(), name.len());
    let mut fits = vec![vec![false; n + 1]; p + 1];
    fits[p][n] = true;
    for i in (0..p).rev() {
        for j in (0..=n).rev() {
            fits[i][j] = match pattern[i] {
                b'*' => fits[i + 1][j] || j < n && fits[i][j + 1],
                b'?' => j < n && fits[i + 1][j + 1],
                byte => j < n && name[j] == byte && fits[i + 1][j + 1],
            };
        }
    }
    let hidden = name.first() == Some(&b'.') && pattern.first() != Some(&b'.');
    fits[0][0] && !hidden
}

/// Search lists: what a secure program is led to is absolute and not relative to itself.
pub fn search(bytes: &[u8]) -> Vec<u64> {
    let mut seen = Seen::default();
    let (first, text) = bytes.split_first().map_or((0, bytes), |(first, rest)| (*first, rest));
    let secure = first & 1 != 0;
    let origin = (first & 2 != 0).then_some(if first & 64 != 0 { &b"/usr/lib/x"[..] } else { b"/origin" });
    let tokens = Tokens { origin, platform: b"x86_64", anywhere: first & 128 == 0 };
    let found = search::directories(text, if first & 4 != 0 { b":;" } else { b":" }, &tokens, secure);
    for path in &found {
        assert!(!path.is_empty() && path.len() <= MAX_PATH);
        assert!(!secure || path.starts_with(b"/") && !search::has_origin(path));
        assert!(path.len() == 1 || !path.ends_with(b"/"));
        let name = &text[..text.len().min(40)];
        if let Some(joined) = search::join(path, name) {
            assert!(joined.len() < MAX_PATH && joined.ends_with(name));
        }
        assert!(!search::directory_of(path).is_empty());
        seen.size(path.len());
    }
    if let Some(path) = search::expand(text, &tokens) {
        assert!(path.len() < MAX_PATH);
        // An expansion that cannot be is none.
        assert!(tokens.origin.is_some() || !search::has_origin(text));
        assert!(!search::has_origin(text) || search::has_token(text));
        // Nor is one that leads out of the default directories, where it must not.
        let mut depth = 0usize;
        let parts = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
        let depths = parts.map(|part| {
            depth = if part == b".." { depth.saturating_sub(1) } else { depth + 1 };
            depth
        });
        assert!(depths.last().unwrap_or(0) > 0 || tokens.anywhere || !search::has_origin(text));
        seen.note(path == text);
    }
    let middle = text.len() / 2;
    let lists = [Some(&text[..middle]), Some(&text[middle..])];
    for name in search::hwcaps(lists[0], lists[usize::from(first & 1)], usize::from(first >> 3)) {
        assert!(!name.contains(&b'/') && !name.is_empty());
        seen.size(name.len());
    }
    seen.0
}

/// Command line, environment, LD_PRELOAD, LD_DEBUG, GLIBC_TUNABLES.
pub fn arguments(bytes: &[u8]) -> Vec<u64> {
    let mut seen = Seen::default();
    let words: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
    match args::options(&words) {
        Ok(options) => {
            assert!(options.program < words.len() || options.text.is_some());
            seen.note((std::mem::discriminant(&options.action), options.json, options.dot, options.text.is_some()));
            seen.note((options.depth.is_some(), options.argv0.is_some(), options.sysroot.is_some()));
        }
        Err(stop) => seen.note(std::mem::discriminant(&stop)),
    }
    let mut environment = Environment::default();
    for variable in &words {
        environment.take(variable);
        // What counts for us never survives secure mode, but for colour.
        let before = (environment.library_path, environment.preload);
        let mut other = Environment::default();
        other.take(variable);
        assert!(
            args::is_unsecure(variable)
                || other.library_path.is_none() && other.preload.is_none() && other.debug.is_none()
        );
        seen.note((before.0.is_some(), before.1.is_some(), environment.list, environment.ldd.warn));
        let mut blanked = variable.to_vec();
        args::blank_comments(&mut blanked);
        assert!(!blanked.contains(&b'#'));
        for name in args::names(&blanked, args::SEPARATORS[1]) {
            assert!(!name.is_empty() && !name.contains(&b':') && !name.contains(&b'\n'));
        }
        let (mask, unknown) = debug::parse(variable);
        seen.note(mask);
        seen.size(unknown.len());
        for (name, value) in tunables::settings(variable) {
            assert!(!name.contains(&b'='));
            let number = tunables::number(value);
            if let Some(expected) = decimal(value) {
                assert_eq!(number, Some(expected));
            }
            seen.note((number.is_some(), number.map(u64::leading_zeros)));
        }
    }
    seen.0
}

/// Plain decimal numbers, by the standard library.
fn decimal(text: &[u8]) -> Option<u64> {
    let plain = text.first().is_some_and(|digit| (b'1'..=b'9').contains(digit)) && text.len() < 19;
    plain.then_some(())?;
    std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// The smaller tables: names, constructors' order, near names, JSON, relocation values, TLS room.
pub fn tables(bytes: &[u8]) -> Vec<u64> {
    let mut seen = Seen::default();
    // An index against a map, keys in few homes so that runs form.
    let (mut index, mut model) = (names::Index::default(), BTreeMap::<u32, BTreeSet<u32>>::new());
    for step in bytes.chunks_exact(2).take(200) {
        let (hash, object) = (u32::from(step[0] & 0x1f) << (step[0] >> 6), u32::from(step[1] & 0x3f));
        if step[1] & 0x40 != 0 {
            index.remove(hash, object);
            model.entry(hash).or_default().remove(&object);
        } else if model.entry(hash).or_default().insert(object) {
            index.insert(hash, object);
        }
    }
    for (hash, objects) in &model {
        assert_eq!(&index.candidates(*hash).collect::<BTreeSet<_>>(), objects);
    }
    // A graph of up to 12 objects, an edge a byte.
    let count = usize::from(bytes.first().map_or(0, |byte| byte % 13));
    let mut needed = vec![Vec::new(); count];
    for edge in bytes.iter().skip(1).take(40) {
        let (from, to) = (usize::from(edge >> 4), usize::from(edge & 15));
        if from < count && to < count {
            needed[from].push(to);
        }
    }
    let all: Vec<usize> = (0..count).collect();
    let edges = |object: usize, at: usize| needed.get(object)?.get(at).copied();
    let sorted = order::dependencies_first(&all, &edges, None);
    let place = |object: usize| sorted.iter().position(|other| *other == object).expect("every object has its turn");
    assert_eq!(sorted.len(), count);
    for from in 0..count {
        for to in &needed[from] {
            if !reaches(&needed, *to, from) {
                assert!(place(*to) < place(from), "{needed:?} {sorted:?}");
            }
        }
    }
    // The opened object comes last, and the other way round first; what is bound changes places and loses nobody.
    let last = order::dependencies_first(&all, &edges, count.checked_sub(1));
    assert!(last.len() == count && last.last().copied() == count.checked_sub(1));
    let first = order::dependents_first(&all, &edges, None, count.checked_sub(1));
    assert!(first.len() == count && first.first().copied() == count.checked_sub(1));
    let both = |object: usize, at: usize| edges(object, at).or_else(|| (at < 20).then_some((object + at) % count));
    let bound = order::dependents_first(&all, &edges, Some(&both), None);
    assert_eq!(bound.iter().collect::<BTreeSet<_>>().len(), count);

    let middle = bytes.len().min(64) / 2;
    let (left, right) = (&bytes[..middle], &bytes[middle..bytes.len().min(64)]);
    let distance = edit_distance::distance(left, right);
    assert_eq!(distance, edit_distance::distance(right, left));
    assert!(distance != Some(0) || left == right);
    seen.note(distance);
    seen.note((hints::same_library(left, right), hints::newest([left, right].into_iter(), right).is_some()));

    let mut text = json::Json::default();
    let text = text.open(b'{').key("a").string(bytes).key("b").or_null(None, json::Json::string).end();
    assert!(std::str::from_utf8(&text).is_ok_and(|text| text.chars().all(|c| c >= ' ' || c == '\n')));

    let mut numbers = bytes.chunks_exact(8).map(|b| u64::from_le_bytes(b.try_into().expect("8 bytes")));
    let mut next = || numbers.next().unwrap_or(0);
    let target = reloc::Target {
        address: next(),
        offset: next(),
        size: next(),
        module: next(),
        tls_distance: next().cast_signed(),
    };
    let (place, addend) = (next(), next());
    for kind in 0..64 {
        seen.note((kind, arch::value(RelocationType(kind), &target, place, addend).is_ok()));
    }
    seen.note(auxv::entry(place).is_some());
    let mut room = tls::StaticTls::default();
    for _ in 0..4 {
        let module = header::Tls {
            vaddr: next(),
            offset: 0,
            filesz: 0,
            memsz: next() >> 34,
            align: 1 << (next() % 22),
            mapped: true,
        };
        let before = room;
        match room.place(&module) {
            Some(distance) => {
                let taken = distance.unsigned_abs();
                assert!(distance < 0 || module.memsz == 0);
                assert!(taken - module.memsz >= before.size && room.size == taken && taken <= tls::MAX_STATIC);
                assert_eq!(distance.cast_unsigned() % module.align, module.vaddr % module.align);
            }
            None => assert_eq!(room, before),
        }
    }
    seen.0
}

fn reaches(needed: &[Vec<usize>], from: usize, to: usize) -> bool {
    let (mut seen, mut work) = (BTreeSet::new(), vec![from]);
    while let Some(object) = work.pop() {
        if object == to {
            return true;
        }
        if seen.insert(object) {
            work.extend(&needed[object]);
        }
    }
    false
}
