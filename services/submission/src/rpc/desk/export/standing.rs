//! The lists of where each report stands, and of the receipts.

use sea_orm::ConnectionTrait;
use zhijian_platform::Error;

use super::work::{Work, stamp};
use crate::{
    rpc::desk::sheets::{Lists, Value as Field},
    store::export,
};

impl<C: ConnectionTrait> Work<'_, C> {
    /// Where each report stands, and its receipts.
    pub(super) async fn states(&mut self, lists: &mut Lists) -> Result<(), Error> {
        let mut receipts = vec![];
        let own = [
            ("区", "District"),
            ("状态", "State"),
            ("版次", "Revision"),
            ("已填指标", "Indicators filled in"),
            ("应填指标", "Indicators asked for"),
            ("声明人", "Declared by"),
            ("职务", "Office"),
            ("声明时间", "Declared at"),
            ("退回意见", "Comment of the return"),
            ("建立时间", "Begun at"),
            ("最近更新", "Last change"),
        ];
        lists.list(self.lang.pick("状态", "States"), self.headings(&own)).await?;
        let mut place = None;
        while let Some(rows) = self.next(&mut place).await? {
            let count = rows.len();
            for row in rows {
                let district = self.ground.parties.get(&row.organisation_code);
                let declared = row.declaration();
                let mut fields = self.common(&row);
                fields.extend([
                    Field::Text(district.map(|party| party.district.clone()).unwrap_or_default()),
                    self.pick(&row.state()?.text()),
                    Field::Number(row.revision_number.into()),
                    Field::Number(row.filled_cells.into()),
                    Field::Number(row.required_cells.into()),
                    Field::Text(row.declaration_name.clone()),
                    Field::Text(row.declaration_office.clone()),
                    Field::Text(declared.map(|declared| stamp(declared.time)).unwrap_or_default()),
                    Field::Text(row.return_comment.clone()),
                    Field::Text(stamp(row.create_time)),
                    Field::Text(stamp(row.update_time)),
                ]);
                lists.row(fields).await?;
                for receipt in export::receipts(self.conn, &row.submission_id).await? {
                    receipts.push((self.common(&row), receipt));
                }
                self.totals.submissions += 1;
            }
            self.progress(count, "正在写状态与回执", "Writing states and receipts").await?;
        }
        let own = [
            ("版次", "Revision"),
            ("回执编号", "Receipt"),
            ("提交时间", "Submitted at"),
            ("内容指纹（SHA-256）", "Fingerprint (SHA-256)"),
        ];
        lists.list(self.lang.pick("回执", "Receipts"), self.headings(&own)).await?;
        for (mut fields, (number, receipt, hash, time)) in receipts {
            fields.extend([
                Field::Number(number.into()),
                Field::Text(receipt),
                Field::Text(stamp(time)),
                Field::Text(hash),
            ]);
            lists.row(fields).await?;
        }
        Ok(())
    }
}
