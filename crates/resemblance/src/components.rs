//! The groups that pairs make.

/// The groups that pairs of numbered things make: what is in a pair is in one group, and nothing else is.
///
/// A group is called by the smallest number in it, so its name does not depend on the order of the pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    parents: Vec<u32>,
}

impl Components {
    /// So many things, each on its own.
    ///
    /// # Panics
    ///
    /// When there are more than 32 bits can count.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let count = u32::try_from(count).expect("things are numbered with 32 bits");
        Self { parents: (0..count).collect() }
    }

    /// Puts the groups of two things together.
    pub fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.shortened(left), self.shortened(right));
        self.parents[left.max(right)] = left.min(right) as u32;
    }

    /// The group of a thing, by its smallest member.
    #[must_use]
    pub fn of(&self, mut at: usize) -> usize {
        while self.parents[at] as usize != at {
            at = self.parents[at] as usize;
        }
        at
    }

    /// The same, and makes the way there shorter.
    pub(crate) fn shortened(&mut self, mut at: usize) -> usize {
        while self.parents[at] as usize != at {
            let above = self.parents[self.parents[at] as usize];
            self.parents[at] = above;
            at = above as usize;
        }
        at
    }

    /// How many things there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parents.is_empty()
    }

    /// How many groups there are.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.parents.iter().enumerate().filter(|(at, parent)| *at == **parent as usize).count()
    }
}
