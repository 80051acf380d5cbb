//! Addresses of our own pages.

/// An address with its query; pairs without a value are left out.
pub fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(name);
        address.push('=');
        encode(value, &mut address);
    }
    address
}

/// A path segment, percent-encoded where it must be.
pub fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    encode(text, &mut encoded);
    encoded
}

fn encode(text: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// A query without the pair called `name`.
pub fn without(query: &str, name: &str) -> String {
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name)).collect();
    kept.join("&")
}

/// The address to go on to, if it is one of ours: a path, never another site.
pub fn local(next: &str) -> Option<&str> {
    let path = next.starts_with('/') && !next.starts_with("//");
    (path && !next.contains(['\\', '\r', '\n', '\t'])).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_encoded_and_empty_filters_left_out() {
        assert_eq!(
            address("/desk", &[("year", "2026"), ("kind", ""), ("q", "北 京")]),
            "/desk?year=2026&q=%E5%8C%97%20%E4%BA%AC"
        );
        assert_eq!(address("/desk?a=1", &[("b", "2")]), "/desk?a=1&b=2");
        assert_eq!(segment("V03/SC02#1"), "V03%2FSC02%231");
    }

    #[test]
    fn one_pair_leaves_a_query() {
        assert_eq!(without("a=1&lang=en&b=2", "lang"), "a=1&b=2");
        assert_eq!(without("lang=en", "lang"), "");
        assert_eq!(without("language=1", "lang"), "language=1");
    }

    #[test]
    fn only_our_own_addresses_are_gone_on_to() {
        assert_eq!(local("/desk?year=2026"), Some("/desk?year=2026"));
        assert_eq!(local("//evil.example"), None);
        assert_eq!(local("/\\evil.example"), None);
        assert_eq!(local("https://evil.example"), None);
    }
}
