//! Domain errors as the platform's, once.

use zhijian_platform::Error;

use crate::domain::{
    cycle::WrongState,
    submission::{IllegalMove, PastDue},
};

impl From<IllegalMove> for Error {
    fn from(error: IllegalMove) -> Self {
        let text = error.text();
        Self::illegal_state("submission.state", text.zh, text.en)
    }
}

impl From<PastDue> for Error {
    fn from(error: PastDue) -> Self {
        let text = error.text();
        Self::illegal_state("cycle.due_time", text.zh, text.en)
    }
}

impl From<WrongState> for Error {
    fn from(error: WrongState) -> Self {
        let text = error.text();
        Self::illegal_state("cycle.state", text.zh, text.en)
    }
}
