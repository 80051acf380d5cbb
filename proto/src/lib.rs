//! The contracts of Zhijian's services: messages, clients and servers generated from `proto/zhijian`.
//!
//! `zhijian_proto::submission::v1` is the package `zhijian.submission.v1`, and so for the others.

#![allow(clippy::all, rustdoc::all)]

mod generated {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}

pub use generated::zhijian::{common, identity, publication, review, submission};

/// The encoded `FileDescriptorSet` of every contract, options and comments included: what reflection serves.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The action that each RPC declares, by its full path ("/zhijian.review.v1.RoundService/GetRound").
///
/// An RPC that declares none is absent.
pub fn actions() -> Vec<(String, Option<String>)> {
    let pool = prost_reflect::DescriptorPool::decode(DESCRIPTORS).expect("the build wrote these descriptors");
    let option = pool.get_extension_by_name("zhijian.common.v1.action").expect("options.proto declares it");
    pool.services()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(|method| {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let options = method.options();
            let action = options
                .has_extension(&option)
                .then(|| options.get_extension(&option).as_str().unwrap_or_default().to_owned())
                .filter(|action| !action.is_empty());
            (path, action)
        })
        .collect()
}
