// The reader of one attempt.

class Reader {
  constructor(app) {
    this.app = app;
    this.box = byId("attempt");
  }

  async show(id, turn) {
    const { attempts } = this.app;
    const number = attempts.find(id);
    if (number === undefined) return this.box.replaceChildren(el("div", { class: "column" }, el("p", {}, "There is no attempt ", visible(id), " on this page.")));
    const record = await attempts.open(number);
    if (this.app.place !== `attempt=${id}`) return;
    this.record = record;
    this.branch = record.main ?? 0;
    this.lesson = 0;
    this.app.list.follow(id);
    this.paint();
    if (turn !== null) this.toTurn(Number(turn));
  }

  paint() {
    const { record } = this;
    this.turns = el("div", { class: "turns" });
    this.box.replaceChildren(
      el("div", { class: "reader" }, this.toolbar(), el("h2", { class: "asked", dir: "auto" }, visible(textOf(record.question.text))),
        el("aside", { class: "about", "aria-label": "About the attempt" }, about(this.app, record)),
        el("div", { class: "reading" }, this.readingBar(), this.turns)));
    this.paintTurns();
    scrollTo(0, 0);
  }

  toolbar() {
    const { app, record } = this;
    const step = (by, label, title) => {
      const id = app.list.beside(record.id, by);
      return button(label, () => app.go(`attempt=${encodeURIComponent(id)}`), { title, disabled: id === null });
    };
    const isMarked = app.marked.includes(record.id);
    return el("div", { class: "toolbar" },
      button("← List", () => app.back(), { title: "Back to the list (Esc)" }),
      step(-1, "Previous", "The attempt before it in the list ([)"), step(1, "Next", "The attempt after it in the list (])"),
      button(isMarked ? "Marked ✓" : "Mark to compare", () => { app.mark(record.id); this.refreshToolbar(); },
        { title: "Mark for comparison (c)", "aria-pressed": String(isMarked), class: "mark-button" }),
      el("code", { class: "id", title: record.id }, visible(record.id)));
  }

  refreshToolbar() {
    if (this.record) this.box.querySelector(".toolbar")?.replaceWith(this.toolbar());
  }

  readingBar() {
    const { record } = this;
    const branches = record.branches.length > 1 ? el("label", {}, "Conversation ", el("select", {
      "aria-label": "Conversation", onchange: (event) => { this.branch = Number(event.target.value); this.paintTurns(); },
    }, record.branches.map((branch, at) => el("option", { value: at, selected: at === this.branch }, branchWords(record, branch, at))))) : null;
    const lessons = record.learnt.length ? el("label", {}, "Training ", el("select", {
      "aria-label": "Training", onchange: (event) => { this.lesson = Number(event.target.value); this.paintTurns(); },
    }, record.learnt.map((lesson, at) => el("option", { value: at }, inWords(lesson.name))))) : null;
    const legend = lessons ? el("span", { class: "legend-line" }, el("span", { class: "sample learnt" }, "counted"),
      el("span", { class: "sample" }, "masked")) : el("span", { class: "muted" }, "not in any training that the page knows");
    return el("div", { class: "reading-bar" }, branches, lessons, legend,
      el("span", { class: "spread" }), el("span", { class: "folding" },
        button("Unfold all", () => this.foldAll(true), { title: "e" }), button("Fold all", () => this.foldAll(false), { title: "e" })));
  }

  paintTurns() {
    const { record } = this;
    const branch = record.branches[this.branch];
    if (!branch) return this.turns.replaceChildren(el("p", { class: "muted" }, "Nothing has been said yet."));
    const turns = turnsOf(record, branch);
    const isRewritten = (turn) => turn.nodes.some((place) => record.nodes[place].kind === "rewritten");
    const isOpen = (turn, at) => turn.number === 0 ? turns.length === 1 || isRewritten(turn)
      : turns.length <= 10 || at === 1 || at === turns.length - 1;
    this.turns.replaceChildren(...turns.map((turn, at) => turnOf(record, turn, record.learnt[this.lesson], isOpen(turn, at))));
  }

  foldAll(isOpen) {
    for (const section of this.turns.children) if (section.fill) fold(section, isOpen);
  }

  toggleAll() {
    this.foldAll([...this.turns.querySelectorAll(".turn-body")].some((body) => body.hidden));
  }

  // Opens a turn and goes there.
  toTurn(number) {
    const section = this.turns?.querySelector(`[data-turn="${number}"]`);
    if (!section) return;
    fold(section, true);
    section.querySelector(".turn-head").focus({ preventScroll: true });
    section.scrollIntoView({ block: "start" });
  }

  toNode(place) {
    const at = this.record.branches.findIndex((branch) => branch.nodes.includes(place));
    if (!this.record.branches[this.branch].nodes.includes(place) && at >= 0) {
      this.branch = at;
      this.paintTurns();
    }
    const turn = turnsOf(this.record, this.record.branches[this.branch]).find((it) => it.nodes.includes(place));
    if (turn) this.toTurn(turn.number);
  }

  move(by) {
    moveAmong([...this.turns.querySelectorAll(".turn-head")], by);
  }
}

// Moves the focus among heads, from the one that has it.
function moveAmong(heads, by) {
  const at = heads.indexOf(document.activeElement);
  const next = heads[at < 0 ? (by > 0 ? 0 : heads.length - 1) : Math.min(heads.length - 1, Math.max(0, at + by))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function branchWords(record, branch, at) {
  const kind = branch.discarded ? "thrown away" : branch.aside ? "aside" : at === record.main ? "the last" : "earlier";
  return `${at + 1} of ${record.branches.length}: ${kind}, ${counted(branch.nodes.length, "message")}`;
}

// What is known of an attempt beside what was said in it.
function about(app, record) {
  const { usage } = record;
  const row = app.attempts.row(app.attempts.find(record.id));
  const facts = [
    ["Outcome", outcome(row.outcome)],
    ["Answer", record.answer === null ? el("span", { class: "muted" }, "none") : el("span", { dir: "auto" }, visible(textOf(record.answer)))],
    ["Right answer", rightAnswers(record)],
    ["Ending", stopWords(record.stop)],
    ["Contestant", visible(record.contestant)],
    record.model && record.model !== record.contestant ? ["Model", visible(record.model)] : null,
    record.category ? ["Category", visible(plain(record.category))] : null,
    ["Attempt", `${record.attempt + 1}${record.run ? ` in run ${short(record.run)}` : ""}`],
    ["Turns, calls", `${grouped(row.turns)}, ${grouped(row.calls)}`],
    ["Tokens", `${grouped(usage.prompt_tokens)} read, ${grouped(usage.completion_tokens)} written`],
    usage.cost_microusd ? ["Cost", `$${(usage.cost_microusd / 1e6).toFixed(4)}`] : null,
    record.spent_ms ? ["Time", duration(record.spent_ms / 1000)] : null,
    record.tools.length ? ["Tools", visible(record.tools.join(", "))] : null,
  ].filter(Boolean);
  const pairs = facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  return [el("dl", { class: "facts" }, pairs), fateOf(app, record), gradesOf(app, record), known("Of the question", record.question.metadata),
    known("Of the attempt", record.metadata), others(app, record, row)];
}

function rightAnswers(record) {
  if (!record.question.answers.length) return el("span", { class: "muted" }, "not known");
  return record.question.answers.map(([best, ...aliases]) => el("div", { dir: "auto" }, visible(best),
    aliases.length ? el("span", { class: "muted" }, " or ", visible(aliases.join(", "))) : null));
}

function stopWords(stop) {
  if (!stop) return "under way";
  const more = stop.reason ?? plain(stop.why ?? stop.which ?? "");
  const tool = stop.tool ? ` of ${stop.tool}` : "";
  return visible(`${plain(stop.kind)}${tool}${more ? `: ${more}` : ""}`);
}

// Why it was dropped, or what it is learnt as, with a way to the other side of each pair.
function fateOf(app, record) {
  const { kept, dropped, pairs = [] } = record.fate;
  const said = [];
  if (kept) said.push(el("p", {}, el("span", { class: "fate kept" }, "kept"), " It passed every stage of the filter."));
  if (dropped) {
    const stage = dropped.stage ? ` at ${plain(dropped.stage)}` : "";
    said.push(el("p", {}, el("span", { class: "fate dropped" }, `dropped${stage}`), " ", el("code", {}, dropped.reason), `: ${explained(dropped.reason)}.`));
  }
  for (const side of pairs) said.push(sideOf(app, record, side));
  return said.length ? el("section", { class: "fates" }, el("h3", {}, "In training"), said) : null;
}

function sideOf(app, record, side) {
  const isHere = app.attempts.find(side.other) !== undefined;
  const [left, right] = side.chosen ? [record.id, side.other] : [side.other, record.id];
  const compare = `#compare=${encodeURIComponent(left)},${encodeURIComponent(right)}`;
  const margin = typeof side.margin === "number" ? `, margin ${figure(side.margin)}` : "";
  const other = isHere ? el("a", { href: `#attempt=${encodeURIComponent(side.other)}` }, visible(short(side.other))) : el("code", {}, visible(short(side.other)));
  return el("p", {}, el("span", { class: `fate ${side.chosen ? "chosen" : "rejected"}` }, side.chosen ? "chosen" : "rejected"),
    side.chosen ? " over " : " for ", other, margin, isHere ? [" · ", el("a", { href: compare, class: "compare-link" }, "compare")] : " (not on this page)");
}

function gradesOf(app, record) {
  if (!record.grades.length) return null;
  const grades = record.grades.map((grade) => {
    const components = Object.entries(grade.components ?? {}).map(([name, value]) => `${plain(name)} ${figure(value)}`).join(", ");
    const value = typeof grade.value === "number" ? figure(grade.value) : "no value";
    return el("div", { class: "grade" }, el("div", {}, outcome(grade.outcome.kind), " ", el("b", {}, value)), el("code", {}, visible(grade.grader)),
      grade.outcome.reason ? el("p", {}, visible(grade.outcome.reason)) : null, components ? el("p", { class: "muted" }, visible(components)) : null,
      (grade.evidence ?? []).map((it) => evidence(app, it)));
  });
  return el("section", {}, el("h3", {}, "Grades"), grades);
}

function evidence(app, it) {
  const where = typeof it.node === "number" ? button("show", () => app.reader.toNode(it.node), { class: "quiet" }) : null;
  return el("div", { class: "evidence" }, el("p", {}, visible(it.claim), " ", where), it.quote ? el("blockquote", { dir: "auto" }, visible(line(it.quote, 600))) : null);
}

function known(title, metadata) {
  const text = textOf(metadata);
  return text ? el("details", {}, el("summary", {}, title), el("pre", { class: "text" }, visible(text))) : null;
}

// The other attempts at the same question.
function others(app, record, row) {
  const { rows } = app.attempts;
  const same = [];
  for (let at = 0; at < app.attempts.count; at += 1) {
    if (rows.question[at] === row.questionNumber && at !== row.number) same.push(app.attempts.row(at));
  }
  if (!same.length) return null;
  const entries = same.slice(0, 50).map((other) => el("li", {}, outcome(other.outcome), " ",
    el("a", { href: `#attempt=${encodeURIComponent(other.id)}` }, visible(other.contestant || short(other.id)), ` ${other.attempt + 1}`), " · ",
    el("a", { href: `#compare=${encodeURIComponent(record.id)},${encodeURIComponent(other.id)}` }, "compare")));
  return el("details", { open: same.length <= 12 }, el("summary", {}, `${counted(same.length, "other attempt")} at the question`), el("ul", { class: "others" }, entries),
    same.length > 50 ? el("p", { class: "muted" }, "and more, which the list shows") : null);
}
