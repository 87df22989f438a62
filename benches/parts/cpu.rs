//! What the system says of the time of this process.

/// Time that this process has spent on processors, in its own code and in the kernel; nought where it is not said.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> =
        stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    // The tick is a hundredth of a second on every Linux that is in use.
    (ticks(11) + ticks(12)) / 100.0
}
