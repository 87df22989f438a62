//! One layer, forward and backward.

use super::cache::KeptLayer;
use super::pass::{Rows, Saved, Work};
use super::{Gradients, Linear, Network};
use crate::kernels::{self, AttentionGradients, AttentionPass, HeadNorm};
use crate::weights::{Part, Place};

/// The keys and values that queries look at.
pub(super) enum Keys<'a> {
    /// Those of the same rows.
    Own,
    /// Those that are kept, to which those of the rows are added. The numbers of a row then depend on its sequence alone.
    Kept(KeptLayer<'a>),
}

impl Network<'_> {
    /// Runs a layer on `saved.input`, and leaves in `saved` what the way back needs. What comes out goes into `out`,
    /// where it is wanted.
    pub(super) fn forward_layer(
        &self,
        layer: usize,
        saved: &mut Saved,
        work: &mut Work,
        rows: Rows<'_>,
        keys: Keys<'_>,
        out: Option<&mut Vec<f32>>,
    ) {
        let forward = if matches!(keys, Keys::Own) { Linear::forward } else { Linear::steady_forward };
        self.attend(layer, saved, work, rows, keys);
        let linear = |part| self.linear(layer, part);
        let narrow = &mut work.narrow;
        saved.middle.clone_from(&saved.input);
        forward(&linear(Part::Output), &mut saved.middle, true, &saved.attended, narrow);
        kernels::rms_norm(&mut work.normed, &saved.middle, self.norm(Place::Layer(layer, Part::PostNorm)));
        let wide = rows.positions.len() * self.config().intermediate_size;
        forward(&linear(Part::Gate), sized(&mut saved.gate, wide), false, &work.normed, narrow);
        forward(&linear(Part::Up), sized(&mut saved.up, wide), false, &work.normed, narrow);
        if let Some(out) = out {
            kernels::swiglu(sized(&mut work.gated, wide), &saved.gate, &saved.up);
            out.clone_from(&saved.middle);
            forward(&linear(Part::Down), out, true, &work.gated, narrow);
        }
    }

    /// The part of a layer up to what attention gives.
    fn attend(&self, layer: usize, saved: &mut Saved, work: &mut Work, rows: Rows<'_>, keys: Keys<'_>) {
        let heads = self.heads();
        let count = rows.positions.len();
        let (asked, answered) = (count * heads.query * heads.dim, count * heads.key_value * heads.dim);
        let input_norm = self.norm(Place::Layer(layer, Part::InputNorm));
        kernels::rms_norm(sized(&mut work.normed, saved.input.len()), &saved.input, input_norm);
        let linear = |part| self.linear(layer, part);
        let forward = if matches!(keys, Keys::Own) { Linear::forward } else { Linear::steady_forward };
        forward(&linear(Part::Query), sized(&mut saved.query, asked), false, &work.normed, &mut work.narrow);
        forward(&linear(Part::Key), sized(&mut saved.key, answered), false, &work.normed, &mut work.narrow);
        forward(&linear(Part::Value), sized(&mut saved.value, answered), false, &work.normed, &mut work.narrow);
        self.turn(layer, saved, work, rows);
        let log_sums = sized(&mut saved.log_sums, count * heads.query);
        let attended = sized(&mut saved.attended, asked);
        match keys {
            Keys::Own => {
                let both = [&work.turned_key[..], &saved.value[..]];
                kernels::attention(attended, log_sums, &work.turned_query, both, rows.spans, heads);
            }
            Keys::Kept(mut kept) => {
                kept.add(&work.turned_key, &saved.value, rows.spans);
                kernels::steady_attention(attended, log_sums, &work.turned_query, &kept.slices(), rows.spans, heads);
            }
        }
    }

    /// Normalises and turns the queries and keys.
    fn turn(&self, layer: usize, saved: &Saved, work: &mut Work, rows: Rows<'_>) {
        let [of_query, of_key] = self.head_norms(layer, rows);
        kernels::norm_rotate(sized(&mut work.turned_query, saved.query.len()), &saved.query, of_query);
        kernels::norm_rotate(sized(&mut work.turned_key, saved.key.len()), &saved.key, of_key);
    }

    fn head_norms<'b>(&'b self, layer: usize, rows: Rows<'b>) -> [HeadNorm<'b>; 2] {
        let heads = self.heads();
        [(Part::QueryNorm, heads.query), (Part::KeyNorm, heads.key_value)].map(|(part, heads)| {
            let norm = self.norm(Place::Layer(layer, part));
            HeadNorm { norm, rotary: rows.rotary, positions: rows.positions, heads }
        })
    }

    /// Takes `work.d_stream` from what came out of a layer back to what went in, and adds the gradients of its weights.
    pub(super) fn backward_layer(
        &self,
        layer: usize,
        saved: &mut Saved,
        work: &mut Work,
        rows: Rows<'_>,
        gradients: &mut Gradients,
    ) {
        self.backward_feed_forward(layer, saved, work, gradients);
        self.turn(layer, saved, work, rows);
        self.backward_attention(layer, saved, work, rows, gradients);
        let place = Place::Layer(layer, Part::InputNorm);
        let norm = self.norm(place);
        kernels::rms_norm(&mut work.normed, &saved.input, norm);
        let inputs = [(Part::Query, &work.d_attended), (Part::Key, &work.d_key), (Part::Value, &work.d_value)];
        for (part, d_out) in inputs {
            let d_input = (&mut work.d_normed[..], part != Part::Query);
            let gradient = gradients.linear(layer, part);
            self.linear(layer, part).backward(d_input, d_out, &work.normed, gradient, &mut work.narrow);
        }
        let d_weight = gradients.weight(place);
        kernels::rms_norm_backward(&mut work.d_stream, d_weight, &work.d_normed, &saved.input, norm);
    }

    fn backward_feed_forward(&self, layer: usize, saved: &mut Saved, work: &mut Work, gradients: &mut Gradients) {
        let linear = |part| self.linear(layer, part);
        let wide = saved.gate.len();
        kernels::swiglu(sized(&mut work.gated, wide), &saved.gate, &saved.up);
        let d_gated = (sized(&mut work.d_gated, wide), false);
        let gradient = gradients.linear(layer, Part::Down);
        linear(Part::Down).backward(d_gated, &work.d_stream, &work.gated, gradient, &mut work.narrow);
        kernels::swiglu_backward(&work.d_gated, &mut saved.gate, &mut saved.up);
        let place = Place::Layer(layer, Part::PostNorm);
        let norm = self.norm(place);
        kernels::rms_norm(sized(&mut work.normed, saved.middle.len()), &saved.middle, norm);
        sized(&mut work.d_normed, saved.middle.len());
        for (part, d_out) in [(Part::Gate, &saved.gate), (Part::Up, &saved.up)] {
            let d_input = (&mut work.d_normed[..], part == Part::Up);
            let gradient = gradients.linear(layer, part);
            linear(part).backward(d_input, d_out, &work.normed, gradient, &mut work.narrow);
        }
        let d_weight = gradients.weight(place);
        kernels::rms_norm_backward(&mut work.d_stream, d_weight, &work.d_normed, &saved.middle, norm);
    }

    /// Leaves the gradients with respect to queries, keys and values as they came from their matrices in `d_attended`,
    /// `d_key` and `d_value`.
    fn backward_attention(
        &self,
        layer: usize,
        saved: &Saved,
        work: &mut Work,
        rows: Rows<'_>,
        gradients: &mut Gradients,
    ) {
        let (asked, answered) = (saved.query.len(), saved.key.len());
        let d_attended = (sized(&mut work.d_attended, asked), false);
        let gradient = gradients.linear(layer, Part::Output);
        let output = self.linear(layer, Part::Output);
        output.backward(d_attended, &work.d_stream, &saved.attended, gradient, &mut work.narrow);
        let d_turned = AttentionGradients {
            queries: sized(&mut work.d_turned_query, asked),
            keys: sized(&mut work.d_turned_key, answered),
            values: sized(&mut work.d_value, answered),
        };
        let pass = AttentionPass {
            queries: &work.turned_query,
            keys: &work.turned_key,
            values: &saved.value,
            out: &saved.attended,
            log_sums: &saved.log_sums,
            spans: rows.spans,
            heads: self.heads(),
        };
        kernels::attention_backward(d_turned, &work.d_attended, pass, &mut work.by_head);
        let [of_query, of_key] = self.head_norms(layer, rows);
        let d_weight = gradients.weight(Place::Layer(layer, Part::QueryNorm));
        kernels::norm_rotate_backward(&mut work.d_attended, d_weight, &work.d_turned_query, &saved.query, of_query);
        let d_weight = gradients.weight(Place::Layer(layer, Part::KeyNorm));
        let d_key = sized(&mut work.d_key, answered);
        kernels::norm_rotate_backward(d_key, d_weight, &work.d_turned_key, &saved.key, of_key);
    }
}

/// A buffer of a length; what is in it is of no use.
fn sized(buffer: &mut Vec<f32>, length: usize) -> &mut [f32] {
    buffer.resize(length, 0.0);
    buffer
}
