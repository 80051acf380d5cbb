//! Choosing, and what there is: by industry and sector, gaps and crowding.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{MapIndustry, MapSector, Supply, map_sector::Standing};

use super::{Filter, Shown};
use crate::{
    say,
    web::{
        chart::{Amount, Caption, amounts},
        components::{Mark, Sign, Tone, demo},
        i18n::{name_or, words},
        session::Visitor,
    },
};

/// The form of filters. It acts without a script.
pub fn filters(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let filter = shown.filter;
    let grades = ["A*", "A+", "A", "A-", "B*", "B+", "B", "B-", "C*", "C+", "C", "C-"];
    let select = |name: &'static str, label: &'static str, options: Markup| {
        html! { div { label for=(name) { (label) } select id=(name) name=(name) { (options) } } }
    };
    let all = || html! { option value="" { (t("全部", "All")) } };
    html! {
        form.filters.map-filters method="get" action="/map" data-at-once {
            (select("year", t("年度", "Year"), html! {
                @for year in &shown.map.years { option value=(year) selected[*year == shown.map.year] { (year) } }
            }))
            (select("level", t("层次", "Level"), html! {
                (all())
                option value="secondary" selected[filter.level == "secondary"] { (t("中职", "Secondary")) }
                option value="higher" selected[filter.level == "higher"] { (t("高职", "Higher")) }
            }))
            (select("industry", t("产业", "Industry"), html! {
                (all())
                @for area in &shown.map.areas {
                    optgroup label=(name_or(lang, area.name.as_ref(), &area.code)) {
                        @for one in &area.industries {
                            option value=(one.code) selected[filter.industry == one.code] { (name_or(lang, one.name.as_ref(), &one.code)) }
                        }
                    }
                }
                option value="none" selected[filter.industry == "none"] { (t("未对接", "Matches none")) }
            }))
            (select("district", t("区", "District"), html! {
                (all())
                @for one in &shown.map.districts {
                    @if !one.name.is_empty() { option value=(one.name) selected[filter.district == one.name] { (super::drawings::district(lang, one)) } }
                }
            }))
            (select("grade", t("等级", "Grade"), html! {
                (all())
                @for grade in grades { option value=(grade) selected[filter.grade == grade] {
                    @if let Some(group) = grade.strip_suffix('*') { (say!(lang, "{group} 类", "Group {group}")) } @else { (grade) }
                } }
            }))
            (select("change", t("变动", "Change"), html! {
                option value="" { (t("在招", "Running")) }
                option value="new" selected[filter.change == "new"] { (t("当年新增", "Opened in the year")) }
                option value="withdrawn" selected[filter.change == "withdrawn"] { (t("当年撤销", "Withdrawn in the year")) }
            }))
            button type="submit" data-go { (t("查看", "Show")) }
        }
    }
}

/// What the list below is narrowed to, each with the way back.
pub fn trail(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    let filter = shown.filter;
    let school = shown.listed.programmes.first().filter(|_| !filter.school.is_empty());
    let school = school
        .map_or(filter.school.as_str(), |one| name_or(lang, one.organisation_name.as_ref(), &filter.school));
    let programme = shown.listed.programmes.first().filter(|_| !filter.programme.is_empty());
    let programme = programme
        .map_or(filter.programme.as_str(), |one| name_or(lang, one.name.as_ref(), &filter.programme));
    let industry = if filter.industry == "none" {
        t("未对接", "Matches none")
    } else {
        shown.name(lang, &filter.industry)
    };
    let steps = [
        (
            !filter.industry.is_empty(),
            industry,
            filter.with(|next| {
                next.industry.clear();
                next.sector.clear();
            }),
        ),
        (
            !filter.sector.is_empty(),
            shown.name(lang, &filter.sector),
            filter.with(|next| next.sector.clear()),
        ),
        (!filter.programme.is_empty(), programme, filter.with(|next| next.programme.clear())),
        (!filter.school.is_empty(), school, filter.with(|next| next.school.clear())),
    ];
    html! {
        @if filter.narrows() {
            ul.narrowed {
                @for (given, name, without) in &steps {
                    @if *given { li { (name) " " a href=(without.address("/map")) aria-label=(say!(lang, "不限于{name}", "Not only {name}")) { "×" } } }
                }
                li { a href=(Filter { year: filter.year.clone(), ..Filter::default() }.address("/map")) { (t("看全部", "Show all")) } }
            }
        }
    }
}

fn count(supply: Option<&Supply>) -> i64 {
    supply.map_or(0, |supply| i64::from(supply.programmes))
}

/// Industries, or the sectors of the one that is chosen: a bar each, which leads further down.
pub fn industries(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    let filter = shown.filter;
    let caption = |title: &str, about: &'static str, rows: &[Amount], table: Markup| {
        amounts(lang, rows, &Caption { about, title, source: source(lang) }, table)
    };
    if let Some(chosen) = shown.industries().find(|one| one.code == filter.industry) {
        let rows: Vec<Amount> = chosen.sectors.iter().map(|one| sector_row(lang, filter, one)).collect();
        let title =
            say_count(lang, name_or(lang, chosen.name.as_ref(), &chosen.code), count(chosen.supply.as_ref()));
        let table = supply_table(
            lang,
            chosen
                .sectors
                .iter()
                .map(|one| (name_or(lang, one.name.as_ref(), &one.code), one.supply.as_ref())),
        );
        return html! { h2 { (t("按关键行业", "By sector")) } (caption(&title, t("专业点（个）", "Programmes"), &rows, table)) };
    }
    if filter.industry == "none" {
        return html! {};
    }
    let unmatched = count(shown.map.unmatched.as_ref());
    let most = shown.industries().max_by_key(|one| count(one.supply.as_ref()));
    let title = most.map_or_else(String::new, |one| {
        let (name, number) = (name_or(lang, one.name.as_ref(), &one.code), count(one.supply.as_ref()));
        say!(
            lang,
            "“{name}”的专业点最多：{number} 个；未对接的 {unmatched} 个",
            "Most are in “{name}”: {number}; {unmatched} match none"
        )
    });
    let rows: Vec<Amount> = shown.industries().map(|one| industry_row(lang, filter, one)).collect();
    let table = supply_table(
        lang,
        shown.industries().map(|one| (name_or(lang, one.name.as_ref(), &one.code), one.supply.as_ref())),
    );
    html! {
        h2 { (t("按主导产业", "By industry")) " " (demo(lang)) }
        (caption(&title, t("专业点（个）；点产业看行业和学校", "Programmes; an industry leads to its sectors and institutions"), &rows, table))
    }
}

fn say_count(lang: Lang, name: &str, number: i64) -> String {
    say!(lang, "“{name}”共 {number} 个专业点", "“{name}” has {number} programmes")
}

fn source(lang: Lang) -> &'static str {
    lang.pick(
        "来源：专业名录；对应关系见文末规则。",
        "Source: the register of programmes; how they match, see the rules at the end.",
    )
}

fn industry_row(lang: Lang, filter: &Filter, one: &MapIndustry) -> Amount {
    let next = filter.with(|next| {
        next.industry.clone_from(&one.code);
        next.area.clear();
        next.sector.clear();
    });
    let number = count(one.supply.as_ref());
    Amount {
        name: html! { a href=(next.address("/map")) { (name_or(lang, one.name.as_ref(), &one.code)) } },
        value: number,
        spread: None,
        says: number.to_string(),
    }
}

fn sector_row(lang: Lang, filter: &Filter, one: &MapSector) -> Amount {
    let next = filter.with(|next| next.sector.clone_from(&one.code));
    let number = count(one.supply.as_ref());
    let name = html! {
        a href={ (next.address("/map")) "#programmes" } { (name_or(lang, one.name.as_ref(), &one.code)) }
        @if let Some(mark) = mark(lang, one.standing()) { " " (mark) }
    };
    Amount { name, value: number, spread: None, says: number.to_string() }
}

fn supply_table<'s>(lang: Lang, rows: impl Iterator<Item = (&'s str, Option<&'s Supply>)>) -> Markup {
    let t = words(lang);
    html! {
        table.data {
            thead { tr {
                th scope="col" { (t("产业或行业", "Industry or sector")) }
                th.number scope="col" { (t("专业点（个）", "Programmes")) }
                th.number scope="col" { (t("学校（所）", "Institutions")) }
                th.number scope="col" { (t("新增（个）", "Opened")) }
                th.number scope="col" { (t("撤销（个）", "Withdrawn")) }
            } }
            tbody { @for (name, supply) in rows { @let supply = supply.cloned().unwrap_or_default(); tr {
                th scope="row" { (name) }
                td.number { (supply.programmes) } td.number { (supply.institutions) } td.number { (supply.opened) } td.number { (supply.withdrawn) }
            } } }
        }
    }
}

fn mark(lang: Lang, standing: Standing) -> Option<Mark> {
    match standing {
        Standing::Gap => Some(Mark::new(Sign::Empty, Tone::Need, lang.pick("空缺", "Gap"))),
        Standing::Thin => Some(Mark::new(Sign::Half, Tone::Need, lang.pick("偏少", "Thin"))),
        Standing::Crowded => Some(Mark::new(Sign::Warn, Tone::Go, lang.pick("集中", "Crowded"))),
        Standing::Even | Standing::Unspecified => None,
    }
}

/// Where supply is missing, and where it crowds. How sectors compare is told of the whole year, whatever is chosen.
pub fn standings(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    if shown.filter.narrows() {
        return html! {};
    }
    let of = |wanted: Standing| -> Vec<&MapSector> {
        shown.industries().flat_map(|one| &one.sectors).filter(|one| one.standing() == wanted).collect()
    };
    let to = |one: &MapSector| {
        let industry =
            shown.industries().find(|industry| industry.sectors.iter().any(|sector| sector.code == one.code));
        let next = shown.filter.with(|next| {
            next.sector.clone_from(&one.code);
            next.industry = industry.map(|industry| industry.code.clone()).unwrap_or_default();
        });
        next.address("/map")
    };
    html! {
        h2 { (t("空缺与集中", "Gaps and crowding")) }
        dl.standings {
            @for standing in [Standing::Gap, Standing::Thin, Standing::Crowded] {
                dt { @if let Some(mark) = mark(lang, standing) { (mark) } }
                dd {
                    @let sectors = of(standing);
                    @if sectors.is_empty() { (t("没有", "none")) }
                    @for one in sectors { a href=(to(one)) { (name_or(lang, one.name.as_ref(), &one.code)) span.grey { " " (count(one.supply.as_ref())) } } " " }
                }
            }
            dt { (Mark::new(Sign::Warn, Tone::Go, t("扎堆的专业", "Crowded programmes"))) }
            dd {
                @if shown.map.crowded.is_empty() { (t("没有", "none")) }
                @for one in shown.map.crowded.iter().take(20) {
                    @let next = shown.filter.with(|next| next.programme.clone_from(&one.code));
                    a href={ (next.address("/map")) "#programmes" } { (name_or(lang, one.name.as_ref(), &one.code)) span.grey { " " (one.institutions) (t(" 所", "")) } } " "
                }
            }
        }
    }
}
