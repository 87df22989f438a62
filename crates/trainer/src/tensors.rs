//! The way from numbers to tensors and back, around a loss.

use candle_core::{DType, Device, Tensor, Var};

use crate::TrainError;

/// Numbers that a gradient is wanted of.
pub(crate) fn variable(numbers: &[f32]) -> Result<Var, TrainError> {
    Ok(Var::from_slice(numbers, numbers.len(), &Device::Cpu)?)
}

/// Numbers that none is wanted of.
pub(crate) fn constant(numbers: &[f32]) -> Result<Tensor, TrainError> {
    Ok(Tensor::from_slice(numbers, numbers.len(), &Device::Cpu)?)
}

/// The gradient of a loss with respect to a variable; noughts where it does not depend on it.
pub(crate) fn gradient(loss: &Tensor, variable: &Var) -> Result<Vec<f32>, TrainError> {
    let found = loss.backward()?;
    Ok(match found.get(variable) {
        Some(gradient) => gradient.to_dtype(DType::F32)?.to_vec1()?,
        None => vec![0.0; variable.elem_count()],
    })
}

/// The number of a tensor that has one.
pub(crate) fn number(tensor: &Tensor) -> Result<f64, TrainError> {
    Ok(tensor.detach().to_dtype(DType::F64)?.to_scalar()?)
}
