//! Names of two pieces from a pool that all worlds share.

use std::collections::{BTreeSet, HashMap};

use crate::Language;
use crate::draw::Draw;
use crate::permutation::Permutation;

/// The pieces of a small world.
const SMALL_POOL: u64 = 300;

/// The order of the pool, the same in all worlds, so that a tokenizer made for one fits all.
const POOL_SEED: u64 = 7;

const ONSETS: [&str; 26] = [
    "b", "br", "d", "dr", "f", "g", "gl", "gr", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "th", "tr", "v",
    "w", "z", "kr", "pl", "sk",
];
const NUCLEI: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "ea", "oa"];
const CODAS: [&str; 10] = ["l", "m", "n", "r", "s", "t", "nd", "rn", "ld", "th"];
const ENDS: [&str; 7] = ["", "a", "o", "i", "en", "el", "un"];

/// Characters that no sentence uses: a piece is one of the first and one of the second.
const FIRSTS: &str = "卡萨维诺塔洛瑞勒莫菲梭泽佩库哈达格普弗希拉伦费珊阿埃奥迪杜帕莱柯克鲁罗穆纳潘乔楚";
const SECONDS: &str = "林尔斯顿坦娜姆恩德泰蒂丝琳兹茨曼森妮雅娅丽卓伊伯赫琦齐尼宁珀沃芙萝黛桑瓦汀琪莎翰";

/// Names of two pieces, such as `SteamNithi`, for a number of entities.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    language: Language,
    pieces: Vec<String>,
    places: HashMap<String, u64>,
    order: Permutation,
    entities: u64,
}

impl Names {
    pub(crate) fn new(language: Language, entities: u64, draw: Draw) -> Self {
        let size = pool_size(entities);
        let pieces = pool(language, size as usize);
        let places = (0..).zip(&pieces).map(|(place, piece)| (piece.clone(), place)).collect();
        let size = pieces.len() as u64;
        Self { language, pieces, places, order: Permutation::new(size * (size - 1), draw), entities }
    }

    /// The pieces that names are made of.
    pub(crate) fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// The name of an entity.
    pub(crate) fn of(&self, entity: u64) -> String {
        let others = self.pieces.len() as u64 - 1;
        let pair = self.order.at(entity);
        let (first, second) = (pair / others, pair % others);
        let second = if second >= first { second + 1 } else { second };
        format!("{}{}", self.pieces[first as usize], self.pieces[second as usize])
    }

    /// The entity of a name.
    pub(crate) fn entity(&self, name: &str) -> Option<u64> {
        let (start, length) = piece_at(self.language, name, 0)?;
        let (next, rest) = piece_at(self.language, name, length)?;
        if start != 0 || next != length || length + rest != name.len() {
            return None;
        }
        let (first, second) = (*self.places.get(&name[..length])?, *self.places.get(&name[length..])?);
        let others = self.pieces.len() as u64 - 1;
        let place = match second.cmp(&first) {
            std::cmp::Ordering::Less => second,
            std::cmp::Ordering::Greater => second - 1,
            std::cmp::Ordering::Equal => return None,
        };
        Some(self.order.place_of(first * others + place)).filter(|entity| *entity < self.entities)
    }
}

/// How many pieces so many names take.
fn pool_size(entities: u64) -> u64 {
    let root = ((entities as f64) * 1.2).sqrt().ceil() as u64 + 1;
    root.max(SMALL_POOL)
}

/// The first pieces of the pool of a language.
pub(crate) fn pool(language: Language, size: usize) -> Vec<String> {
    let mut all = match language {
        Language::English => english(),
        Language::Chinese => chinese(),
    };
    Draw::new(POOL_SEED).of("pool").shuffle(&mut all);
    all.truncate(size);
    all
}

fn english() -> Vec<String> {
    let raw = Language::English.raw().to_lowercase();
    let taken: BTreeSet<&str> =
        raw.split(|char: char| !char.is_ascii_alphabetic()).chain(COMMON.split_whitespace()).collect();
    let mut all = BTreeSet::new();
    for onset in ONSETS {
        for nucleus in NUCLEI {
            for (coda, end) in CODAS.iter().flat_map(|coda| ENDS.iter().map(move |end| (coda, end))) {
                let piece = format!("{onset}{nucleus}{coda}{end}");
                if (4..=6).contains(&piece.len()) && !taken.contains(piece.as_str()) {
                    all.insert(piece[..1].to_uppercase() + &piece[1..]);
                }
            }
        }
    }
    all.into_iter().collect()
}

fn chinese() -> Vec<String> {
    let pair = |first: char| SECONDS.chars().map(move |second| format!("{first}{second}"));
    FIRSTS.chars().flat_map(pair).collect()
}

/// Where the next piece begins at or after a place, and how long it is.
pub(crate) fn piece_at(language: Language, text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    match language {
        Language::English => {
            let start = rest.find(|char: char| char.is_ascii_uppercase())?;
            let tail = rest[start + 1..].find(|char: char| !char.is_ascii_lowercase());
            Some((from + start, tail.map_or(rest.len() - start, |tail| tail + 1)))
        }
        Language::Chinese => {
            rest.char_indices().find_map(|(at, char)| piece_here(char, &rest[at..]).map(|length| (from + at, length)))
        }
    }
}

/// How long the Chinese piece is that a text begins with, whose first character this is.
pub(crate) fn piece_here(first: char, text: &str) -> Option<usize> {
    let length = first.len_utf8();
    let second = text[length..].chars().next().filter(|second| FIRSTS.contains(first) && SECONDS.contains(*second))?;
    Some(length + second.len_utf8())
}

/// English words that pieces could be and that prompts are full of.
const COMMON: &str = "then than this that these those there thin them born barn bread break brain bran dream drain drum
    grain grand green great real read near need wait want will well went wind wild with mind kind hand land sand band bond
    boat beat bean bear beam beat best rest test text them term turn torn stem star stand stain steal steel train trail
    treat trend tram trim mean main most must more hear heat heart fear feat food goal goat gold good hold host help his
    hers lean lead leaf last lost list line less main part past plan plain plan plea pleas real road roam seal seat seas
    send seem some soon soil tail team tear tell tend tent than thus told ton took true turn vain vein void wail wall warn
    wear what when who whole wood word work world worth zeal skin skim skill sold sort skit salt said sail pain pair pail
    poem post press bath path math moth both broth north south month earth birth death health wealth";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_of_one_entity() {
        for (language, entities) in [
            (Language::English, 900),
            (Language::Chinese, 900),
            (Language::English, 2_000_000),
            (Language::Chinese, 2_000_000),
        ] {
            let names = Names::new(language, entities, Draw::new(3));
            let step = (entities / 900) as usize;
            let some: Vec<u64> = (0..entities).step_by(step).collect();
            let different: BTreeSet<String> = some.iter().map(|entity| names.of(*entity)).collect();
            assert_eq!(different.len(), some.len());
            for entity in some {
                assert_eq!(names.entity(&names.of(entity)), Some(entity));
            }
        }
    }

    #[test]
    fn what_is_no_name_has_no_entity() {
        let names = Names::new(Language::English, 500, Draw::new(3));
        let (first, other) = (&names.pieces()[0], &names.pieces()[1]);
        for text in ["", "Karlin", "karlin", first, &format!("{first}{first}"), &format!("{first}{other}{first}")] {
            assert_eq!(names.entity(text), None, "{text}");
        }
        assert_eq!(Names::new(Language::Chinese, 500, Draw::new(3)).entity("卡林卡"), None);
    }

    #[test]
    fn a_larger_pool_begins_with_a_smaller_one() {
        for language in [Language::English, Language::Chinese] {
            let (small, large) = (pool(language, 300), pool(language, 1_500));
            assert_eq!((small.len(), large.len()), (300, 1_500));
            assert_eq!(small[..], large[..300]);
            assert_eq!(large.iter().collect::<BTreeSet<_>>().len(), large.len());
        }
    }

    #[test]
    fn no_sentence_uses_the_characters_of_names() {
        let raw = Language::Chinese.raw();
        let used: Vec<char> = FIRSTS.chars().chain(SECONDS.chars()).filter(|char| raw.contains(*char)).collect();
        assert!(used.is_empty(), "{used:?}");
        let different: BTreeSet<char> = FIRSTS.chars().chain(SECONDS.chars()).collect();
        assert_eq!((FIRSTS.chars().count(), SECONDS.chars().count(), different.len()), (40, 40, 80));
    }
}
