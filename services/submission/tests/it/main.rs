//! The submission service through its own RPCs, behind the platform's layer, on each database.

mod accounts;
mod attachments;
mod bulk;
mod cases;
mod catalogue;
mod comments;
mod corrections;
mod cycles;
mod deadlines;
mod desk;
mod editing;
mod editors;
mod files;
mod hand_in;
mod harness;
mod model;
mod moves;
mod narrative;
mod notices;
mod post;
mod programme_files;
mod programmes;
mod remarks;
mod results;
mod transfers;
