//! What other crates pay for a ready credential, beside what this costs: instructions and
//! allocations, exactly, under callgrind.
//!
//! `benches/peers/run` prints a table. Needs valgrind.

mod aws;
mod azure;
mod clouds;
mod digest;
mod kubernetes;
mod message_signatures;
mod own;
mod rows;

use multi_auth_benches::callgrind::{self, Cost};
use multi_auth_benches::requests::REPEATS;

use self::rows::ROWS;

fn main() {
    match callgrind::asked_row() {
        Some(name) => {
            let row = ROWS.iter().find(|row| row.name == name).unwrap();
            (row.run)();
        }
        None => report(),
    }
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
