//! What the two platforms hold of the demonstration's schools: nearly everywhere what the reports say, here and there
//! something else, so that the checks have something to find. Invented, and taken in as files, as a commission would.

use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::ImportHeader,
    submission::v1::{
        ImportPlatformFileRequest, Platform, PlatformHeader, import_platform_file_request::Part,
    },
};

use super::{
    Progress, request_id,
    work::{Tell, rpc},
};
use crate::demo::{Figure, Region, ReportKind, YearReport, dice::Dice};

/// The indicators that both platforms hold too.
const HELD: [&str; 8] = ["BAS01", "BAS02", "BAS03", "BAS19", "POL05", "POL06", "SC01", "SC02"];
/// The first year whose rules compare.
const FIRST: i32 = 2025;

/// Loads both platforms' snapshots of a year.
pub(super) async fn load(
    tell: &Tell<'_, impl Fn(Progress)>,
    commission: &Clients,
    region: &Region,
    year: i32,
) -> anyhow::Result<()> {
    if year < FIRST {
        return Ok(());
    }
    let step = format!("{year}年平台数据 / platform data of {year}");
    let platforms = [
        (Platform::StatusData, ReportKind::Higher, "高职状态数据平台（演示）"),
        (Platform::SecondaryMis, ReportKind::Secondary, "中职学校管理信息系统（演示）"),
    ];
    for (place, (platform, kind, name)) in platforms.into_iter().enumerate() {
        tell.tell(&step, place, platforms.len());
        let reports = region.reports.iter().filter(|report| report.year == year && report.kind == kind);
        let header = PlatformHeader {
            header: Some(ImportHeader {
                request_id: request_id(&format!("platform {name} {year}")),
                file_name: format!("{name}{year}.csv"),
                ..ImportHeader::default()
            }),
            cycle_year: year,
            platform: platform.into(),
        };
        let parts = [Part::Header(header), Part::Chunk(csv(reports)?)];
        let messages = parts.into_iter().map(|part| ImportPlatformFileRequest { part: Some(part) });
        let stream = futures::stream::iter(messages.collect::<Vec<_>>());
        rpc!(commission, platforms.import_platform_file(stream))?;
    }
    tell.tell(&step, platforms.len(), platforms.len());
    Ok(())
}

fn csv<'a>(reports: impl Iterator<Item = &'a YearReport>) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["学校代码", "指标代码", "平台数值", "口径", "统计日期"])?;
    for report in reports {
        for code in HELD {
            let Some(Figure::Number(value)) = report.cells.get(code) else { continue };
            // The same school differs in the same figure every year.
            let mut dice = Dice::of(&format!("platform {code} {}", report.subject));
            let more = value.round() * rust_decimal::Decimal::from(dice.between(2, 6));
            let more = (more / rust_decimal::Decimal::ONE_HUNDRED).ceil();
            let (value, scope) = match dice.between(1, 100) {
                1..=2 => (*value + more, "全校"),
                3..=4 => (*value + more, "含附属学校（演示）"),
                _ => (*value, "全校"),
            };
            let date = format!("{}-09-30", report.year);
            writer.write_record([&report.subject, code, &value.to_string(), scope, &date])?;
        }
    }
    Ok(writer.into_inner()?)
}
