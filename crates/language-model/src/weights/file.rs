//! One file of tensors in the safetensors format.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use memmap2::Mmap;
use offseeker_durable::Draft;
use rayon::prelude::*;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Map, Value, json};

use crate::NetworkError;

/// How many numbers are converted at once.
const TILE: usize = 1 << 16;

/// What numbers are written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As they are.
    #[default]
    F32,
    /// Rounded to the 8 leading bits.
    Bf16,
}

impl Precision {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::Bf16 => 2,
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::Bf16 => "BF16",
        }
    }

    /// What `config.json` calls it.
    pub(crate) fn torch(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::Bf16 => "bfloat16",
        }
    }
}

/// A file of tensors, mapped into memory.
pub(crate) struct TensorFile {
    path: PathBuf,
    bytes: Mmap,
}

impl TensorFile {
    #[allow(unsafe_code)]
    pub(crate) fn open(path: &Path) -> Result<Self, NetworkError> {
        let file = File::open(path).map_err(|error| NetworkError::io(path, error))?;
        // SAFETY: as with any map of a file, nobody may cut the file off while it is read; what is read is checked.
        let bytes = unsafe { Mmap::map(&file) }.map_err(|error| NetworkError::io(path, error))?;
        Ok(Self { path: path.to_path_buf(), bytes })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn tensors(&self) -> Result<SafeTensors<'_>, NetworkError> {
        SafeTensors::deserialize(&self.bytes)
            .map_err(|error| NetworkError::damaged(&self.path, format!("is no whole file of tensors: {error}")))
    }

    /// Reads a tensor as `f32`, whatever it is written as.
    pub(crate) fn read(
        &self,
        tensors: &SafeTensors<'_>,
        name: &str,
        shape: &[usize],
        out: &mut [f32],
    ) -> Result<(), NetworkError> {
        let fail = |what: String| NetworkError::tensor(&self.path, name, what);
        let tensor = tensors.tensor(name).map_err(|_| fail("is missing".to_owned()))?;
        if tensor.shape() != shape {
            return Err(fail(format!("has the shape {:?}; it must be {shape:?}", tensor.shape())));
        }
        let bytes = tensor.data();
        match tensor.dtype() {
            Dtype::F32 => convert::<4>(out, bytes, f32::from_le_bytes),
            Dtype::BF16 => convert::<2>(out, bytes, |bytes| bf16::from_le_bytes(bytes).to_f32()),
            Dtype::F16 => convert::<2>(out, bytes, |bytes| f16::from_le_bytes(bytes).to_f32()),
            other => return Err(fail(format!("holds {other:?}; it must hold F32, BF16 or F16"))),
        }
        check_finite(out).map_err(|at| fail(format!("holds {} at place {at}; that is no weight", out[at])))
    }
}

fn convert<const N: usize>(out: &mut [f32], bytes: &[u8], number: impl Fn([u8; N]) -> f32 + Sync) {
    let (numbers, _) = bytes.as_chunks::<N>();
    out.par_chunks_mut(TILE).zip(numbers.par_chunks(TILE)).for_each(|(out, numbers)| {
        for (out, bytes) in out.iter_mut().zip(numbers) {
            *out = number(*bytes);
        }
    });
}

/// The first place where there is no finite number, if any.
pub(crate) fn check_finite(values: &[f32]) -> Result<(), usize> {
    values.par_iter().position_first(|value| !value.is_finite()).map_or(Ok(()), Err)
}

/// A tensor to be written.
pub(crate) struct TensorOut<'a> {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: &'a [f32],
}

/// Writes a file of tensors, whole or not at all.
pub(crate) fn write_tensors(path: &Path, tensors: &[TensorOut<'_>], precision: Precision) -> Result<(), NetworkError> {
    let io = |error| NetworkError::io(path, error);
    let mut header = Map::new();
    header.insert("__metadata__".to_owned(), json!({"format": "pt"}));
    let mut end = 0;
    for tensor in tensors {
        let start = end;
        end += tensor.values.len() * precision.bytes();
        let about = json!({"dtype": precision.tag(), "shape": tensor.shape, "data_offsets": [start, end]});
        header.insert(tensor.name.clone(), about);
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut draft = Draft::beside(path).map_err(io)?;
    draft.write_all(&(header.len() as u64).to_le_bytes()).map_err(io)?;
    draft.write_all(&header).map_err(io)?;
    let mut bytes = Vec::with_capacity(TILE * precision.bytes());
    for tensor in tensors {
        if let Err(at) = check_finite(tensor.values) {
            return Err(NetworkError::NotFinite(format!("`{}` at place {at}", tensor.name)));
        }
        for values in tensor.values.chunks(TILE) {
            bytes.clear();
            match precision {
                Precision::F32 => bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
                Precision::Bf16 => bytes.extend(values.iter().flat_map(|value| bf16::from_f32(*value).to_le_bytes())),
            }
            draft.write_all(&bytes).map_err(io)?;
        }
    }
    draft.publish(path).map_err(io)
}
