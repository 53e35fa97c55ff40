//! The status page. It is complete without scripts; a script of a few lines keeps it current.

use std::fmt::Write;

use crate::status::{CallerStatus, Counts, Status, VendorStatus};

const HEAD: &str = include_str!("page.html");

/// The whole page.
pub(super) fn whole(status: &Status) -> String {
    HEAD.replace("{content}", &content(status))
}

/// The part of the page that changes.
pub(super) fn content(status: &Status) -> String {
    let mut html = String::from("<h2>Vendors</h2>");
    status
        .vendors
        .iter()
        .for_each(|vendor| add_vendor(&mut html, vendor));
    html.push_str("<h2>Callers</h2>");
    status
        .callers
        .iter()
        .for_each(|caller| add_caller(&mut html, caller));
    html
}

fn add_vendor(html: &mut String, vendor: &VendorStatus) {
    let (name, url) = (escaped(&vendor.name), escaped(&vendor.url));
    let sends = escaped(&vendor.sends.join(", "));
    let _ = write!(
        html,
        "<section><h3>{name}</h3><p><code>{url}</code><br><code>{sends}</code></p><dl>"
    );
    if let Some(token) = &vendor.token {
        add(html, "Token", token.state);
        if let Some(left) = token.seconds_left {
            add(html, "Time left", &duration(left));
        }
        if let Some(error) = &token.error {
            add_warning(
                html,
                "Last token request",
                &format!("{error}: {}", token.remedy.unwrap_or_default()),
            );
        }
    }
    if let Some(rotation) = vendor.rotation {
        add_warning(html, "Key", rotation);
    }
    add_counts(html, &vendor.counts);
    html.push_str("</dl></section>");
}

fn add_caller(html: &mut String, caller: &CallerStatus) {
    let _ = write!(html, "<section><h3>{}</h3><dl>", escaped(&caller.name));
    add(html, "May call", &caller.vendors.join(", "));
    add_counts(html, &caller.counts);
    html.push_str("</dl></section>");
}

fn add_counts(html: &mut String, counts: &Counts) {
    add(html, "Requests", &counts.requests.to_string());
    add(html, "Per second", &format!("{:.1}", counts.per_second));
    add(html, "Under way", &counts.under_way.to_string());
    add(html, "Refused or failed", &counts.refused.to_string());
    if let Some(last) = &counts.last_problem {
        let text = format!(
            "{} ago: {}: {}",
            duration(last.seconds_ago),
            last.detail,
            last.remedy
        );
        add_warning(html, "Last problem", &text);
    }
}

fn add(html: &mut String, term: &str, text: &str) {
    let _ = write!(html, "<dt>{term}</dt><dd>{}</dd>", escaped(text));
}

fn add_warning(html: &mut String, term: &str, text: &str) {
    let _ = write!(
        html,
        "<dt>{term}</dt><dd class=\"warning\">{}</dd>",
        escaped(text)
    );
}

/// `seconds` with the largest unit that fits.
fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `text` without characters that HTML reads.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}
