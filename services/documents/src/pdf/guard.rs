//! What the PDF reader would believe: streams that unpack without end, and structures that lead back to themselves.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::Read as _,
};

use flate2::read::ZlibDecoder;
use pdf_extract::{Dictionary, Document, Object, ObjectId};

use crate::{Bound, Limits, Refusal, bytes};

/// Unpacks every stream once, keeping nothing.
pub(super) fn unpacked_size(file: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let bomb = |bound, limit| Refusal::ArchiveBomb { bound, limit };
    let mut total = 0_u64;
    let mut at = 0;
    let mut buffer = vec![0; 64 << 10];
    while let Some(found) = bytes::find(&file[at..], b"stream") {
        let start = at + found + b"stream".len();
        at = start;
        if file[..start].ends_with(b"endstream") {
            continue;
        }
        let head = &file[start.saturating_sub(2_000)..start];
        let head = plain_names(bytes::last(head, b" obj").map_or(head, |from| &head[from..]));
        if WIDTHS.iter().any(|key| largest_after(&head, key) > WIDEST) {
            return Err(Refusal::damaged(""));
        }
        let skip = file[start..].iter().take(2).take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let body = &file[start + skip..];
        let filters = ["FlateDecode", "/Fl ", "LZWDecode"].map(|f| bytes::count(&head, f.as_bytes()));
        if filters.iter().sum::<usize>() > 1 {
            // Packed twice is what no program writes and bombs are made of.
            return Err(bomb(Bound::Ratio, limits.ratio));
        }
        if filters[2] > 0 {
            let length = bytes::find(body, b"endstream").unwrap_or(body.len());
            total += length as u64 * 20;
        }
        let mut decoder = ZlibDecoder::new(body);
        while let Ok(read @ 1..) = decoder.read(&mut buffer) {
            total += read as u64;
            if total > limits.unpacked {
                return Err(bomb(Bound::Unpacked, limits.unpacked));
            }
        }
        at += decoder.total_in() as usize;
    }
    Ok(())
}

/// Keys whose numbers the reader makes room for before it has seen what they describe.
const WIDTHS: &[&str] = &["/Columns", "/Colors", "/BitsPerComponent", "/W"];
/// Far more than any row of a picture or table.
const WIDEST: u64 = 10_000_000;

/// Names without their escapes: `/C#6Flumns` is `/Columns`.
fn plain_names(head: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(head.len());
    let mut at = 0;
    while at < head.len() {
        let hex = head.get(at + 1..at + 3).and_then(|h| std::str::from_utf8(h).ok());
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()).filter(|_| head[at] == b'#') {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(head[at]);
                at += 1;
            }
        }
    }
    plain
}

/// The largest number that stands behind a key, alone or in an array.
fn largest_after(head: &[u8], key: &str) -> u64 {
    let mut largest = 0;
    let mut rest = head;
    while let Some(found) = bytes::find(rest, key.as_bytes()) {
        rest = &rest[found + key.len()..];
        let numbers = rest.iter().take_while(|b| b.is_ascii_digit() || b" \r\n\t[+.".contains(b));
        let numbers: String = numbers.map(|&b| char::from(b)).collect();
        let each = numbers.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty());
        largest = each.map(|n| n.parse().unwrap_or(u64::MAX)).fold(largest, u64::max);
    }
    largest
}

/// The same for the streams of a document that had to be opened first.
pub(super) fn unpacked_streams(document: &Document, limits: &Limits) -> Result<(), Refusal> {
    let mut total = 0_u64;
    let mut buffer = vec![0; 64 << 10];
    for stream in document.objects.values().filter_map(|o| o.as_stream().ok()) {
        let mut decoder = ZlibDecoder::new(stream.content.as_slice());
        while let Ok(read @ 1..) = decoder.read(&mut buffer) {
            total += read as u64;
            if total > limits.unpacked {
                return Err(Refusal::ArchiveBomb { bound: Bound::Unpacked, limit: limits.unpacked });
            }
        }
    }
    Ok(())
}

/// Deepest that page trees and drawings in drawings go.
const DEEPEST: usize = 40;

/// Whether pages inherit from, or drawings draw, each other in a circle.
pub(super) fn without_circles(document: &Document, pages: &BTreeMap<u32, ObjectId>) -> Result<(), Refusal> {
    let damaged = || Refusal::damaged("");
    for id in pages.values() {
        let mut next = Some(*id);
        for depth in 0.. {
            let Some(id) = next else { break };
            if depth > DEEPEST {
                return Err(damaged());
            }
            let parent =
                document.get_dictionary(id).and_then(|d| d.get(b"Parent")).and_then(Object::as_reference);
            next = parent.ok();
        }
    }
    let mut known = HashMap::new();
    for (&id, object) in &document.objects {
        if matches!(object, Object::Stream(_)) {
            cost(document, id, &mut HashSet::new(), &mut known)
                .filter(|c| *c <= DRAWINGS)
                .ok_or_else(damaged)?;
        }
    }
    Ok(())
}

/// Most drawings one page draws, those inside each other counted as often as they are drawn.
const DRAWINGS: u64 = 1_000_000;

/// How many drawings a stream draws at most, itself included; `None` for a circle.
fn cost(
    document: &Document,
    id: ObjectId,
    path: &mut HashSet<ObjectId>,
    known: &mut HashMap<ObjectId, u64>,
) -> Option<u64> {
    if let Some(cost) = known.get(&id) {
        return Some(*cost);
    }
    if path.len() > DEEPEST || !path.insert(id) {
        return None;
    }
    let mut most = 0;
    if let Ok(stream) = document.get_object(id).and_then(Object::as_stream) {
        for inner in drawings(document, &stream.dict) {
            most = most.max(cost(document, inner, path, known)?);
        }
        if most > 0 {
            let content = stream.decompressed_content().unwrap_or_default();
            most = most.saturating_mul(bytes::count(&content, b"Do") as u64);
        }
    }
    path.remove(&id);
    known.insert(id, most.saturating_add(1));
    Some(most.saturating_add(1))
}

fn drawings(document: &Document, dictionary: &Dictionary) -> Vec<ObjectId> {
    let inner = |d: &Dictionary, key: &[u8]| {
        let (_, object) = document.dereference(d.get(key).ok()?).ok()?;
        object.as_dict().ok().cloned()
    };
    let resources = inner(dictionary, b"Resources").and_then(|r| inner(&r, b"XObject"));
    let references = resources.iter().flat_map(|x| x.iter()).filter_map(|(_, o)| o.as_reference().ok());
    references.collect()
}
