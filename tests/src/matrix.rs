//! The result as one looks at it: the TLS matrix as a table, every other claim as a line, every
//! skip with its reason, and the counts last.

use crate::directive::Config;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What became of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It is not applicable, for this reason.
    Skipped(String),
}

/// One trial that ran, or was skipped.
#[derive(Clone, Debug)]
pub struct Row {
    /// `AREA/CLAIM`.
    pub claim: String,
    /// What it proves.
    pub about: String,
    /// Its configuration; none when the header could not be read.
    pub config: Option<Config>,
    /// What became of it.
    pub outcome: Outcome,
}

#[derive(Default, Clone, Copy)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Count {
    fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Skipped(_) => self.skipped += 1,
        }
    }

    fn cell(self) -> String {
        let mut parts = Vec::new();
        if self.failed > 0 {
            parts.push(format!("{} FAIL", self.failed));
        }
        if self.passed > 0 {
            parts.push(format!("{} pass", self.passed));
        }
        if self.skipped > 0 {
            parts.push(format!("{} n.a.", self.skipped));
        }
        parts.join(" ")
    }
}

/// The models of the TLS matrix: a claim `tls/MODEL_PLACE` is a row of it.
const MODELS: [&str; 5] = ["le", "ie", "gd", "ld", "desc"];
const COLUMNS: [(&str, &str); 8] = [
    ("gcc", "bfd"),
    ("gcc", "gold"),
    ("gcc", "lld"),
    ("gcc", "mold"),
    ("clang", "bfd"),
    ("clang", "gold"),
    ("clang", "lld"),
    ("clang", "mold"),
];

fn model_and_place(claim: &str, musl: bool) -> Option<(usize, String)> {
    let (model, place) = claim.strip_prefix("tls/")?.split_once('_')?;
    let model = MODELS.iter().position(|m| *m == model)?;
    Some((model, place.replace('_', " ") + if musl { ", musl" } else { "" }))
}

/// The whole report; its last line is the counts.
pub fn report(rows: &[Row]) -> String {
    let mut table: BTreeMap<(usize, String), [Count; COLUMNS.len()]> = BTreeMap::new();
    let mut claims: BTreeMap<&str, (&str, Count)> = BTreeMap::new();
    let mut reasons: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    let mut total = Count::default();
    for row in rows {
        total.add(&row.outcome);
        if let (Outcome::Skipped(reason), Some(config)) = (&row.outcome, &row.config) {
            reasons.entry((&row.claim, reason)).or_default().push(config.to_string());
        }
        let musl = row.config.as_ref().is_some_and(|config| config.to_string().starts_with("libc=musl"));
        match (model_and_place(&row.claim, musl), &row.config) {
            (Some(key), Some(config)) => {
                let columns = table.entry(key).or_default();
                let at = |c: &(&str, &str)| *c == (config.get("cc"), config.get("ld"));
                if let Some(i) = COLUMNS.iter().position(at) {
                    columns[i].add(&row.outcome);
                }
            }
            _ => claims.entry(&row.claim).or_insert((&row.about, Count::default())).1.add(&row.outcome),
        }
    }

    let mut text = String::new();
    if !table.is_empty() {
        text.push_str("\nTLS: model and place by compiler and linker (counts of -O level x PIE)\n");
        let mut grid = vec![vec!["model".to_string(), "place".to_string()]];
        grid[0].extend(COLUMNS.map(|(cc, ld)| format!("{cc}/{ld}")));
        for ((model, place), columns) in &table {
            let mut line = vec![MODELS[*model].to_uppercase(), place.clone()];
            line.extend(columns.map(Count::cell));
            grid.push(line);
        }
        text.push_str(&aligned(&grid));
    }
    if !claims.is_empty() {
        text.push('\n');
        let grid = claims.iter().map(|(name, (about, count))| vec![name.to_string(), count.cell(), about.to_string()]);
        text.push_str(&aligned(&grid.collect::<Vec<_>>()));
    }
    if !reasons.is_empty() {
        text.push_str("\nNot applicable (n.a.):\n");
        for ((claim, reason), configs) in &reasons {
            let shown = match configs.as_slice() {
                [] => String::new(),
                [one] => one.clone(),
                [first, ..] => format!("{} configurations, the first {first}", configs.len()),
            };
            let _ = writeln!(text, "  {claim}: {reason}\n      {shown}");
        }
    }
    let Count { passed, failed, skipped } = total;
    let _ = write!(text, "\n{passed} passed, {failed} failed, {skipped} skipped");
    text
}

fn aligned(grid: &[Vec<String>]) -> String {
    let columns = grid.iter().map(Vec::len).max().unwrap_or(0);
    let width = |i: usize| grid.iter().filter_map(|l| l.get(i)).map(|c| c.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|i| width(i).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in grid {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let _ = writeln!(text, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directive::parse;

    #[test]
    fn every_outcome_is_counted_and_every_skip_has_its_reason() {
        let spec = parse("//@ about: x\n//@ axes: ld=bfd,mold\n//@ skip: ld=mold : because\n").unwrap().remove(0);
        let rows: Vec<Row> = ["tls/gd_library", "init/order"]
            .iter()
            .flat_map(|claim| {
                spec.configs().into_iter().map(|(config, skip)| Row {
                    claim: claim.to_string(),
                    about: "what it proves".to_string(),
                    config: Some(config),
                    outcome: skip.map_or(Outcome::Failed, |s| Outcome::Skipped(s.to_string())),
                })
            })
            .collect();
        let text = report(&rows);
        assert_eq!(text.lines().last(), Some("0 passed, 2 failed, 2 skipped"));
        assert!(text.contains("GD     library  1 FAIL"));
        assert!(text.contains("init/order  1 FAIL 1 n.a.  what it proves"));
        assert_eq!(text.matches("because").count(), 2);
    }
}
