//! What a run came to: cases, each with its figures. Every scenario reports in this form, so that
//! all are shown, written and compared in one way.

mod archive;
mod table;

pub(crate) use archive::{Archive, Found};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A whole run of one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) scenario: String,
    /// What the run was told to do. Only runs with the same settings are compared.
    pub(crate) settings: Map<String, Value>,
    /// When it was begun, in seconds since 1970.
    pub(crate) began_at: u64,
    /// How many others wanted a processor when it was begun (`/proc/loadavg`, one minute).
    pub(crate) load_average: f64,
    pub(crate) cases: Vec<Case>,
}

/// A part of a run that was measured by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) figures: Vec<Figure>,
}

/// One number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    /// As in `us` or `1/s`; empty for a plain count.
    pub(crate) unit: String,
    pub(crate) value: f64,
    /// A run in which this is not zero has failed.
    pub(crate) must_be_zero: bool,
}

impl Case {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            figures: Vec::new(),
        }
    }

    /// Adds a figure.
    pub(crate) fn with(mut self, name: &str, unit: &str, value: f64) -> Self {
        self.figures.push(Figure {
            name: name.to_owned(),
            unit: unit.to_owned(),
            value,
            must_be_zero: false,
        });
        self
    }

    /// Adds a count of faults.
    pub(crate) fn with_faults(mut self, name: &str, count: u64) -> Self {
        self.figures.push(Figure {
            name: name.to_owned(),
            unit: String::new(),
            value: crate::times::ratio(count),
            must_be_zero: true,
        });
        self
    }

    /// Of cases that were measured several times: those of this name as one, each figure the median
    /// of theirs, and faults the most of them.
    pub(crate) fn median(name: &str, cases: &[Self]) -> Self {
        let same: Vec<&Self> = cases.iter().filter(|case| case.name == name).collect();
        let Some(last) = same.last() else {
            return Self::new(name);
        };
        let figures = last.figures.iter().map(|figure| {
            let all = same.iter().filter_map(|case| case.figure(&figure.name));
            let mut values: Vec<f64> = all.map(|figure| figure.value).collect();
            values.sort_by(f64::total_cmp);
            let at = match figure.must_be_zero {
                true => values.len().saturating_sub(1),
                false => values.len() / 2,
            };
            Figure {
                value: values.get(at).copied().unwrap_or(figure.value),
                ..figure.clone()
            }
        });
        Self {
            name: name.to_owned(),
            figures: figures.collect(),
        }
    }

    pub(crate) fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }

    fn is_sound(&self) -> bool {
        let mut faults = self.figures.iter().filter(|figure| figure.must_be_zero);
        faults.all(|figure| figure.value == 0.0)
    }
}

/// Whether nothing that must be zero is anything else.
pub(crate) fn is_sound(cases: &[Case]) -> bool {
    cases.iter().all(Case::is_sound)
}

impl Report {
    pub(crate) fn is_sound(&self) -> bool {
        is_sound(&self.cases)
    }

    /// The figures as Markdown, beside those of an earlier run where there is one.
    pub(crate) fn table(&self, last: Option<&Self>) -> String {
        table::render(&self.cases, last.map(|last| last.cases.as_slice()))
    }
}

#[cfg(test)]
mod tests;
