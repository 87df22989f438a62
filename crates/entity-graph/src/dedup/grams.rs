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

/// Whether the numbers and the words of one or two letters in two keys are the same.
pub(super) fn agree_in_detail(left: &str, right: &str) -> bool {
    details(left).eq(details(right))
}

fn details(key: &str) -> impl Iterator<Item = &str> {
    key.split(' ').filter(|word| {
        word.chars().nth(2).is_none()
            || word.bytes().any(|byte| byte.is_ascii_digit())
            || word.bytes().all(|byte| b"ivxlcdm".contains(&byte))
    })
}
