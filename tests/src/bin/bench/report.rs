//! The result as a Markdown table and as a picture.

use crate::measure::Spread;
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
    /// The ratio of musl's loader, or why there is none.
    pub musl: String,
    pub faults: [Option<f64>; 2],
    pub resident: [Option<f64>; 2],
    pub instructions: [Option<f64>; 2],
    /// Why something is missing or wrong.
    pub failures: Vec<String>,
}

impl Row {
    pub fn new(name: &str, goal: Option<Goal>) -> Row {
        let (name, none) = (name.to_string(), [None; 2]);
        let (time, faults, resident, instructions) = (none, none, none, none);
        Row { name, goal, time, ratio: None, musl: "-".into(), faults, resident, instructions, failures: vec![] }
    }

    /// Whether it fails under ld-rs or its baseline.
    pub fn failed(&self) -> bool {
        !self.failures.is_empty()
    }

    /// For someone who watches.
    pub fn line(&self) -> String {
        let ratio = self.ratio.map_or("-".into(), |r| format!("{:.2}", r.middle));
        format!("{:62} {ratio:>6}  {}", self.name, self.failures.join("; "))
    }

    fn met(&self) -> Option<bool> {
        match self.goal? {
            Goal::Ratio(most) => Some(self.ratio?.middle <= most),
            Goal::Time(most) => Some(self.time[1]? <= most),
        }
    }
}

pub struct Section {
    pub title: &'static str,
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

pub fn markdown(sections: &[Section]) -> String {
    let mut text = String::new();
    for section in sections.iter().filter(|section| !section.rows.is_empty()) {
        let _ = writeln!(text, "\n## {}\n", section.title);
        text.push_str("| workload | baseline | ld-rs | ratio (quartiles) | goal | musl | page faults | resident KiB | instructions |\n");
        text.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        for row in &section.rows {
            let ratio = row.ratio.map(|r| format!("**{:.2}** ({:.2}-{:.2})", r.middle, r.low, r.high));
            let goal = row.goal.map(|goal| match goal {
                Goal::Ratio(most) => format!("{most:.2}"),
                Goal::Time(most) => time(most),
            });
            let met = row.met().map_or("", |met| if met { " met" } else { " missed" });
            let pair = |pair: [Option<f64>; 2], show: fn(f64) -> String| match pair.map(|value| value.map(show)) {
                [None, None] => "-".into(),
                values => values.map(|value| value.unwrap_or_else(|| "-".into())).join(" / "),
            };
            let missing = if row.failed() { "fails" } else { "-" };
            let or = |value: Option<String>| value.unwrap_or_else(|| "-".into());
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {}{met} | {} | {} | {} | {} |",
                row.name,
                row.time[0].map_or(missing.into(), time),
                row.time[1].map_or(missing.into(), time),
                or(ratio),
                or(goal),
                row.musl,
                pair(row.faults, |n| format!("{n:.0}")),
                pair(row.resident, |n| format!("{n:.0}")),
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

/// One bar a row: the ratio, and a mark where the goal lies; a line where both are equal. Below, the
/// curves of growth.
pub fn picture(sections: &[Section], growth: &[(usize, &Row)]) -> String {
    let (left, width, step, most) = (430.0, 430.0, 22.0, 2.0);
    let x = |ratio: f64| left + width * ratio.min(most) / most;
    let mut body = String::new();
    let mut y = 34.0;
    for section in sections.iter().filter(|section| !section.rows.is_empty()) {
        y += step;
        let _ = writeln!(body, r#"<text x="10" y="{y}" font-weight="bold">{}</text>"#, escape(section.title));
        for row in &section.rows {
            y += step;
            let _ =
                writeln!(body, r#"<text x="{}" y="{y}" text-anchor="end">{}</text>"#, left - 8.0, escape(&row.name));
            let Some(ratio) = row.ratio.map(|r| r.middle) else {
                let _ = writeln!(body, r##"<text x="{}" y="{y}" fill="#b00">fails</text>"##, left + 6.0);
                continue;
            };
            let colour = match row.met() {
                Some(false) => "#c62",
                Some(true) => "#284",
                None => "#68a",
            };
            let top = y - 13.0;
            let _ = writeln!(
                body,
                r#"<rect x="{left}" y="{top}" width="{:.1}" height="16" fill="{colour}"/>"#,
                x(ratio) - left
            );
            let _ = writeln!(body, r#"<text x="{:.1}" y="{y}">{ratio:.2}</text>"#, x(ratio) + 6.0);
            if let Some(Goal::Ratio(goal)) = row.goal {
                let x = x(goal);
                let _ = writeln!(body, r#"<path d="M{x:.1} {} v20" stroke="black" stroke-width="2"/>"#, y - 15.0);
            }
        }
    }
    let (bars, one) = (y + 20.0, x(1.0));
    let curves = curves(growth, bars + 10.0);
    let height = if curves.is_empty() { bars } else { bars + 260.0 };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"940\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"940\" height=\"{height}\" fill=\"white\"/>\n\
         <text x=\"10\" y=\"22\">Time under ld-rs over time under the baseline; black mark: goal; green: met; bars end at {most}</text>\n\
         {body}<path d=\"M{one} 38 V{}\" stroke=\"#888\" stroke-dasharray=\"4 3\"/>\n{curves}</svg>\n",
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

fn count(instructions: f64) -> String {
    match instructions {
        n if n < 1e6 => format!("{:.0} k", n / 1e3),
        n => format!("{:.1} M", n / 1e6),
    }
}
