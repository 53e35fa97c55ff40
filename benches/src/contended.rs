//! Counts the cache lines that threads contend for: those that one writes and another touches.
//!
//! Exact, on any number of processors: threads take turns under Valgrind's lackey, which writes
//! down each access to memory, and two stores to a known address mark each turn.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};

/// A store here begins or ends a turn.
#[repr(align(64))]
struct Mark(AtomicU64);

static MARK: Mark = Mark(AtomicU64::new(0));

/// How often each thread works before its turn counts.
const WARM: usize = 100;

/// Where this program says at which address the marks are stored.
const PREFIX: &str = "turns are marked at ";

/// Lets each of `threads` do `work` once while it is watched, one thread after the other.
#[allow(clippy::print_stdout, reason = "`count` reads it")]
pub fn turns<W: FnMut()>(threads: usize, work: impl Fn() -> W + Sync) {
    println!("{PREFIX}{}", (&raw const MARK).addr());
    // It is known there before the first turn.
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let turn = Barrier::new(threads);
    let one = |own: usize| {
        let mut work = work();
        // The first thread moves to its own copy only after the others have theirs.
        for is_counted in [false, false, true] {
            for thread in 0..threads {
                turn.wait();
                if thread == own && is_counted {
                    others_fall_asleep();
                    MARK.0.store(1, Ordering::SeqCst);
                    work();
                    MARK.0.store(0, Ordering::SeqCst);
                } else if thread == own {
                    (0..WARM).for_each(|_| work());
                }
            }
        }
        turn.wait();
    };
    std::thread::scope(|scope| {
        for own in 0..threads {
            let one = &one;
            scope.spawn(move || one(own));
        }
    });
}

/// Lets the other threads reach the next barrier. What one of them did during this turn would count
/// for it.
fn others_fall_asleep() {
    // Valgrind runs one thread at a time, and with fair scheduling each yield lets all others run.
    (0..1_000).for_each(|_| std::thread::yield_now());
}

/// How many lines are contended for in the turns that this program takes with `arguments`.
pub fn count(arguments: &[&str]) -> usize {
    let mut child = Command::new("valgrind")
        .args(["--tool=lackey", "--trace-mem=yes", "--log-fd=2"])
        .arg("--fair-sched=yes")
        .arg(std::env::current_exe().unwrap())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    let mut answer = child.stdin.take().unwrap();
    let trace = BufReader::new(child.stderr.take().unwrap());
    let mark = AtomicU64::new(0);
    let turns = std::thread::scope(|scope| {
        scope.spawn(|| {
            let said = said.lines().map_while(Result::ok);
            let mut address = said.filter_map(|line| line.strip_prefix(PREFIX)?.parse().ok());
            mark.store(address.next().unwrap(), Ordering::SeqCst);
            writeln!(answer).unwrap();
        });
        read(trace, &mark)
    });
    assert!(child.wait().unwrap().success(), "{arguments:?} ran");
    contended(&turns)
}

/// The lines that one turn touched, and whether it wrote them.
type Turn = HashMap<u64, bool>;

/// The turns in a trace. An access is a line such as ` S 1fff000768,8`: a load, a store, or both
/// (`M`).
fn read(trace: impl BufRead, mark: &AtomicU64) -> Vec<Turn> {
    let mut turns = Vec::new();
    let mut turn: Option<Turn> = None;
    for line in trace.lines().map_while(Result::ok) {
        let kind = line
            .get(..3)
            .filter(|kind| [" L ", " S ", " M "].contains(kind));
        let Some((kind, (address, size))) = kind.zip(line[3..].split_once(',')) else {
            continue;
        };
        let address = u64::from_str_radix(address, 16).unwrap();
        if address == mark.load(Ordering::Relaxed) {
            // The store is an exchange, which loads first.
            if kind == " L " {
                continue;
            }
            match turn.take() {
                Some(done) => turns.push(done),
                None => turn = Some(Turn::new()),
            }
        } else if let Some(turn) = &mut turn {
            let last = address + size.parse::<u64>().unwrap() - 1;
            for line in address / LINE..=last / LINE {
                *turn.entry(line).or_default() |= kind != " L ";
            }
        }
    }
    turns
}

/// The size of a cache line.
const LINE: u64 = 64;

fn contended(turns: &[Turn]) -> usize {
    assert!(!turns.is_empty(), "the trace has turns in it");
    let lines: HashSet<u64> = turns.iter().flat_map(HashMap::keys).copied().collect();
    let touched = |line: u64| turns.iter().filter_map(move |turn| turn.get(&line));
    let is_contended = |line: &u64| touched(*line).count() > 1 && touched(*line).any(|is| *is);
    lines.into_iter().filter(is_contended).count()
}
