//! Charts of rows: one bar a row, its words and numbers beside it, so that they read the same at every width.

use maud::{Markup, html};
use zhijian_platform::Lang;

use super::{Caption, n};
use crate::web::i18n::words;

/// The shade of a bar's piece; never without the word of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// Finished.
    Done,
    /// Under way with somebody else.
    Go,
    /// Waits for the reader, or for whom the chart is about.
    Need,
    /// Nothing yet.
    None,
}

impl Shade {
    fn class(self) -> &'static str {
        match self {
            Self::Done => "bar s-done",
            Self::Go => "bar s-go",
            Self::Need => "bar s-need",
            Self::None => "bar s-none",
        }
    }
}

/// A row of a stacked chart: its name, and one count for each piece of the key.
pub struct Stack {
    /// What the row is about.
    pub name: Markup,
    /// The counts, in the key's order.
    pub counts: Vec<i64>,
    /// What stands beside the bar.
    pub says: String,
}

/// Shares of a whole: a bar a row, all of the same length, in pieces. The table is what is shown behind the click.
pub fn stacks(
    lang: Lang,
    key: &[(&str, Shade)],
    rows: &[Stack],
    caption: &Caption<'_>,
    table: Markup,
) -> Markup {
    let legend = html! {
        ul.key {
            @for (word, shade) in key {
                li { svg viewBox="0 0 12 12" aria-hidden="true" { rect class=(shade.class()) width="12" height="12" {} } (word) }
            }
        }
    };
    let bars = rows.iter().map(|row| {
        let whole = row.counts.iter().sum::<i64>().max(1);
        let mut at = 0.0;
        let pieces: Vec<(f64, f64, &'static str)> = key
            .iter()
            .zip(&row.counts)
            .map(|((_, shade), count)| {
                let width = part(*count, whole);
                let piece = (at, width, shade.class());
                at += width;
                piece
            })
            .filter(|(_, width, _)| *width > 0.0)
            .collect();
        html! {
            li {
                span.name { (row.name) }
                svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                    @for (x, width, class) in &pieces { rect class=(class) x=(n(*x)) width=(n(*width)) height="10" {} }
                }
                span.says { (row.says) }
            }
        }
    });
    figure(lang, caption, html! { (legend) ul.bars { @for bar in bars { (bar) } } }, table)
}

/// A row of a chart of amounts.
pub struct Amount {
    /// What the row is about.
    pub name: Markup,
    /// How long the bar is; bars begin at zero.
    pub value: i64,
    /// From where to where most lie, and the furthest, if the row stands for several.
    pub spread: Option<[i64; 3]>,
    /// The value as people read it.
    pub says: String,
}

/// Amounts: a bar a row from zero, the longest as long as the largest value; a spread is a band behind the bar's end.
pub fn amounts(lang: Lang, rows: &[Amount], caption: &Caption<'_>, table: Markup) -> Markup {
    let reach = |row: &Amount| row.spread.map_or(row.value, |[_, _, most]| most.max(row.value));
    let most = rows.iter().map(reach).max().unwrap_or(0).max(1);
    let bars = html! {
        ul.bars {
            @for row in rows {
                li {
                    span.name { (row.name) }
                    svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                        @if let Some([lower, upper, far]) = row.spread {
                            line.whisker x1="0" x2=(n(part(far, most))) y1="5" y2="5" {}
                            rect.band x=(n(part(lower, most))) width=(n(part(upper - lower, most))) height="10" {}
                        }
                        rect class="bar s-go" width=(n(part(row.value, most))) y="2" height="6" {}
                    }
                    span.says { (row.says) }
                }
            }
        }
    };
    figure(lang, caption, bars, table)
}

fn figure(lang: Lang, caption: &Caption<'_>, bars: Markup, table: Markup) -> Markup {
    let t = words(lang);
    html! {
        figure.chart.rows {
            figcaption {
                @if !caption.about.is_empty() { p.about { (caption.about) } }
                p.finding { (caption.title) }
            }
            (bars)
            details {
                summary { (t("看数据表", "Show the table")) }
                div.scroll { (table) }
            }
            p.source { (caption.source) }
        }
    }
}

/// `of` a whole, in percent of the bar.
fn part(of: i64, whole: i64) -> f64 {
    let float = |number: i64| i32::try_from(number).map_or(f64::from(i32::MAX), f64::from);
    // A bar of thousands of seconds fits; what does not is drawn at its full length.
    (float(of.max(0)) / float(whole.max(1)) * 100.0).min(100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: Caption<'static> = Caption { about: "", title: "谁在路上", source: "来源" };

    #[test]
    fn the_pieces_of_a_row_make_up_its_bar() {
        let rows = [
            Stack { name: html! { "甲" }, counts: vec![1, 3], says: "1 / 4".into() },
            Stack { name: html! { "乙" }, counts: vec![0, 0], says: "0 / 0".into() },
        ];
        let key = [("已接收", Shade::Done), ("未开始", Shade::None)];
        let drawn = stacks(Lang::Zh, &key, &rows, &CAPTION, html! { table {} }).into_string();
        assert!(drawn.contains("class=\"bar s-done\" x=\"0.0\" width=\"25.0\""), "{drawn}");
        assert!(drawn.contains("class=\"bar s-none\" x=\"25.0\" width=\"75.0\""), "{drawn}");
        assert!(!drawn.contains("NaN"), "{drawn}");
        assert!(drawn.contains("看数据表") && drawn.contains("<p class=\"source\">来源"), "{drawn}");
    }

    #[test]
    fn amounts_begin_at_zero_and_the_furthest_fills_the_width() {
        let rows = [
            Amount {
                name: html! { "甲" }, value: 30, spread: Some([20, 50, 120]), says: "30 分钟".into()
            },
            Amount { name: html! { "乙" }, value: 60, spread: None, says: "60 分钟".into() },
        ];
        let drawn = amounts(Lang::Zh, &rows, &CAPTION, html! {}).into_string();
        assert!(drawn.contains("<rect class=\"bar s-go\" width=\"25.0\""), "{drawn}");
        assert!(drawn.contains("<rect class=\"bar s-go\" width=\"50.0\""), "{drawn}");
        assert!(drawn.contains("class=\"whisker\" x1=\"0\" x2=\"100.0\""), "{drawn}");
        assert!(drawn.contains("<rect class=\"band\" x=\"16.7\" width=\"25.0\""), "{drawn}");
    }
}
