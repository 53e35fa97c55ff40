//! The reports as a table, and below it the remedies.

use comfy_table::{Table, presets};

use super::report::{Report, Status, TokenReport};
use crate::output;

pub(super) fn print(reports: &[Report]) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "VENDOR",
        "KEY FROM",
        "SENDS",
        "RESULT",
        "TOKEN",
        "KEY EXPIRES",
    ]);
    for report in reports {
        table.add_row([
            report.vendor.clone(),
            report.key_from.clone(),
            report.sends.join(", "),
            verdict(report),
            report.token.as_ref().map_or_else(String::new, token),
            end(report),
        ]);
    }
    output::line(&table.trim_fmt());
    for report in reports {
        explain(report);
    }
}

/// The problem of one vendor, and its warnings.
fn explain(report: &Report) {
    for warning in &report.warnings {
        output::line(&output::warning(&format!("{}: {warning}", report.vendor)));
    }
    if let Some(diagnostic) = &report.error {
        output::line(&output::explained(diagnostic, Some(&report.vendor)));
    }
}

fn verdict(report: &Report) -> String {
    match (report.status, &report.error) {
        (_, Some(diagnostic)) => diagnostic.code().name(),
        (Status::Accepted, None) => "accepted".to_owned(),
        (Status::NotVerified, None) => "not verified (no `verify`)".to_owned(),
        (Status::NotVerifiable, None) => "not verifiable (`own`)".to_owned(),
        (Status::NotAsked, None) => "not asked".to_owned(),
        (Status::Failed, None) => "failed".to_owned(),
    }
}

fn token(token: &TokenReport) -> String {
    match token.remaining_seconds {
        Some(seconds) => format!("{}, {seconds} s left", token.state),
        None => token.state.to_owned(),
    }
}

fn end(report: &Report) -> String {
    match (report.expires_at, report.days_left) {
        (Some(end), Some(days)) => format!("{} ({days} days)", end.strftime("%F")),
        _ => String::new(),
    }
}
