//! Rows that are the same to the bit whatever runs beside them.

use super::super::steady_product;
use super::numbers;

#[test]
fn a_row_of_a_product_is_the_same_whatever_is_beside_it() {
    for (outputs, width) in [(1, 1), (5, 3), (33, 17), (70, 64), (31, 600), (64, 1030)] {
        let weight = numbers(outputs * width, 3);
        let input = numbers(9 * width, 5);
        let product = |rows: &[f32], adds: bool| {
            let mut out = vec![0.5; rows.len() / width * outputs];
            steady_product(&mut out, adds, rows, &weight, width);
            out
        };
        let (all, added) = (product(&input, false), product(&input, true));
        for first in 0..9 {
            for last in first + 1..=9 {
                let rows = &input[first * width..last * width];
                assert_eq!(product(rows, false), all[first * outputs..last * outputs], "{outputs} {width}");
                assert_eq!(product(rows, true), added[first * outputs..last * outputs], "{outputs} {width}");
            }
        }
        for (at, found) in all.iter().enumerate() {
            let (row, output) = (at / outputs, at % outputs);
            let pairs = input[row * width..].iter().zip(&weight[output * width..(output + 1) * width]);
            let expected: f64 = pairs.map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
            assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected}");
            assert_eq!(added[at], found + 0.5);
        }
    }
}
