use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn by(account_id: &str) -> Signature {
    Signature { account_id: account_id.to_owned(), name: account_id.to_owned(), time: DateTime::UNIX_EPOCH }
}

fn in_state(state: State) -> Life {
    Life { state, version: u32::from(state.is_published()), ..Life::new() }
}

fn text() -> Text {
    Text::new("更正", "A correction")
}

#[test]
fn only_what_the_public_has_not_seen_may_be_compiled() {
    assert_eq!(in_state(State::Draft).check_compile(), Ok(()));
    assert_eq!(in_state(State::Compiled).check_compile(), Ok(()));
    for state in [State::Notice, State::Published, State::Corrected, State::Withdrawn] {
        assert_eq!(in_state(state).check_compile(), Err(Refusal::Shown(state)));
    }
}

#[test]
fn a_notice_wants_tables_and_at_most_sixty_days() {
    let calendar = Calendar::default();
    let today = day("2031-11-24");
    let open = |state, days| in_state(state).open_notice(today, days, &calendar);
    assert_eq!(open(State::Draft, 5), Err(Refusal::NotCompiled));
    assert_eq!(open(State::Compiled, 61), Err(Refusal::TooLong));
    assert_eq!(open(State::Notice, 5), Err(Refusal::Shown(State::Notice)));
    let notice = open(State::Compiled, 5).expect("compiled");
    assert_eq!(notice, Notice { start: today, end: day("2031-12-01"), working_days: 5 });
}

fn on_notice() -> Life {
    let notice = Notice { start: day("2026-11-23"), end: day("2026-11-30"), working_days: 5 };
    Life { notice: Some(notice), ..in_state(State::Notice) }
}

#[test]
fn nothing_is_published_before_its_notice_has_ended() {
    let life = on_notice();
    let notice = life.notice.expect("opened");
    assert_eq!(life.check_ready(day("2026-11-23"), 0), Err(Refusal::NoticeRuns(notice)));
    assert_eq!(life.check_ready(day("2026-11-30"), 0), Err(Refusal::NoticeRuns(notice)));
    assert_eq!(life.check_ready(day("2026-12-01"), 0), Ok(()));
    let none = Notice { start: notice.start, end: notice.start, working_days: 0 };
    let life = Life { notice: Some(none), ..life };
    assert_eq!(life.check_ready(notice.start, 0), Ok(()));
    assert_eq!(
        in_state(State::Compiled).check_ready(notice.start, 0),
        Err(Refusal::NoNotice(State::Compiled))
    );
    assert_eq!(
        in_state(State::Published).check_ready(notice.start, 0),
        Err(Refusal::Shown(State::Published))
    );
}

#[test]
fn an_open_objection_and_a_lonely_publisher_stand_in_the_way() {
    let after = day("2026-12-01");
    let mut life = on_notice();
    assert_eq!(life.propose(by("a"), after, 2), Err(Refusal::ObjectionsOpen(2)));
    assert_eq!(life.check_confirm("b", after, 0), Err(Refusal::NotProposed));
    life.propose(by("a"), after, 0).expect("ready");
    assert_eq!(life.propose(by("b"), after, 0), Err(Refusal::Proposed));
    assert_eq!(life.confirm("a", after, 0), Err(Refusal::SamePerson));
    assert_eq!(life.confirm("b", after, 1), Err(Refusal::ObjectionsOpen(1)));
    let made = life.confirm("b", after, 0).expect("two people");
    assert_eq!((made.version, made.kind, life.state), (1, Kind::Original, State::Published));
    assert_eq!(life.proposal, None);
}

#[test]
fn a_correction_is_compiled_proposed_and_confirmed_beside_what_is_published() {
    let today = day("2026-12-01");
    let mut life = in_state(State::Published);
    life.open_correction(Kind::Erratum, text(), by("a")).expect("published");
    assert_eq!(life.open_correction(Kind::Erratum, text(), by("a")), Err(Refusal::CorrectionOpen));
    assert_eq!(life.propose(by("a"), today, 0), Err(Refusal::CorrectionNotCompiled));
    life.compiled().expect("a correction is open");
    assert_eq!(life.state, State::Published, "the public sees nothing of it");
    life.propose(by("a"), today, 0).expect("compiled");
    assert_eq!(life.check_compile(), Err(Refusal::Proposed));
    let made = life.confirm("b", today, 0).expect("two people");
    assert_eq!((made.version, made.kind, life.state), (2, Kind::Erratum, State::Corrected));
    life.open_correction(Kind::Withdrawal, text(), by("b")).expect("corrected");
    assert_eq!(life.check_compile(), Err(Refusal::NothingToCompile));
    life.propose(by("b"), today, 0).expect("nothing to compile");
    let made = life.confirm("a", today, 0).expect("two people");
    assert_eq!((made.version, life.state), (3, State::Withdrawn));
    assert_eq!(life.open_correction(Kind::Erratum, text(), by("a")), Err(Refusal::Shown(State::Withdrawn)));
}

#[test]
fn states_and_kinds_survive_the_database() {
    for state in State::ALL {
        assert_eq!(State::parse(state.as_str()), Some(state));
    }
    assert_eq!(State::parse("gone"), None);
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
    assert_eq!(Kind::parse("gone"), None);
}

/// A move that somebody tries.
#[derive(Debug, Clone)]
enum Try {
    Compile,
    Notice(u32),
    Wait(u32),
    Object,
    Answer,
    Propose(u8),
    TakeBack,
    Confirm(u8),
    Correct(Kind, u8),
    Drop,
}

fn any_try() -> impl Strategy<Value = Try> {
    let kind =
        prop_oneof![Just(Kind::Erratum), Just(Kind::Revision), Just(Kind::Addition), Just(Kind::Withdrawal)];
    prop_oneof![
        3 => Just(Try::Compile),
        2 => (0_u32..8).prop_map(Try::Notice),
        2 => (1_u32..20).prop_map(Try::Wait),
        1 => Just(Try::Object),
        1 => Just(Try::Answer),
        4 => (0_u8..3).prop_map(Try::Propose),
        1 => Just(Try::TakeBack),
        4 => (0_u8..3).prop_map(Try::Confirm),
        2 => (kind, 0_u8..3).prop_map(|(kind, who)| Try::Correct(kind, who)),
        1 => Just(Try::Drop),
    ]
}

fn who(number: u8) -> Signature {
    by(&format!("acc_{number}"))
}

proptest! {
    /// Whatever is tried in whatever order: a version appears only by a second person's hand, after a notice that has
    /// ended with every objection answered; a refused move changes nothing; and a state is never left backwards.
    #[test]
    fn no_order_of_moves_publishes_what_two_people_did_not_agree_on(
        tries in proptest::collection::vec(any_try(), 0..80)
    ) {
        let calendar = Calendar::default();
        let (mut life, mut today, mut open) = (Life::new(), day("2026-03-02"), 0_u64);
        for one in tries {
            let before = life.clone();
            let outcome = match &one {
                Try::Compile => life.compiled(),
                Try::Notice(days) => life.open_notice(today, *days, &calendar).map(|_| ()),
                Try::Wait(days) => {
                    today = today.checked_add_days(chrono::Days::new(u64::from(*days))).expect("near");
                    Ok(())
                }
                Try::Object => {
                    open += u64::from(life.state == State::Notice);
                    Ok(())
                }
                Try::Answer => {
                    open = open.saturating_sub(1);
                    Ok(())
                }
                Try::Propose(number) => life.propose(who(*number), today, open),
                Try::TakeBack => life.take_back().map(|_| ()),
                Try::Confirm(number) => life.confirm(&who(*number).account_id, today, open).map(|_| ()),
                Try::Correct(kind, number) => life.open_correction(*kind, text(), who(*number)),
                Try::Drop => life.drop_correction().map(|_| ()),
            };
            if outcome.is_err() {
                prop_assert_eq!(&life, &before);
                continue;
            }
            let order = |state| State::ALL.iter().position(|one| *one == state);
            prop_assert!(order(life.state) >= order(before.state));
            if life.version != before.version {
                prop_assert_eq!(life.version, before.version + 1);
                let proposed = before.proposal.as_ref().expect("proposed first").account_id.clone();
                let Try::Confirm(number) = one else { panic!("{one:?} made a version") };
                prop_assert_ne!(proposed, who(number).account_id);
                if before.version == 0 {
                    prop_assert!(before.notice.expect("shown first").has_ended(today));
                    prop_assert_eq!(open, 0);
                }
            }
            prop_assert_eq!(life.version > 0, life.state.is_published());
            if let Some(correction) = &life.correction {
                prop_assert!(life.state.is_published() && life.state != State::Withdrawn);
                prop_assert!(correction.kind != Kind::Original);
            }
        }
    }
}
