fn main() {
    let mut integers = itoa::Buffer::new();
    let mut floats = ryu::Buffer::new();
    let digits = regex_lite::Regex::new("[0-9]+").unwrap();
    println!("{} {} {}", integers.format(42), floats.format(1.5), digits.is_match("a1"));
}
