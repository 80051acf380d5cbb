//! Who acts: the set-up, the accounts, and everybody signed in.

use std::collections::HashMap;

use anyhow::Context as _;
use zhijian_platform::Clients;
use zhijian_proto::identity::v1::{
    Account as AccountMessage, CreateAccountRequest, RoleGrant, SetUpRequest, SignInRequest,
};

use super::{
    PASSWORD, Progress, described, register, request_id,
    work::{Tell, rpc},
};
use crate::demo::{Account, Region};

const COMMISSION: &str = "commission";
const COMMISSION_NAME: &str = "温颂宁（演示）";

/// Everybody, signed in.
pub(super) struct People {
    commission: Clients,
    others: HashMap<String, Person>,
}

/// One person.
pub(super) struct Person {
    pub account_id: String,
    /// Calls as this person.
    pub clients: Clients,
    /// Where the person acts.
    organisation: String,
}

impl People {
    /// The commission's clients.
    pub(super) fn commission(&self) -> &Clients {
        &self.commission
    }

    /// A person by sign-in name.
    pub(super) fn person(&self, sign_in_name: &str) -> anyhow::Result<&Person> {
        self.others.get(sign_in_name).with_context(|| format!("nobody signs in as {sign_in_name}"))
    }

    /// The clients of the account that acts for a school or a district.
    pub(super) fn of_organisation(&self, code: &str) -> anyhow::Result<&Clients> {
        self.others
            .iter()
            .find(|(name, person)| person.organisation == code && !name.starts_with("reviewer"))
            .map(|(_, person)| &person.clients)
            .with_context(|| format!("nobody acts for {code}"))
    }

    /// The sign-in name behind an account.
    pub(super) fn name_of(&self, account_id: &str) -> Option<&str> {
        self.others.iter().find(|(_, person)| person.account_id == account_id).map(|(name, _)| name.as_str())
    }

    /// How many accounts there are.
    pub(super) fn len(&self) -> usize {
        self.others.len() + 1
    }
}

/// Signs the commission in, after setting the region up if nobody has.
pub(super) async fn commission(
    clients: &Clients,
    region: &Region,
    set_up_code: &str,
    set_up: bool,
) -> anyhow::Result<Clients> {
    if set_up {
        let commission = region.commission().context("the region has no commission")?;
        let request = SetUpRequest {
            request_id: request_id("set up"),
            set_up_code: set_up_code.into(),
            sign_in_name: COMMISSION.into(),
            display_name: COMMISSION_NAME.into(),
            password: PASSWORD.into(),
            organisation: Some(register::message(commission)),
            region: Some(described(String::new())),
        };
        rpc!(clients, sessions.set_up(request))?;
    }
    sign_in(clients, COMMISSION).await
}

/// Opens every account and signs it in.
pub(super) async fn accounts(
    tell: &Tell<'_, impl Fn(Progress)>,
    clients: &Clients,
    commission: Clients,
    region: &Region,
) -> anyhow::Result<People> {
    let opened = tell
        .each("开通账号 / accounts", region.accounts.clone(), |account| {
            let (clients, commission) = (clients.clone(), commission.clone());
            async move { open(&clients, &commission, account).await }
        })
        .await?;
    Ok(People { commission, others: opened.into_iter().collect() })
}

async fn open(clients: &Clients, commission: &Clients, account: Account) -> anyhow::Result<(String, Person)> {
    let name = account.sign_in_name;
    let request = CreateAccountRequest {
        request_id: request_id(&format!("account {name}")),
        account: Some(AccountMessage {
            sign_in_name: name.clone(),
            display_name: account.display_name,
            roles: vec![RoleGrant {
                role: account.role.into(),
                organisation_code: account.organisation.clone(),
            }],
            ..AccountMessage::default()
        }),
        password: PASSWORD.into(),
    };
    let opened = rpc!(commission, accounts.create_account(request))?.account.unwrap_or_default();
    let person = Person {
        account_id: opened.account_id,
        clients: sign_in(clients, &name).await?,
        organisation: account.organisation,
    };
    Ok((name, person))
}

async fn sign_in(clients: &Clients, name: &str) -> anyhow::Result<Clients> {
    let request = SignInRequest { sign_in_name: name.into(), password: PASSWORD.into() };
    let answer =
        rpc!(clients, sessions.sign_in(request)).with_context(|| format!("{name} cannot sign in"))?;
    Ok(clients.with_token(&answer.token))
}
