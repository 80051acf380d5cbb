//! FundingService: works out differentiated funding.

mod convert;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Resource, Violation, Visibility, etag};
use zhijian_proto::review::v1::{
    EstimateFundingRequest, EstimateFundingResponse, GetFundingInputRequest, GetFundingInputResponse,
    ListFundingPoliciesRequest, ListFundingPoliciesResponse, SetFundingInputRequest, SetFundingInputResponse,
    funding_service_server::FundingService,
};

use super::{Review, hidden, upstream};
use crate::{
    domain::funding::{self, Change, Input, Policy},
    store,
};

#[tonic::async_trait]
impl FundingService for Review {
    async fn list_funding_policies(
        &self,
        request: Request<ListFundingPoliciesRequest>,
    ) -> Result<Response<ListFundingPoliciesResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let policies = self.funding.iter().map(convert::policy).collect();
        Ok(Response::new(ListFundingPoliciesResponse { policies }))
    }

    async fn set_funding_input(
        &self,
        request: Request<SetFundingInputRequest>,
    ) -> Result<Response<SetFundingInputResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let sent = input.input.clone().unwrap_or_default();
        let id = format!("{}-{}", sent.year, sent.organisation_code);
        let grant = call.authorise(&Resource::new("funding", id).organisation(&sent.organisation_code))?;
        let read = Input::parse(&sent, self.policy_on(first_of(sent.year)?)?).map_err(Error::from)?;
        if !upstream::organisations(&self.ctx.clients, [&read.organisation_code])
            .await?
            .contains_key(&read.organisation_code)
        {
            return Err(Error::invalid(
                "input.organisation_code",
                format!("单位 {} 尚未登记，请核对代码。", read.organisation_code),
                format!("Organisation {} is not registered: check the code.", read.organisation_code),
            )
            .into());
        }
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut read = read;
                    if let Some(present) = store::funding::find(tx.conn(), read.year, &read.organisation_code).await? {
                        etag::check(&sent.etag, present.version)?;
                        read.version = present.version;
                        if present == read {
                            tx.unchanged();
                            return Ok(SetFundingInputResponse { input: Some(convert::input(present)) });
                        }
                    }
                    let stored = store::funding::put(tx.conn(), &read).await?;
                    tx.audit(
                        format!("funding/{}/{}", stored.year, stored.organisation_code),
                        json!({
                            "students": stored.headcounts.iter().map(|one| i64::from(one.students)).sum::<i64>(),
                            "programmes": stored.headcounts.len(),
                            "performance": stored.performance,
                        }),
                    );
                    Ok(SetFundingInputResponse { input: Some(convert::input(stored)) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn get_funding_input(
        &self,
        request: Request<GetFundingInputRequest>,
    ) -> Result<Response<GetFundingInputResponse>, Status> {
        let call = Call::of(&request)?;
        let GetFundingInputRequest { year, organisation_code } = request.into_inner();
        let id = format!("{year}/{organisation_code}");
        call.authorise(&Resource::new("funding", "").organisation(&organisation_code))
            .map_err(|error| hidden(error, "funding", &id))?;
        let found = store::funding::find(self.ctx.db.reader(), year, &organisation_code).await?;
        let input = found.ok_or_else(|| Error::not_found("funding", &id))?;
        Ok(Response::new(GetFundingInputResponse { input: Some(convert::input(input)) }))
    }

    async fn estimate_funding(
        &self,
        request: Request<EstimateFundingRequest>,
    ) -> Result<Response<EstimateFundingResponse>, Status> {
        let visible = Call::of(&request)?.visible("funding")?;
        let asked = request.into_inner();
        let policy = self.policy_on(day(&asked)?)?;
        let one = Some(asked.organisation_code.as_str()).filter(|code| !code.is_empty());
        let change = convert::change(&asked.change.unwrap_or_default(), policy, one.is_some())?;
        let conn = self.ctx.db.reader();
        let inputs = match one {
            Some(code) if sees(&visible, code) => {
                store::funding::find(conn, asked.year, code).await?.into_iter().collect()
            }
            Some(_) => vec![],
            None => store::funding::of_year(conn, asked.year, &visible).await?,
        };
        let organisations =
            upstream::organisations(&self.ctx.clients, inputs.iter().map(|input| &input.organisation_code))
                .await?;
        let (mut total, mut unchanged_total) = (Decimal::ZERO, Decimal::ZERO);
        let estimates = inputs
            .iter()
            .map(|input| {
                let changed = funding::estimate(policy, input, &change);
                let unchanged = funding::estimate(policy, input, &Change::default()).amount;
                total += changed.amount;
                unchanged_total += unchanged;
                let name = organisations.get(&input.organisation_code).and_then(|found| found.name.clone());
                convert::estimate(changed, unchanged, input.demonstration, name, one.is_some())
            })
            .collect();
        Ok(Response::new(EstimateFundingResponse {
            policy: Some(convert::policy(policy)),
            estimates,
            total: funding::money(total).to_string(),
            unchanged_total: funding::money(unchanged_total).to_string(),
        }))
    }
}

impl Review {
    fn policy_on(&self, day: NaiveDate) -> Result<&Policy, Error> {
        self.funding.on(day).ok_or_else(|| {
            Error::illegal_state(
                "day",
                format!("{day} 没有生效的拨款系数。请在规则目录 review/funding 下补充。"),
                format!("No coefficients are in force on {day}: add them under review/funding in the rules directory."),
            )
        })
    }
}

fn sees(visible: &Visibility, code: &str) -> bool {
    match visible {
        Visibility::All => true,
        Visibility::Only(codes) => codes.iter().any(|own| own == code),
    }
}

fn first_of(year: i32) -> Result<NaiveDate, Error> {
    NaiveDate::from_ymd_opt(year, 1, 1)
        .ok_or_else(|| Error::invalid("year", "年份不对，请填公历年份。", "Give a calendar year."))
}

fn day(asked: &EstimateFundingRequest) -> Result<NaiveDate, Error> {
    match asked.day.trim() {
        "" => first_of(asked.year),
        given => given.parse().map_err(|_| {
            Error::Invalid(vec![Violation::new(
                "day",
                format!("“{given}”不是日期，请按 2026-01-31 的形式填写。"),
                format!("{given:?} is no date: write it like 2026-01-31."),
            )])
        }),
    }
}
