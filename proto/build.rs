//! Compiles the contracts with protox, so that nobody needs an installed `protoc`.

use std::{env, fs, path::PathBuf};

const FILES: &[&str] = &[
    "zhijian/common/v1/errors.proto",
    "zhijian/common/v1/operation.proto",
    "zhijian/common/v1/options.proto",
    "zhijian/common/v1/register.proto",
    "zhijian/common/v1/types.proto",
    "zhijian/identity/v1/identity.proto",
    "zhijian/identity/v1/registry.proto",
    "zhijian/publication/v1/edition.proto",
    "zhijian/publication/v1/diagnosis.proto",
    "zhijian/publication/v1/map.proto",
    "zhijian/publication/v1/publication.proto",
    "zhijian/publication/v1/bundle.proto",
    "zhijian/publication/v1/trace.proto",
    "zhijian/publication/v1/correction.proto",
    "zhijian/publication/v1/federation.proto",
    "zhijian/publication/v1/objection.proto",
    "zhijian/review/v1/appeal.proto",
    "zhijian/review/v1/assignment.proto",
    "zhijian/review/v1/assistance.proto",
    "zhijian/review/v1/funding.proto",
    "zhijian/review/v1/conflict.proto",
    "zhijian/review/v1/panel.proto",
    "zhijian/review/v1/item.proto",
    "zhijian/review/v1/procedure.proto",
    "zhijian/review/v1/discussion.proto",
    "zhijian/review/v1/evidence.proto",
    "zhijian/review/v1/evidence_file.proto",
    "zhijian/review/v1/feedback.proto",
    "zhijian/review/v1/rectification.proto",
    "zhijian/review/v1/reminder.proto",
    "zhijian/review/v1/reviewer.proto",
    "zhijian/review/v1/relation.proto",
    "zhijian/review/v1/round.proto",
    "zhijian/review/v1/scheme.proto",
    "zhijian/review/v1/scores.proto",
    "zhijian/review/v1/staffing.proto",
    "zhijian/review/v1/seal.proto",
    "zhijian/submission/v1/attachment.proto",
    "zhijian/submission/v1/case.proto",
    "zhijian/submission/v1/catalogue.proto",
    "zhijian/submission/v1/comment.proto",
    "zhijian/submission/v1/correction.proto",
    "zhijian/submission/v1/cycle.proto",
    "zhijian/submission/v1/desk.proto",
    "zhijian/submission/v1/lab.proto",
    "zhijian/submission/v1/narrative.proto",
    "zhijian/submission/v1/editor.proto",
    "zhijian/submission/v1/explanation.proto",
    "zhijian/submission/v1/extension.proto",
    "zhijian/submission/v1/notice.proto",
    "zhijian/submission/v1/platform.proto",
    "zhijian/submission/v1/programme.proto",
    "zhijian/submission/v1/programme_registry.proto",
    "zhijian/submission/v1/public.proto",
    "zhijian/submission/v1/report.proto",
    "zhijian/submission/v1/submission.proto",
    "zhijian/submission/v1/transfer.proto",
    "zhijian/submission/v1/workflow.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=zhijian");
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Written by protox itself: prost's own types would drop the custom options.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure().include_file("mod.rs").compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
