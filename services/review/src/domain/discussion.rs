//! Discussion: who is who on a panel, when it may talk, and when a sheet may be revised.

use zhijian_platform::{Error, Text};

use super::assignment::{Assignment, State};

/// What the numbers of reviewers are called in Chinese, as in contracts.
const STEMS: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];

/// The panel that an assignment belongs to, in the order of its labels; those who gave their seats back are left out.
///
/// The order is that of the random parts of the ids, which says nothing about who sits where: the seats are made in the
/// order of accounts.
pub fn panel<'a>(of: &Assignment, of_entry: &'a [Assignment]) -> Vec<&'a Assignment> {
    let mut panel: Vec<&Assignment> = of_entry
        .iter()
        .filter(|seat| seat.rectification_id == of.rectification_id && seat.state != State::Abstained)
        .collect();
    panel.sort_by_key(|seat| (seat.arbiter, seat.id.chars().rev().collect::<String>()));
    panel
}

/// What the others call the reviewer at this place.
pub fn label(place: usize, arbiter: bool) -> Text {
    if arbiter {
        return Text::new("仲裁专家", "Arbiter");
    }
    let stem = STEMS.get(place).map_or_else(|| (place + 1).to_string(), |stem| (*stem).to_owned());
    let letter = u8::try_from(place).ok().filter(|place| *place < 26).map(|place| char::from(b'A' + place));
    let letter = letter.map_or_else(|| (place + 1).to_string(), String::from);
    Text::new(format!("专家{stem}"), format!("Reviewer {letter}"))
}

/// Checks that the caller's own sheet is in, so that nobody is led by others.
///
/// # Errors
/// FAILED_PRECONDITION.
pub fn own_is_in(own: &Assignment) -> Result<(), Error> {
    if own.state == State::Submitted {
        return Ok(());
    }
    Err(Error::illegal_state(
        "state",
        "提交自己的评分之后，才能看到其他专家的评分和讨论。",
        "Hand in your own scores first; then you see the others' and can talk.",
    ))
}

/// Whether a sheet may be revised: others have spoken, and it was not revised before.
pub fn may_revise(own: &Assignment, revised: bool, others_spoke: bool, open: bool) -> bool {
    open && own.state == State::Submitted && !revised && others_spoke
}

/// Why a sheet may not be revised.
pub fn not_revisable(revised: bool, others_spoke: bool) -> Error {
    let (zh, en) = match (revised, others_spoke) {
        (true, _) => ("讨论后只能修订一次，您已经修订过。", "A sheet is revised once; yours was."),
        (false, false) => (
            "其他专家还没有在讨论中发言，暂时不能修订。",
            "Nobody else has spoken yet; a sheet is revised after discussion.",
        ),
        (false, true) => ("评分已经结束，不能修订。", "Scoring is over; nothing can be revised."),
    };
    Error::illegal_state("state", zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_letters_then_numbers() {
        assert_eq!(label(0, false), Text::new("专家甲", "Reviewer A"));
        assert_eq!(label(2, false), Text::new("专家丙", "Reviewer C"));
        assert_eq!(label(12, false), Text::new("专家13", "Reviewer M"));
        assert_eq!(label(3, true), Text::new("仲裁专家", "Arbiter"));
    }
}
