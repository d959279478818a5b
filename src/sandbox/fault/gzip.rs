//! A gzip body that unpacks to far more than it is: one literal, then copies of it, in one block
//! of fixed codes (RFC 1951 section 3.2.6). Its check sum is wrong; whoever gets there read it all.

/// A bomb of so many MiB of spaces.
pub(super) fn bomb(mib: usize) -> Vec<u8> {
    // RFC 1952: magic, deflate, no flags, no time, no extra flags, unknown system.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut bits = Bits { out: &mut out, held: 0, count: 0 };
    bits.push(0b1, 1); // the last block
    bits.push(0b01, 2); // fixed codes
    bits.code(0b0101_0000, 8); // literal 0x20: 0x30 + 0x20
    for _ in 0..mib * 1024 * 1024 / 258 {
        bits.code(0b1100_0101, 8); // length 258
        bits.code(0, 5); // distance 1
    }
    bits.code(0, 7); // the end of the block
    bits.flush();
    out.extend_from_slice(&[0; 8]);
    out
}

struct Bits<'a> {
    out: &'a mut Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits<'_> {
    /// Fields go in from their lowest bit.
    fn push(&mut self, value: u32, width: u32) {
        self.held |= value << self.count;
        self.count += width;
        while self.count >= 8 {
            self.out.push((self.held & 0xff) as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// Codes go in from their highest bit.
    fn code(&mut self, code: u32, width: u32) {
        for at in (0..width).rev() {
            self.push((code >> at) & 1, 1);
        }
    }

    fn flush(&mut self) {
        if self.count > 0 {
            self.push(0, 8 - self.count);
        }
    }
}
