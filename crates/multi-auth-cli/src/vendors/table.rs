//! The vendors as a table.

use comfy_table::{Table, presets};

use super::Description;
use crate::output;

pub(super) fn print(vendors: &[Description]) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["PRESET", "VENDOR", "SENDS", "TO"]);
    for vendor in vendors {
        table.add_row([
            vendor.name.clone(),
            vendor.title.clone(),
            vendor.sends.join(", "),
            vendor.urls.join(", "),
        ]);
    }
    output::line(&table.trim_fmt());
    let plural = if vendors.len() == 1 { "" } else { "s" };
    output::note(&format!(
        "{} vendor{plural}. `multi-auth vendors PRESET` explains one.",
        vendors.len()
    ));
}
