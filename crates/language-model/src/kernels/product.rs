//! Products of matrices.

use gemm::Parallelism;

/// A matrix that is read.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// Rows that lie one after the other.
    #[must_use]
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// Rows that begin so many numbers after each other.
    #[must_use]
    pub fn strided(data: &'a [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert!(fits(data.len(), rows, columns, row_stride), "{rows} rows of {columns} lie in the slice");
        Self { data, rows, columns, row_stride, column_stride: 1 }
    }

    /// The same numbers, with rows for columns.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// A matrix that a product is written into, or added to.
#[derive(Debug)]
pub struct MatrixMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    adds: bool,
}

impl<'a> MatrixMut<'a> {
    /// Rows that lie one after the other; what is in them is replaced.
    #[must_use]
    pub fn new(data: &'a mut [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// Rows that begin so many numbers after each other; what is in them is replaced.
    #[must_use]
    pub fn strided(data: &'a mut [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert!(fits(data.len(), rows, columns, row_stride), "{rows} rows of {columns} lie in the slice");
        Self { data, rows, columns, row_stride, adds: false }
    }

    /// The same, but the product is added to what is there where this is so.
    #[must_use]
    pub fn adding(self, adds: bool) -> Self {
        Self { adds, ..self }
    }
}

fn fits(length: usize, rows: usize, columns: usize, row_stride: usize) -> bool {
    rows == 0 || columns == 0 || (row_stride >= columns && (rows - 1) * row_stride + columns <= length)
}

/// Who works on a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// All threads of the pool, where the product is large enough.
    All,
    /// The caller alone, who is one of many already.
    One,
}

/// `out = scale · left · right`, or `out += scale · left · right`.
#[allow(unsafe_code)]
pub fn product(out: MatrixMut<'_>, left: Matrix<'_>, right: Matrix<'_>, scale: f32, threads: Threads) {
    let MatrixMut { data, rows, columns, row_stride, adds } = out;
    assert_eq!((rows, columns), (left.rows, right.columns), "the shape is that of the product");
    assert_eq!(left.columns, right.rows, "the factors fit each other");
    let parallelism = match threads {
        Threads::All if rayon::current_num_threads() > 1 => Parallelism::Rayon(0),
        _ => Parallelism::None,
    };
    // SAFETY: each matrix lies within its slice, which its constructor asserts, and `out` is borrowed alone.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            left.columns,
            data.as_mut_ptr(),
            1,
            row_stride.cast_signed(),
            adds,
            left.data.as_ptr(),
            left.column_stride.cast_signed(),
            left.row_stride.cast_signed(),
            right.data.as_ptr(),
            right.column_stride.cast_signed(),
            right.row_stride.cast_signed(),
            1.0,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}
