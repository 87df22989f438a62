//! rStar2-Agent's penalties.

use super::*;
use crate::rewards::made::{Goes, attempt, graded, near, ours_is_unscored};

#[test]
fn penalties_are_those_of_the_system() {
    let check = |case: &str, found: f64, expected: f64| {
        assert!((found - expected).abs() < 1e-12, "rStar2-Agent, {case}: {found}, not {expected}");
    };
    check("no tool", error_ratio([]), 0.5);
    check("no error", error_ratio([false, false]), 0.0);
    check("one of four", error_ratio([true, false, false, false]), 0.25);
    check("all", error_ratio([true]), 1.0);
    check("one answer", format_penalty(1, 1, 5), 0.0);
    check("two answers in five turns", format_penalty(2, 2, 5), 0.2);
    check("more answers than turns", format_penalty(9, 9, 2), 1.0);
    check("no answer", format_penalty(0, 0, 5), 1.0);
    check("an answer left open", format_penalty(2, 1, 5), 1.0);
    check("a stray closer", format_penalty(0, 1, 5), 1.0);
    check("no turns", format_penalty(3, 3, 0), 1.0);
}

#[test]
fn an_attempt_is_measured_by_text_or_by_status() {
    let check = |attempt: &Trajectory, text: [f64; 2], status: [f64; 2]| {
        for (grader, [errors, format]) in [(RocPenalty::by_text(), text), (RocPenalty::by_status(), status)] {
            let grade = graded(&grader, attempt);
            near(grade.components["error_ratio"], errors);
            near(grade.components["format_penalty"], format);
            near(grade.value, errors + format);
        }
    };
    let call = || attempt().calls("visit", "{}");
    check(&attempt().answers("x"), [0.5, 0.0], [0.5, 0.0]);
    check(&call().sees("a page about error bars", &[]).answers("x"), [1.0, 0.0], [0.0, 0.0]);
    check(&call().told(CallStatus::NotFound, "There is no such page.").answers("x"), [0.0, 0.0], [1.0, 0.0]);
    check(&call().sees("fine", &[]).says("<answer>a</answer>").answers("x"), [0.0, 1.0 / 3.0], [0.0, 1.0 / 3.0]);
    let mut other_dialect =
        call().sees("fine", &[]).says("\\boxed{x}").stops(offseeker_trajectory::StopReason::Answered);
    other_dialect.answer = Some("x".to_owned());
    check(&other_dialect, [0.0, 1.0], [0.0, 0.0]);
    ours_is_unscored(&RocPenalty::by_text(), &call());
}
