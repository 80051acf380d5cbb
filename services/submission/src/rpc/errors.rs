//! Domain errors as the platform's, once.

use zhijian_platform::Error;

use crate::domain::{
    comment::Misstep,
    cycle::WrongState,
    lock::{Refusal, with_contact},
    parts::NotYours,
    request::Settled,
};

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Move(error, contact) => {
                let text = error.text();
                let text = if error.wants_contact() { with_contact(text, contact.as_ref()) } else { text };
                Self::illegal_state("submission.state", text.zh, text.en)
            }
            Refusal::Cycle(error) => error.into(),
            Refusal::Late(lock) => Self::illegal_state("cycle.due_time", lock.reason.zh, lock.reason.en),
        }
    }
}

impl From<WrongState> for Error {
    fn from(error: WrongState) -> Self {
        let text = error.text();
        Self::illegal_state("cycle.state", text.zh, text.en)
    }
}

impl From<NotYours> for Error {
    fn from(error: NotYours) -> Self {
        let text = error.text();
        Self::illegal_state("submission.editors", text.zh, text.en)
    }
}

impl From<Misstep> for Error {
    fn from(error: Misstep) -> Self {
        let text = error.text();
        Self::illegal_state("comment.state", text.zh, text.en)
    }
}

impl From<Settled> for Error {
    fn from(error: Settled) -> Self {
        let text = error.text();
        Self::illegal_state("request.state", text.zh, text.en)
    }
}
