//! Rows of the embedding.

/// Copies the row of each token.
pub fn gather(out: &mut [f32], table: &[f32], tokens: &[u32], width: usize) {
    for (out, token) in out.chunks_exact_mut(width).zip(tokens) {
        let row = *token as usize * width;
        out.copy_from_slice(&table[row..row + width]);
    }
}

/// Adds each row to that of its token.
pub fn scatter_add(table: &mut [f32], rows: &[f32], tokens: &[u32], width: usize) {
    for (from, token) in rows.chunks_exact(width).zip(tokens) {
        let row = *token as usize * width;
        for (sum, x) in table[row..row + width].iter_mut().zip(from) {
            *sum += x;
        }
    }
}
