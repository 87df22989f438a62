//! Nothing is learnt from questions of sealed benchmarks, unless the rules say so.

use offseeker_curation::PairRules;
use offseeker_curation::{CurationError, CutRules, GroupRules, PlannedPair, Refusal, samples};
use offseeker_trajectory::{Cipher, SealMark, Trajectory};

use crate::made::{digest_of, good, wrong};

fn sealed(mut attempt: Trajectory, closed: bool) -> Trajectory {
    let mark = SealMark { cipher: Cipher::HashedXor, canary: "canary".to_owned(), closed };
    mark.put(&mut attempt.question.metadata);
    attempt
}

fn willing() -> CutRules {
    CutRules { sealed: true, ..CutRules::default() }
}

#[test]
fn samples_are_cut_where_the_rules_say_so_and_carry_the_mark() {
    let attempt = sealed(good(0).make(), false);
    let question = attempt.question.id.clone();
    let refused = samples(&attempt, &CutRules::default()).unwrap_err();
    assert!(refused.to_string().contains(question.as_str()), "{refused}");
    assert_eq!(refused, CurationError::Sealed { question: question.clone() });

    let cut = samples(&attempt, &willing()).unwrap();
    assert!(cut.iter().all(|sample| SealMark::exposes(&sample.metadata)));
    assert!(cut.iter().all(|sample| sample.metadata["question"] == question.as_str()));
    // What is encrypted gives nothing away.
    let closed = samples(&sealed(good(0).make(), true), &CutRules::default()).unwrap();
    assert!(closed.iter().all(|sample| sample.metadata.is_empty()));
}

#[test]
fn the_rule_counts_for_the_name_of_a_sample_only_where_it_is_set() {
    let id = |rules: &CutRules| samples(&good(0).make(), rules).unwrap()[0].id.clone();
    assert_ne!(id(&CutRules::default()), id(&willing()));
    assert!(!serde_json::to_string(&CutRules::default()).unwrap().contains("sealed"));
}

#[test]
fn pairs_and_groups_are_refused_likewise() {
    let (chosen, rejected) = (sealed(good(0).make(), false), sealed(wrong(1).make(), false));
    let planned = PlannedPair {
        question: chosen.question.id.clone(),
        chosen: chosen.id.clone(),
        rejected: rejected.id.clone(),
        margin: 1.0,
    };
    let mut rules = PairRules::default();
    assert_eq!(planned.cut(&chosen, &rejected, &rules, None).unwrap_err(), Refusal::Sealed);
    rules.cut.sealed = true;
    assert!(SealMark::exposes(&planned.cut(&chosen, &rejected, &rules, None).unwrap().chosen.metadata));

    let digest = digest_of(&chosen);
    let group = |rules: GroupRules| rules.group(&[(&chosen, &digest)]);
    assert!(matches!(group(GroupRules::default()), Err(CurationError::Sealed { .. })));
    assert_eq!(group(GroupRules { cut: willing(), ..GroupRules::default() }).unwrap().members.len(), 1);
}
