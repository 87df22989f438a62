// The first part: notes, what is known of the run, the funnel, what trainings measured, what was found.

function showOverview(page, attempts) {
  const parts = [
    notes(page),
    page.steps.length ? funnel(page.steps) : null,
    page.results.map(resultsOf),
    page.curves.map(training),
    nothing(page, attempts),
  ];
  byId("overview").replaceChildren(el("div", { class: "column" }, parts));
}

function nothing(page, attempts) {
  const isEmpty = !page.steps.length && !page.results.length && !page.curves.length;
  if (!isEmpty) return null;
  return el("p", { class: "muted" }, `Nothing but attempts is known of this run: ${counted(attempts.count, "attempt")}.`);
}

function notes(page) {
  const facts = page.facts.map(([name, value]) => [el("dt", {}, visible(name)), el("dd", {}, visible(value))]);
  if (!facts.length && !page.notes.length) return null;
  const said = page.notes.map((note) => el("p", { dir: "auto" }, visible(note)));
  return el("div", { class: "notes" }, said, facts.length ? el("dl", { class: "facts" }, facts) : null);
}

// Steps in a row that count the same share a scale: the most of them is a full bar.
function funnel(steps) {
  const rows = steps.map((step, at) => funnelRow(step, mostOf(steps, at)));
  const columns = ["step", "came", "gave", "", "of those that came", "why no more", "time"];
  const head = columns.map((column, at) => el("th", { scope: "col", class: [1, 2, 6].includes(at) ? "number" : at === 4 ? "wide" : null }, column));
  return el("section", { class: "block" }, el("h2", {}, "Pipeline"), el("div", { class: "scrolls" },
    el("table", { class: "funnel" }, el("caption", { class: "unheard" }, "What each step of the pipeline let through"),
      el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows))));
}

function mostOf(steps, at) {
  let [first, last] = [at, at];
  while (first > 0 && steps[first - 1].unit === steps[at].unit) first -= 1;
  while (last + 1 < steps.length && steps[last + 1].unit === steps[at].unit) last += 1;
  return Math.max(1, ...steps.slice(first, last + 1).map((step) => Math.max(step.gave, step.came ?? 0)));
}

function funnelRow(step, most) {
  const lost = step.dropped.reduce((sum, loss) => sum + loss.count, 0);
  const unexplained = step.came === null ? 0 : Math.max(0, step.came - step.gave - lost);
  const why = step.dropped.filter((loss) => loss.count).sort((left, right) => right.count - left.count)
    .map((loss) => el("li", { title: REASONS[loss.why] }, el("b", {}, grouped(loss.count)), " ", visible(plain(loss.why))));
  if (unexplained) why.push(el("li", { class: "bad" }, el("b", {}, grouped(unexplained)), " without a reason"));
  const kept = step.came ? percent(step.gave / step.came) : "";
  return el("tr", {},
    el("th", { scope: "row" }, visible(plain(step.name)), step.note ? el("div", { class: "muted" }, visible(step.note)) : null),
    el("td", { class: "number" }, step.came === null ? "" : grouped(step.came)),
    el("td", { class: "number strong" }, grouped(step.gave)),
    el("td", { class: "muted" }, visible(step.unit)),
    el("td", { class: "wide" }, el("div", { class: "share" }, bar(step, most), el("span", {}, kept))),
    el("td", {}, why.length ? el("ul", { class: "losses" }, why) : null),
    el("td", { class: "number" }, step.seconds === null ? "" : duration(step.seconds)));
}

// What was let through, and behind it what came.
function bar(step, most) {
  const width = (count) => `${((100 * count) / most).toFixed(2)}%`;
  const rect = (name, count) => svg("rect", { class: name, x: 0, y: 0, width: width(count), height: "100%" });
  return svg("svg", { class: "bar", "aria-hidden": "true" },
    step.came === null ? null : rect("came", step.came), rect("gave", step.gave));
}

// Which measures share a drawing, in the order in which they are looked at. The first pattern that fits takes a measure.
const DRAWINGS = [
  ["loss", /^(loss|evaluation\/(held_out_)?loss)$/],
  ["rewards/margins", /^rewards\/margins$/],
  ["rewards/accuracies", /^(rewards\/accuracies|evaluation\/(held_out_)?accuracy)$/],
  ["rewards", /^rewards\/(chosen|rejected)$/],
  ["log-probabilities", /^logps\//],
  ["gradient norm", /^(gradient_norm|grad_norm)$/],
  ["learning rate", /^(learning_rate|lr)$/],
  ["tokens per second", /^tokens_per_second$/],
];
const TITLES = {
  loss: "Loss", "rewards/margins": "Margin of rewards", "rewards/accuracies": "Accuracy of rewards",
  rewards: "Rewards", "log-probabilities": "Log-probabilities", "gradient norm": "Gradient norm",
  "learning rate": "Learning rate", "tokens per second": "Tokens per second",
};
// What only grows says nothing as a curve.
const TOTALS = { tokens: "tokens", learnt_tokens: "of them learnt", epoch: "epochs", peak_memory: "memory at most" };

function training(curves) {
  const drawings = new Map(DRAWINGS.map(([title]) => [title, []]));
  for (const [name, series] of Object.entries(curves.series)) {
    if (name in TOTALS || name === "time") continue;
    const title = DRAWINGS.find(([, pattern]) => pattern.test(name))?.[0] ?? name;
    if (!drawings.has(title)) drawings.set(title, []);
    drawings.get(title).push({ name: plain(name.replace(/^(evaluation|rewards|logps)\//, "")), points: series.points });
  }
  for (const series of drawings.values()) series.sort((left, right) => right.points.length - left.points.length);
  const charts = [...drawings].filter(([, series]) => series.length)
    .map(([title, series]) => chart(TITLES[title] ?? plain(title), series));
  return el("section", { class: "block" }, el("h2", {}, "Training: ", visible(curves.name)),
    el("p", { class: "muted" }, totals(curves)), el("div", { class: "charts" }, charts));
}

function totals(curves) {
  const last = (name) => curves.series[name]?.points.at(-1)?.[1];
  const said = [counted(curves.rows, "step")];
  for (const [name, words] of Object.entries(TOTALS)) {
    const value = last(name);
    if (typeof value !== "number") continue;
    if (name === "epoch") said.push(`to epoch ${rounded(value)}`);
    else said.push(name === "peak_memory" ? `${size(value)} ${words}` : `${rounded(value)} ${words}`);
  }
  const times = curves.series.time?.points;
  if (times?.length > 1) said.push(duration(times.at(-1)[1] - times[0][1]));
  const thinned = Object.values(curves.series).some((series) => series.measured > series.points.length);
  if (thinned) said.push("of neighbouring steps the lowest and the highest are drawn");
  const isLong = Object.values(curves.series).some((series) => series.points.length > SMOOTHED_FROM);
  if (isLong) said.push("strong lines are running means");
  return said.join(" · ");
}
