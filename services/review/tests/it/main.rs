//! The review service on a real database behind the platform's layer, with the real services upstream.

mod agreement;
mod appealing;
mod assigning;
mod following;
mod lists;
mod model;
mod model_after;
mod panel;
mod path;
mod rectifying;
mod scores;
mod sealed;
mod seats;
mod size;
mod visibility;
mod world;
