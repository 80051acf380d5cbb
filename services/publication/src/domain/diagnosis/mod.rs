//! The diagnosis of status data (状态数据探诊): an institution among its peers and over the years, and a region's spread.

pub mod institution;
pub mod region;
pub mod rules;
pub mod spread;
pub mod values;

#[cfg(test)]
mod tests;
