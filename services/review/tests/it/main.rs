//! The review service on a real database behind the platform's layer, with the real services upstream.

mod assigning;
mod lists;
mod model;
mod panel;
mod path;
mod scores;
mod size;
mod visibility;
mod world;
