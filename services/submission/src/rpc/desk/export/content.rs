//! The lists of what is in the reports: cells long and wide, and texts.

use sea_orm::ConnectionTrait;
use zhijian_platform::{Error, Lang};

use super::work::{Whole, Work};
use crate::{
    domain::{catalogue::Indicator, content::Cell, value::Value},
    rpc::desk::sheets::{self, Lists, Value as Field},
    store::report,
};

impl<C: ConnectionTrait> Work<'_, C> {
    /// One row a cell.
    pub(super) async fn long(&mut self, lists: &mut Lists) -> Result<(), Error> {
        let own = [
            ("来源", "Source"),
            ("指标代码", "Indicator"),
            ("指标", "Indicator's name"),
            ("单位", "Unit"),
            ("数值", "Number"),
            ("选项", "Option"),
            ("不适用的理由", "Why not applicable"),
            ("备注", "Note"),
            ("由公式计算", "Computed"),
        ];
        lists.list(self.lang.pick("指标（长表）", "Cells, long"), self.headings(&own)).await?;
        let mut place = None;
        while let Some(rows) = self.next(&mut place).await? {
            let count = rows.len();
            for row in rows {
                let whole = self.whole(row).await?;
                let catalogue = self.ground.catalogue.clone();
                for indicator in catalogue.indicators_of(&whole.row.report_kind) {
                    let Some(cell) = whole.cells.get(&indicator.code) else { continue };
                    self.totals.cells += 1;
                    lists.row(self.cell(&whole, indicator, cell)).await?;
                }
            }
            self.progress(count, "正在写指标长表", "Writing cells, one a row").await?;
        }
        Ok(())
    }

    fn cell(&self, whole: &Whole, indicator: &Indicator, cell: &Cell) -> Vec<Field> {
        let none = || Field::Text(String::new());
        let (number, option, reason) = match &cell.value {
            Value::Number(number) => (Field::Number(*number), none(), none()),
            Value::Text(option) => (none(), Field::Text(option.clone()), none()),
            Value::NotApplicable(reason) => (none(), none(), Field::Text(reason.clone())),
        };
        let mut fields = self.common(&whole.row);
        fields.extend([
            self.source(whole.revision),
            Field::Text(indicator.code.clone()),
            self.pick(&indicator.name),
            self.pick(&indicator.unit.name),
            number,
            option,
            reason,
            Field::Text(cell.note.clone()),
            Field::Text(if cell.derived { self.say("是", "yes") } else { String::new() }),
        ]);
        fields
    }

    /// One row a report, one list a kind.
    pub(super) async fn wide(&mut self, lists: &mut Lists) -> Result<(), Error> {
        let catalogue = self.ground.catalogue.clone();
        for kind in &catalogue.kinds {
            let indicators: Vec<&Indicator> = catalogue.indicators_of(&kind.code).collect();
            let mut headings = self.headings(&[("来源", "Source")]);
            headings.extend(indicators.iter().map(|indicator| {
                let (name, unit) = (indicator.name.get(self.lang), indicator.unit.name.get(self.lang));
                match self.lang {
                    Lang::Zh => format!("{} {name}（{unit}）", indicator.code),
                    Lang::En => format!("{} {name} ({unit})", indicator.code),
                }
            }));
            let name: String =
                kind.name.get(self.lang).chars().filter(|c| !"[]:*?/\\".contains(*c)).collect();
            let name: String = name.chars().take(22).collect();
            lists.list(&name, headings).await?;
            let mut place = None;
            while let Some(rows) = self.next(&mut place).await? {
                let rows: Vec<report::Model> =
                    rows.into_iter().filter(|row| row.report_kind == kind.code).collect();
                let count = rows.len();
                for row in rows {
                    let whole = self.whole(row).await?;
                    let mut fields = self.common(&whole.row);
                    fields.push(self.source(whole.revision));
                    fields.extend(indicators.iter().map(|indicator| {
                        match whole.cells.get(&indicator.code).map(|cell| &cell.value) {
                            None => Field::Text(String::new()),
                            Some(Value::Number(number)) => Field::Number(*number),
                            Some(Value::Text(option)) => Field::Text(option.clone()),
                            // A reason stands in the long list; here it is told apart from an empty cell.
                            Some(Value::NotApplicable(_)) => Field::Text(self.say("不适用", "n/a")),
                        }
                    }));
                    lists.row(fields).await?;
                }
                self.progress(count, "正在写指标宽表", "Writing cells, one report a row").await?;
            }
        }
        Ok(())
    }

    /// One row a section; a text too long for a cell goes on in the next row.
    pub(super) async fn texts(&mut self, lists: &mut Lists) -> Result<(), Error> {
        let own = [
            ("来源", "Source"),
            ("章节代码", "Section"),
            ("章节", "Section's name"),
            ("续", "Part"),
            ("正文", "Text"),
        ];
        lists.list(self.lang.pick("章节", "Sections"), self.headings(&own)).await?;
        let mut place = None;
        while let Some(rows) = self.next(&mut place).await? {
            let count = rows.len();
            for row in rows {
                let whole = self.whole(row).await?;
                let Some(kind) = self.ground.catalogue.kind(&whole.row.report_kind) else { continue };
                for section in &kind.sections {
                    let Some(body) = whole.sections.get(&section.code) else { continue };
                    for (part, text) in (1_i32..).zip(sheets::parts(body)) {
                        let mut fields = self.common(&whole.row);
                        fields.extend([
                            self.source(whole.revision),
                            Field::Text(section.code.clone()),
                            self.pick(&section.name),
                            Field::Number(part.into()),
                            Field::Text(text),
                        ]);
                        lists.row(fields).await?;
                    }
                }
            }
            self.progress(count, "正在写章节", "Writing sections").await?;
        }
        Ok(())
    }
}
