//! What a request costs: instructions and allocations, exactly, under callgrind.
//!
//! `cargo bench -p multi-auth-benches --bench costs` prints a table; `-- check` fails where a budget is
//! exceeded. Needs valgrind.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a program that reports"
)]

mod callgrind;
mod requests;
mod rows;
mod stacks;

use std::process::ExitCode;

use self::callgrind::Cost;
use self::rows::{ROWS, Row};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["row", name] => {
            let row = ROWS.iter().find(|row| row.name == name).unwrap();
            (row.run)();
            ExitCode::SUCCESS
        }
        _ => report(arguments.iter().any(|argument| argument == "check")),
    }
}

fn report(is_check: bool) -> ExitCode {
    println!(
        "per request                                              instructions  above base  allocations  budget"
    );
    let mut has_failed = false;
    let mut base = Cost::default();
    for row in ROWS {
        let cost = callgrind::measure(row.name, rows::REPEATS);
        if row.is_base {
            base = cost;
        }
        let fits = print(row, cost, base);
        has_failed |= is_check && !fits;
    }
    if has_failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Prints a row; the answer tells whether it keeps its budget.
fn print(row: &Row, cost: Cost, base: Cost) -> bool {
    let above = cost.instructions.saturating_sub(base.instructions);
    let more = cost.allocations - base.allocations;
    let budget = match row.budget {
        Some(budget) => format!("{} + {}", budget.instructions, budget.allocations),
        None => "-".to_owned(),
    };
    let counted = if row.is_above_base {
        (above, more)
    } else {
        (cost.instructions, cost.allocations)
    };
    let fits = row.budget.is_none_or(|budget| {
        counted.0 <= budget.instructions && counted.1 <= f64::from(budget.allocations)
    });
    let verdict = if fits { "" } else { "  EXCEEDED" };
    println!(
        "{:<56} {:>12} {:>11} {:>12.2}  {budget}{verdict}",
        row.name, cost.instructions, above, cost.allocations
    );
    fits
}
