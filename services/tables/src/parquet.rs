//! Parquet: a number is a DECIMAL wide enough for every exact value of its column, with a text beside it as printed.
//!
//! | column of the table | columns of the file |
//! |-|-|
//! | words | `key`: text; `key_en` where the English differs |
//! | numbers | `key`: DECIMAL, null where there is no exact value; `key_display`: text |
//!
//! A last column `total` marks the lines of sums. A column whose values need more than 38 digits is text. What is said
//! about the table stands in the file's key-value metadata, under `zhijian.` and the fact's key.

use std::sync::Arc;

use parquet::{
    basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical},
    data_type::{BoolType, ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType},
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};
use rust_decimal::Decimal;
use serde_json::json;

use crate::{Cell, Error, Table, Words, json};

/// The most digits that readers of Parquet agree to take.
const MAX_DIGITS: u32 = 38;
/// Enough bytes for them.
const DECIMAL_BYTES: i32 = 16;

/// The file's bytes.
///
/// # Errors
/// If the table contradicts itself: see [`Table::check`].
pub fn write(table: &Table) -> Result<Vec<u8>, Error> {
    table.check()?;
    file(table).map_err(Error::Parquet)
}

/// A column of the file.
struct Field {
    name: String,
    data: Data,
}

enum Data {
    Text(Vec<Option<ByteArray>>),
    Decimal { precision: u32, scale: u32, values: Vec<Option<FixedLenByteArray>> },
    Flag(Vec<bool>),
}

fn file(table: &Table) -> Result<Vec<u8>, ParquetError> {
    let fields = fields(table);
    let types = fields.iter().map(|field| kind(field).map(Arc::new)).collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder("table").with_fields(types).build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("zhijian".to_owned())
        .set_key_value_metadata(Some(metadata(table)))
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for field in &fields {
        let Some(mut column) = group.next_column()? else { break };
        match &field.data {
            Data::Text(values) => {
                let (present, levels) = levels(values);
                column.typed::<ByteArrayType>().write_batch(&present, Some(&levels), None)?;
            }
            Data::Decimal { values, .. } => {
                let (present, levels) = levels(values);
                column.typed::<FixedLenByteArrayType>().write_batch(&present, Some(&levels), None)?;
            }
            Data::Flag(values) => {
                column.typed::<BoolType>().write_batch(values, None, None)?;
            }
        }
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}

fn fields(table: &Table) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut taken: Vec<String> = table.columns.iter().map(|column| column.key.clone()).collect();
    // A name beside those of the table.
    let mut beside = |name: String| {
        let mut free = name;
        while taken.contains(&free) {
            free.push('_');
        }
        taken.push(free.clone());
        free
    };
    for (at, column) in table.columns.iter().enumerate() {
        let cells: Vec<&Cell> = table.rows.iter().map(|row| &row.cells[at]).collect();
        let shown = || texts(cells.iter().map(|cell| cell.display.as_str()));
        if column.numeric {
            let exact =
                decimals(&cells).unwrap_or_else(|| texts(cells.iter().map(|cell| cell.value.as_str())));
            fields.push(Field { name: column.key.clone(), data: exact });
            fields.push(Field { name: beside(format!("{}_display", column.key)), data: shown() });
        } else {
            fields.push(Field { name: column.key.clone(), data: shown() });
            if table.is_translated(at) {
                let english = |cell: &&'_ Cell| match cell.display_en.as_str() {
                    "" => cell.display.clone(),
                    english => english.to_owned(),
                };
                let english: Vec<String> = cells.iter().map(english).collect();
                let data = texts(english.iter().map(String::as_str));
                fields.push(Field { name: beside(format!("{}_en", column.key)), data });
            }
        }
    }
    let totals = Data::Flag(table.rows.iter().map(|row| row.total).collect());
    fields.push(Field { name: beside("total".to_owned()), data: totals });
    fields
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Data {
    Data::Text(texts.map(|text| (!text.is_empty()).then(|| ByteArray::from(text))).collect())
}

/// The exact values; `None` if they need too many digits.
fn decimals(cells: &[&Cell]) -> Option<Data> {
    let values: Vec<Option<Decimal>> = cells.iter().map(|cell| cell.decimal()).collect();
    let present = || values.iter().flatten();
    let scale = present().map(Decimal::scale).max().unwrap_or(0);
    let whole = present().map(|value| whole_digits(*value)).max().unwrap_or(1);
    let precision = whole + scale;
    if precision > MAX_DIGITS {
        return None;
    }
    let bytes = |value: Decimal| {
        let unscaled = value.mantissa() * 10_i128.pow(scale - value.scale());
        FixedLenByteArray::from(unscaled.to_be_bytes().to_vec())
    };
    let values = values.into_iter().map(|value| value.map(bytes)).collect();
    Some(Data::Decimal { precision, scale, values })
}

fn whole_digits(value: Decimal) -> u32 {
    value.trunc().mantissa().unsigned_abs().checked_ilog10().unwrap_or(0) + 1
}

/// The values that are there, and a level for each place: 1 where there is one.
fn levels<T: Clone>(values: &[Option<T>]) -> (Vec<T>, Vec<i16>) {
    let present = values.iter().flatten().cloned().collect();
    (present, values.iter().map(|value| i16::from(value.is_some())).collect())
}

fn kind(field: &Field) -> Result<Type, ParquetError> {
    match &field.data {
        Data::Text(_) => Type::primitive_type_builder(&field.name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(Some(LogicalType::String))
            .build(),
        Data::Decimal { precision, scale, .. } => {
            let (precision, scale) = (precision.cast_signed(), scale.cast_signed());
            Type::primitive_type_builder(&field.name, Physical::FIXED_LEN_BYTE_ARRAY)
                .with_length(DECIMAL_BYTES)
                .with_repetition(Repetition::OPTIONAL)
                .with_converted_type(ConvertedType::DECIMAL)
                .with_logical_type(Some(LogicalType::decimal(scale, precision)))
                .with_precision(precision)
                .with_scale(scale)
                .build()
        }
        Data::Flag(_) => Type::primitive_type_builder(&field.name, Physical::BOOLEAN)
            .with_repetition(Repetition::REQUIRED)
            .build(),
    }
}

fn metadata(table: &Table) -> Vec<KeyValue> {
    let say = |key: &str, value: String| KeyValue::new(format!("zhijian.{key}"), value);
    let words = |words: &Words| json!({ "zh": words.zh, "en": words.en }).to_string();
    let mut entries = vec![say("name", table.name.clone()), say("title", words(&table.title))];
    entries.extend(table.date.map(|date| say("date", date.to_string())));
    entries.extend(table.facts.iter().map(|fact| say(&fact.key, words(&fact.text))));
    entries.push(say("columns", serde_json::Value::from(json::columns(&table.columns)).to_string()));
    entries
}
