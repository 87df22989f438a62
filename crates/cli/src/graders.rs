//! Who grades.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use offseeker_grading::judges::{Form, JudgeGrader};
use offseeker_grading::scorers::{DateMatch, DeepResearcher, GaiaQuasiExact, Match, NumberMatch, SearchR1};
use offseeker_grading::{Grader, Judge};

use crate::failure::Failure;
use crate::model::ModelArguments;

/// Who grades.
#[derive(Debug, Clone, Args)]
pub(crate) struct GraderArguments {
    /// The rule by which answers are held against right ones; may be given several times
    #[arg(long = "by", value_enum, value_name = "RULE")]
    pub(crate) rules: Vec<Rule>,
    /// A form in which a model judges answers, such as `offseeker`; --help of `grade` names all
    #[arg(long, value_name = "FORM")]
    pub(crate) judge: Option<String>,
}

/// A rule by which answers are held against right ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rule {
    /// The same words, in ours
    Match,
    /// The same number
    Number,
    /// The same date
    Date,
    /// GAIA's quasi exact match
    Gaia,
    /// Search-R1's exact match
    SearchR1,
    /// DeepResearcher's F1
    DeepresearcherF1,
}

impl Rule {
    /// Who grades by it.
    fn grader(self) -> Arc<dyn Grader> {
        match self {
            Self::Match => Arc::new(Match),
            Self::Number => Arc::new(NumberMatch::default()),
            Self::Date => Arc::new(DateMatch),
            Self::Gaia => Arc::new(GaiaQuasiExact),
            Self::SearchR1 => Arc::new(SearchR1::exact()),
            Self::DeepresearcherF1 => Arc::new(DeepResearcher::f1()),
        }
    }
}

impl GraderArguments {
    /// All who grade: by our match, where nobody is named.
    pub(crate) fn open(&self, model: &ModelArguments) -> Result<Vec<Arc<dyn Grader>>, Failure> {
        let mut graders: Vec<Arc<dyn Grader>> = self.rules.iter().map(|rule| rule.grader()).collect();
        if let Some(form) = &self.judge {
            graders.push(Arc::new(judge(form, model)?));
        }
        if graders.is_empty() {
            graders.push(Arc::new(Match));
        }
        Ok(graders)
    }
}

/// The model that judges in a form.
fn judge(form: &str, model: &ModelArguments) -> Result<JudgeGrader, Failure> {
    let known = Form::ALL.into_iter().find(|known| known.as_str() == form).ok_or_else(|| {
        let names = Form::ALL.map(Form::as_str).join(", ");
        Failure::usage(format!("there is no form {form:?}")).hint(format!("there are {names}"))
    })?;
    let missing = || {
        Failure::usage("a judge is a model, and none is named").hint("add --base-url and --model, or --model-folder")
    };
    let model = model.open("native", 32_768)?.ok_or_else(missing)?;
    Ok(JudgeGrader::new(Judge::new(model), known))
}
