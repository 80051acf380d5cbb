//! The policy engine: Cedar policies as files, checked at start against the contracts' declared actions.

use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
};

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityTypeName, EntityUid, Policy,
    PolicyId, PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};

use crate::{
    Principal,
    rules::{RulesDir, RulesError},
};

const FILES: &[(&str, &str)] = &[
    ("policies/anyone.cedar", include_str!("../policies/anyone.cedar")),
    ("policies/assistance.cedar", include_str!("../policies/assistance.cedar")),
    ("policies/edition.cedar", include_str!("../policies/edition.cedar")),
    ("policies/narrative.cedar", include_str!("../policies/narrative.cedar")),
    ("policies/panel.cedar", include_str!("../policies/panel.cedar")),
    ("policies/people.cedar", include_str!("../policies/people.cedar")),
    ("policies/procedure.cedar", include_str!("../policies/procedure.cedar")),
    ("policies/public.cedar", include_str!("../policies/public.cedar")),
    ("policies/release.cedar", include_str!("../policies/release.cedar")),
    ("policies/registry.cedar", include_str!("../policies/registry.cedar")),
    ("policies/diagnosis.cedar", include_str!("../policies/diagnosis.cedar")),
    ("policies/funding.cedar", include_str!("../policies/funding.cedar")),
    ("policies/checks.cedar", include_str!("../policies/checks.cedar")),
    ("policies/desk.cedar", include_str!("../policies/desk.cedar")),
    ("policies/lab.cedar", include_str!("../policies/lab.cedar")),
    ("policies/scoring.cedar", include_str!("../policies/scoring.cedar")),
    ("policies/services.cedar", include_str!("../policies/services.cedar")),
    ("policies/transfer.cedar", include_str!("../policies/transfer.cedar")),
    ("policies/workflow.cedar", include_str!("../policies/workflow.cedar")),
];
const ROLES: [&str; 5] = ["school", "reviewer", "chair", "publisher", "commission"];

/// The organisation of a question about everybody's things.
pub(crate) const ANY_ORGANISATION: &str = "*";

/// What a call is about, as far as the policies want to know.
#[derive(Debug, Clone)]
pub struct Resource {
    kind: String,
    id: String,
    organisation: String,
    owner: String,
    public: bool,
}

impl Resource {
    /// A thing of this kind and id.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            id: id.into(),
            organisation: ANY_ORGANISATION.to_owned(),
            owner: String::new(),
            public: false,
        }
    }

    /// Something that concerns the region as a whole.
    pub fn region() -> Self {
        Self::new("region", "")
    }

    /// Something that concerns one organisation.
    pub fn for_organisation(code: impl Into<String>) -> Self {
        Self::new("organisation", "").organisation(code)
    }

    /// Says whose it is, by ten-digit code.
    pub fn organisation(mut self, code: impl Into<String>) -> Self {
        self.organisation = code.into();
        self
    }

    /// Says which account it is for.
    pub fn owner(mut self, account_id: impl Into<String>) -> Self {
        self.owner = account_id.into();
        self
    }

    /// Says whether anybody may see it.
    pub fn public(mut self, public: bool) -> Self {
        self.public = public;
        self
    }

    pub(crate) fn lock_key(&self) -> String {
        if self.id.is_empty() && self.organisation != ANY_ORGANISATION {
            return format!("organisation/{}", self.organisation);
        }
        format!("{}/{}", self.kind, self.id)
    }
}

/// Decides by the policies. Anything that goes wrong in deciding is a refusal.
pub struct Authority {
    /// By action, those that speak of it: asking the others as well costs more than all else that a small call does.
    policies: HashMap<String, PolicySet>,
    actions: HashMap<String, Option<String>>,
    account: EntityTypeName,
    service: EntityTypeName,
    anonymous: EntityUid,
    resource: EntityTypeName,
    action: EntityTypeName,
}

impl Authority {
    /// Reads the policies and checks them against the contracts.
    ///
    /// # Errors
    /// Names the file and what is wrong: bad syntax, an action that no RPC declares, an attribute that does not exist.
    pub fn load(rules: &RulesDir) -> Result<Self, RulesError> {
        let actions: HashMap<String, Option<String>> = zhijian_proto::actions().into_iter().collect();
        let declared: HashSet<&str> = actions.values().flatten().map(String::as_str).collect();
        let schema = schema(&declared);
        let mut policies: HashMap<String, PolicySet> =
            declared.iter().map(|action| ((*action).to_owned(), PolicySet::new())).collect();
        for (name, shipped) in FILES {
            let set = PolicySet::from_str(&rules.text(name, shipped)?).map_err(|error| {
                RulesError::Syntax { file: (*name).to_owned(), detail: error.to_string() }
            })?;
            let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
            if let Some(error) = result.validation_errors().next() {
                return Err(RulesError::content(name, error.policy_id().to_string(), error.to_string()));
            }
            for policy in set.policies() {
                let constraint = policy.action_constraint();
                let unbound = unbound(name, policy)
                    .map_err(|error| RulesError::content(name, policy.id().to_string(), error.to_string()))?;
                for (_, policies) in policies.iter_mut().filter(|(action, _)| speaks_of(&constraint, action))
                {
                    policies.add(unbound.clone()).map_err(|error| {
                        RulesError::content(name, policy.id().to_string(), error.to_string())
                    })?;
                }
            }
        }
        let entity_type = |name| EntityTypeName::from_str(name).expect("a constant identifier");
        Ok(Self {
            policies,
            actions,
            account: entity_type("Account"),
            service: entity_type("Service"),
            anonymous: uid(&entity_type("Anonymous"), ""),
            resource: entity_type("Resource"),
            action: entity_type("Action"),
        })
    }

    /// The action that the RPC at `path` declares; `None` if the path is not an RPC of ours or declares none.
    pub fn action_of(&self, path: &str) -> Option<&str> {
        self.actions.get(path)?.as_deref()
    }

    pub(crate) fn allows(&self, principal: &Principal, action: &str, resource: &Resource) -> bool {
        self.decide(principal, action, resource).unwrap_or_else(|error| {
            tracing::error!(%error, action, "the policies could not be asked; refused");
            false
        })
    }

    fn decide(
        &self,
        principal: &Principal,
        action: &str,
        resource: &Resource,
    ) -> Result<bool, Box<dyn std::error::Error>> {
        let policies = self.policies.get(action).ok_or_else(|| format!("no RPC declares {action}"))?;
        self.decide_by(policies, principal, action, resource)
    }

    fn decide_by(
        &self,
        policies: &PolicySet,
        principal: &Principal,
        action: &str,
        resource: &Resource,
    ) -> Result<bool, Box<dyn std::error::Error>> {
        let who = match principal {
            Principal::Account(identity) => {
                let mut attributes = HashMap::from([(
                    "id".to_owned(),
                    RestrictedExpression::new_string(identity.account_id.clone()),
                )]);
                for role in ROLES {
                    let held = identity.roles.iter().filter(|grant| grant.role == role);
                    let codes =
                        held.map(|grant| RestrictedExpression::new_string(grant.organisation.clone()));
                    attributes.insert(role.to_owned(), RestrictedExpression::new_set(codes));
                }
                Entity::new(uid(&self.account, &identity.account_id), attributes, HashSet::new())?
            }
            Principal::Service(name) => Entity::with_uid(uid(&self.service, name)),
            Principal::Anonymous => Entity::with_uid(self.anonymous.clone()),
        };
        let what = Entity::new(
            uid(&self.resource, &format!("{}/{}", resource.kind, resource.id)),
            HashMap::from([
                ("kind".to_owned(), RestrictedExpression::new_string(resource.kind.clone())),
                ("organisation".to_owned(), RestrictedExpression::new_string(resource.organisation.clone())),
                ("owner".to_owned(), RestrictedExpression::new_string(resource.owner.clone())),
                ("public".to_owned(), RestrictedExpression::new_bool(resource.public)),
            ]),
            HashSet::new(),
        )?;
        let request = Request::new(who.uid(), uid(&self.action, action), what.uid(), Context::empty(), None)?;
        let entities = Entities::from_entities([who, what], None)?;
        let response = Authorizer::new().is_authorized(&request, policies, &entities);
        if let Some(error) = response.diagnostics().errors().next() {
            tracing::error!(%error, action, "a policy failed");
        }
        Ok(response.decision() == Decision::Allow)
    }
}

/// The policy for any action: it is only asked about those that it speaks of, and need not compare them one by one.
fn unbound(name: &str, policy: &Policy) -> Result<Policy, Box<dyn std::error::Error>> {
    let mut json = policy.to_json()?;
    json["action"] = serde_json::json!({ "op": "All" });
    Ok(Policy::from_json(Some(PolicyId::new(format!("{name}#{}", policy.id()))), json)?)
}

/// Whether a policy with this constraint can apply to the action: actions stand in no groups.
fn speaks_of(constraint: &ActionConstraint, action: &str) -> bool {
    let is = |uid: &EntityUid| {
        let id: &str = uid.id().as_ref();
        id == action
    };
    match constraint {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(uid) => is(uid),
        ActionConstraint::In(uids) => uids.iter().any(is),
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), cedar_policy::EntityId::new(id))
}

/// The schema that policies are checked against: it knows the declared actions and no others.
fn schema(actions: &HashSet<&str>) -> Schema {
    let roles: Vec<String> = ROLES.iter().map(|role| format!("{role}: Set<String>")).collect();
    let mut names: Vec<String> = actions.iter().map(|action| format!("{action:?}")).collect();
    names.sort();
    let text = format!(
        "entity Account = {{ id: String, {} }};\n\
         entity Service;\n\
         entity Anonymous;\n\
         entity Resource = {{ kind: String, organisation: String, owner: String, public: Bool }};\n\
         action {} appliesTo {{ principal: [Account, Service, Anonymous], resource: [Resource] }};",
        roles.join(", "),
        names.join(", "),
    );
    Schema::from_cedarschema_str(&text).expect("built from constants and identifiers").0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{call::RoleGrant, token::Identity};

    fn authority() -> Authority {
        Authority::load(&RulesDir::default()).expect("the shipped policies are sound")
    }

    fn school(code: &str) -> Principal {
        Principal::Account(Identity {
            account_id: "acc_1".into(),
            display_name: "someone".into(),
            roles: vec![RoleGrant { role: "school".into(), organisation: code.into() }],
        })
    }

    #[test]
    fn every_rpc_declares_an_action_that_some_policy_speaks_of() {
        let undeclared: Vec<_> =
            zhijian_proto::actions().into_iter().filter(|(_, action)| action.is_none()).collect();
        assert!(undeclared.is_empty(), "RPCs without an action: {undeclared:?}");
        let text: String = FILES.iter().map(|(_, text)| *text).collect();
        let unspoken: HashSet<String> = zhijian_proto::actions()
            .into_iter()
            .filter_map(|(_, action)| action)
            .filter(|action| !text.contains(&format!("Action::\"{action}\"")))
            .collect();
        assert!(unspoken.is_empty(), "actions that no policy mentions: {unspoken:?}");
    }

    #[test]
    fn a_school_reaches_its_own_submissions_alone() {
        let authority = authority();
        let own = Resource::new("submission", "sub_1").organisation("4111000001");
        let other = Resource::new("submission", "sub_2").organisation("4111000002");
        assert!(authority.allows(&school("4111000001"), "submission.edit", &own));
        assert!(!authority.allows(&school("4111000001"), "submission.edit", &other));
        assert!(!authority.allows(&school("4111000001"), "submission.review", &own));
        assert!(!authority.allows(&Principal::Anonymous, "submission.read", &own));
    }

    #[test]
    fn asking_those_that_name_the_action_decides_as_asking_all() {
        let authority = authority();
        let mut all = PolicySet::new();
        for (name, text) in FILES {
            for policy in PolicySet::from_str(text).expect("sound").policies() {
                let id = PolicyId::new(format!("{name}#{}", policy.id()));
                all.add(policy.new_id(id)).expect("a name of its own");
            }
        }
        let account = |roles: Vec<RoleGrant>| {
            Principal::Account(Identity { account_id: "acc_1".into(), display_name: "someone".into(), roles })
        };
        let with =
            |role: &str| account(vec![RoleGrant { role: role.into(), organisation: "4111000001".into() }]);
        let services = ["identity", "submission", "review", "publication", "portal"];
        let principals = ROLES.map(with).into_iter().chain([account(vec![]), Principal::Anonymous]);
        let principals = principals.chain(services.map(|name| Principal::Service(name.into())));
        let resources = [
            Resource::new("submission", "1").organisation("4111000001"),
            Resource::new("submission", "1").organisation("4111000002").owner("acc_1"),
            Resource::new("edition", "1").public(true),
        ];
        let actions: HashSet<&String> = authority.actions.values().flatten().collect();
        let mut allowed = 0;
        for principal in principals {
            for (action, resource) in
                actions.iter().flat_map(|action| resources.iter().map(move |one| (action, one)))
            {
                let by_all = authority.decide_by(&all, &principal, action, resource).expect("decided");
                let by_own = authority.decide(&principal, action, resource).expect("decided");
                assert_eq!(by_own, by_all, "{principal:?} {action} {resource:?}");
                allowed += usize::from(by_all);
            }
        }
        assert!(allowed > 100, "the policies allow something: {allowed}");
    }

    #[test]
    fn a_policy_about_an_unknown_action_is_refused_by_name() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir(directory.path().join("policies")).expect("made");
        std::fs::write(
            directory.path().join("policies/anyone.cedar"),
            r#"permit(principal, action == Action::"submision.read", resource);"#,
        )
        .expect("written");
        let error =
            Authority::load(&RulesDir::new(Some(directory.path().to_owned()))).err().expect("refused");
        assert!(error.to_string().contains("policies/anyone.cedar"), "{error}");
        assert!(error.to_string().contains("submision.read"), "{error}");
    }
}
