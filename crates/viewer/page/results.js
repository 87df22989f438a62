// Figures with their intervals: a table in which each row has its drawing.

function resultsOf(results) {
  const unique = (of) => [...new Set(results.cells.map(of))];
  const contestants = unique((cell) => cell.contestant);
  const span = results.shares ? [0, 1] : extent([0, ...results.cells.flatMap((cell) => [cell.value, cell.high ?? cell.value])]);
  const isAlone = contestants.length === 1;
  const groups = unique((cell) => cell.category).map((category) => categoryRows(results, category, contestants, span));
  const head = el("tr", {}, [isAlone ? `category, ${contestants[0]}` : "contestant", results.shares ? "share" : "value", "95 %", "questions"].map((column, at) =>
    el("th", { scope: "col", class: at ? "number" : null }, column)), el("th", { scope: "col", class: "wide" }, axis(results, span)));
  return el("section", { class: "block" }, el("h2", {}, visible(results.name)),
    results.note ? el("p", { class: "muted" }, visible(results.note)) : null,
    results.cells.length ? el("div", { class: "scrolls" }, el("table", { class: "results" },
      el("caption", { class: "unheard" }, visible(results.name)), el("thead", {}, head), groups)) : null,
    results.comparisons.length ? comparisons(results) : null);
}

function said(results, value) {
  return results.shares ? percent(value) : figure(value);
}

function bounds(results, { low, high }) {
  if (low === null || high === null) return "";
  return results.shares ? `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}` : `${figure(low)} to ${figure(high)}`;
}

function categoryRows(results, category, contestants, span) {
  const cells = results.cells.filter((cell) => cell.category === category);
  const isAlone = contestants.length === 1;
  const head = isAlone ? null : el("tr", { class: "group" }, el("th", { scope: "rowgroup", colspan: 5 }, visible(plain(category || "all"))));
  const rows = cells.map((cell) => {
    const color = contestants.indexOf(cell.contestant) % 6;
    return el("tr", {},
      el("th", { scope: "row", class: isAlone ? "alone" : null }, isAlone ? visible(plain(cell.category || "all"))
        : [el("span", { class: `swatch color-${color}` }), visible(cell.contestant)]),
      el("td", { class: "number strong" }, said(results, cell.value)),
      el("td", { class: "number" }, bounds(results, cell)),
      el("td", { class: "number" }, cell.questions === null ? "" : grouped(cell.questions)),
      el("td", { class: "wide" }, interval(cell, cell.value, span, color)));
  });
  return el("tbody", {}, head, rows);
}

function axis(results, span) {
  const marks = ticks(span[0], span[1], 5);
  const at = (value) => `${((100 * (value - span[0])) / (span[1] - span[0])).toFixed(2)}%`;
  const label = (value) => (results.shares ? String(Math.round(100 * value)) : figure(value));
  const anchor = (value) => (value === span[0] ? "start" : value >= span[1] * 0.98 ? "end" : "middle");
  return svg("svg", { class: "axis-labels", "aria-hidden": "true" },
    marks.map((value) => svg("text", { x: at(value), y: 12, "text-anchor": anchor(value) }, label(value))));
}

// A line from the lower end to the upper one, and a point.
function interval({ low, high }, value, span, color) {
  const at = (number) => `${((100 * (number - span[0])) / (span[1] - span[0])).toFixed(2)}%`;
  const grid = ticks(span[0], span[1], 5).map((mark) => svg("line", { class: "grid", x1: at(mark), x2: at(mark), y1: 0, y2: 18 }));
  const zero = span[0] < 0 ? svg("line", { class: "zero", x1: at(0), x2: at(0), y1: 0, y2: 18 }) : null;
  const reach = low === null || high === null ? null
    : svg("line", { class: `reach color-${color}`, x1: at(low), x2: at(high), y1: 9, y2: 9 });
  return svg("svg", { class: "interval", "aria-hidden": "true" }, grid, zero, reach,
    svg("circle", { class: `dot color-${color}`, cx: at(value), cy: 9, r: 4 }));
}

function comparisons(results) {
  const ends = results.comparisons.flatMap((it) => [it.difference, it.low ?? it.difference, it.high ?? it.difference]);
  const most = Math.max(0.01, ...ends.map(Math.abs)) * 1.1;
  const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${results.shares ? (100 * Math.abs(value)).toFixed(1) : figure(Math.abs(value))}`;
  const rows = results.comparisons.map((it) => [
    [visible(it.from), " → ", el("b", {}, visible(it.to))],
    visible(plain(it.category ?? "all")),
    el("b", {}, signed(it.difference)),
    it.low === null ? "" : `${signed(it.low)} to ${signed(it.high)}`,
    it.gained === null ? "" : `${grouped(it.gained)} / ${grouped(it.lost)}`,
    it.p_value === null ? "" : it.p_value < 0.001 ? "< 0.001" : it.p_value.toFixed(3),
    interval(it, it.difference, [-most, most], 0),
  ]);
  const columns = ["comparison", "category", results.shares ? "points" : "difference", "95 %", "gained / lost", "p", "lower · higher"];
  const made = table("Compared question by question", columns, rows, [2, 3, 4, 5]);
  made.classList.add("results", "compared");
  return el("div", { class: "scrolls" }, made);
}
