//! Numbers and the words that are values.

use offseeker_trajectory::Repair;
use serde_json::{Number, Value};

use super::ArgumentError;
use super::lenient::{Lenient, is_name};

impl Lenient<'_> {
    pub(super) fn word(&mut self) -> Result<Value, ArgumentError> {
        let from = self.cursor.at;
        let value = match self.cursor.take_while(is_name) {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            other => {
                let value = match other {
                    "True" => Some(Value::Bool(true)),
                    "False" => Some(Value::Bool(false)),
                    "None" => Some(Value::Null),
                    _ => None,
                };
                self.overlook(Repair::Mended);
                value.ok_or_else(|| match other {
                    "NaN" | "Infinity" => ArgumentError::syntax(from, "a finite number"),
                    _ => ArgumentError::syntax(from, "a value; text stands in quotes"),
                })?
            }
        };
        Ok(value)
    }

    pub(super) fn number(&mut self) -> Result<Value, ArgumentError> {
        let from = self.cursor.at;
        let spelled = self.spelled_number();
        let number = number(spelled).filter(|_| !self.cursor.peek().is_some_and(is_name));
        let Some((number, repair)) = number else {
            return Err(ArgumentError::syntax(from, "a finite number"));
        };
        if self.cursor.rest().is_empty() && !self.open.is_empty() {
            return Err(ArgumentError::syntax(from, "a number that ends"));
        }
        self.overlook(repair);
        Ok(Value::Number(number))
    }

    fn spelled_number(&mut self) -> &str {
        let from = self.cursor.at;
        self.cursor.take_while(|c| matches!(c, '+' | '-'));
        let digits = self.cursor.take_while(|c| c.is_ascii_hexdigit() || matches!(c, '.' | 'x' | 'X'));
        // A sign belongs to the number only after the `e` of an exponent, which counts as a hexadecimal digit.
        if digits.ends_with(['e', 'E']) && !digits.contains(['x', 'X']) {
            self.cursor.take_while(|c| matches!(c, '+' | '-'));
            self.cursor.take_while(|c| c.is_ascii_digit());
        }
        &self.cursor.text()[from..self.cursor.at]
    }
}

/// Reads a number in the spelling of JSON or of JSON5.
fn number(spelled: &str) -> Option<(Number, Repair)> {
    if let Ok(number) = serde_json::from_str(spelled) {
        return Some((number, Repair::None));
    }
    let (sign, size) = match spelled.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", spelled.strip_prefix('+').unwrap_or(spelled)),
    };
    let plain = match size.strip_prefix("0x").or_else(|| size.strip_prefix("0X")) {
        Some(digits) if digits.starts_with('+') => return None,
        Some(digits) => u64::from_str_radix(digits, 16).ok()?.to_string(),
        None => decimal(size)?,
    };
    let number = serde_json::from_str(&format!("{sign}{plain}")).ok()?;
    Some((number, Repair::Json5))
}

/// Puts a nought on the side of the decimal point where no digit is.
fn decimal(size: &str) -> Option<String> {
    let (mantissa, exponent) = size.split_at(size.find(['e', 'E']).unwrap_or(size.len()));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let or_nought = |digits: &str| if digits.is_empty() { "0".to_owned() } else { digits.to_owned() };
    let point = if mantissa.contains('.') { format!(".{}", or_nought(fraction)) } else { String::new() };
    Some(format!("{}{point}{exponent}", or_nought(whole)))
}
