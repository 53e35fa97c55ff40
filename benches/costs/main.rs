//! What a request costs: instructions and allocations, exactly, under callgrind.
//!
//! `cargo bench -p multi-auth-benches --bench costs` prints a table; `-- check` fails where a
//! budget is exceeded. Needs valgrind. With `--features metrics` a recorder counts what is
//! attached.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a program that reports"
)]

mod rows;

use std::process::ExitCode;

use multi_auth_benches::callgrind::{self, Cost};
use multi_auth_benches::requests::REPEATS;

use self::rows::{ROWS, Row};

fn main() -> ExitCode {
    if let Some(name) = callgrind::asked_row() {
        let row = ROWS.iter().find(|row| row.name == name).unwrap();
        #[cfg(feature = "metrics")]
        multi_auth_benches::recorder::install();
        (row.run)();
        return ExitCode::SUCCESS;
    }
    report(std::env::args().any(|argument| argument == "check"))
}

fn report(is_check: bool) -> ExitCode {
    println!(
        "{:<54} {:>12} {:>10} {:>11} {:>12} {:>6}",
        "per request", "instructions", "above base", "allocations", "budget", "goal"
    );
    let mut has_failed = false;
    let mut base = Cost::default();
    for row in ROWS {
        let cost = callgrind::measure(row.name, REPEATS);
        if row.is_base {
            base = cost;
        }
        has_failed |= !print(row, cost, base);
    }
    if is_check && has_failed {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Prints a row. Returns whether it keeps its budget.
fn print(row: &Row, cost: Cost, base: Cost) -> bool {
    let above = Cost {
        instructions: cost.instructions.saturating_sub(base.instructions),
        allocations: cost.allocations - base.allocations,
    };
    let counted = if row.is_above_base { above } else { cost };
    let fits = row.budget.is_none_or(|budget| {
        counted.instructions <= budget.instructions
            && counted.allocations.round() <= f64::from(budget.allocations)
    });
    let budget = row.budget.map_or_else(String::new, |budget| {
        format!("{} + {}", budget.instructions, budget.allocations)
    });
    let goal = row.goal.map_or_else(String::new, |goal| goal.to_string());
    println!(
        "{:<54} {:>12} {:>10} {:>11.2} {budget:>12} {goal:>6}{}",
        row.name,
        cost.instructions,
        above.instructions,
        counted.allocations,
        if fits { "" } else { "  EXCEEDED" }
    );
    fits
}
