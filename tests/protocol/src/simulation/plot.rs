//! The token requests per minute as SVG.

use std::error::Error;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::metrics::Metrics;
use super::scenario::Scenario;

type Panel<'p> = DrawingArea<SVGBackend<'p>, Shift>;

/// The width of the drawing and the height of a panel, in pixels.
const SIZE: (u32, u32) = (900, 200);
const GREY: RGBColor = RGBColor(120, 120, 120);
const BLUE: RGBColor = RGBColor(31, 119, 180);

/// Draws one panel for each result into the file `path`, all on one scale. A red line is the
/// vendor's limit.
///
/// # Errors
///
/// Why the file could not be written.
pub fn plot(
    path: &Path,
    scenario: &Scenario,
    results: &[(&str, Metrics)],
) -> Result<(), Box<dyn Error>> {
    let panels = u32::try_from(results.len())?;
    let root = SVGBackend::new(path, (SIZE.0, SIZE.1 * panels)).into_drawing_area();
    root.fill(&WHITE)?;
    let minutes = results.iter().flat_map(|(_, metrics)| &metrics.requests);
    let peak = minutes.copied().max().unwrap_or(1);
    let limit = scenario.vendor_limit * 60;
    let areas = root.split_evenly((results.len(), 1));
    for (panel, (name, metrics)) in areas.iter().zip(results) {
        draw(panel, name, &metrics.requests, (peak, limit))?;
    }
    root.present()?;
    Ok(())
}

fn draw(
    panel: &Panel<'_>,
    name: &str,
    minutes: &[u32],
    (peak, limit): (u32, u32),
) -> Result<(), Box<dyn Error>> {
    let hours = hour(minutes.len());
    let mut chart = ChartBuilder::on(panel)
        .margin(8)
        .x_label_area_size(30)
        .y_label_area_size(70)
        .caption(name, ("sans-serif", 16))
        .build_cartesian_2d(0.0..hours, 0..peak)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .axis_style(GREY)
        .x_desc("hours")
        .y_desc("per minute")
        .y_labels(4)
        .draw()?;
    chart.draw_series(LineSeries::new([(0.0, limit), (hours, limit)], &RED))?;
    let points = (0..).zip(minutes);
    let points = points.map(|(minute, count)| (hour(minute), *count));
    chart.draw_series(LineSeries::new(points, &BLUE))?;
    Ok(())
}

fn hour(minute: usize) -> f64 {
    f64::from(u32::try_from(minute).unwrap_or(u32::MAX)) / 60.0
}
