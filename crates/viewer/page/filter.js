// Which attempts the list shows, and in which order.

const FACETS = ["contestant", "category", "outcome", "stop", "fate"];
const FACET_WORDS = { contestant: "contestant", category: "category", outcome: "outcome", stop: "ending", fate: "fate" };

// Fewer letters stand in too many ids by chance.
const SHORTEST_ID = 5;

class Filter {
  constructor(attempts) {
    this.attempts = attempts;
    this.text = "";
    this.chosen = {};
    this.sort = null;
    this.descending = false;
    this.words = null;
  }

  // From the part of the address after the hash.
  read(parameters) {
    this.text = parameters.get("q") ?? "";
    this.chosen = {};
    for (const facet of FACETS) if (parameters.has(facet)) this.chosen[facet] = parameters.get(facet);
    const sort = parameters.get("sort");
    this.descending = sort?.startsWith("-") ?? false;
    this.sort = sort?.replace(/^-/, "") ?? null;
  }

  written() {
    const parameters = new URLSearchParams(this.chosen);
    if (this.text) parameters.set("q", this.text);
    if (this.sort) parameters.set("sort", (this.descending ? "-" : "") + this.sort);
    const said = parameters.toString();
    return said ? `#attempts&${said}` : "#attempts";
  }

  // The numbers of the rows that are shown, in their order.
  numbers() {
    const tests = [this.textTest(), ...FACETS.map((facet) => this.facetTest(facet))].filter(Boolean);
    const numbers = [];
    for (let number = 0; number < this.attempts.count; number += 1) {
      if (tests.every((test) => test(number))) numbers.push(number);
    }
    return this.sort ? this.sorted(numbers) : numbers;
  }

  textTest() {
    const words = this.text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    this.words ??= searchable(this.attempts);
    const { id } = this.attempts.rows;
    const isId = (number, word) => word.length >= SHORTEST_ID && id[number].toLowerCase().includes(word);
    return (number) => words.every((word) => this.words[number].includes(word) || isId(number, word));
  }

  facetTest(facet) {
    if (!(facet in this.chosen)) return null;
    const [wanted, of] = [this.chosen[facet], valuesOf(this.attempts, facet)];
    return (number) => of(number).includes(wanted);
  }

  sorted(numbers) {
    const key = SORTS[this.sort]?.(this.attempts);
    if (!key) return numbers;
    const keys = new Map(numbers.map((number) => [number, key(number)]));
    const order = (left, right) => {
      const [one, other] = [keys.get(left), keys.get(right)];
      if (one === other) return left - right;
      if (one === null) return 1;
      if (other === null) return -1;
      return (one < other ? -1 : 1) * (this.descending ? -1 : 1);
    };
    return numbers.sort(order);
  }
}

// What is searched through, by row.
function searchable({ index, rows, count }) {
  const questions = index.questions.text.map((text) => text.toLowerCase());
  return Array.from({ length: count }, (_, number) => [
    questions[rows.question[number]], rows.answer[number]?.toLowerCase(),
    index.contestants[rows.contestant[number]].toLowerCase(),
  ].join(" "));
}

// What a row is of, in a facet: the fate may be several, and the reason why it was dropped.
function valuesOf({ index, rows }, facet) {
  const named = (names, column) => (number) => (column[number] === null ? ["none"] : [names[column[number]]]);
  switch (facet) {
    case "contestant": return named(index.contestants, rows.contestant);
    case "category": return named(index.categories, rows.category);
    case "outcome": return named(index.outcomes, rows.outcome);
    case "stop": return named(index.stops, rows.stop);
    default: return (number) => {
      const fates = rows.fates[number].map((fate) => index.fates[fate]);
      const reason = rows.reason[number];
      if (reason !== null) fates.push(`dropped: ${rows.reasons[reason]}`);
      return fates.length ? fates : ["none"];
    };
  }
}

// How many rows are of each value, in the order of the names.
function facetCounts(attempts, facet) {
  const [counts, of] = [new Map(), valuesOf(attempts, facet)];
  for (let number = 0; number < attempts.count; number += 1) {
    for (const value of of(number)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort(([left], [right]) => left.localeCompare(right, "en", { numeric: true }));
}

const byName = (names, column) => ({ index, rows }) => (number) => {
  const at = rows[column][number];
  return at === null ? null : index[names][at];
};
const byNumber = (column) => ({ rows }) => (number) => rows[column][number];
const SORTS = {
  outcome: byName("outcomes", "outcome"),
  question: ({ index, rows }) => (number) => index.questions.text[rows.question[number]],
  answer: byNumber("answer"),
  contestant: byName("contestants", "contestant"),
  category: byName("categories", "category"),
  turns: byNumber("turns"),
  calls: byNumber("calls"),
  tokens: byNumber("tokens"),
  stop: byName("stops", "stop"),
  fate: (attempts) => {
    const of = valuesOf(attempts, "fate");
    return (number) => of(number).join(" ");
  },
};
