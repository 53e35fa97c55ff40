//! What others pay for a credential that is at hand, beside what this costs: instructions and allocations,
//! exactly, under callgrind.
//!
//! `benches/peers/run` prints a table. Needs valgrind.

mod azure;
mod clouds;
mod kubernetes;
mod own;
mod rows;

use std::process::ExitCode;

use multi_auth_benches::callgrind::{self, Cost};
use multi_auth_benches::requests::REPEATS;

use self::rows::ROWS;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["row", name] => {
            let row = ROWS.iter().find(|row| row.name == name).unwrap();
            (row.run)();
        }
        _ => report(),
    }
    ExitCode::SUCCESS
}

fn report() {
    println!(
        "{:<64} {:>12} {:>11}",
        "per request, above the base before it", "instructions", "allocations"
    );
    let mut base = Cost::default();
    for row in ROWS {
        let cost = callgrind::measure(row.name, REPEATS);
        if row.is_base {
            base = cost;
            println!("{}", row.name);
            continue;
        }
        println!(
            "    {:<60} {:>12} {:>11.1}",
            row.name,
            cost.instructions.saturating_sub(base.instructions),
            cost.allocations - base.allocations,
        );
    }
}
