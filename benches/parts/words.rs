//! Made text: numbers that are always the same, and a word for each number.

/// Numbers that are always the same.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }
}

/// A word that can be spoken; another for each number.
pub(crate) fn word(number: usize) -> String {
    let (consonants, vowels) = ("bdfgklmnprtvz", "aeiou");
    let (mut word, mut rest) = (String::new(), number);
    loop {
        word.push(char::from(consonants.as_bytes()[rest % 13]));
        word.push(char::from(vowels.as_bytes()[rest / 13 % 5]));
        rest /= 65;
        if rest == 0 {
            return word;
        }
        rest -= 1;
    }
}
