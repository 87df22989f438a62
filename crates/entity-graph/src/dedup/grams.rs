//! The sets of characters in a row that keys are compared by.

/// How many characters are in a row.
const LENGTH: usize = 3;

/// The least similarity of keys that are nearly the same, in hundredths.
const LEAST: usize = 85;

/// The hashes of all three characters in a row of a key, sorted, each once; of a shorter key it is the whole.
pub(super) fn grams(key: &str, into: &mut Vec<u32>) {
    into.clear();
    let mut window = [0_u32; LENGTH];
    let mut seen = 0;
    for char in key.chars() {
        window.rotate_left(1);
        window[LENGTH - 1] = char as u32;
        seen += 1;
        if seen >= LENGTH {
            into.push(mixed(window));
        }
    }
    if seen < LENGTH {
        into.push(mixed(window));
    }
    into.sort_unstable();
    into.dedup();
}

fn mixed(window: [u32; LENGTH]) -> u32 {
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64;
    for char in window {
        hash = (hash ^ u64::from(char)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 32;
    }
    hash as u32
}

/// Whether two sets are nearly the same.
pub(super) fn are_near(left: &[u32], right: &[u32]) -> bool {
    let (few, many) = (left.len().min(right.len()), left.len().max(right.len()));
    if few * 100 < many * LEAST {
        return false;
    }
    let (mut at, mut other, mut both) = (0, 0, 0);
    while at < left.len() && other < right.len() {
        match left[at].cmp(&right[other]) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => other += 1,
            std::cmp::Ordering::Equal => (at, other, both) = (at + 1, other + 1, both + 1),
        }
    }
    both * 100 >= (few + many - both) * LEAST
}

/// A set in so few bits that most sets which are not nearly the same are told apart without looking at their members.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sketch {
    bits: u64,
    members: u32,
}

impl Sketch {
    pub(super) fn of(set: &[u32]) -> Self {
        let bits = set.iter().fold(0, |bits, gram| bits | 1 << (gram >> 26));
        Self { bits, members: set.len() as u32 }
    }

    /// False only for sets that are not nearly the same.
    ///
    /// Each bit that differs stands for a member of one set alone. Sets of a and b members with a similarity of s or more
    /// have together at most (1 - s) / (1 + s) * (a + b) of these.
    pub(super) fn may_be_near(self, other: Self) -> bool {
        let apart = (self.bits ^ other.bits).count_ones() as usize;
        apart * (100 + LEAST) <= (100 - LEAST) * (self.members as usize + other.members as usize)
    }
}

/// How many of so many members a set shares at least with any that is nearly the same.
pub(super) fn least_shared(members: usize) -> usize {
    (members * LEAST).div_ceil(100)
}

/// Whether two keys have the same numbers and words of one or two letters, and, where all of their words but one are the
/// same, whether that one is spelled alike.
pub(super) fn agree_in_detail(left: &str, right: &str) -> bool {
    details(left).eq(details(right)) && !differ_in_a_word(left, right)
}

/// Whether two keys differ in one word that is another one, and not another spelling of it: most of the longer of both
/// words, at the beginning and at the end, would be the same.
fn differ_in_a_word(left: &str, right: &str) -> bool {
    if left.split(' ').count() != right.split(' ').count() {
        return false;
    }
    let mut differing = left.split(' ').zip(right.split(' ')).filter(|(left, right)| left != right);
    let (Some((one, other)), None) = (differing.next(), differing.next()) else { return false };
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let shorter = one.len().min(other.len());
    let before = one.iter().zip(&other).take_while(|(left, right)| left == right).count();
    let after = one.iter().rev().zip(other.iter().rev()).take_while(|(left, right)| left == right).count();
    (before + after).min(shorter) * 2 <= one.len().max(other.len())
}

fn details(key: &str) -> impl Iterator<Item = &str> {
    key.split(' ').filter(|word| {
        word.chars().nth(2).is_none()
            || word.bytes().any(|byte| byte.is_ascii_digit())
            || word.bytes().all(|byte| b"ivxlcdm".contains(&byte))
    })
}
