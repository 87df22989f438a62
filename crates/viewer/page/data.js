// Opens what the page holds: packed JSON in elements of its own.

const OPENED = new Map();
const MOST_OPENED = 8;

async function unpacked(id) {
  const letters = byId(id).textContent;
  const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(letters) : fromLetters(letters);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

function fromLetters(letters) {
  const binary = atob(letters);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

// Resolves when an element and all that is in it has been read: when another stands after it, or the page has ended.
function arrived(id) {
  const isThere = () => document.readyState !== "loading" || byId(id)?.nextElementSibling;
  if (isThere()) return Promise.resolve();
  return new Promise((resolve) => {
    const watch = setInterval(() => {
      if (!isThere()) return;
      clearInterval(watch);
      resolve();
    }, 50);
  });
}

async function chunk(number) {
  const id = `chunk-${number}`;
  if (!OPENED.has(id)) {
    await arrived(id);
    OPENED.set(id, unpacked(id));
    if (OPENED.size > MOST_OPENED) OPENED.delete(OPENED.keys().next().value);
  }
  return OPENED.get(id);
}

// The list of attempts, with each row as an object where it is asked for.
class Attempts {
  constructor(index) {
    this.index = index;
    this.rows = index.rows;
    this.count = this.rows.id.length;
    this.numbers = new Map(this.rows.id.map((id, number) => [id, number]));
  }

  find(id) {
    return this.numbers.get(id);
  }

  row(number) {
    const { index, rows } = this;
    const named = (names, at) => (at === null || at === undefined ? null : names[at]);
    return {
      number,
      id: rows.id[number],
      question: index.questions.text[rows.question[number]],
      questionNumber: rows.question[number],
      attempt: rows.attempt[number],
      contestant: named(index.contestants, rows.contestant[number]),
      category: named(index.categories, rows.category[number]),
      answer: rows.answer[number],
      outcome: named(index.outcomes, rows.outcome[number]),
      value: rows.value[number],
      stop: named(index.stops, rows.stop[number]),
      turns: rows.turns[number],
      calls: rows.calls[number],
      tokens: rows.tokens[number],
      fates: rows.fates[number].map((fate) => index.fates[fate]),
      reason: named(rows.reasons, rows.reason[number]),
    };
  }

  async open(number) {
    const attempts = await chunk(this.rows.chunk[number]);
    return attempts[this.rows.place[number]];
  }
}
