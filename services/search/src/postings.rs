//! Where a term occurs: documents in order, as differences, each with how often.

/// The places of one term, packed.
#[derive(Debug, Default)]
pub struct Postings {
    bytes: Vec<u8>,
    last: u32,
    count: u32,
}

impl Postings {
    /// Adds a document that comes after all added before.
    pub fn push(&mut self, document: u32, times: u32) {
        let step = if self.count == 0 { document } else { document - self.last };
        // How often fits into two bits for most; a zero there says that it follows.
        let short = if times < 4 { times } else { 0 };
        write(&mut self.bytes, (u64::from(step) << 2) | u64::from(short));
        if short == 0 {
            write(&mut self.bytes, u64::from(times));
        }
        self.last = document;
        self.count += 1;
    }

    /// In how many documents it occurs.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Documents and how often, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        let mut rest = self.bytes.as_slice();
        let mut document = 0_u32;
        std::iter::from_fn(move || {
            let head = read(&mut rest)?;
            document += u32::try_from(head >> 2).unwrap_or_default();
            let times = match u32::try_from(head & 3).unwrap_or_default() {
                0 => u32::try_from(read(&mut rest)?).unwrap_or(u32::MAX),
                times => times,
            };
            Some((document, times))
        })
    }

    /// Gives back what was kept for growing.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> usize {
        self.bytes.capacity() + size_of::<Self>()
    }
}

fn write(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_pushed_comes_back(
            documents in proptest::collection::btree_map(any::<u32>(), 1_u32..100_000, 0..200)
        ) {
            let mut postings = Postings::default();
            for (document, times) in &documents {
                postings.push(*document, *times);
            }
            prop_assert_eq!(postings.count() as usize, documents.len());
            prop_assert_eq!(postings.iter().collect::<Vec<_>>(), documents.into_iter().collect::<Vec<_>>());
        }
    }
}
