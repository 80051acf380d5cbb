//! What a release is and how its tables come out of the year's data. No I/O.

pub mod case;
pub mod definition;
pub mod derivation;
pub mod diagnosis;
pub mod difference;
pub mod disclosure;
pub mod edition;
pub mod facts;
pub mod federation;
pub mod figure;
pub mod lack;
pub mod map;
pub mod number;
pub mod objection;
pub mod pin;
pub mod release;
pub mod render;
pub mod table;
pub mod template;
pub mod trace;
