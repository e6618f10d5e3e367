//! What a message costs each server, or a connection holds, as bars.

use std::error::Error;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{
    figure::Figure,
    subject::Subject,
    table::{cases, runs, servers, spread},
};

const WIDTH: u32 = 960;
const ROW: i32 = 18;
/// Between the cases.
const GAP: i32 = 14;
const TOP: i32 = 56;
/// Where bars begin, and where the longest ends.
const LEFT: i32 = 290;
const RIGHT: i32 = 860;
/// Values from `FLOOR` to this many times it; a bar's length is the logarithm, as Go Pitaya's
/// defaults cost a hundred times as much as others.
const FLOOR: f64 = 0.1;
const DECADES: f64 = 4.0;

/// One bar: its case on the first of a group, its server, its value and the unit.
struct Bar<'a> {
    case: &'a str,
    server: Subject,
    value: f64,
    unit: &'static str,
}

/// Draws an SVG.
pub(super) fn draw(figures: &[Figure]) -> Result<String, Box<dyn Error>> {
    let groups: Vec<Vec<Bar<'_>>> = cases(figures)
        .into_iter()
        .map(|case| {
            let servers = servers(figures, case).into_iter();
            servers
                .filter_map(|server| bar(figures, case, server))
                .collect()
        })
        .collect();
    let rows: usize = groups.iter().map(Vec::len).sum();
    let height = TOP + rows as i32 * ROW + groups.len() as i32 * GAP;
    let mut svg = String::new();
    paint(&mut svg, &groups, u32::try_from(height)?).map_err(|error| error.to_string())?;
    Ok(svg)
}

fn bar<'a>(figures: &[Figure], case: &'a str, server: Subject) -> Option<Bar<'a>> {
    let middle = |of: fn(&Figure) -> Option<f64>| {
        spread(runs(figures, case, server).filter_map(of)).map(|spread| spread.middle)
    };
    let cpu = middle(|figure| figure.cpu_us_per_message).map(|value| (value, "us"));
    let (value, unit) =
        cpu.or_else(|| Some((middle(|figure| figure.rss_kib_per_connection)?, "KiB")))?;
    Some(Bar {
        case,
        server,
        value,
        unit,
    })
}

fn paint(
    svg: &mut String,
    groups: &[Vec<Bar<'_>>],
    height: u32,
) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
    let area = SVGBackend::with_string(svg, (WIDTH, height)).into_drawing_area();
    area.fill(&WHITE)?;
    let text = |size: i32, at: HPos| {
        ("sans-serif", size)
            .into_text_style(&area)
            .pos(Pos::new(at, VPos::Center))
    };
    let title = "processor time of the server per message (us), memory per resting connection (KiB); each line to the right is ten times more";
    area.draw(&Text::new(title, (20, 22), text(13, HPos::Left)))?;
    for decade in 0..=DECADES as i32 {
        let x = place(FLOOR * 10_f64.powi(decade));
        let line = vec![(x, TOP - 14), (x, height as i32 - GAP)];
        area.draw(&PathElement::new(line, BLACK.mix(0.15)))?;
        let label = format!("{}", FLOOR * 10_f64.powi(decade));
        area.draw(&Text::new(label, (x, TOP - 22), text(11, HPos::Center)))?;
    }
    let mut y = TOP;
    for bars in groups {
        for (index, bar) in bars.iter().enumerate() {
            let middle = y + ROW / 2;
            if index == 0 {
                area.draw(&Text::new(bar.case, (20, middle), text(12, HPos::Left)))?;
            }
            let name = bar.server.to_string();
            area.draw(&Text::new(name, (LEFT - 8, middle), text(12, HPos::Right)))?;
            let end = place(bar.value);
            let corners = [(LEFT, y + 3), (end, y + ROW - 3)];
            area.draw(&Rectangle::new(corners, colour(bar.server).filled()))?;
            let value = format!("{:.2} {}", bar.value, bar.unit);
            area.draw(&Text::new(value, (end + 6, middle), text(11, HPos::Left)))?;
            y += ROW;
        }
        y += GAP;
    }
    area.present()
}

/// Where a value's bar ends.
fn place(value: f64) -> i32 {
    let share = ((value / FLOOR).log10() / DECADES).clamp(0.0, 1.0);
    LEFT + (share * f64::from(RIGHT - LEFT)) as i32
}

fn colour(server: Subject) -> RGBColor {
    match server {
        Subject::PitayaRs => RGBColor(206, 66, 43),
        Subject::FloorTokio | Subject::FloorEpoll => RGBColor(150, 150, 150),
        Subject::GoPitaya => RGBColor(0, 80, 110),
        Subject::GoPitayaTuned => RGBColor(0, 173, 216),
        Subject::Nano => RGBColor(110, 170, 90),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dearer_servers_have_longer_bars_and_every_server_is_named() {
        let figure = |server, cpu| Figure {
            cpu_us_per_message: Some(cpu),
            ..Figure::new("request-tcp-1", server, 1, 1)
        };
        let drawn = draw(&[
            figure(Subject::PitayaRs, 10.0),
            figure(Subject::GoPitaya, 700.0),
        ]);
        let svg = drawn.expect("it can be drawn");
        for text in ["request-tcp-1", "pitaya-rs", "go-pitaya", "700.00 us"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(place(10.0) < place(700.0) && place(0.0) == LEFT && place(1e9) == RIGHT);
    }
}
