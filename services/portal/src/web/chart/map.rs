//! The drawings of the digital map: tiles of districts, a matrix, and a flow.

use maud::{Markup, html};

use super::{as_float, n};

/// A district as a tile.
pub struct Tile<'a> {
    pub name: &'a str,
    /// From 1.
    pub row: i32,
    /// From 1.
    pub column: i32,
    pub count: i32,
    /// Where it leads.
    pub href: String,
    pub chosen: bool,
}

/// How dark a count is: five steps, none of them for nought.
fn shade(count: i32, most: i32) -> &'static str {
    let part = f64::from(count) / f64::from(most.max(1));
    match count {
        ..=0 => "shade-0",
        _ if part <= 0.25 => "shade-1",
        _ if part <= 0.5 => "shade-2",
        _ if part <= 0.75 => "shade-3",
        _ => "shade-4",
    }
}

/// Tiles where the districts lie, each with its count; every tile is a link.
pub fn tiles(tiles: &[Tile<'_>], label: &str) -> Markup {
    const WIDE: f64 = 72.0;
    const HIGH: f64 = 56.0;
    let most = tiles.iter().map(|tile| tile.count).max().unwrap_or(0);
    let columns = tiles.iter().map(|tile| tile.column).max().unwrap_or(1);
    let rows = tiles.iter().map(|tile| tile.row).max().unwrap_or(1);
    html! {
        svg.tiles viewBox={ "0 0 " (n(f64::from(columns) * WIDE)) " " (n(f64::from(rows) * HIGH)) } role="group" aria-label=(label) {
            @for tile in tiles {
                @let (x, y) = (f64::from(tile.column - 1) * WIDE, f64::from(tile.row - 1) * HIGH);
                a href=(tile.href) aria-label={ (tile.name) " " (tile.count) } {
                    rect class={ (shade(tile.count, most)) @if tile.chosen { " chosen" } } x=(n(x + 2.0)) y=(n(y + 2.0))
                        width=(n(WIDE - 4.0)) height=(n(HIGH - 4.0)) rx="3" {}
                    text.name x=(n(x + WIDE / 2.0)) y=(n(y + 23.0)) { (tile.name) }
                    text.count x=(n(x + WIDE / 2.0)) y=(n(y + 43.0)) { (tile.count) }
                }
            }
        }
    }
}

/// Rows by columns of counts: a square for each, the darker the more. Empty squares stay empty.
pub fn matrix(rows: &[&str], columns: &[&str], counts: &[Vec<i32>], label: &str) -> Markup {
    const CELL: f64 = 20.0;
    // The words stand beside the squares, whatever their length; those of columns lean.
    let widest = |names: &[&str]| names.iter().map(|name| word_width(name)).fold(0.0, f64::max);
    let leaning = widest(columns);
    let (left, top) = ((widest(rows) + 12.0).max(132.0), (leaning * 0.82 + 12.0).max(56.0));
    let most = counts.iter().flatten().copied().max().unwrap_or(0);
    let (wide, high) = (
        left + CELL * as_float(columns.len()) + (leaning * 0.58).max(32.0),
        top + CELL * as_float(rows.len()) + 4.0,
    );
    html! {
        svg.matrix viewBox={ "0 0 " (n(wide)) " " (n(high)) } role="img" aria-label=(label) {
            @for (place, name) in columns.iter().enumerate() {
                @let x = left + CELL * (as_float(place) + 0.5) + 4.0;
                text.column transform={ "translate(" (n(x)) " " (n(top - 6.0)) ") rotate(-55)" } { (name) }
            }
            @for (row, name) in rows.iter().enumerate() {
                @let y = top + CELL * as_float(row);
                text.row x=(n(left - 6.0)) y=(n(y + 14.5)) { (name) }
                @for (column, count) in counts.get(row).into_iter().flatten().enumerate() {
                    @let x = left + CELL * as_float(column);
                    rect class=(shade(*count, most)) x=(n(x + 1.0)) y=(n(y + 1.0)) width="18" height="18" rx="2" {}
                    @if *count > 0 { text.count x=(n(x + CELL / 2.0)) y=(n(y + 14.5)) { (count) } }
                }
            }
        }
    }
}

/// A band of a flow: from a place on the left to a place on the right.
pub struct Band {
    pub from: usize,
    pub to: usize,
    pub count: i32,
}

/// What flows from the left to the right, each band as wide as its count.
pub fn flow(left: &[&str], right: &[&str], bands: &[Band], label: &str) -> Markup {
    const GAP: f64 = 7.0;
    // The words stand beside the bands, whatever their length.
    let widest = |names: &[&str]| names.iter().map(|name| word_width(name)).fold(0.0, f64::max) + 30.0;
    let start = widest(left);
    let end = start + 164.0;
    let wide = end + widest(right);
    const LEAST: f64 = 12.0;
    let sum = |side: &dyn Fn(&Band) -> usize, place: usize| -> f64 {
        bands.iter().filter(|band| side(band) == place).map(|band| f64::from(band.count)).sum()
    };
    let total: f64 = bands.iter().map(|band| f64::from(band.count)).sum();
    let unit = 300.0 / total.max(1.0);
    // A place stands as high as its bands, and never lower than its word.
    let places = |names: &[&str], side: &dyn Fn(&Band) -> usize| -> (Vec<(f64, f64, f64)>, f64) {
        let mut at = 4.0;
        let stacked = (0..names.len())
            .map(|place| {
                let count = sum(side, place);
                let high = (count * unit).max(LEAST);
                let stands = (at, high, count);
                at += high + GAP;
                stands
            })
            .collect();
        (stacked, at)
    };
    let (lefts, left_end) = places(left, &|band| band.from);
    let (rights, right_end) = places(right, &|band| band.to);
    let high = left_end.max(right_end);
    let (mut left_at, mut right_at): (Vec<f64>, Vec<f64>) =
        (lefts.iter().map(|one| one.0).collect(), rights.iter().map(|one| one.0).collect());
    let drawn: Vec<(String, f64)> = bands
        .iter()
        .map(|band| {
            let thick = f64::from(band.count) * unit;
            let (from, to) = (left_at[band.from] + thick / 2.0, right_at[band.to] + thick / 2.0);
            left_at[band.from] += thick;
            right_at[band.to] += thick;
            let middle = (start + end) / 2.0;
            (
                format!("M{start:.1} {from:.1}C{middle:.1} {from:.1} {middle:.1} {to:.1} {end:.1} {to:.1}"),
                thick,
            )
        })
        .collect();
    html! {
        svg.flow viewBox={ "0 0 " (n(wide)) " " (n(high)) } role="img" aria-label=(label) {
            @for (path, thick) in &drawn { path.band d=(path) stroke-width=(n(thick.max(0.6))) {} }
            @for (name, (at, high, count)) in left.iter().zip(&lefts) {
                rect.end x=(n(start - 4.0)) y=(n(*at)) width="4" height=(n((count * unit).max(1.0))) {}
                text.from x=(n(start - 9.0)) y=(n(at + high.min((count * unit).max(LEAST)) / 2.0 + 4.0)) { (name) " " (n0(*count)) }
            }
            @for (name, (at, high, count)) in right.iter().zip(&rights) {
                rect.end x=(n(end)) y=(n(*at)) width="4" height=(n((count * unit).max(1.0))) {}
                text.to x=(n(end + 9.0)) y=(n(at + high / 2.0 + 4.0)) { (name) " " (n0(*count)) }
            }
        }
    }
}

/// How wide a word beside a drawing is, roughly: eleven to a Chinese character, six to a letter.
fn word_width(word: &str) -> f64 {
    word.chars().map(|c| if c.is_ascii() { 6.0 } else { 11.0 }).sum()
}

/// A whole count.
fn n0(count: f64) -> String {
    format!("{count:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_the_darkest_and_nought_is_empty() {
        assert_eq!([0, 1, 5, 10].map(|count| shade(count, 10)), ["shade-0", "shade-1", "shade-2", "shade-4"]);
        assert_eq!(shade(0, 0), "shade-0");
    }

    #[test]
    fn a_tile_stands_in_its_place_and_leads_on() {
        let tile = Tile {
            name: "云川区",
            row: 2,
            column: 3,
            count: 7,
            href: "/map?district=x".into(),
            chosen: true,
        };
        let drawn = tiles(&[tile], "各区").into_string();
        assert!(
            drawn.contains("viewBox=\"0 0 216.0 112.0\"") && drawn.contains("href=\"/map?district=x\""),
            "{drawn}"
        );
        assert!(drawn.contains("class=\"shade-4 chosen\" x=\"146.0\" y=\"58.0\""), "{drawn}");
    }

    #[test]
    fn a_matrix_has_a_square_for_each_pair() {
        let drawn =
            matrix(&["甲", "乙"], &["一", "二", "三"], &[vec![1, 0, 2], vec![0, 0, 0]], "").into_string();
        assert_eq!(drawn.matches("<rect").count(), 6);
        assert_eq!(drawn.matches("class=\"count\"").count(), 2);
    }

    #[test]
    fn bands_are_as_wide_as_their_counts() {
        let bands = [Band { from: 0, to: 0, count: 1 }, Band { from: 0, to: 1, count: 3 }];
        let drawn = flow(&["甲"], &["一", "二"], &bands, "").into_string();
        assert!(
            drawn.contains("stroke-width=\"75.0\"") && drawn.contains("stroke-width=\"225.0\""),
            "{drawn}"
        );
        assert!(drawn.contains("甲 4") && drawn.contains("二 3"), "{drawn}");
        assert!(!flow(&[], &[], &[], "").into_string().contains("NaN"));
    }
}
