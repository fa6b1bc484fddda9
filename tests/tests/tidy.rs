//! Rules of the tree that no compiler checks: where unsafe code and assembly stand, which way the arrows go, how long a file
//! is, that documents name what exists. Each failure names the file and the line. An exception is added below, with its
//! reason, or not at all.

use ld_rs_tests::repository;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

/// Most lines of a product file without its unit tests: what one reads in a sitting.
const MOST_LINES: usize = 500;

/// Files that may be longer, and why.
const LONG: &[(&str, &str)] =
    &[("layout.rs", "the list of the fields that a libc reads of its loader, which is a table with comments")];

/// Circles between top-level modules of a crate that may stay, and why; names in alphabetical order.
const CIRCLES: &[(&str, &str)] =
    &[("arch, lazy", "the binder's assembly names the function above it, and binding calls resolvers by assembly")];

/// Where code of the product stands, each with its crate's root; the binary has no rooms.
const CRATES: [(&str, &str); 4] = [
    ("loader/plan/src", "ld_rs_plan"),
    ("loader/src", "ld_rs_loader"),
    ("runtime/src", "ld_rs_runtime"),
    ("loader/inspect/src", "ld_rs_inspect"),
];
/// Crates in which unsafe code is a matter of rooms; the others forbid it.
const WITH_ROOMS: [&str; 2] = ["loader/src", "runtime/src"];
const BINARY: [&str; 4] = ["loader/main.rs", "loader/start.rs", "loader/bindings.rs", "build.rs"];

/// Registries and mirrors, as name and domain so that this file does not name them.
const HOSTS: [(&str, &str); 12] = [
    ("debian", "org"),
    ("ubuntu", "com"),
    ("fedoraproject", "org"),
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("crates", "io"),
    ("rustup", "rs"),
    ("rust-lang", "org"),
    ("github", "com"),
    ("githubusercontent", "com"),
];
/// Hosts that an address may name: this machine, names that cannot exist, and what a license or a format is called by.
const ADDRESSES: [&str; 6] =
    ["localhost", "127.0.0.1", "nosuchhost.invalid", "www.apache.org", "www.w3.org", "git-lfs"];
/// Beginnings of paths that only a developer's machine has.
const MACHINES: [[&str; 2]; 3] = [["/wo", "rk/"], ["/ro", "ot/"], ["/fa", "rm/"]];

/// A file of the tree, by its path from the top.
struct File {
    path: String,
    text: String,
}

/// What git knows, or all that is there in an unpacked archive.
fn files() -> Vec<File> {
    let top = repository();
    let safe = format!("safe.directory={}", top.display());
    let listed =
        Command::new("git").current_dir(&top).args(["-c", &safe, "ls-files", "-co", "--exclude-standard"]).output();
    let mut paths: Vec<String> = match listed {
        Ok(done) if done.status.success() => String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect(),
        _ => {
            let mut found = Vec::new();
            walk(&top, "", &mut found);
            found
        }
    };
    paths.sort();
    let read = |path: String| Some(File { text: fs::read_to_string(top.join(&path)).ok()?, path });
    let files: Vec<File> = paths.into_iter().filter_map(read).collect();
    assert!(files.len() > 300, "{} files", files.len());
    files
}

fn walk(top: &Path, folder: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(top.join(folder)).into_iter().flatten().flatten() {
        let name = format!("{folder}{}", entry.file_name().display());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && name != "target" => walk(top, &format!("{name}/"), found),
            Ok(kind) if kind.is_file() => found.push(name),
            _ => {}
        }
    }
}

/// The Rust files that ld-rs.so is made of.
fn product() -> Vec<File> {
    let is_product = |path: &str| {
        path.ends_with(".rs")
            && (BINARY.contains(&path) || CRATES.iter().any(|(root, _)| path.starts_with(&format!("{root}/"))))
    };
    let mut product: Vec<File> = files().into_iter().filter(|file| is_product(&file.path)).collect();
    assert!(product.len() > 80, "{} product files", product.len());
    for file in &mut product {
        // Unit tests stand at the end of a file.
        let tests = file.text.rfind("\n#[cfg(test)]\n").filter(|at| file.text[*at..].contains("\nmod "));
        file.text.truncate(tests.map_or(file.text.len(), |at| at + 1));
    }
    product
}

fn is_generated(file: &File) -> bool {
    file.path.contains("/tables/") && file.text.starts_with("// Generated")
}

/// `text` with blanks for what a comment, a string or a character says.
fn code(text: &str) -> String {
    let bytes = text.as_bytes();
    let find = |from: usize, end: &[u8]| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.windows(end.len()).position(|window| window == end).map_or(bytes.len(), |at| from + at + end.len())
    };
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let hashes = rest.iter().skip(1).take_while(|byte| **byte == b'#').count();
        let in_word =
            at > 0 && (bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'b' || bytes[at - 1] == b'_');
        let end = match rest[0] {
            b'/' if rest.starts_with(b"//") => find(at, b"\n") - 1,
            b'/' if rest.starts_with(b"/*") => find(at + 2, b"*/"),
            b'r' if !in_word && rest.get(1 + hashes) == Some(&b'"') => {
                find(at + 2 + hashes, format!("\"{}", "#".repeat(hashes)).as_bytes())
            }
            b'"' => {
                let mut end = at + 1;
                while end < bytes.len() && bytes[end] != b'"' {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                end + 1
            }
            // Anything else with one quote is a lifetime.
            b'\'' if rest.get(1) == Some(&b'\\') => find(at + 3, b"'"),
            b'\'' if rest.get(2) == Some(&b'\'') => at + 3,
            _ => {
                at += 1;
                continue;
            }
        };
        let end = end.clamp(at + 1, bytes.len());
        out[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end;
    }
    String::from_utf8(out).expect("blanks for whole characters")
}

/// The words of `code`, each with its place.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.split(move |c| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - code.as_ptr() as usize, word))
}

/// `path:line`, for a place in a text.
fn place(file: &File, at: usize) -> String {
    format!("{}:{}", file.path, 1 + file.text[..at].matches('\n').count())
}

fn none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}\n  {}\n", found.join("\n  "));
}

/// A module of a crate.
struct Module {
    /// `a::b`, without `crate`.
    name: String,
    file: usize,
    /// It, or one that it is in, opts in to unsafe code; the first is named.
    room: Option<String>,
}

/// The modules below the one in file `number`, which is `name`.
fn modules(product: &[File], number: usize, name: &str, room: Option<&str>, found: &mut Vec<Module>) {
    let File { path, text } = &product[number];
    let (folder, own) = path.rsplit_once('/').expect("in a folder");
    let folder = match own.trim_end_matches(".rs") {
        "lib" | "mod" => folder.to_owned(),
        own => format!("{folder}/{own}"),
    };
    let code = code(text);
    for (at, word) in words(&code).filter(|(_, word)| *word == "mod") {
        let Some((child, _)) = code[at + word.len()..].split_once(';').filter(|(child, _)| !child.contains('{')) else {
            continue;
        };
        let child = child.trim();
        let paths = [format!("{folder}/{child}.rs"), format!("{folder}/{child}/mod.rs")];
        let Some(file) = product.iter().position(|file| paths.contains(&file.path)) else { continue };
        let before = code[..at].rsplit([';', '}']).next().unwrap_or_default().replace(char::is_whitespace, "");
        let child = if name.is_empty() { child.to_owned() } else { format!("{name}::{child}") };
        let opts_in =
            ["#[allow(unsafe_code", "#[expect(unsafe_code"].iter().any(|attribute| before.contains(attribute));
        let room = room.map(str::to_owned).or_else(|| opts_in.then(|| child.clone()));
        found.push(Module { name: child.clone(), file, room: room.clone() });
        modules(product, file, &child, room.as_deref(), found);
    }
}

fn crate_modules(product: &[File], root: &str) -> Vec<Module> {
    let lib = product.iter().position(|file| file.path == format!("{root}/lib.rs")).expect("a crate's root");
    let mut found = Vec::new();
    modules(product, lib, "", None, &mut found);
    assert!(found.len() > 5, "{root}: {} modules", found.len());
    found
}

#[test]
fn unsafe_code_is_in_the_rooms_that_the_crate_names() {
    let product = product();
    let mut bad = Vec::new();
    for root in WITH_ROOMS {
        let modules = crate_modules(&product, root);
        let lib = product.iter().find(|file| file.path == format!("{root}/lib.rs")).expect("found above");
        if !code(&lib.text).replace(' ', "").contains("#![deny(unsafe_code)]") {
            bad.push(format!("{}: no #![deny(unsafe_code)]", lib.path));
        }
        let has_unsafe = |file: &File| words(&code(&file.text)).any(|(_, word)| word == "unsafe");
        let rooms: BTreeSet<&str> = modules.iter().filter_map(|module| module.room.as_deref()).collect();
        for module in modules.iter().filter(|module| module.room.is_none() && has_unsafe(&product[module.file])) {
            bad.push(format!("{}: unsafe code, and `{}` does not opt in", product[module.file].path, module.name));
        }
        for room in &rooms {
            let mut inside = modules.iter().filter(|module| module.room.as_deref() == Some(room));
            if !inside.any(|module| has_unsafe(&product[module.file])) {
                bad.push(format!("{root}: `{room}` opts in and has no unsafe code"));
            }
        }
        let head: String = lib.text.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join(" ");
        let list = head.split_once("nsafe code").map_or("", |(_, list)| list);
        let names: BTreeSet<&str> = modules.iter().map(|module| module.name.as_str()).collect();
        let listed: BTreeSet<&str> = list.split('`').skip(1).step_by(2).filter(|name| names.contains(name)).collect();
        bad.extend(
            rooms.difference(&listed).map(|room| format!("{}: its head does not name the room `{room}`", lib.path)),
        );
        bad.extend(
            listed
                .difference(&rooms)
                .map(|name| format!("{}: its head names `{name}`, which does not opt in", lib.path)),
        );
    }
    // Nowhere but on a module.
    for file in product.iter().filter(|file| !file.path.ends_with("/lib.rs") && !file.path.ends_with("/mod.rs")) {
        let code = code(&file.text);
        bad.extend(
            words(&code)
                .filter(|(_, word)| *word == "unsafe_code")
                .map(|(at, _)| format!("{}: opts in for less than a module", place(file, at))),
        );
    }
    none(bad, "unsafe code stands only in modules that opt in, and the crate's head names them all");
}

#[test]
fn assembly_is_in_arch() {
    let bad = product().into_iter().filter(|file| !file.path.contains("/arch/")).flat_map(|file| {
        let code = code(&file.text);
        let is_asm = |(at, word): &(usize, &str)| word.ends_with("asm") && code[at + word.len()..].starts_with('!');
        words(&code).filter(is_asm).map(|(at, word)| format!("{}: {word}!", place(&file, at))).collect::<Vec<_>>()
    });
    none(bad.collect(), "assembly stands in arch folders only");
}

/// What stands between the bracket at the beginning of `text` and its partner.
fn bracketed(text: &str) -> Range<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return 1..at,
            ')' => depth -= 1,
            _ => {}
        }
    }
    1..text.len()
}

#[test]
fn error_numbers_have_names() {
    let mut bad = Vec::new();
    let is_number = |text: &str| text.trim_start_matches([' ', '-']).starts_with(|c: char| c.is_ascii_digit());
    for file in product() {
        let code = code(&file.text);
        for (at, word) in words(&code) {
            let rest = &code[at + word.len()..];
            let (line, rest) = (place(&file, at), rest.trim_start());
            match word {
                "System" if rest.starts_with('(') => {
                    let arguments = &rest[bracketed(rest)];
                    if arguments.rsplit(',').next().is_some_and(|last| last.split('|').any(|one| is_number(one.trim())))
                    {
                        bad.push(format!("{line}: System({})", arguments.trim()));
                    }
                }
                "errno" | "error" | "raw_os_error" => {
                    let rest = rest.trim_start_matches("()").trim_start();
                    if let Some(value) = rest.strip_prefix("==").or_else(|| rest.strip_prefix("!="))
                        && is_number(value)
                        && !value.trim_start().starts_with("0")
                    {
                        bad.push(format!("{line}: {word} compared with a number"));
                    }
                }
                "Errno" if rest.starts_with('(') && is_number(&rest[1..]) => bad.push(format!("{line}: Errno(number)")),
                _ => {}
            }
        }
    }
    none(bad, "error numbers are named constants");
}

#[test]
fn files_are_short() {
    let long: Vec<(usize, File)> = product()
        .into_iter()
        .map(|file| (file.text.lines().count(), file))
        .filter(|(lines, file)| *lines > MOST_LINES && !is_generated(file))
        .collect();
    let excused = |file: &File| LONG.iter().any(|(name, _)| file.path.ends_with(&format!("/{name}")));
    none(
        long.iter().filter(|(_, file)| !excused(file)).map(|(lines, file)| format!("{}: {lines}", file.path)).collect(),
        &format!("a file has at most {MOST_LINES} lines without its unit tests"),
    );
    none(
        LONG.iter()
            .filter(|(name, _)| !long.iter().any(|(_, file)| file.path.ends_with(&format!("/{name}"))))
            .map(|(name, _)| (*name).to_owned())
            .collect(),
        "an exception that is not needed",
    );
}

#[test]
fn every_file_says_why_it_exists() {
    let bad = product().into_iter().filter(|file| !file.text.starts_with("//! ") && !is_generated(file));
    none(bad.map(|file| file.path).collect(), "a product file begins with a //! comment");
}

/// Top-level modules of its crate that `file`, of module `name`, names.
fn uses(file: &File, name: &str) -> BTreeSet<String> {
    let code = code(&file.text);
    let depth = name.split("::").count();
    let mut found = BTreeSet::new();
    for (at, word) in words(&code) {
        let mut rest = match word {
            "crate" => &code[at + 5..],
            // As many steps up as lead to the root.
            "super" if !code[..at].ends_with("::") => {
                let (mut rest, mut steps) = (&code[at + 5..], 1);
                while let Some(next) = rest.strip_prefix("::super") {
                    (rest, steps) = (next, steps + 1);
                }
                if steps != depth {
                    continue;
                }
                rest
            }
            _ => continue,
        };
        let Some(path) = rest.strip_prefix("::") else { continue };
        rest = path;
        let first = |text: &str| words(text).next().map(|(_, word)| word.to_owned()).unwrap_or_default();
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(first(rest));
            continue;
        };
        let (mut depth, mut is_first) = (0, true);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_first = true,
                _ if is_first && depth == 0 && !c.is_whitespace() => {
                    found.insert(first(&group[at..]));
                    is_first = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn modules_make_no_circles() {
    let product = product();
    let mut bad = Vec::new();
    for (root, _) in CRATES {
        let modules = crate_modules(&product, root);
        let top = |name: &str| name.split("::").next().unwrap_or_default().to_owned();
        let all: BTreeSet<String> = modules.iter().map(|module| top(&module.name)).collect();
        let mut reached: BTreeMap<String, BTreeSet<String>> =
            all.iter().map(|name| (name.clone(), BTreeSet::new())).collect();
        for module in &modules {
            let own = top(&module.name);
            let used =
                uses(&product[module.file], &module.name).into_iter().filter(|name| all.contains(name) && *name != own);
            reached.get_mut(&own).expect("one of all").extend(used);
        }
        let direct = reached.clone();
        for middle in &all {
            let beyond = reached[middle].clone();
            reached.values_mut().filter(|names| names.contains(middle)).for_each(|names| names.extend(beyond.clone()));
        }
        let mut circles: BTreeSet<Vec<&String>> = BTreeSet::new();
        for name in all.iter().filter(|name| reached[*name].contains(*name)) {
            circles.insert(
                all.iter().filter(|other| reached[name].contains(*other) && reached[*other].contains(name)).collect(),
            );
        }
        for circle in circles {
            let names = circle.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
            if !CIRCLES.iter().any(|(known, _)| *known == names) {
                let arrows = circle.iter().flat_map(|from| {
                    let to = circle
                        .iter()
                        .filter(|to| direct[*from].contains(**to))
                        .map(|to| to.as_str())
                        .collect::<Vec<_>>();
                    Some(format!("{from} -> {}", to.join(", ")))
                });
                bad.push(format!("{root}: {names}\n    {}", arrows.collect::<Vec<_>>().join("\n    ")));
            }
        }
    }
    none(bad, "top-level modules of a crate make no circle");
}

#[test]
fn arrows_go_one_way() {
    let mut bad = Vec::new();
    let mut choosers = BTreeSet::new();
    let product = product();
    for file in &product {
        let code = code(&file.text);
        let forbidden: &[&str] = match &file.path {
            path if path.starts_with(CRATES[0].0) => {
                &["ld_rs_loader", "ld_rs_runtime", "ld_rs_inspect", "rustix", "linux_raw_sys"]
            }
            path if path.starts_with(CRATES[1].0) => &["ld_rs_runtime", "ld_rs_inspect"],
            path if path.starts_with(CRATES[2].0) => &["ld_rs_inspect"],
            path if path.starts_with(CRATES[3].0) => &["ld_rs_runtime"],
            _ => &[],
        };
        let is_glibcs = file.path.starts_with(CRATES[2].0) && file.path.contains("/glibc/");
        for (at, word) in words(&code) {
            if forbidden.contains(&word) {
                bad.push(format!("{}: {word}", place(file, at)));
            }
            let is_declared = code[..at].trim_end().ends_with("mod") || code[..at].trim_end().ends_with('.');
            if word == "glibc"
                && !is_glibcs
                && !is_declared
                && (file.path.starts_with(CRATES[2].0) || BINARY.contains(&file.path.as_str()))
            {
                choosers.insert(&file.path);
            }
        }
    }
    if choosers.len() != 1 {
        bad.push(format!("one file chooses the libc and names the module `glibc`: {choosers:?}"));
    }
    // The chooser's module, unless it is the program's own page.
    for chooser in choosers.iter().filter(|path| !BINARY.contains(&path.as_str())) {
        let name = chooser.trim_end_matches(".rs").trim_end_matches("/mod").rsplit('/').next().unwrap_or_default();
        for file in product.iter().filter(|file| !BINARY.contains(&file.path.as_str())) {
            let code = code(&file.text);
            bad.extend(
                words(&code)
                    .filter(|(at, word)| *word == name && code[at + word.len()..].starts_with("::choose"))
                    .map(|(at, _)| format!("{}: {name}::choose, which is main's", place(file, at))),
            );
        }
    }
    none(bad, "main -> runtime -> loader -> plan; one file names glibc/, and only main uses that file");
}

/// A heading as GitHub links to it.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.trim().to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn documents_name_what_exists() {
    let (files, top) = (files(), repository());
    let mut bad = Vec::new();
    let prose = |text: &str| {
        let mut fenced = false;
        let mut lines = Vec::new();
        for line in text.lines() {
            fenced ^= line.starts_with("```");
            lines.push(if fenced { "" } else { line });
        }
        lines.join("\n")
    };
    let anchors = |text: &str| -> BTreeSet<String> {
        prose(text)
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| anchor(line.trim_start_matches('#')))
            .collect()
    };
    let documents: Vec<&File> = files.iter().filter(|file| file.path.ends_with(".md")).collect();
    let mut links = 0;
    for file in &documents {
        let (text, folder) = (prose(&file.text), Path::new(&file.path).parent().expect("in a folder"));
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', ' ']).next().unwrap_or_default();
            if target.contains("://") {
                continue; // see the test of hosts
            }
            links += 1;
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() { top.join(&file.path) } else { top.join(folder).join(path) };
            let there = fs::read_to_string(&path).unwrap_or_default();
            if !path.exists() || (!heading.is_empty() && !anchors(&there).contains(heading)) {
                bad.push(format!("{}: {target}", place(file, at.min(file.text.len()))));
            }
        }
        // Paths from the top, or from the document's folder, between backticks.
        for (number, line) in text.lines().enumerate() {
            for span in line.split('`').skip(1).step_by(2) {
                let is_path =
                    span.contains('/') && span.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
                // The folder that it begins with is there, but for what a build makes.
                let steps = span.split('/').take_while(|step| *step == "..").count() + 1;
                let first = span.split('/').take(steps).collect::<Vec<_>>().join("/");
                let from = if steps > 1 { top.join(folder) } else { top.clone() };
                let is_ours = first.len() > 1 && from.join(&first).is_dir() && !first.ends_with("target");
                let is_pattern =
                    span.split('/').any(|part| part.len() > 1 && part.chars().all(|c| c.is_ascii_uppercase()));
                if is_path && is_ours && !is_pattern && !from.join(span).exists() {
                    bad.push(format!("{}:{}: `{span}`", file.path, number + 1));
                }
            }
        }
    }
    assert!(documents.len() >= 8 && links > 0, "{} documents, {links} links", documents.len());
    none(bad, "links and paths in documents lead somewhere");
}

#[test]
fn nothing_names_a_mirror_or_a_machine() {
    let mut bad = Vec::new();
    let hosts = HOSTS.map(|(name, domain)| format!("{name}.{domain}"));
    let machines = MACHINES.map(|parts| parts.concat());
    for file in files() {
        for (number, line) in file.text.lines().enumerate() {
            // Cargo's own name for its registry.
            if file.path == "Cargo.lock" && line.starts_with("source = ") {
                continue;
            }
            let line_says = |what: &str| format!("{}:{}: {what}", file.path, number + 1);
            bad.extend(hosts.iter().filter(|host| line.contains(*host)).map(|host| line_says(host)));
            for (at, _) in line.match_indices("://") {
                let host = line[at + 3..]
                    .split(|c: char| !c.is_ascii_alphanumeric() && !".-".contains(c))
                    .next()
                    .unwrap_or_default();
                if host.contains(char::is_alphanumeric) && !ADDRESSES.contains(&host) {
                    bad.push(line_says(host));
                }
            }
            for machine in &machines {
                let inside = |at: usize| line[..at].ends_with(|c: char| c.is_alphanumeric() || "./-_*)}".contains(c));
                if line.match_indices(machine.as_str()).any(|(at, _)| !inside(at)) {
                    bad.push(line_says(machine));
                }
            }
        }
    }
    none(bad, "no file names a registry, a mirror or a path of one machine");
}

/// What the rules rest on: a rule that sees nothing cannot fail.
#[test]
fn code_is_told_from_what_it_says() {
    let text = "let a = 'x'; // unsafe\nlet b = \"unsafe \\\" unsafe\"; /* unsafe */ fn f<'a>(c: &'a str) { unsafe { r#\"unsafe\" unsafe\"#; b'\\'' } }\n";
    let blanked = code(text);
    assert_eq!((blanked.len(), blanked.lines().count()), (text.len(), 2));
    assert_eq!(words(&blanked).filter(|(_, word)| *word == "unsafe").count(), 1);
    assert_eq!(bracketed("(a(b), 2) 3"), 1..8);
    let file = |text: &str| File { path: "loader/src/a.rs".into(), text: text.into() };
    let names = |text: &str, module: &str| uses(&file(text), module).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(names("use crate::{b, c::{d, e}, f::g};\nuse crate::h::i;", "a"), "b c f h");
    assert_eq!(names("use super::b;\nuse super::super::c;", "a"), "b");
    assert_eq!(names("use super::b;\nuse super::super::c;", "a::x"), "c");
    assert_eq!(anchor(" Adding a claim, step by step"), "adding-a-claim-step-by-step");
}
