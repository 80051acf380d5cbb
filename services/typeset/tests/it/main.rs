//! One document in four forms.

mod sample;

mod docx;
mod forms;
mod survives;
