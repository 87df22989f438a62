// Two attempts side by side, turn by turn, with the place where they part.

class Comparison {
  constructor(app) {
    this.app = app;
    this.box = byId("compare");
  }

  async show(ids) {
    const { attempts } = this.app;
    const numbers = ids.map((id) => attempts.find(id));
    if (ids.length !== 2 || numbers.includes(undefined)) {
      return this.box.replaceChildren(el("div", { class: "column" }, el("p", {}, "A comparison takes two attempts of this page. Mark them in the list with c.")));
    }
    const records = await Promise.all(numbers.map((number) => attempts.open(number)));
    if (this.app.place !== `compare=${ids.join(",")}`) return;
    this.records = records;
    this.paint();
  }

  paint() {
    const { records } = this;
    const [left, right] = records;
    const lists = records.map((record) => (record.branches.length ? turnsOf(record, record.branches[record.main ?? 0]) : []));
    const parting = partingOf(records, lists);
    const sameQuestion = left.question.id === right.question.id;
    const rows = el("div", { class: "pairs" }, this.rows(lists, parting));
    this.box.replaceChildren(el("div", { class: "comparing" },
      el("div", { class: "toolbar" }, button("← List", () => this.app.back(), { title: "Back to the list (Esc)" }),
        button("Swap", () => this.app.go(`compare=${[right, left].map((record) => encodeURIComponent(record.id)).join(",")}`)),
        parting === null ? null : button("To where they part", () => this.toParting(), { title: "p" }),
        el("span", { class: "muted" }, partingWords(parting, lists))),
      sameQuestion ? el("h2", { class: "asked", dir: "auto" }, visible(textOf(left.question.text)))
        : el("p", { class: "bad" }, "These are attempts at two questions."),
      el("div", { class: "heads" }, records.map((record) => this.head(record, sameQuestion))), rows));
    scrollTo(0, 0);
  }

  head(record, sameQuestion) {
    const row = this.app.attempts.row(this.app.attempts.find(record.id));
    const entry = (name, value) => [el("dt", {}, name), el("dd", {}, value)];
    return el("div", { class: "compared-head" },
      el("div", {}, outcome(row.outcome), " ", fateWords(row), " ",
        el("a", { href: `#attempt=${encodeURIComponent(record.id)}` }, visible(record.contestant || "attempt"), ` ${record.attempt + 1}`)),
      sameQuestion ? null : el("p", { dir: "auto" }, visible(textOf(record.question.text))),
      el("dl", { class: "facts" },
        entry("Answer", record.answer === null ? "none" : el("span", { dir: "auto" }, visible(line(textOf(record.answer), 300)))),
        entry("Right answer", rightAnswers(record)),
        entry("Ending", stopWords(record.stop)),
        entry("Turns, calls, tokens", `${grouped(row.turns)}, ${grouped(row.calls)}, ${grouped(row.tokens)}`)));
  }

  rows(lists, parting) {
    const rows = [];
    for (let at = 0; at < Math.max(lists[0].length, lists[1].length); at += 1) {
      if (at === parting) rows.push(el("div", { class: "parting", role: "separator" }, el("span", {}, "they part here")));
      rows.push(parting === null || at < parting ? this.sameTurn(lists[0][at]) : this.twoTurns(lists, at));
    }
    return rows;
  }

  sameTurn(turn) {
    const [record] = this.records;
    return el("div", { class: "pair same" }, turnOf(record, turn, record.learnt[0], false));
  }

  twoTurns(lists, at) {
    const sides = lists.map((turns, side) => {
      const record = this.records[side];
      if (!turns[at]) return el("p", { class: "over" }, at === turns.length ? "It has ended." : "");
      return turnOf(record, turns[at], record.learnt[0], true);
    });
    return el("div", { class: "pair" }, sides.map((side) => el("div", { class: "side" }, side)));
  }

  toParting() {
    const mark = this.box.querySelector(".parting");
    mark?.scrollIntoView({ block: "start" });
    mark?.nextElementSibling?.querySelector(".turn-head")?.focus({ preventScroll: true });
  }

  move(by) {
    moveAmong([...this.box.querySelectorAll(".turn-head")], by);
  }

  toggleAll() {
    const sections = [...this.box.querySelectorAll(".turn")];
    const isOpen = sections.some((section) => section.querySelector(".turn-body").hidden);
    for (const section of sections) fold(section, isOpen);
  }
}

// The first turn that is not the same in both; null where all are.
function partingOf(records, lists) {
  const most = Math.max(lists[0].length, lists[1].length);
  const said = (side, at) => lists[side][at]?.nodes.map((place) => {
    const { role, text, reasoning, calls } = records[side].nodes[place];
    return JSON.stringify([role, text, reasoning, calls?.map((call) => [call.name, call.arguments])]);
  }).join("\n");
  for (let at = 0; at < most; at += 1) if (said(0, at) !== said(1, at)) return at;
  return null;
}

function partingWords(parting, lists) {
  if (parting === null) return "They are the same to the end.";
  if (parting === 0) return "They part before the first turn.";
  const number = lists[0][parting]?.number ?? lists[1][parting]?.number;
  return parting === 1 ? "They part in the first turn." : `They part in turn ${number}; ${counted(number - 1, "turn")} before it ${number === 2 ? "is" : "are"} the same.`;
}
