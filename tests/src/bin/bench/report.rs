//! The result as a Markdown table and as a picture.

use crate::measure::{Spread, spread};
use std::fmt::Write as _;
use std::process::Command;

/// What a row is to reach.
#[derive(Clone, Copy)]
pub enum Goal {
    /// Relative to the baseline.
    Ratio(f64),
    /// In seconds.
    Time(f64),
}

/// What was found for one program. Pairs are (baseline, ld-rs); the baseline is glibc's loader
/// except where the name says otherwise.
pub struct Row {
    pub name: String,
    pub goal: Option<Goal>,
    pub time: [Option<f64>; 2],
    pub ratio: Option<Spread>,
    /// The ratio that remains when the CPUID of both are taken out.
    pub without_traps: Option<Spread>,
    /// The ratio of a third start, most often under musl's loader, or why there is none.
    pub third: String,
    pub cpuid: [Option<f64>; 2],
    /// Seconds that one took when the row was measured.
    pub cpuid_cost: Option<f64>,
    pub faults: [Option<f64>; 2],
    pub calls: [Option<f64>; 2],
    /// KiB at the exit.
    pub resident: [Option<f64>; 2],
    pub dirty: [Option<f64>; 2],
    pub instructions: [Option<f64>; 2],
    /// Why something is missing or wrong.
    pub failures: Vec<String>,
}

impl Row {
    pub fn new(name: &str, goal: Option<Goal>) -> Row {
        let none = [None; 2];
        Row {
            name: name.to_string(),
            goal,
            time: none,
            ratio: None,
            without_traps: None,
            third: "-".into(),
            cpuid: none,
            cpuid_cost: None,
            faults: none,
            calls: none,
            resident: none,
            dirty: none,
            instructions: none,
            failures: vec![],
        }
    }

    /// Whether it fails under ld-rs or its baseline.
    pub fn failed(&self) -> bool {
        !self.failures.is_empty()
    }

    /// For someone who watches.
    pub fn line(&self) -> String {
        let middle = |ratio: Option<Spread>| ratio.map_or("-".into(), |r| format!("{:.2}", r.middle));
        let (ratio, without) = (middle(self.ratio), middle(self.without_traps));
        format!("{:62} {ratio:>6} {without:>6}  {}", self.name, self.failures.join("; "))
    }

    /// Whether the goal is reached, as measured and without traps: a goal holds for both.
    fn met(&self) -> [Option<bool>; 2] {
        let ratio = |ratio: Option<Spread>, most: f64| ratio.map(|r| r.middle <= most);
        match self.goal {
            Some(Goal::Ratio(most)) => [ratio(self.ratio, most), ratio(self.without_traps, most)],
            Some(Goal::Time(most)) => [self.time[1].map(|time| time <= most), None],
            None => [None; 2],
        }
    }
}

pub struct Section {
    pub title: &'static str,
    /// What the third start of its rows is.
    pub third: &'static str,
    pub rows: Vec<Row>,
}

/// Date, machine and commit, for a reader who compares two results.
pub fn circumstances(details: &str) -> String {
    let run = |command: &str, args: &[&str]| {
        let output = Command::new(command).args(args).current_dir(ld_rs_tests::repository()).output();
        output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_string()).unwrap_or_default()
    };
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("?", |p| p.1);
    let count = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let virtual_machine = if cpus.contains(" hypervisor ") { ", virtual" } else { "" };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<_> = load.split(' ').take(3).collect();
    let changed = if run("git", &["status", "--porcelain"]).is_empty() { "" } else { " with changes" };
    format!(
        "{}, {cpu} ({count} processors{virtual_machine}), Linux {}, {}, commit {}{changed}; {details}; \
         load average {}",
        run("date", &["-u", "+%Y-%m-%d"]),
        run("uname", &["-r"]),
        run("getconf", &["GNU_LIBC_VERSION"]),
        run("git", &["rev-parse", "--short=12", "HEAD"]),
        load.join(" "),
    )
}

/// What the columns are, and what was taken out for traps.
pub fn legend(sections: &[Section]) -> String {
    let costs = spread(sections.iter().flat_map(|section| &section.rows).filter_map(|row| row.cpuid_cost));
    let cost = costs.map_or("an unknown time".into(), |c| {
        format!("{} (quartiles of the rows {} to {})", time(c.middle), time(c.low), time(c.high))
    });
    format!(
        "One CPUID takes {cost} here: the least of a hundred loops beside each row, so rather too little than too much. \
         **Without traps** is the ratio after that was taken off both times as often as CPUID was executed: in a \
         virtual machine the hypervisor traps it, bare metal has no such cost. A goal holds for both ratios: \
         `met / missed` is the first met, the second not.\n\n\
         Pairs are baseline / ld-rs, of a whole process up to its exit, which real programs come to just before their \
         first constructor. CPUID and system calls: counted by ptrace, once a row, IFUNC resolvers included. Page \
         faults: minor ones, median. Resident and dirty: all pages and the private written ones at the exit \
         (smaps_rollup). Instructions: callgrind's total, with `--callgrind`; no hardware counters are used.\n"
    )
}

pub fn markdown(sections: &[Section]) -> String {
    let mut text = String::new();
    for section in sections.iter().filter(|section| !section.rows.is_empty()) {
        let _ = writeln!(text, "\n## {}\n", section.title);
        let _ = writeln!(
            text,
            "| workload | baseline | ld-rs | ratio (quartiles) | without traps | goal | {} | CPUID | page faults | \
             system calls | resident KiB | dirty KiB | instructions |",
            section.third
        );
        let _ = writeln!(text, "|---{}|", "|---:".repeat(12));
        for row in &section.rows {
            let ratio = row.ratio.map(|r| format!("**{:.2}** ({:.2}-{:.2})", r.middle, r.low, r.high));
            let without = row.without_traps.map(|r| format!("**{:.2}**", r.middle));
            let goal = row.goal.map(|goal| match goal {
                Goal::Ratio(most) => format!("{most:.2}"),
                Goal::Time(most) => time(most),
            });
            let met = match row.met().map(|met| met.map(|met| if met { "met" } else { "missed" })) {
                [Some(measured), Some(without)] if measured != without => format!(" {measured} / {without}"),
                [Some(same), _] => format!(" {same}"),
                [None, _] => String::new(),
            };
            let pair = |pair: [Option<f64>; 2], show: fn(f64) -> String| match pair.map(|value| value.map(show)) {
                [None, None] => "-".into(),
                values => values.map(|value| value.unwrap_or_else(|| "-".into())).join(" / "),
            };
            let missing = if row.failed() { "fails" } else { "-" };
            let or = |value: Option<String>| value.unwrap_or_else(|| "-".into());
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {}{met} | {} | {} | {} | {} | {} | {} | {} |",
                row.name,
                row.time[0].map_or(missing.into(), time),
                row.time[1].map_or(missing.into(), time),
                or(ratio),
                or(without),
                or(goal),
                row.third,
                pair(row.cpuid, whole),
                pair(row.faults, whole),
                pair(row.calls, whole),
                pair(row.resident, whole),
                pair(row.dirty, whole),
                pair(row.instructions, count),
            );
        }
    }
    let failures: Vec<_> =
        sections.iter().flat_map(|s| &s.rows).flat_map(|row| row.failures.iter().map(|f| (&row.name, f))).collect();
    if !failures.is_empty() {
        text.push_str("\n## Fails\n\n");
    }
    for (name, failure) in failures {
        let _ = writeln!(text, "* {name}: {failure}");
    }
    text
}

/// Curves over the number of libraries, both axes logarithmic: time, page faults and resident memory under
/// ld-rs over those under the baseline. Drawn in a box 240 high from `top` on.
fn curves(growth: &[(usize, &Row)], top: f64) -> String {
    let (left, right, bottom) = (430.0, 860.0, top + 220.0);
    let (first, last) = match growth {
        [(first, _), .., (last, _)] => ((*first as f64).ln(), (*last as f64).ln()),
        _ => return String::new(),
    };
    let x = |libraries: usize| left + (right - left) * ((libraries as f64).ln() - first) / (last - first);
    // From 0.01 to 2.
    let y = |ratio: f64| bottom - 200.0 * (ratio.clamp(0.01, 2.0) / 0.01).ln() / 200f64.ln();
    let mut body = format!(
        "<text x=\"10\" y=\"{}\" font-weight=\"bold\">Growth: ld-rs over the baseline, by number of libraries</text>\n",
        top + 12.0
    );
    for ratio in [0.01, 0.03, 0.1, 0.3, 1.0] {
        let y = y(ratio);
        let _ = writeln!(body, r##"<path d="M{left} {y:.1} H{right}" stroke="#ccc"/>"##);
        let _ = writeln!(body, r#"<text x="{}" y="{:.1}" text-anchor="end">{ratio}</text>"#, left - 8.0, y + 4.0);
    }
    for (libraries, _) in growth {
        let x = x(*libraries);
        let _ = writeln!(body, r#"<text x="{x:.1}" y="{}" text-anchor="middle">{libraries}</text>"#, bottom + 16.0);
    }
    type Read = fn(&Row) -> Option<f64>;
    fn of(pair: [Option<f64>; 2]) -> Option<f64> {
        Some(pair[1]? / pair[0]?)
    }
    let lines: [(&str, &str, Read); 3] = [
        ("time", "#284", |row| Some(row.ratio?.middle)),
        ("page faults", "#c62", |row| of(row.faults)),
        ("resident memory", "#46a", |row| of(row.resident)),
    ];
    for (number, (name, colour, read)) in lines.iter().enumerate() {
        let points = growth.iter().filter_map(|(libraries, row)| Some((x(*libraries), y(read(row)?))));
        let points: Vec<_> = points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let points = points.join(" ");
        let _ = writeln!(body, r#"<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>"#);
        let y = top + 40.0 + 20.0 * number as f64;
        let _ = writeln!(body, r#"<text x="10" y="{y}" fill="{colour}">{name}</text>"#);
    }
    body
}

/// Two bars a row, the ratio and below it that without traps, and a mark where the goal lies; a line
/// where both loaders are equal. The figures stand beside the bars, where no mark can be. Below,
/// the curves of growth.
pub fn picture(sections: &[Section], growth: &[(usize, &Row)]) -> String {
    let (left, width, step, most) = (430.0, 430.0, 22.0, 2.0);
    let x = |ratio: f64| left + width * ratio.min(most) / most;
    let (first, second) = (left + width + 45.0, left + width + 95.0);
    let mut body = String::new();
    let mut y = 56.0;
    for section in sections.iter().filter(|section| !section.rows.is_empty()) {
        y += step;
        let _ = writeln!(body, r#"<text x="10" y="{y}" font-weight="bold">{}</text>"#, escape(section.title));
        for row in &section.rows {
            y += step;
            let name = escape(&row.name);
            let _ = writeln!(body, r#"<text x="{}" y="{y}" text-anchor="end">{name}</text>"#, left - 8.0);
            let Some(ratio) = row.ratio else {
                let _ = writeln!(body, r##"<text x="{first}" y="{y}" text-anchor="end" fill="#b00">fails</text>"##);
                continue;
            };
            let without = row.without_traps.map(|ratio| (ratio, y - 4.0, 7.0, second));
            let height = if without.is_some() { 8.0 } else { 15.0 };
            let bars = [Some((ratio, y - 12.0, height, first)), without];
            for ((ratio, top, height, place), met) in bars.into_iter().zip(row.met()).filter_map(|(b, m)| Some((b?, m)))
            {
                let colour = match met {
                    Some(false) => "#c62",
                    Some(true) => "#284",
                    None => "#68a",
                };
                let lighter = if place == second { " opacity=\"0.6\"" } else { "" };
                let (length, ratio) = (x(ratio.middle) - left, ratio.middle);
                let _ = writeln!(
                    body,
                    r#"<rect x="{left}" y="{top}" width="{length:.1}" height="{height}" fill="{colour}"{lighter}/>"#
                );
                let _ = writeln!(body, r#"<text x="{place}" y="{y}" text-anchor="end">{ratio:.2}</text>"#);
            }
            if let Some(Goal::Ratio(goal)) = row.goal {
                let x = x(goal);
                let _ = writeln!(body, r#"<path d="M{x:.1} {} v20" stroke="black" stroke-width="2"/>"#, y - 15.0);
            }
        }
    }
    let (bars, one) = (y + 20.0, x(1.0));
    let curves = curves(growth, bars + 10.0);
    let height = if curves.is_empty() { bars } else { bars + 260.0 };
    let total = second + 15.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{total}\" height=\"{height}\" fill=\"white\"/>\n\
         <text x=\"10\" y=\"20\">Time under ld-rs over time under the baseline; lighter: with the cost of trapped CPUID taken \
         out of both.</text>\n\
         <text x=\"10\" y=\"38\">Black mark: goal; green: met; orange: missed; bars end at {most}.</text>\n\
         <text x=\"{one}\" y=\"56\" text-anchor=\"middle\">1: as long as under the baseline</text>\n\
         <text x=\"{first}\" y=\"56\" text-anchor=\"end\">ratio</text>\n\
         <text x=\"{second}\" y=\"56\" text-anchor=\"end\">lighter</text>\n\
         {body}<path d=\"M{one} 62 V{}\" stroke=\"#888\" stroke-dasharray=\"4 3\"/>\n{curves}</svg>\n",
        bars - 8.0
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Seconds with three digits and a unit.
pub fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-6 => (s * 1e9, "ns"),
        s if s < 1e-3 => (s * 1e6, "us"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

fn count(instructions: f64) -> String {
    match instructions {
        n if n < 1e6 => format!("{:.0} k", n / 1e3),
        n => format!("{:.1} M", n / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(measured: f64, without: Option<f64>, goal: f64) -> Row {
        let spread = |middle| Spread { low: middle, middle, high: middle };
        let ratio = Some(spread(measured));
        Row { ratio, without_traps: without.map(spread), ..Row::new("row", Some(Goal::Ratio(goal))) }
    }

    #[test]
    fn a_goal_holds_for_both_ratios() {
        let cell = |row: Row| {
            let text = markdown(&[Section { title: "T", third: "musl", rows: vec![row] }]);
            text.lines().last().unwrap().split(" | ").nth(5).unwrap().to_string()
        };
        assert_eq!(cell(row(0.6, Some(0.64), 0.65)), "0.65 met");
        assert_eq!(cell(row(0.6, Some(0.7), 0.65)), "0.65 met / missed");
        assert_eq!(cell(row(0.7, Some(0.8), 0.65)), "0.65 missed");
        assert_eq!(cell(row(0.6, None, 0.65)), "0.65 met");
    }

    #[test]
    fn every_line_of_a_table_has_as_many_columns_as_its_head() {
        let text = markdown(&[Section { title: "T", third: "floor", rows: vec![row(1.0, Some(1.0), 1.0)] }]);
        let columns: Vec<_> = text.lines().filter(|l| l.starts_with('|')).map(|l| l.matches('|').count()).collect();
        assert_eq!(columns, [14; 3]);
    }
}
