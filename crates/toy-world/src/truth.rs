//! What is true in a world: values and relations, each had on its own without those of others.

use std::ops::Range;

use crate::Language;
use crate::draw::Draw;
use crate::kind::{Bond, Field, Kind};
use crate::permutation::Permutation;
use crate::words::Words;

/// An entity: its kind, and its place among those of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Figure {
    pub(crate) kind: Kind,
    pub(crate) place: u64,
}

/// What is true in a world.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    counts: [u64; Kind::ALL.len()],
    /// For each relation an order of where it begins and one of where it leads.
    orders: Vec<[Permutation; 2]>,
    draw: Draw,
    words: &'static Words,
}

impl Truth {
    pub(crate) fn new(entities: u64, language: Language, draw: Draw) -> Self {
        let mut counts = Kind::ALL.map(|kind| {
            let (thousandths, least) = kind.share();
            (entities * thousandths / 1_000).max(least)
        });
        // Persons take what is left, and a small world has fewer of them.
        let persons = Kind::Person as usize;
        let others: u64 = counts.iter().sum::<u64>() - counts[persons];
        counts[persons] = entities - others;
        let mut truth = Self { counts, orders: Vec::new(), draw, words: language.words() };
        let orders = |bond: Bond| {
            let draw = draw.of(bond.as_str());
            [Permutation::new(truth.begins(bond).1, draw), Permutation::new(truth.ends(bond), draw.of("ends"))]
        };
        truth.orders = Bond::ALL.map(orders).to_vec();
        truth
    }

    /// How many entities there are of a kind.
    pub(crate) fn count(&self, kind: Kind) -> u64 {
        self.counts[kind as usize]
    }

    /// The number of an entity among all.
    pub(crate) fn number(&self, figure: Figure) -> u64 {
        self.counts[..figure.kind as usize].iter().sum::<u64>() + figure.place
    }

    /// The entity of a number below the number of all.
    pub(crate) fn figure(&self, number: u64) -> Figure {
        let mut place = number;
        for kind in Kind::ALL {
            if place < self.count(kind) {
                return Figure { kind, place };
            }
            place -= self.count(kind);
        }
        unreachable!("entity {number} is one of the world")
    }

    /// The value of a property.
    pub(crate) fn value(&self, figure: Figure, field: Field) -> String {
        let draw = self.draw.of("value").of(field.as_str()).nth(figure.kind as u64);
        let drawn = |least, count| least + draw.below(figure.place, count);
        let after = |bond: Bond, least, count| {
            let person = self.target(figure, bond).map_or(0, |person| person.place);
            self.born(person) + drawn(least, count)
        };
        let number = match field {
            Field::Length => drawn(40, 950),
            Field::Founded if figure.kind == Kind::Town => drawn(1_000, 600),
            Field::Founded => after(Bond::Founder, 25, 30),
            Field::Population => drawn(200, 9_800),
            Field::Born => self.born(figure.place),
            Field::Built => after(Bond::Builder, 25, 30),
            Field::Wheels => drawn(2, 8),
            Field::Year => after(Bond::Author, 25, 35),
            _ => return draw.pick(figure.place, &self.words.values[field.as_str()]).clone(),
        };
        number.to_string()
    }

    /// Of two who are married the years are near each other; teachers are of the century before their pupils'.
    fn born(&self, person: u64) -> u64 {
        let draw = self.draw.of("born");
        let century = if person < self.elders() { 1_700 } else { 1_800 };
        century + 10 * draw.below(person / 2, 9) + draw.nth(1).below(person, 10)
    }

    /// How many persons are of the first generation.
    fn elders(&self) -> u64 {
        2 * (self.count(Kind::Person) / 6)
    }

    /// The places at which a relation begins: the first, and how many.
    fn begins(&self, bond: Bond) -> (u64, u64) {
        let all = self.count(bond.from());
        if bond == Bond::Teacher { (self.elders(), all - self.elders()) } else { (0, all) }
    }

    /// How many of the first places a relation leads to.
    fn ends(&self, bond: Bond) -> u64 {
        if bond == Bond::Teacher { self.elders() } else { self.count(bond.to()) }
    }

    /// Where a relation leads, where there is one.
    pub(crate) fn target(&self, from: Figure, bond: Bond) -> Option<Figure> {
        if from.kind != bond.from() {
            return None;
        }
        if bond == Bond::Spouse {
            return self.spouse(from.place).map(|place| Figure { kind: Kind::Person, place });
        }
        let (first, count) = self.begins(bond);
        let place = from.place.checked_sub(first).filter(|place| *place < count)?;
        let [begins, ends] = self.orders[bond as usize];
        let rank = Shares { of: count, among: self.ends(bond) }.holder(begins.at(place));
        Some(Figure { kind: bond.to(), place: ends.at(rank) })
    }

    /// Where a relation that leads here begins.
    pub(crate) fn sources(&self, to: Figure, bond: Bond) -> Vec<Figure> {
        if to.kind != bond.to() || to.place >= self.ends(bond) {
            return Vec::new();
        }
        if bond == Bond::Spouse {
            return self.target(to, bond).into_iter().collect();
        }
        let (first, count) = self.begins(bond);
        let [begins, ends] = self.orders[bond as usize];
        let share = Shares { of: count, among: self.ends(bond) }.share(ends.place_of(to.place));
        let mut places: Vec<u64> = share.map(|at| first + begins.place_of(at)).collect();
        places.sort_unstable();
        places.into_iter().map(|place| Figure { kind: bond.from(), place }).collect()
    }

    /// Every second pair of neighbours is married.
    fn spouse(&self, person: u64) -> Option<u64> {
        let other = person ^ 1;
        (other < self.count(Kind::Person) && self.draw.of("married").happens(person / 2, 0.5)).then_some(other)
    }
}

/// Cuts a range into shares that grow: how often something is led to differs, so that a count tells one from another.
#[derive(Debug, Clone, Copy)]
struct Shares {
    of: u64,
    among: u64,
}

impl Shares {
    /// Where the share of a rank begins: as far along the range as the square of the rank is.
    fn begin(self, rank: u64) -> u64 {
        let square = |number: u64| u128::from(number).pow(2);
        let begin = u128::from(self.of) * square(rank) / square(self.among);
        u64::try_from(begin).expect("a share begins within the range")
    }

    fn share(self, rank: u64) -> Range<u64> {
        self.begin(rank)..self.begin(rank + 1)
    }

    /// The rank whose share a place is in.
    fn holder(self, place: u64) -> u64 {
        let (mut least, mut beyond) = (0, self.among);
        while beyond - least > 1 {
            let middle = least.midpoint(beyond);
            if self.begin(middle) <= place { least = middle } else { beyond = middle }
        }
        least
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn shares_cover_a_range_once(of in 1..2_000_u64, among in 1..500_u64) {
            let shares = Shares { of, among };
            let mut place = 0;
            for rank in 0..among {
                prop_assert_eq!(shares.begin(rank), place);
                for held in shares.share(rank) {
                    prop_assert_eq!(shares.holder(held), rank);
                }
                place = shares.share(rank).end;
            }
            prop_assert_eq!(place, of);
        }

        #[test]
        fn relations_are_the_same_from_both_ends(seed: u64, entities in 200..900_u64) {
            let truth = Truth::new(entities, Language::English, Draw::new(seed));
            for number in 0..entities {
                let figure = truth.figure(number);
                prop_assert_eq!(truth.number(figure), number);
                for bond in Bond::ALL {
                    if let Some(target) = truth.target(figure, bond) {
                        prop_assert!(target.place < truth.count(bond.to()));
                        prop_assert!(truth.sources(target, bond).contains(&figure));
                        prop_assert!(target != figure);
                    }
                    for source in truth.sources(figure, bond) {
                        prop_assert_eq!(truth.target(source, bond), Some(figure));
                    }
                }
            }
        }

        #[test]
        fn how_often_something_is_led_to_tells_one_from_another(seed: u64) {
            let truth = Truth::new(2_000, Language::English, Draw::new(seed));
            let many = |bond: &Bond| truth.begins(*bond).1 >= 2 * truth.ends(*bond);
            for bond in Bond::ALL.into_iter().filter(many) {
                let ends = (0..truth.ends(bond)).map(|place| Figure { kind: bond.to(), place });
                let mut often: Vec<usize> = ends.map(|end| truth.sources(end, bond).len()).collect();
                often.sort_unstable();
                let middle = often[often.len() / 2];
                let common = often.iter().filter(|count| **count == middle).count();
                often.dedup();
                prop_assert!(often.len() >= 3, "{bond:?}: {often:?}");
                prop_assert!(common * 2 <= truth.ends(bond) as usize, "{bond:?}: most are led to {middle} times");
            }
        }

        #[test]
        fn years_follow_each_other(seed: u64) {
            let truth = Truth::new(500, Language::Chinese, Draw::new(seed));
            let year = |figure, field| truth.value(figure, field).parse::<u64>().unwrap();
            for number in 0..500 {
                let figure = truth.figure(number);
                if let Some(teacher) = truth.target(figure, Bond::Teacher) {
                    prop_assert!(year(teacher, Field::Born) < year(figure, Field::Born));
                }
                if let Some(author) = truth.target(figure, Bond::Author) {
                    prop_assert!(year(author, Field::Born) + 25 <= year(figure, Field::Year));
                }
            }
        }
    }
}
