//! Which questions are asked.

use super::section::section;

section! {
    /// Which questions are asked.
    QuestionsConfig {
        /// How many of each category are learnt from, in all worlds together.
        train: Counts = Counts { one_hop: 4_600, two_hops: 3_320, three_hops: 2_780, clue_two_hops: 2_100, clue_three_hops: 1_200 },
        /// What questions to learn from are drawn from.
        train_seed: u64 = 1,
        /// How many of each category settings are chosen on.
        development: Counts = Counts::each(60),
        /// What questions of development are drawn from.
        development_seed: u64 = 77,
        /// How many of each category figures are measured on.
        test: Counts = Counts::each(80),
        /// What questions of the test are drawn from.
        test_seed: u64 = 177,
        /// How many of each category are asked in the fresh world.
        fresh: Counts = Counts::each(80),
        /// What questions of the fresh world are drawn from.
        fresh_seed: u64 = 277,
        /// How questions are planned of the pages in a folder.
        planned: PlannedQuestions = PlannedQuestions::default(),
    }
}

section! {
    /// How many questions of each category.
    Counts {
        /// Something is named, and what is asked for stands on its page.
        one_hop: usize = 0,
        /// Something is named, and two pages lead to the answer.
        two_hops: usize = 0,
        /// Something is named, and three pages lead to the answer.
        three_hops: usize = 0,
        /// Somebody is described, and what is asked for stands on that person's page.
        clue_two_hops: usize = 0,
        /// Somebody is described, and one more page leads to the answer.
        clue_three_hops: usize = 0,
    }
}

impl Counts {
    /// So many of each.
    #[must_use]
    pub const fn each(count: usize) -> Self {
        Self { one_hop: count, two_hops: count, three_hops: count, clue_two_hops: count, clue_three_hops: count }
    }
}

section! {
    /// How questions are planned of the pages in a folder.
    PlannedQuestions {
        /// How many items are planned. Some of them become questions.
        items: u64 = 600,
        /// What they are drawn from.
        seed: u64 = 1,
        /// How likely chains of one relation, two relations and so on are, beside each other.
        hops: Vec<u32> = vec![10, 40, 40, 10],
        /// How likely each level is, from names to descriptions without a clue to spare, beside each other.
        levels: Vec<u32> = vec![1, 1, 1, 1],
        /// The fewest relations between a name that is asked for and what is named.
        least_distance: u32 = 1,
        /// The share of entities that are held out. A question is held out if all its entities are, and is learnt from if
        /// none is; others are left out.
        held_out: f64 = 0.4,
        /// The share of held-out questions that settings are chosen on; the others are the test.
        development: f64 = 0.4,
        /// Whether a model that teaches from a server also finds what the pages say, instead of links and fields alone.
        grow_by_model: bool = false,
    }
}
