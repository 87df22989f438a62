//! How each preset is made of what is given.

use std::sync::Arc;

use super::{Built, Parts, Preset};
use crate::compose::{Anneal, Part, Penalty, Schedule, Sequential, WeightedSum};
use crate::rewards::atom::{AtomicStep, AtomicThought};
use crate::rewards::carr::{CarrGroup, CarrMix, CarrRubrics};
use crate::rewards::evaluator::Evaluator;
use crate::rewards::long_writer::{FormatReward, LengthReward, WritingReward};
use crate::rewards::pokee::{OverLong, PokeeFormat};
use crate::rewards::rl_struct::{Structure, levels};
use crate::rewards::rler::{RlerCitation, RlerFormat, RlerRubrics, RlerSearchTurns};
use crate::rewards::roc::RocPenalty;
use crate::rewards::ruler::Ruler;
use crate::rewards::sfr::{SfrLong, SfrShort};
use crate::rewards::survey::Counted;
use crate::rewards::web_shepherd::{StepMean, WebShepherd};
use crate::{GradeError, Grader};

type Made = Result<Built, GradeError>;

fn own(name: &str, grader: impl Grader + 'static) -> Part {
    Part::new(name, Arc::new(grader))
}

/// A sum of parts that are all given, under the names that the preset needs, in their order.
fn sum(preset: &Preset, parts: &Parts, weights: &[f64]) -> Result<WeightedSum, GradeError> {
    preset.needs.iter().zip(weights).try_fold(WeightedSum::new(preset.grade_name()), |sum, (name, weight)| {
        Ok(sum.with(*weight, parts.part(preset, name)?))
    })
}

pub(super) fn carr_rubrics(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(CarrRubrics::new(parts.judge(preset)?)))
}

pub(super) fn carr_untied(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(CarrRubrics::untied(parts.judge(preset)?)))
}

fn carr(preset: &Preset, parts: &Parts, mix: CarrMix) -> Made {
    let evidence = Arc::new(CarrRubrics::new(parts.judge(preset)?));
    Ok(Built::group(CarrGroup::new(mix, parts.grader(preset, "outcome")?, evidence)))
}

pub(super) fn carr_paper(preset: &Preset, parts: &Parts) -> Made {
    carr(preset, parts, CarrMix::Paper)
}

pub(super) fn carr_shipped(preset: &Preset, parts: &Parts) -> Made {
    carr(preset, parts, CarrMix::Shipped)
}

pub(super) fn carr_plain(preset: &Preset, parts: &Parts) -> Made {
    carr(preset, parts, CarrMix::Plain)
}

pub(super) fn carr_only_negative(preset: &Preset, parts: &Parts) -> Made {
    carr(preset, parts, CarrMix::OnlyNegative)
}

fn rubrics(preset: &Preset, parts: &Parts) -> Result<RlerRubrics, GradeError> {
    let rubrics = RlerRubrics::new(parts.judge(preset)?);
    Ok(match &parts.rubrics {
        Some(in_force) => rubrics.with(in_force.clone()),
        None => rubrics,
    })
}

pub(super) fn rler_rubric(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(rubrics(preset, parts)?))
}

pub(super) fn rler_citation(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(RlerCitation::new(parts.judge(preset)?)))
}

pub(super) fn rler_citation_shipped(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(RlerCitation::as_shipped(parts.judge(preset)?)))
}

pub(super) fn rler_format(_: &Preset, _: &Parts) -> Made {
    Ok(Built::attempt(RlerFormat))
}

pub(super) fn rler_search_turns(_: &Preset, _: &Parts) -> Made {
    Ok(Built::attempt(RlerSearchTurns))
}

pub(super) fn rler_total(preset: &Preset, parts: &Parts) -> Made {
    let total = WeightedSum::new(preset.grade_name())
        .with(0.5, own("rubric", rubrics(preset, parts)?))
        .with(0.2, own("citation", RlerCitation::new(parts.judge(preset)?)))
        .with(0.2, own("format", RlerFormat))
        .with(0.1, own("search_turns", RlerSearchTurns));
    Ok(Built::attempt(total))
}

pub(super) fn rler_total_uncited(preset: &Preset, parts: &Parts) -> Made {
    let total = WeightedSum::new(preset.grade_name())
        .with(0.6, own("rubric", rubrics(preset, parts)?))
        .with(0.2, own("format", RlerFormat))
        .with(0.2, own("search_turns", RlerSearchTurns));
    Ok(Built::attempt(total))
}

fn shepherd(preset: &Preset, parts: &Parts) -> Result<WebShepherd, GradeError> {
    let shepherd = WebShepherd::new(parts.judge(preset)?);
    Ok(match &parts.odds {
        Some(odds) => shepherd.weighing(Arc::clone(odds)),
        None => shepherd,
    })
}

pub(super) fn web_shepherd(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::Step(Arc::new(shepherd(preset, parts)?)))
}

pub(super) fn web_shepherd_mean(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(StepMean::new(preset.grade_name(), Arc::new(shepherd(preset, parts)?))))
}

pub(super) fn atomic_thought(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(AtomicThought::new(parts.judge(preset)?)))
}

pub(super) fn atomic_step(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::Step(Arc::new(AtomicStep::new(parts.judge(preset)?))))
}

pub(super) fn atom_annealed(preset: &Preset, parts: &Parts) -> Made {
    let early = own("atr", AtomicThought::new(parts.judge(preset)?));
    let schedule = Schedule::Linear { from: 0.5, to: 0.0 };
    let late = parts.part(preset, "f1")?;
    Ok(Built::attempt(Anneal::new(preset.grade_name(), early, late, schedule, parts.progress.clone())))
}

pub(super) fn roc_penalty(_: &Preset, _: &Parts) -> Made {
    Ok(Built::attempt(RocPenalty::by_text()))
}

pub(super) fn roc_penalty_by_status(_: &Preset, _: &Parts) -> Made {
    Ok(Built::attempt(RocPenalty::by_status()))
}

pub(super) fn pokee_format(_: &Preset, _: &Parts) -> Made {
    Ok(Built::attempt(PokeeFormat))
}

pub(super) fn pokee_over_long(_: &Preset, _: &Parts) -> Made {
    Ok(Built::attempt(OverLong::default()))
}

pub(super) fn pokee_total(preset: &Preset, parts: &Parts) -> Made {
    let sum = WeightedSum::new("pokee/sum@1")
        .with(0.1, own("format", PokeeFormat))
        .with(0.1, parts.part(preset, "f1")?)
        .with(0.1, parts.part(preset, "em")?)
        .with(0.7, parts.part(preset, "judge")?);
    let total = Penalty::new(preset.grade_name(), own("sum", sum)).less(1.0, own("over_long", OverLong::default()));
    Ok(Built::attempt(total))
}

pub(super) fn sfr_short(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(SfrShort::new(parts.judge(preset)?)))
}

pub(super) fn sfr_long(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(SfrLong::new(parts.judge(preset)?)))
}

pub(super) fn longwriter_length(_: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(parts.judge.clone().map_or_else(LengthReward::given, LengthReward::predicted)))
}

pub(super) fn longwriter_format(_: &Preset, _: &Parts) -> Made {
    Ok(Built::attempt(FormatReward))
}

pub(super) fn longwriter_writing(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(WritingReward::new(parts.judge(preset)?)))
}

pub(super) fn rl_struct(preset: &Preset, parts: &Parts) -> Made {
    let mut graders = std::collections::BTreeMap::<String, Arc<dyn Grader>>::new();
    for (name, structure) in
        [("validity", Structure::Validity), ("fields", Structure::Fields), ("types", Structure::Types)]
    {
        graders.insert(name.to_owned(), Arc::new(structure));
    }
    for name in preset.needs {
        graders.insert((*name).to_owned(), parts.grader(preset, name)?);
    }
    Ok(Built::attempt(Sequential::new(preset.grade_name(), levels(), &graders)?))
}

pub(super) fn ruler(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::group(Ruler::new(parts.judge(preset)?)))
}

pub(super) fn evaluator(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::group(Evaluator::new(parts.judge(preset)?)))
}

pub(super) fn stage1(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(sum(preset, parts, &[1.0])?))
}

pub(super) fn stage2(preset: &Preset, parts: &Parts) -> Made {
    let sum = sum(preset, parts, &[1.0])?
        .with(0.2, own("valid_calls", Counted::ValidCalls))
        .with(-0.1, own("turns", Counted::Turns { most: parts.most_turns }));
    Ok(Built::attempt(sum))
}

pub(super) fn stage3(preset: &Preset, parts: &Parts) -> Made {
    let sum = sum(preset, parts, &[0.4, 0.3, 0.2])?;
    Ok(Built::attempt(sum.with(0.1, own("efficiency", Counted::Efficiency { most: parts.most_turns }))))
}

pub(super) fn report(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(sum(preset, parts, &[0.30, 0.20, 0.15, 0.10, 0.25])?))
}

pub(super) fn chapter_longwriter(preset: &Preset, parts: &Parts) -> Made {
    Ok(Built::attempt(sum(preset, parts, &[0.3, 0.4, 0.3])?))
}

pub(super) fn search_rm_loop(preset: &Preset, parts: &Parts) -> Made {
    let sum = sum(preset, parts, &[1.0, 0.2, -0.3])?;
    Ok(Built::attempt(sum.with(0.1, own("efficiency", Counted::Efficiency { most: parts.most_turns }))))
}
