//! The accounts of the schools, as the identity service would answer.

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Resource};
use zhijian_proto::identity::v1::{
    Account, CreateAccountRequest, CreateAccountResponse, GetAccountRequest, GetAccountResponse,
    GrantRoleRequest, GrantRoleResponse, ListAccountsRequest, ListAccountsResponse, RevokeRoleRequest,
    RevokeRoleResponse, Role, RoleGrant,
    account_service_server::{AccountService, AccountServiceServer},
};

/// Three accounts for each school: `acc_CODE`, `acc_CODE_2` and `acc_CODE_3`.
struct Accounts(Vec<Account>);

pub fn service(schools: &[&str]) -> AccountServiceServer<impl AccountService> {
    let account = |school: &&str, suffix: &str| Account {
        account_id: format!("acc_{school}{suffix}"),
        display_name: format!("acc_{school}{suffix}"),
        roles: vec![RoleGrant { role: Role::School.into(), organisation_code: (*school).to_owned() }],
        ..Account::default()
    };
    let of_school = |school| ["", "_2", "_3"].map(|suffix| account(school, suffix));
    AccountServiceServer::new(Accounts(schools.iter().flat_map(of_school).collect()))
}

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn create_account(
        &self,
        _: Request<CreateAccountRequest>,
    ) -> Result<Response<CreateAccountResponse>, Status> {
        Err(Status::unimplemented("the accounts of these tests are fixed"))
    }

    async fn get_account(
        &self,
        _: Request<GetAccountRequest>,
    ) -> Result<Response<GetAccountResponse>, Status> {
        Err(Status::unimplemented("the accounts of these tests are read by list"))
    }

    async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Result<Response<ListAccountsResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        Ok(Response::new(ListAccountsResponse { accounts: self.0.clone(), next_page_token: String::new() }))
    }

    async fn grant_role(&self, _: Request<GrantRoleRequest>) -> Result<Response<GrantRoleResponse>, Status> {
        Err(Status::unimplemented("the accounts of these tests are fixed"))
    }

    async fn revoke_role(
        &self,
        _: Request<RevokeRoleRequest>,
    ) -> Result<Response<RevokeRoleResponse>, Status> {
        Err(Status::unimplemented("the accounts of these tests are fixed"))
    }
}
