//! A number as people type it, read exactly.

use rust_decimal::Decimal;

use super::ValueError;

/// How many significant digits a number may have.
const MAX_DIGITS: usize = 28;

/// The number that is typed, without trailing zeros and never minus zero.
pub(super) fn decimal(given: &str) -> Result<Decimal, ValueError> {
    let plain: String = given.trim().chars().map(half_width).collect();
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let whole = without_separators(whole).ok_or_else(|| not_a_number(given, &plain))?;
    if !all_digits(&whole) || !fraction.is_none_or(all_digits) {
        return Err(not_a_number(given, &plain));
    }
    let fraction = fraction.unwrap_or_default().trim_end_matches('0');
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    if whole.len() + fraction.len() > MAX_DIGITS {
        return Err(ValueError::TooLong);
    }
    let text = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    let mut number = Decimal::from_str_exact(&text).map_err(|_| ValueError::TooLong)?;
    number.set_sign_negative(negative && !number.is_zero());
    Ok(number)
}

/// The character as it is on a keyboard in Latin mode.
pub(super) fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '．' => '.',
        '，' => ',',
        '－' | '−' => '-',
        '％' => '%',
        other => other,
    }
}

/// The digits without separators; nothing if the separators do not stand in groups of three.
fn without_separators(whole: &str) -> Option<String> {
    if !whole.contains(',') {
        return Some(whole.to_owned());
    }
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let sound = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    sound.then(|| whole.replace(',', ""))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn not_a_number(given: &str, plain: &str) -> ValueError {
    let given = given.trim().to_owned();
    let has_exponent = plain.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        mantissa.parse::<Decimal>().is_ok() && exponent.trim_start_matches(['+', '-']).parse::<u32>().is_ok()
    });
    if has_exponent { ValueError::Exponent { given } } else { ValueError::NotANumber { given } }
}
