//! Counts the words of standard input, most frequent first.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

fn count(input: impl BufRead) -> io::Result<Vec<(String, usize)>> {
    let mut counts = HashMap::new();
    for line in input.lines() {
        for word in line?.split_whitespace() {
            *counts.entry(word.to_lowercase()).or_insert(0) += 1;
        }
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(sorted)
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (word, times) in count(io::stdin().lock())? {
        writeln!(out, "{times}\t{word}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn most_frequent_first() {
        let got = count("b a B".as_bytes()).unwrap();
        assert_eq!(got, [("b".to_string(), 2), ("a".to_string(), 1)]);
    }
}
