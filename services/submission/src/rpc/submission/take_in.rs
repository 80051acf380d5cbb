//! A report's text out of a DOCX: previewed first, then put into the sections, all or nothing.

use std::collections::{BTreeMap, HashMap};

use prost::bytes::Bytes;
use serde_json::json;
use zhijian_documents::{Kind, Limits, docx};
use zhijian_platform::{Call, Error, Text, Violation, etag, id, objects::sha256_of};
use zhijian_proto::submission::v1::{
    ApplyNarrativeRequest, ApplyNarrativeResponse, NarrativePart, NarrativeSection, PartAssignment,
    PreviewNarrativeRequest, PreviewNarrativeResponse, narrative_part, narrative_section,
};

use super::{
    Moving,
    attachment::{add, check_total},
    audited, begin, finish,
    standing::work_on,
    working::kind_of,
};
use crate::{
    domain::{
        attachment::{MAX_CAPTION, Purpose},
        narrative::{Match, Plan, kept, length, shown},
        parts::Part,
        submission::Move,
    },
    rpc::{Actor, Rpc},
    store::{attachment, report, section},
};

/// How many parts may be assigned by hand.
const MAX_ASSIGNMENTS: usize = 500;
/// How many characters a section may have.
const MAX_BODY: usize = 200_000;

/// A picture of the document.
struct Picture {
    sha256: String,
    content: Bytes,
    media_type: &'static str,
    file_name: String,
}

/// A document read and taken apart.
struct Taken {
    plan: Plan,
    /// By their places in the document.
    pictures: HashMap<usize, Picture>,
}

impl Rpc {
    pub(super) async fn preview(
        &self,
        call: Call,
        input: PreviewNarrativeRequest,
    ) -> Result<PreviewNarrativeResponse, Error> {
        let (row, _) = self.admitted(&call, &input.submission_id).await?;
        let Taken { plan, pictures } =
            self.take_apart(&row, &input.attachment_id, &input.assignments).await?;
        let conn = self.ctx.db.reader();
        let present = known(&attachment::load(conn, &row.submission_id).await?);
        let id_of = |place: usize| present.get(&pictures.get(&place)?.sha256).cloned();
        let stored = section::load(conn, &row.submission_id).await?;
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let planned = plan.sections();
        let sections = kind_of(&catalogue, &row)?.sections.iter().map(|kind| {
            let now = stored.get(&kind.code);
            let before = now.map(|row| row.body.as_str()).unwrap_or_default();
            let after = planned.get(&kind.code).map(|body| kept(body, id_of));
            let change = match &after {
                None => narrative_section::Change::None,
                Some(after) if after.trim_end() == before.trim_end() => narrative_section::Change::None,
                Some(_) if before.trim().is_empty() => narrative_section::Change::Fill,
                Some(_) => narrative_section::Change::Replace,
            };
            NarrativeSection {
                section_code: kind.code.clone(),
                change: change.into(),
                characters_before: length(before),
                characters_after: after.as_deref().map_or_else(|| length(before), length),
                body: after.unwrap_or_else(|| before.to_owned()),
                etag: now.map(|row| etag::of(row.version)).unwrap_or_default(),
            }
        });
        let sections = sections.collect();
        let parts = plan.parts.iter().enumerate().map(|(index, part)| NarrativePart {
            index: i32::try_from(index).unwrap_or(i32::MAX),
            heading: part.heading.clone(),
            section_code: part.section.clone().unwrap_or_default(),
            r#match: match part.matched {
                Match::None => narrative_part::Match::None,
                Match::Name => narrative_part::Match::Name,
                Match::Synonym => narrative_part::Match::Synonym,
                Match::ByHand => narrative_part::Match::ByHand,
            }
            .into(),
            characters: length(&part.body),
            tables: i32::try_from(part.tables).unwrap_or(i32::MAX),
            pictures: i32::try_from(part.pictures).unwrap_or(i32::MAX),
            excerpt: part.excerpt(),
        });
        let notices = plan.notices.iter().cloned().map(Into::into).collect();
        Ok(PreviewNarrativeResponse { parts: parts.collect(), sections, notices })
    }

    pub(super) async fn apply(
        &self,
        call: Call,
        input: ApplyNarrativeRequest,
    ) -> Result<ApplyNarrativeResponse, Error> {
        let (row, grant) = self.admitted(&call, &input.submission_id).await?;
        let Taken { plan, pictures } =
            self.take_apart(&row, &input.attachment_id, &input.assignments).await?;
        let (planned, captions) = (plan.sections(), plan.captions);
        check_lengths(&planned)?;
        // Stored before the transaction; what it does not name in the end is swept.
        let mut held = vec![];
        for place in planned.values().flat_map(|body| shown(body)) {
            if let Some(picture) = pictures.get(&place) {
                held.push(self.ctx.objects.keep(picture.content.clone()).await?);
            }
        }
        let given: HashMap<String, String> = input
            .sections
            .iter()
            .map(|section| (section.section_code.clone(), section.etag.clone()))
            .collect();
        let (actor, bounds) = (Actor::of(&call), self.files.clone());
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let source = input.attachment_id.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { mut row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let present = attachment::load(tx.conn(), &row.submission_id).await?;
                    let mut ids = known(&present);
                    let fresh = fresh(&planned, &pictures, &ids);
                    let bytes = fresh.iter().map(|place| pictures[place].content.len() as u64).sum();
                    check_total(&bounds.rules, &present, bytes, fresh.len())?;
                    for place in &fresh {
                        let caption =
                            captions.get(place).map(|caption| caption.chars().take(MAX_CAPTION).collect());
                        let added = add(
                            tx,
                            picture_row(&row, &actor, &pictures[place], caption.unwrap_or_default())?,
                        )
                        .await?;
                        ids.insert(added.sha256, added.attachment_id);
                    }
                    let id_of = |place: usize| ids.get(&pictures.get(&place)?.sha256).cloned();
                    let stored = section::load(tx.conn(), &row.submission_id).await?;
                    let mut changed = vec![];
                    for (code, body) in &planned {
                        let body = kept(body, id_of);
                        let now = stored.get(code);
                        if now.is_some_and(|now| now.body.trim_end() == body.trim_end()) {
                            continue;
                        }
                        check_etag(code, now, given.get(code))?;
                        let version = now.map_or(0, |now| now.version) + 1;
                        let submission_id = row.submission_id.clone();
                        let written =
                            section::Model { submission_id, section_code: code.clone(), body, version };
                        section::put(tx.conn(), &written).await?;
                        changed.push(code.clone());
                    }
                    let pictures = i32::try_from(fresh.len()).unwrap_or(i32::MAX);
                    if changed.is_empty() && fresh.is_empty() {
                        tx.unchanged();
                        return Ok(ApplyNarrativeResponse { section_codes: changed, pictures });
                    }
                    let parts = changed.iter().cloned().map(Part::Section).collect();
                    work_on(&mut row, &catalogue, &parts, &actor, tx.now())?;
                    let detail = json!({ "narrative": source, "sections": changed, "pictures": fresh.len() });
                    tx.audit(audited(&row.submission_id), detail);
                    finish(tx, row, next, actor, "").await?;
                    Ok(ApplyNarrativeResponse { section_codes: changed, pictures })
                })
            })
            .await;
        drop(held);
        response
    }

    /// Reads the document and takes it apart.
    async fn take_apart(
        &self,
        row: &report::Model,
        attachment_id: &str,
        assignments: &[PartAssignment],
    ) -> Result<Taken, Error> {
        if assignments.len() > MAX_ASSIGNMENTS {
            return Err(Error::invalid(
                "assignments",
                "最多指定 500 个部分。",
                "At most 500 parts can be assigned.",
            ));
        }
        let by_hand: Vec<(usize, String)> = assignments
            .iter()
            .map(|one| (usize::try_from(one.part).unwrap_or(usize::MAX), one.section_code.clone()))
            .collect();
        let file = attachment::get(self.ctx.db.reader(), &row.submission_id, attachment_id).await?;
        if file.purpose()? != Purpose::Report || file.media_type != Kind::Docx.media_type() {
            return Err(Error::invalid(
                "attachment_id",
                "正文只能从 DOCX 文档读入；PDF 请作为附件上传。",
                "A text can only be taken out of a DOCX; upload a PDF as an annex.",
            ));
        }
        let content = self.ctx.objects.bytes(&file.sha256).await?;
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let (files, row) = (self.files.clone(), row.clone());
        let read = move || {
            let document = docx::read(&file.file_name, &content, &Limits::default()).map_err(|refusal| {
                let description = Text::new(refusal.message_zh(), refusal.message_en());
                Error::Invalid(vec![Violation { field: "attachment_id".to_owned(), description }])
            })?;
            let most = files.rules.picture.max_bytes;
            let pictures = document.images.iter().enumerate().map(|(place, image)| {
                let extension = if image.kind == Kind::Jpeg { "jpg" } else { "png" };
                let picture = Picture {
                    sha256: sha256_of(&image.bytes),
                    content: Bytes::from(image.bytes.clone()),
                    media_type: image.kind.media_type(),
                    file_name: format!("正文图片{}.{extension}", place + 1),
                };
                (place, picture)
            });
            let pictures = pictures.collect();
            let kind = kind_of(&catalogue, &row)?;
            let plan = Plan::make(document, kind, &files.synonyms, &by_hand, most).map_err(Error::Invalid)?;
            Ok(Taken { plan, pictures })
        };
        tokio::task::spawn_blocking(read).await.map_err(Error::internal)?
    }
}

/// The pictures that a report has already, by their content.
fn known(present: &[attachment::Model]) -> HashMap<String, String> {
    let pictures = present.iter().filter(|row| row.purpose == Purpose::Picture.as_str());
    pictures.map(|row| (row.sha256.clone(), row.attachment_id.clone())).collect()
}

/// The pictures that the sections show and the report does not have, each content once, in order.
fn fresh(
    planned: &BTreeMap<String, String>,
    pictures: &HashMap<usize, Picture>,
    known: &HashMap<String, String>,
) -> Vec<usize> {
    let mut seen = std::collections::BTreeSet::new();
    planned
        .values()
        .flat_map(|body| shown(body))
        .filter(|place| {
            pictures.get(place).is_some_and(|picture| {
                !known.contains_key(&picture.sha256) && seen.insert(picture.sha256.clone())
            })
        })
        .collect()
}

fn picture_row(
    row: &report::Model,
    actor: &Actor,
    picture: &Picture,
    caption: String,
) -> Result<attachment::Model, Error> {
    Ok(attachment::Model {
        attachment_id: id::new("att"),
        submission_id: row.submission_id.clone(),
        purpose: Purpose::Picture.as_str().to_owned(),
        annex_code: String::new(),
        section_code: String::new(),
        file_name: picture.file_name.clone(),
        media_type: picture.media_type.to_owned(),
        size: i64::try_from(picture.content.len()).map_err(Error::internal)?,
        sha256: picture.sha256.clone(),
        caption,
        alt_text: String::new(),
        account_id: actor.account_id.clone(),
        account_name: actor.account_name.clone(),
        create_time: row.update_time,
        version: 1,
    })
}

fn check_lengths(planned: &BTreeMap<String, String>) -> Result<(), Error> {
    let long = planned.iter().filter(|(_, body)| body.chars().count() > MAX_BODY);
    let violations: Vec<Violation> = long
        .map(|(code, _)| {
            Violation::new(
                format!("section/{code}"),
                format!("分到 {code} 一节的内容超过 200,000 字，请拆分文档或另行指定章节。"),
                format!("More than 200,000 characters would go to the section {code}; assign some of it elsewhere."),
            )
        })
        .collect();
    if violations.is_empty() { Ok(()) } else { Err(Error::Invalid(violations)) }
}

/// The section must be as the preview showed it.
fn check_etag(code: &str, now: Option<&section::Model>, given: Option<&String>) -> Result<(), Error> {
    let current = now.map(|now| etag::of(now.version)).unwrap_or_default();
    if given.map(String::as_str).unwrap_or_default() == current {
        return Ok(());
    }
    Err(Error::EtagMismatch {
        current: HashMap::from([
            ("section_code".to_owned(), code.to_owned()),
            ("current_etag".to_owned(), current),
        ]),
    })
}
