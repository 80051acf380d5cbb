//! The submission service through its own RPCs, behind the platform's layer, on each database.

mod cycles;
mod editing;
mod hand_in;
mod harness;
mod programmes;
mod results;
