//! How wide text is, near enough to place it without asking a font.

use super::SIZE;

/// The width of `text` at the size of the drawing.
pub fn width(text: &str) -> f64 {
    text.chars().map(advance).sum::<f64>() * SIZE
}

fn advance(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | '!' | '(' | ')' | '-' => 0.34,
        'A'..='Z' | 'm' | 'w' => 0.7,
        '%' | '@' => 0.92,
        '\u{0}'..='\u{2ff}' => 0.57,
        _ => 1.0,
    }
}

/// The text in lines no wider than `limit`, at most `lines`; the last ends in an ellipsis if more was to come.
/// Latin words stay whole where they fit.
pub fn wrap(text: &str, limit: f64, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = vec![];
    let mut line = String::new();
    for word in words(text) {
        if width(&line) + width(word.trim_end()) > limit && !line.is_empty() {
            wrapped.push(std::mem::take(&mut line));
        }
        if width(word) <= limit {
            line.push_str(word);
            continue;
        }
        for character in word.chars() {
            if width(&line) + advance(character) * SIZE > limit && !line.is_empty() {
                wrapped.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    if !line.is_empty() {
        wrapped.push(line);
    }
    if wrapped.len() > lines {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            while width(last) + SIZE > limit && last.pop().is_some() {}
            last.push('…');
        }
    }
    wrapped
}

/// The pieces between which a line may break: Latin words with the space after them, and single other characters.
fn words(text: &str) -> Vec<&str> {
    let mut words = vec![];
    let mut start = 0;
    let mut latin = false;
    for (at, character) in text.char_indices() {
        let joins = character < '\u{2ff}';
        let after_space = text[..at].ends_with(' ');
        if at > start && (!joins || !latin || after_space) {
            words.push(&text[start..at]);
            start = at;
        }
        latin = joins;
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_words_and_say_that_more_was_to_come() {
        assert_eq!(wrap("学前教育", 100.0, 2), ["学前教育"]);
        assert_eq!(wrap("城市轨道交通运营管理", 66.0, 2), ["城市轨道交", "通运营管理"]);
        assert_eq!(wrap("城市轨道交通运营管理与服务", 66.0, 2), ["城市轨道交", "通运营管…"]);
        assert_eq!(wrap("Early childhood education", 80.0, 3), ["Early ", "childhood ", "education"]);
        assert!(wrap("", 80.0, 3).is_empty());
    }
}
