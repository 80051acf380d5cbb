//! Zhijian: a region's vocational-education quality year.

pub mod cli;
mod command;
pub mod demo;
pub mod run;
