//! Figures as a Markdown table: a line for each figure, a column for each case, or three where there
//! is an earlier run: now, then, and now by then.

use super::{Case, Figure};

/// What stands where there is no figure.
const NOTHING: &str = "-";

/// See the module. A figure that a case does not have is left out of it alone.
pub(super) fn render(cases: &[Case], last: Option<&[Case]>) -> String {
    let mut header = vec!["figure".to_owned()];
    for case in cases {
        header.push(case.name.clone());
        if last.is_some() {
            header.extend(["last run".to_owned(), "ratio".to_owned()]);
        }
    }
    let mut rows = vec![header];
    for (name, label) in lines(cases) {
        let mut row = vec![label];
        for case in cases {
            let now = case.figure(&name);
            row.push(now.map_or_else(|| NOTHING.to_owned(), |now| shown(now.value)));
            if let Some(last) = last {
                let last = last.iter().find(|last| last.name == case.name);
                let last = last.and_then(|last| last.figure(&name));
                row.push(last.map_or_else(|| NOTHING.to_owned(), |last| shown(last.value)));
                row.push(ratio(now, last));
            }
        }
        rows.push(row);
    }
    markdown(&rows)
}

/// Each figure's name and how its line begins, in the order in which cases name them.
fn lines(cases: &[Case]) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for figure in cases.iter().flat_map(|case| &case.figures) {
        if lines.iter().any(|(name, _)| *name == figure.name) {
            continue;
        }
        let label = match figure.unit.as_str() {
            "" => figure.name.clone(),
            unit => format!("{}, {unit}", figure.name),
        };
        lines.push((figure.name.clone(), label));
    }
    lines
}

/// Now by then; nothing where either is missing or zero, as faults are.
fn ratio(now: Option<&Figure>, last: Option<&Figure>) -> String {
    match (now, last) {
        (Some(now), Some(last)) if now.value > 0.0 && last.value > 0.0 => {
            format!("{:.2}", now.value / last.value)
        }
        _ => NOTHING.to_owned(),
    }
}

/// Three digits that count, or all of a whole number.
fn shown(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Columns of one width each, so that it can be read as it is, too.
fn markdown(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
            .max(3)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut lines = Vec::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        lines.push(format!("| {} |", cells.collect::<Vec<_>>().join(" | ")));
        if lines.len() == 1 {
            let rule = widths.iter().enumerate().map(|(column, width)| {
                let dashes = "-".repeat(width + 1);
                if column == 0 {
                    format!("{dashes}-")
                } else {
                    format!("{dashes}:")
                }
            });
            lines.push(format!("|{}|", rule.collect::<Vec<_>>().join("|")));
        }
    }
    lines.join("\n")
}
