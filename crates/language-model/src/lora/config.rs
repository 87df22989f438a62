//! What an adapter is like, as `adapter_config.json` says it.

use serde_json::{Map, Value, json};

use crate::NetworkError;
use crate::config::fields::{Fields, wrong};
use crate::weights::Part;

/// What an adapter is like, as `adapter_config.json` of a PEFT folder says it.
#[derive(Clone, Debug, PartialEq)]
pub struct AdapterConfig {
    /// How narrow its matrices are (`r`).
    pub rank: usize,
    /// How much it counts, before that is divided by the rank (`lora_alpha`).
    pub alpha: f64,
    /// Whether it is divided by the root of the rank instead (`use_rslora`).
    pub by_root: bool,
    /// The matrices that have an adapter, in every layer (`target_modules`).
    pub targets: Vec<Part>,
    /// What else the file says, written back as it was.
    pub other: Map<String, Value>,
}

/// What an adapter may be elsewhere and is not here, with the values that say that it is not.
const UNKNOWN: [&str; 17] = [
    "use_dora",
    "use_bdlora",
    "use_qalora",
    "alora_invocation_tokens",
    "arrow_config",
    "kasa_config",
    "monteclora_config",
    "fan_in_fan_out",
    "modules_to_save",
    "rank_pattern",
    "alpha_pattern",
    "layers_to_transform",
    "layer_replication",
    "exclude_modules",
    "lora_bias",
    "target_parameters",
    "trainable_token_indices",
];

/// Ways for an adapter to begin that leave the weights beside it as they are. PEFT has others, which change those weights
/// whenever the adapter is read.
const BEGINNINGS: [&str; 3] = ["gaussian", "orthogonal", "eva"];

impl AdapterConfig {
    /// An adapter of a rank to all matrices of all layers, that counts twice the rank.
    #[must_use]
    pub fn new(rank: usize) -> Self {
        let alpha = 2.0 * rank as f64;
        Self { rank, alpha, by_root: false, targets: Part::LINEAR.to_vec(), other: Map::new() }
    }

    /// What the product of its matrices is multiplied by.
    #[must_use]
    pub fn scale(&self) -> f32 {
        let rank = self.rank as f64;
        (self.alpha / if self.by_root { rank.sqrt() } else { rank }) as f32
    }

    pub(super) fn check(&self) -> Result<(), NetworkError> {
        if self.rank == 0 || self.rank > 1 << 14 {
            return Err(NetworkError::field("r", format!("is {}; it is between 1 and {}", self.rank, 1 << 14)));
        }
        if !self.alpha.is_finite() {
            return Err(NetworkError::field("lora_alpha", "is no number"));
        }
        if self.targets.is_empty() || !self.targets.iter().all(|part| Part::LINEAR.contains(part)) {
            return Err(NetworkError::field("target_modules", "names no matrix, or what is none"));
        }
        Ok(())
    }

    pub(super) fn from_json(value: &Value) -> Result<Self, NetworkError> {
        let mut fields = Fields::of(value)?;
        fields.only("peft_type", &["LORA"])?;
        fields.only("bias", &["none"])?;
        for field in UNKNOWN {
            if let Some(said) = fields.take(field).filter(says_something) {
                return Err(wrong(field, &said, "not known here"));
            }
        }
        check_beginning(value)?;
        let config = Self {
            rank: fields.count("r")?,
            alpha: fields.number_or("lora_alpha", 8.0)?,
            by_root: fields.flag_or("use_rslora", false)?,
            targets: targets(&mut fields)?,
            other: fields.rest(),
        };
        config.check()?;
        Ok(config)
    }

    /// The adapter as `adapter_config.json` says it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut file = json!({
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "r": self.rank,
            "lora_alpha": self.alpha,
            "use_rslora": self.by_root,
            "target_modules": self.targets.iter().map(|part| part.name()).collect::<Vec<_>>(),
            "bias": "none",
            "fan_in_fan_out": false,
            "inference_mode": true,
            "lora_dropout": 0.0,
        });
        for (field, value) in &self.other {
            file[field] = value.clone();
        }
        file
    }
}

fn check_beginning(file: &Value) -> Result<(), NetworkError> {
    let field = "init_lora_weights";
    match file.get(field) {
        Some(Value::String(name)) if !BEGINNINGS.contains(&&name[..]) => {
            let expected = format!("true, false or one of {BEGINNINGS:?}; let PEFT convert it to a plain adapter");
            Err(wrong(field, &file[field], &expected))
        }
        _ => Ok(()),
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Bool(said) => *said,
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

/// Names of matrices, with their path or without, or the word for all of them.
fn targets(fields: &mut Fields) -> Result<Vec<Part>, NetworkError> {
    let field = "target_modules";
    let said = fields.take(field).ok_or_else(|| NetworkError::field(field, "is missing"))?;
    if said == "all-linear" {
        return Ok(Part::LINEAR.to_vec());
    }
    let known = || Part::LINEAR.map(Part::name);
    let part = |name: &Value| {
        let name = name.as_str().and_then(|name| name.rsplit('.').next());
        let part = Part::LINEAR.into_iter().find(|part| Some(part.name()) == name);
        part.ok_or_else(|| wrong(field, &said, &format!("some of {:?}, or \"all-linear\"", known())))
    };
    let names = said.as_array().ok_or_else(|| wrong(field, &said, "a list of names, or \"all-linear\""))?;
    let mut targets = names.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    targets.sort_unstable();
    targets.dedup();
    Ok(targets)
}
