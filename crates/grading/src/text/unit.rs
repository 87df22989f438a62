//! Units that numbers are given in.

/// What a number is counted in.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Unit {
    /// One that can be turned into others of its dimension.
    Known {
        /// What is measured.
        dimension: &'static str,
        /// How many of the dimension's own unit it is.
        factor: f64,
    },
    /// Any other words.
    Other(String),
}

/// What is measured, the size of a unit, and its names.
const UNITS: [(&str, f64, &[&str]); 45] = [
    ("length", 0.001, &["mm", "millimeter", "millimetre", "毫米"]),
    ("length", 0.01, &["cm", "centimeter", "centimetre", "厘米"]),
    ("length", 1.0, &["m", "meter", "metre", "米"]),
    ("length", 1000.0, &["km", "kilometer", "kilometre", "公里", "千米"]),
    ("length", 0.0254, &["in", "inch", "inches", "英寸"]),
    ("length", 0.3048, &["ft", "foot", "feet", "英尺"]),
    ("length", 0.9144, &["yd", "yard"]),
    ("length", 1_609.344, &["mi", "mile", "英里"]),
    ("area", 1.0, &["m2", "sq m", "square meter", "square metre", "平方米"]),
    ("area", 1e6, &["km2", "sq km", "square kilometer", "square kilometre", "平方公里"]),
    ("area", 10_000.0, &["ha", "hectare", "公顷"]),
    ("area", 4_046.856_422_4, &["acre"]),
    ("area", 2_589_988.110_336, &["sq mi", "square mile"]),
    ("mass", 1e-6, &["mg", "milligram"]),
    ("mass", 0.001, &["g", "gram", "克"]),
    ("mass", 1.0, &["kg", "kilogram", "公斤", "千克"]),
    ("mass", 1000.0, &["t", "tonne", "metric ton", "吨"]),
    ("mass", 0.453_592_37, &["lb", "lbs", "pound"]),
    ("mass", 0.028_349_523_125, &["oz", "ounce"]),
    ("volume", 0.001, &["ml", "milliliter", "millilitre", "毫升"]),
    ("volume", 1.0, &["l", "liter", "litre", "升"]),
    ("time", 0.001, &["ms", "millisecond", "毫秒"]),
    ("time", 1.0, &["s", "sec", "second", "秒"]),
    ("time", 60.0, &["min", "minute", "分钟"]),
    ("time", 3600.0, &["h", "hr", "hour", "小时"]),
    ("time", 86_400.0, &["d", "day", "天"]),
    ("time", 604_800.0, &["week", "周"]),
    ("months", 1.0, &["month", "个月"]),
    ("months", 12.0, &["year", "yr", "年"]),
    ("speed", 1.0, &["km/h", "kmh", "kph"]),
    ("speed", 3.6, &["m/s"]),
    ("speed", 1.609_344, &["mph"]),
    ("celsius", 1.0, &["°c", "℃", "degrees celsius", "摄氏度"]),
    ("fahrenheit", 1.0, &["°f", "degrees fahrenheit"]),
    ("angle", 1.0, &["°", "degree", "度"]),
    ("percent", 1.0, &["%", "percent", "per cent", "pct"]),
    ("dollar", 1.0, &["$", "us$", "usd", "dollar", "us dollar", "美元"]),
    ("euro", 1.0, &["€", "eur", "euro", "欧元"]),
    ("pound", 1.0, &["£", "gbp", "pound sterling", "英镑"]),
    ("yuan", 1.0, &["yuan", "rmb", "cny", "元", "人民币"]),
    ("yen", 1.0, &["yen", "jpy", "日元"]),
    ("data", 1.0, &["byte"]),
    ("data", 1e3, &["kb", "kilobyte"]),
    ("data", 1e6, &["mb", "megabyte"]),
    ("data", 1e9, &["gb", "gigabyte"]),
];

impl Unit {
    /// The unit of a name, in lower case; none of an empty one or of what is no name.
    pub(super) fn named(name: &str) -> Option<Self> {
        if let Some(known) = known(name).or_else(|| known(name.strip_suffix('s')?)) {
            return Some(known);
        }
        let is_word = |char: char| char.is_alphabetic() || matches!(char, ' ' | '-' | '\'' | '²' | '³');
        let is_name = !name.is_empty() && name.chars().all(is_word);
        is_name.then(|| Self::Other(name.strip_suffix('s').unwrap_or(name).to_owned()))
    }

    pub(super) fn is_known(&self) -> bool {
        matches!(self, Self::Known { .. })
    }
}

fn known(name: &str) -> Option<Unit> {
    let (dimension, factor, _) = UNITS.iter().find(|(_, _, names)| names.contains(&name))?;
    Some(Unit::Known { dimension, factor: *factor })
}
