//! The review service on a real database behind the platform's layer, with the real services upstream.

mod agreement;
mod appealing;
mod assigning;
mod assistance;
mod conflicts;
mod following;
mod funding;
mod lists;
mod model;
mod model_after;
mod opening;
mod panel;
mod panel_file;
mod path;
mod procedure_model;
mod procedures;
mod rectifying;
mod reports;
mod scores;
mod sealed;
mod seats;
mod size;
mod staffing;
mod suggesting;
mod visibility;
mod world;
