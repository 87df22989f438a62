//! What a network computes, forward and backward: a small set of functions over slices of `f32` in row-major order.
//!
//! The network computes nothing by itself: each sum over activations is a function of this module, which takes whole
//! buffers and never looks at a single number of the caller's. So kernels for another device can stand beside these
//! under the same names, over that device's buffers.
//!
//! Work is split into tiles that never depend on the number of threads, and parts are added up in the order of the
//! tiles: the same input gives the same bits. What serves a model goes further: in [`steady_product`] and
//! [`steady_attention`] a row has the same bits whatever rows stand beside it.

mod adamw;
mod attention;
mod attention_backward;
mod embedding;
mod head;
mod lanes;
mod norm;
mod product;
mod rotary;
mod steady;
mod swiglu;

pub use adamw::AdamW;
pub use attention::{Heads, Span, attention, steady_attention};
pub use attention_backward::{AttentionGradients, AttentionPass, attention_backward};
pub use embedding::{gather, scatter_add};
pub use head::{
    Choice, Head, HeadGradients, HeadScratch, log_probabilities, log_probabilities_and_gradients,
    log_probabilities_backward,
};
pub use lanes::log_sum_exp;
pub use norm::{Norm, rms_norm, rms_norm_backward};
pub use product::{Matrix, MatrixMut, Threads, product};
pub use rotary::{HeadNorm, Rotary, norm_rotate, norm_rotate_backward};
pub use steady::steady_product;
pub use swiglu::{swiglu, swiglu_backward};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
