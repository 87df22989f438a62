// The list of attempts: only the rows in sight are there, however many there are.

// A column that says the same of all attempts is left out, where it is one that may be.
const COLUMNS = [
  { name: "outcome", label: "outcome", width: "88px" },
  { name: "question", label: "question", width: "minmax(160px, 4fr)" },
  { name: "answer", label: "answer", width: "minmax(80px, 1fr)" },
  { name: "contestant", label: "contestant", width: "minmax(60px, 100px)", facet: "contestant" },
  { name: "category", label: "category", width: "minmax(60px, 110px)", facet: "category", isWide: true },
  { name: "turns", label: "turns", width: "40px", numeric: true },
  { name: "calls", label: "calls", width: "38px", numeric: true },
  { name: "tokens", label: "tokens", width: "56px", numeric: true },
  { name: "stop", label: "ending", width: "minmax(60px, 100px)", facet: "stop", isWide: true },
  { name: "fate", label: "fate", width: "minmax(110px, 190px)", facet: "fate" },
];
const SIGNS = { correct: "✓", wrong: "✗", no_answer: "○", malformed: "!", unscored: "?" };
const NARROW = matchMedia("(max-width: 760px)");
const WIDE = matchMedia("(min-width: 1101px)");

class List {
  constructor(app) {
    this.app = app;
    this.filter = new Filter(app.attempts);
    this.numbers = [];
    this.active = 0;
    this.columns = COLUMNS.filter(({ facet }) => !facet || facetCounts(app.attempts, facet).length > 1);
    this.build();
    this.show(new URLSearchParams());
  }

  build() {
    const { attempts } = this.app;
    this.search = el("input", {
      type: "search", placeholder: "Search questions, answers, ids   /", "aria-label": "Search", oninput: () => this.filtered(),
    });
    this.facets = FACETS.map((facet) => this.facet(attempts, facet)).filter(Boolean);
    this.found = el("span", { class: "found", role: "status" });
    this.clear = button("Clear", () => this.cleared());
    this.head = el("div", { class: "row head", role: "row" });
    this.spacer = el("div", { class: "spacer", role: "presentation" });
    this.body = el("div", {
      class: "rows", role: "rowgroup", tabindex: "0", "aria-label": "Attempts: j and k move, Enter opens, c marks",
      onscroll: () => this.paint(),
    }, this.spacer);
    this.grid = el("div", { class: "grid-list", role: "grid", "aria-label": "Attempts" }, el("div", { role: "rowgroup" }, this.head), this.body);
    byId("attempts").replaceChildren(
      el("div", { class: "filters", role: "search" }, this.search, this.facets, this.clear, this.found), this.grid);
    new ResizeObserver(() => this.paint()).observe(this.body);
    for (const media of [NARROW, WIDE]) media.addEventListener("change", () => this.refresh());
  }

  facet(attempts, facet) {
    const counts = facetCounts(attempts, facet);
    if (counts.length < 2) return null;
    const options = counts.map(([value, count]) =>
      el("option", { value }, `${inWords(plain(value)) || "none"} (${grouped(count)})`));
    return el("select", { "data-facet": facet, "aria-label": FACET_WORDS[facet], onchange: () => this.filtered() },
      el("option", { value: "" }, `any ${FACET_WORDS[facet]}`), options);
  }

  // Shows what an address asks for.
  show(parameters) {
    this.filter.read(parameters);
    this.search.value = this.filter.text;
    for (const select of this.facets) select.value = this.filter.chosen[select.dataset.facet] ?? "";
    this.refresh();
  }

  filtered() {
    this.filter.text = this.search.value;
    this.filter.chosen = {};
    for (const select of this.facets) if (select.value) this.filter.chosen[select.dataset.facet] = select.value;
    this.changed();
  }

  cleared() {
    this.show(new URLSearchParams());
    this.changed();
  }

  sortBy(name) {
    const { filter } = this;
    if (filter.sort !== name) [filter.sort, filter.descending] = [name, COLUMNS.find((it) => it.name === name).numeric ?? false];
    else if (filter.descending === (COLUMNS.find((it) => it.name === name).numeric ?? false)) filter.descending = !filter.descending;
    else [filter.sort, filter.descending] = [null, false];
    this.changed();
  }

  changed() {
    history.replaceState(null, "", this.filter.written());
    this.app.listAddress = this.filter.written();
    this.active = 0;
    this.body.scrollTop = 0;
    this.refresh();
  }

  refresh() {
    this.numbers = this.filter.numbers();
    this.active = Math.min(this.active, Math.max(0, this.numbers.length - 1));
    const all = this.app.attempts.count;
    this.found.textContent = this.numbers.length === all ? counted(all, "attempt") : `${grouped(this.numbers.length)} of ${grouped(all)}`;
    this.clear.hidden = this.filter.written() === "#attempts";
    this.paintHead();
    this.painted = null;
    this.paint();
  }

  paintHead() {
    const { sort, descending } = this.filter;
    const cells = this.shownColumns.map(({ name, label, numeric }) => {
      const isSorted = sort === name;
      const arrow = isSorted ? (descending ? " ↓" : " ↑") : "";
      return el("div", {
        role: "columnheader", class: `cell ${name}${numeric ? " number" : ""}`,
        "aria-sort": isSorted ? (descending ? "descending" : "ascending") : null,
      }, button(label + arrow, () => this.sortBy(name)));
    });
    this.grid.style.setProperty("--columns", `16px ${this.shownColumns.map((column) => column.width).join(" ")}`);
    this.head.replaceChildren(el("div", { class: "cell mark", role: "columnheader", "aria-label": "marked" }), ...cells);
  }

  get shownColumns() {
    return this.columns.filter((column) => WIDE.matches || !column.isWide);
  }

  get rowHeight() {
    return NARROW.matches ? 58 : 28;
  }

  // Makes the rows that are in sight, and a few around them.
  paint() {
    const height = this.rowHeight;
    this.spacer.style.height = `${this.numbers.length * height}px`;
    this.grid.setAttribute("aria-rowcount", this.numbers.length + 1);
    const first = Math.max(0, Math.floor(this.body.scrollTop / height) - 8);
    const last = Math.min(this.numbers.length, Math.ceil((this.body.scrollTop + this.body.clientHeight) / height) + 8);
    const rows = [];
    for (let at = first; at < last; at += 1) rows.push(this.row(at, height));
    if (!this.numbers.length) rows.push(el("p", { class: "empty" }, this.app.attempts.count ? "No attempt is like that." : "There are no attempts."));
    this.spacer.replaceChildren(...rows);
    const active = this.numbers.length ? `row-${this.numbers[this.active]}` : "";
    this.body.setAttribute("aria-activedescendant", active);
  }

  row(at, height) {
    const row = this.app.attempts.row(this.numbers[at]);
    const isMarked = this.app.marked.includes(row.id);
    const box = el("input", {
      type: "checkbox", tabindex: "-1", "aria-label": "Mark for comparison", checked: isMarked,
      onclick: (event) => { event.stopPropagation(); this.app.mark(row.id); this.body.focus({ preventScroll: true }); },
    });
    const made = el("div", {
      class: `row${at === this.active ? " active" : ""}${isMarked ? " marked" : ""}`, role: "row", id: `row-${row.number}`,
      "aria-rowindex": at + 2, "aria-selected": at === this.active ? "true" : "false",
      onclick: () => { this.active = at; this.app.go(`attempt=${encodeURIComponent(row.id)}`); },
    }, el("div", { class: "cell mark", role: "gridcell", onclick: (event) => event.stopPropagation() }, box),
    this.shownColumns.map((column) => cell(column, row)));
    made.style.top = `${at * height}px`;
    return made;
  }

  move(by) {
    if (!this.numbers.length) return;
    this.active = Math.min(this.numbers.length - 1, Math.max(0, this.active + by));
    const [top, height] = [this.active * this.rowHeight, this.rowHeight];
    if (top < this.body.scrollTop) this.body.scrollTop = top;
    else if (top + height > this.body.scrollTop + this.body.clientHeight) this.body.scrollTop = top + height - this.body.clientHeight;
    this.paint();
  }

  get activeId() {
    return this.numbers.length ? this.app.attempts.rows.id[this.numbers[this.active]] : null;
  }

  // The attempt before or after another one in the list.
  beside(id, by) {
    const at = this.numbers.indexOf(this.app.attempts.find(id)) + by;
    return at >= 0 && at < this.numbers.length ? this.app.attempts.rows.id[this.numbers[at]] : null;
  }

  follow(id) {
    const at = this.numbers.indexOf(this.app.attempts.find(id));
    if (at >= 0) this.active = at;
  }
}

function cell({ name, numeric }, row) {
  return el("div", { class: `cell ${name}${numeric ? " number" : ""}`, role: "gridcell" }, cellContent(name, row));
}

function cellContent(name, row) {
  switch (name) {
    case "outcome": return outcome(row.outcome);
    case "question": return el("span", { dir: "auto" }, visible(line(row.question)));
    case "answer": return row.answer === null ? el("span", { class: "muted" }, "none") : el("span", { dir: "auto" }, visible(line(row.answer, 60)));
    case "stop": return plain(row.stop ?? "under way");
    case "fate": return fateWords(row);
    case "contestant":
    case "category": return visible(plain(row[name] ?? ""));
    default: return grouped(row[name]);
  }
}

function outcome(kind) {
  if (!kind) return el("span", { class: "muted" }, "not graded");
  return el("span", { class: `outcome ${kind}` }, el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[kind] ?? "·"), ` ${plain(kind)}`);
}

function fateWords(row) {
  return row.fates.map((fate) => el("span", { class: `fate ${fate}`, title: row.reason ? explained(row.reason) : null },
    fate === "dropped" && row.reason ? `dropped: ${plain(row.reason)}` : fate));
}
