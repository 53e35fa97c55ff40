//! The checker tries every order of steps and faults.

use multi_auth_protocol::model::{Faults, Mode, Setup, name};
use stateright::{Checker, Model};

#[test]
fn probe() {
    for (p, mode, faults) in [
        (2, Mode::Sharing, Faults::default()),
        (2, Mode::Refreshing, Faults::default()),
        (
            2,
            Mode::Sharing,
            Faults {
                crashes: 1,
                expiries: 1,
                ..Faults::default()
            },
        ),
        (
            2,
            Mode::Refreshing,
            Faults {
                crashes: 1,
                expiries: 1,
                ..Faults::default()
            },
        ),
        (
            2,
            Mode::Sharing,
            Faults {
                losses: 1,
                outages: 1,
                ..Faults::default()
            },
        ),
        (
            2,
            Mode::Refreshing,
            Faults {
                losses: 1,
                outages: 1,
                ..Faults::default()
            },
        ),
        (
            2,
            Mode::Sharing,
            Faults {
                refusals: 1,
                expirations: 1,
                ..Faults::default()
            },
        ),
        (
            2,
            Mode::Sharing,
            Faults {
                flushes: 1,
                failovers: 1,
                ..Faults::default()
            },
        ),
        (
            2,
            Mode::Refreshing,
            Faults {
                flushes: 1,
                failovers: 1,
                ..Faults::default()
            },
        ),
        (3, Mode::Sharing, Faults::default()),
        (
            3,
            Mode::Refreshing,
            Faults {
                crashes: 1,
                ..Faults::default()
            },
        ),
        (
            3,
            Mode::Sharing,
            Faults {
                losses: 1,
                ..Faults::default()
            },
        ),
        (
            3,
            Mode::Sharing,
            Faults {
                expiries: 1,
                ..Faults::default()
            },
        ),
    ] {
        let t = std::time::Instant::now();
        let c = Setup::new(p, mode)
            .with(faults)
            .checker()
            .spawn_bfs()
            .join();
        println!(
            "{p} {mode:?} {faults:?}: {} unique, depth {}, {:?}",
            c.unique_state_count(),
            c.max_depth(),
            t.elapsed()
        );
        for (n, path) in c.discoveries() {
            println!("   {n}");
            if n != name::ALL_HAVE_TOKENS && n != name::LOGIN_NEEDED && n != name::PUBLICATION_LOST
            {
                for a in path.clone().into_actions() {
                    println!("       {a:?}");
                }
                println!("{:#?}", path.last_state());
            }
        }
    }
}
