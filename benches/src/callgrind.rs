//! Runs a row under callgrind and reads what it counted inside [`measured`].

use std::collections::HashMap;
use std::process::Command;

/// What one request costs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// On all threads.
    pub instructions: u64,
    /// Calls of the allocator for memory.
    pub allocations: f64,
}

/// Everything that is counted happens in here, and nothing else does.
#[inline(never)]
pub fn measured<T>(work: impl FnOnce() -> T) -> T {
    let done = work();
    finished();
    done
}

/// Where callgrind writes down what it has counted.
#[inline(never)]
fn finished() {
    std::hint::black_box(());
}

const ALLOCATORS: [&str; 5] = [
    "malloc",
    "calloc",
    "realloc",
    "posix_memalign",
    "aligned_alloc",
];

/// The row that [`measure`] asks this program to run, if it does.
pub fn asked_row() -> Option<String> {
    let mut arguments = std::env::args().skip(1);
    arguments
        .next()
        .filter(|word| word == "row")
        .and(arguments.next())
}

/// What the row `name` costs per repeat.
pub fn measure(name: &str, repeats: u32) -> Cost {
    let out = std::env::temp_dir().join(format!("multi-auth-costs-{}", std::process::id()));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .args([
            "--zero-before=*callgrind::measured*",
            "--dump-before=*callgrind::finished*",
        ])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe().unwrap())
        .args(["row", name])
        .status();
    assert!(status.unwrap().success(), "{name} ran under valgrind");
    // The first dump is the one that was asked for; the next ones are of what came after.
    let profile = std::fs::read_to_string(out.with_extension("1")).unwrap();
    for dump in [
        out.clone(),
        out.with_extension("1"),
        out.with_extension("2"),
    ] {
        // Not each of them is written.
        let _ = std::fs::remove_file(dump);
    }
    let cost = read(&profile);
    Cost {
        instructions: cost.instructions / u64::from(repeats),
        allocations: cost.allocations / f64::from(repeats),
    }
}

/// The totals of a profile (Callgrind's format, as its manual describes it).
fn read(profile: &str) -> Cost {
    let mut names = HashMap::new();
    let mut called = "";
    let mut cost = Cost::default();
    for line in profile.lines() {
        if let Some(total) = line.strip_prefix("summary: ") {
            cost.instructions = total.trim().parse().unwrap();
        } else if let Some(function) = line.strip_prefix("fn=") {
            resolve(function, &mut names);
        } else if let Some(function) = line.strip_prefix("cfn=") {
            called = resolve(function, &mut names);
        } else if let Some(calls) = line.strip_prefix("calls=")
            && ALLOCATORS.contains(&called)
        {
            let count = calls.split(' ').next().unwrap_or_default();
            cost.allocations += count.parse::<f64>().unwrap();
        }
    }
    cost
}

/// The name in `(12) malloc`, or in `(12)` once it was given.
fn resolve<'p>(function: &'p str, names: &mut HashMap<&'p str, &'p str>) -> &'p str {
    if let Some((number, name)) = function.split_once(' ') {
        names.insert(number, name);
        return name;
    }
    names.get(function).copied().unwrap_or_default()
}
