//! The digital map (专业与产业匹配数字地图): programmes against industries and districts.

pub mod filter;
pub mod rules;
pub mod supply;

#[cfg(test)]
mod tests;
