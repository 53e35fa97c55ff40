//! `multi-auth check`: does this credential work, and if not, what is to be done?

mod answer;
mod look;
mod report;
mod table;

use multi_auth::{Clock, SystemClock};
use multi_auth_config::{Config, Vendor};
use tokio::task::JoinSet;

use self::look::Looker;
use self::report::Report;
use crate::args::{Check, General};
use crate::exit::Exit;
use crate::rule::{Fault, Rule};
use crate::tell::Progress;
use crate::{Outcome, client, tell};

pub(crate) async fn run(general: &General, command: &Check) -> Outcome {
    let config = client::config(general)?;
    let vendors = chosen(&config, &command.vendors)?;
    let looker = Looker::new(general, command)?;
    let reports = look_at(&looker, vendors).await?;
    if general.json {
        tell::json(&serde_json::json!({ "vendors": reports }));
    } else {
        table::print(&reports);
    }
    let exits = reports.iter().map(Report::exit);
    Ok(exits.max().unwrap_or(Exit::Fine))
}

fn chosen(config: &Config, names: &[String]) -> Result<Vec<Vendor>, Fault> {
    let all = config.vendors();
    if names.is_empty() {
        return Ok(all.to_vec());
    }
    let find = |name: &String| {
        let vendor = all.iter().find(|vendor| vendor.name() == name);
        vendor.cloned().ok_or_else(|| unknown(all))
    };
    names.iter().map(find).collect()
}

fn unknown(all: &[Vendor]) -> Fault {
    let names: Vec<_> = all.iter().map(Vendor::name).collect();
    let known = names.join(", ");
    Fault::advised(
        Rule::Usage,
        "a vendor is named that the configuration does not have",
        format!("name one that it has: {known}"),
    )
}

/// Looks at all of them at the same time; the reports come in the order of `vendors`.
async fn look_at(looker: &Looker, vendors: Vec<Vendor>) -> Result<Vec<Report>, Fault> {
    let mut progress = Progress::new(vendors.len());
    let mut looks = JoinSet::new();
    for (at, vendor) in vendors.into_iter().enumerate() {
        let looker = looker.clone();
        looks.spawn(async move { (at, looker.look(&vendor, SystemClock.wall()).await) });
    }
    let mut reports = Vec::new();
    while let Some(look) = looks.join_next().await {
        let panicked =
            |_| Fault::advised(Rule::UnexpectedAnswer, "a look came to no end", "report it");
        reports.push(look.map_err(panicked)?);
        progress.step();
    }
    reports.sort_by_key(|(at, _)| *at);
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}
