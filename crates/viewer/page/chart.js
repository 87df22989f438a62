// Draws curves over steps, with axes, a legend that shows values, and a table.

const MARGIN = { left: 52, right: 12, top: 10, bottom: 24 };
const HEIGHT = 180;
// Curves of more points are drawn faintly, with a running mean.
const SMOOTHED_FROM = 200;

// About so many round numbers from low to high.
function ticks(low, high, about) {
  const rough = (high - low) / about || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const numbers = [];
  for (let at = first; at * step <= high + step * 1e-9; at += 1) numbers.push(at * step);
  return numbers.map((number) => Number(number.toPrecision(12)));
}

function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  return low === high ? [low - Math.abs(low || 1) * 0.1, high + Math.abs(high || 1) * 0.1] : [low, high];
}

function scale([low, high], from, to) {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

// Curves: {name, points: [[step, value or null]]}.
function chart(title, curves) {
  const chartBox = el("div", { class: "drawing" });
  const legend = el("ul", { class: "legend" });
  const box = el("figure", { class: "chart" }, el("figcaption", {}, title), legend, chartBox, valuesTable(title, curves));
  const state = { curves, legend, chartBox, title, step: null };
  new ResizeObserver(([entry]) => draw(state, Math.floor(entry.contentRect.width))).observe(chartBox);
  showLegend(state);
  return box;
}

function draw(state, width) {
  if (width < 80 || state.width === width) return;
  state.width = width;
  const points = state.curves.flatMap((curve) => curve.points);
  state.x = scale(extent(points.map(([step]) => step)), MARGIN.left, width - MARGIN.right);
  state.steps = [...new Set(points.map(([step]) => step))].sort((left, right) => left - right);
  const [low, high] = extent(points.map(([, value]) => value).filter((value) => value !== null));
  const room = (high - low) * 0.05;
  const span = [low - room, high + room];
  state.y = scale(span, HEIGHT - MARGIN.bottom, MARGIN.top);
  state.cursor = svg("g", { class: "cursor" });
  const drawing = svg("svg", {
    viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", tabindex: "0",
    "aria-label": `${state.title}: ${state.curves.map((curve) => curve.name).join(", ")}. Arrow keys read values.`,
    onpointermove: (event) => point(state, event.offsetX),
    onpointerleave: () => pointAt(state, null),
    onkeydown: (event) => pointByKey(state, event),
    onblur: () => pointAt(state, null),
  }, axes(state, span, width), state.curves.map((curve, at) => path(state, curve, at)), state.cursor);
  state.chartBox.replaceChildren(drawing);
}

function axes(state, span, width) {
  const bottom = HEIGHT - MARGIN.bottom;
  const across = ticks(span[0], span[1], 4).map((value) => [
    svg("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: state.y(value), y2: state.y(value) }),
    svg("text", { x: MARGIN.left - 6, y: state.y(value) + 4, "text-anchor": "end" }, figure(value)),
  ]);
  const [first, last] = [state.steps[0] ?? 0, state.steps.at(-1) ?? 1];
  const along = ticks(first, last, Math.max(2, Math.floor(width / 90))).filter(Number.isInteger).map((step) =>
    svg("text", { x: state.x(step), y: bottom + 16, "text-anchor": "middle" }, grouped(step)));
  const base = svg("line", { class: "axis", x1: MARGIN.left, x2: width - MARGIN.right, y1: bottom, y2: bottom });
  return [across, along, base];
}

function way(state, points) {
  let [drawn, isDown] = ["", false];
  for (const [step, value] of points) {
    if (value !== null) drawn += `${isDown ? "L" : "M"}${state.x(step).toFixed(1)} ${state.y(value).toFixed(1)}`;
    isDown = value !== null;
  }
  return drawn;
}

// The mean of each point and those around it, about a fiftieth of the curve.
function smoothed(points) {
  const reach = Math.ceil(points.length / 100);
  const sums = [0];
  const numbers = [0];
  for (const [, value] of points) {
    sums.push(sums.at(-1) + (value ?? 0));
    numbers.push(numbers.at(-1) + (value === null ? 0 : 1));
  }
  return points.map(([step, value], at) => {
    const [from, to] = [Math.max(0, at - reach), Math.min(points.length, at + reach + 1)];
    return [step, value === null ? null : (sums[to] - sums[from]) / (numbers[to] - numbers[from])];
  });
}

function path(state, curve, at) {
  const isLong = curve.points.length > SMOOTHED_FROM;
  const few = curve.points.length <= 30;
  const dots = few ? curve.points.filter(([, value]) => value !== null).map(([step, value]) =>
    svg("circle", { class: `dot color-${at % 6}`, cx: state.x(step), cy: state.y(value), r: 2.5 })) : [];
  const bad = curve.points.filter(([, value]) => value === null).slice(0, 200).map(([step]) =>
    svg("text", { class: "bad", x: state.x(step), y: MARGIN.top + 8, "text-anchor": "middle" }, "×"));
  const raw = svg("path", { class: `curve color-${at % 6}${isLong ? " faint" : ""}`, d: way(state, curve.points) });
  const mean = isLong ? svg("path", { class: `curve color-${at % 6}`, d: way(state, smoothed(curve.points)) }) : null;
  return [raw, mean, dots, bad].flat().filter(Boolean);
}

function point(state, offset) {
  const nearest = (best, step) => (Math.abs(state.x(step) - offset) < Math.abs(state.x(best) - offset) ? step : best);
  pointAt(state, state.steps.reduce(nearest, state.steps[0]));
}

function pointByKey(state, event) {
  const last = state.steps.length - 1;
  const here = state.steps.indexOf(state.step);
  const at = { ArrowLeft: here < 0 ? last : here - 1, ArrowRight: here + 1, Home: 0, End: last }[event.key];
  if (at === undefined) return;
  event.preventDefault();
  pointAt(state, state.steps[Math.min(last, Math.max(0, at))]);
}

function pointAt(state, step) {
  state.step = step ?? null;
  state.cursor.replaceChildren();
  if (state.step !== null) {
    const x = state.x(step);
    state.cursor.append(svg("line", { x1: x, x2: x, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }));
    state.curves.forEach((curve, at) => {
      const value = valueAt(curve, step);
      if (typeof value === "number") {
        state.cursor.append(svg("circle", { class: `dot color-${at % 6}`, cx: x, cy: state.y(value), r: 3.5 }));
      }
    });
  }
  showLegend(state);
}

// What was measured at a step; undefined where nothing was.
function valueAt(curve, step) {
  return curve.points.find(([at]) => at === step)?.[1];
}

function showLegend(state) {
  const entry = (curve, at) => {
    const last = curve.points.at(-1);
    const value = state.step === null ? last?.[1] : valueAt(curve, state.step);
    const said = value === undefined ? "–" : value === null ? "not a number" : figure(value);
    return el("li", {}, el("span", { class: `swatch color-${at % 6}` }), `${curve.name} `, el("b", {}, said));
  };
  const where = state.step === null ? "last" : `step ${grouped(state.step)}`;
  state.legend.replaceChildren(...state.curves.map(entry), el("li", { class: "where" }, where));
}

// A few of the values, for who cannot see the drawing or wants numbers.
function valuesTable(title, curves) {
  const details = el("details", { class: "values" }, el("summary", {}, "Values"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("table")) return;
    const steps = [...new Set(curves.flatMap((curve) => curve.points.map(([step]) => step)))].sort((l, r) => l - r);
    const every = Math.max(1, Math.ceil(steps.length / 40));
    const chosen = steps.filter((_, at) => at % every === 0 || at === steps.length - 1);
    const cell = (value) => (value === undefined ? "" : value === null ? "not a number" : figure(value));
    const rows = chosen.map((step) => [grouped(step), ...curves.map((curve) => cell(valueAt(curve, step)))]);
    const columns = ["step", ...curves.map((curve) => curve.name)];
    details.append(el("div", { class: "scrolls", tabindex: "0" }, table(title, columns, rows, columns.map((_, at) => at))));
  }, { once: false });
  return details;
}
