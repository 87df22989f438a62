//! Sums, maxima and exponentials over a slice, in lanes that a compiler makes vectors of.

/// How many partial sums run side by side: two vectors of the widest kind.
const LANES: usize = 32;

/// Calls a function of one argument, whose type is given, in a version that is compiled for the widest vectors that the
/// machine has. The function and those that it calls have to be `#[inline(always)]`.
///
/// It is named and not handed over: a call by way of a parameter goes through a function of its own, which is compiled for
/// the narrowest vectors, and in which each fused product is a call of a library.
macro_rules! widest {
    ($function:ident: $argument:ty, $with:expr) => {
        $crate::kernels::lanes::widest!($function: $argument => (), $with)
    };
    ($function:ident: $argument:ty => $result:ty, $with:expr) => {{
        struct Call<A>(A);
        impl pulp::NullaryFnOnce for Call<$argument> {
            type Output = $result;

            #[inline(always)]
            fn call(self) -> $result {
                $function(self.0)
            }
        }
        let with: $argument = $with;
        pulp::Arch::new().dispatch(Call(with))
    }};
}

pub(super) use widest;

/// e to the power of a number, to some units in the last place. Beyond what a number can hold it is the largest or the
/// smallest such; what is no number stays none.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    /// Added and taken away again, it leaves the nearest whole number.
    const ROUNDING: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let whole = (x * std::f32::consts::LOG2_E + ROUNDING) - ROUNDING;
    let rest = (-whole).mul_add(LN_2_LOW, (-whole).mul_add(LN_2_HIGH, x));
    let mut series = 1.987_569_1e-4_f32;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        series = series.mul_add(rest, coefficient);
    }
    let power = series.mul_add(rest * rest, rest) + 1.0;
    let scale = f32::from_bits((((whole as i32) + 127) << 23) as u32);
    power * scale
}

#[inline(always)]
pub(super) fn dot(x: &[f32], y: &[f32]) -> f32 {
    let y = &y[..x.len()];
    let mut sums = [0.0_f32; LANES];
    let (whole, rest) = x.as_chunks::<LANES>();
    let (whole_y, rest_y) = y.as_chunks::<LANES>();
    for (x, y) in whole.iter().zip(whole_y) {
        for lane in 0..LANES {
            sums[lane] = x[lane].mul_add(y[lane], sums[lane]);
        }
    }
    let mut sum: f32 = sums.iter().sum();
    for (x, y) in rest.iter().zip(rest_y) {
        sum += x * y;
    }
    sum
}

/// The sum of the products of three.
#[inline(always)]
pub(super) fn dot3(x: &[f32], y: &[f32], z: &[f32]) -> f32 {
    let (y, z) = (&y[..x.len()], &z[..x.len()]);
    let mut sums = [0.0_f32; LANES];
    let whole = x.len() / LANES * LANES;
    let mut at = 0;
    while at < whole {
        for lane in 0..LANES {
            sums[lane] = (x[at + lane] * y[at + lane]).mul_add(z[at + lane], sums[lane]);
        }
        at += LANES;
    }
    let mut sum: f32 = sums.iter().sum();
    for at in whole..x.len() {
        sum += x[at] * y[at] * z[at];
    }
    sum
}

/// The largest; negative infinity where there is none.
#[inline(always)]
pub(super) fn largest(x: &[f32]) -> f32 {
    let mut most = [f32::NEG_INFINITY; LANES];
    let (whole, rest) = x.as_chunks::<LANES>();
    for x in whole {
        for lane in 0..LANES {
            most[lane] = if x[lane] > most[lane] { x[lane] } else { most[lane] };
        }
    }
    most.iter().chain(rest).fold(f32::NEG_INFINITY, |most, x| if *x > most { *x } else { most })
}

/// Replaces each number by the exponential of its distance from another, and gives their sum.
#[inline(always)]
pub(super) fn exp_and_sum(x: &mut [f32], from: f32) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (whole, rest) = x.as_chunks_mut::<LANES>();
    for x in whole {
        for lane in 0..LANES {
            x[lane] = exp(x[lane] - from);
            sums[lane] += x[lane];
        }
    }
    let mut sum: f32 = sums.iter().sum();
    for x in rest {
        *x = exp(*x - from);
        sum += *x;
    }
    sum
}

/// The same sum, and nothing replaced.
#[inline(always)]
pub(super) fn sum_of_exp(x: &[f32], from: f32) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (whole, rest) = x.as_chunks::<LANES>();
    for x in whole {
        for lane in 0..LANES {
            sums[lane] += exp(x[lane] - from);
        }
    }
    rest.iter().fold(sums.iter().sum(), |sum, x| sum + exp(*x - from))
}

/// The logarithm of the sum of the exponentials.
#[must_use]
pub fn log_sum_exp(x: &[f32]) -> f32 {
    #[inline(always)]
    fn run(x: &[f32]) -> f32 {
        let most = largest(x);
        most + sum_of_exp(x, most).ln()
    }
    widest!(run: &[f32] => f32, x)
}
