// How numbers, codes and texts of others are written.

const GROUPED = new Intl.NumberFormat("en-US");
const ROUNDED = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });

const REASONS = {
  unfinished: "it is still under way",
  infrastructure: "it ended through no fault of its own",
  ended: "it ended in another way than is asked for",
  no_answer: "it has no answer",
  repaired: "the arguments of a call had to be mended further than is allowed",
  silent_turn: "a turn has neither a call nor an answer",
  order: "its roles do not alternate",
  too_long: "it has too many tokens",
  unscored: "nobody could tell whether it is right",
  wrong: "it is wrong",
  answer_unseen: "no tool showed the answer before it was given",
  few_visits: "too few pages were opened",
  invented_addresses: "too many addresses were asked for or cited that nobody had shown",
  few_calls: "it made too few calls",
  many_calls: "it made too many calls",
  failed_calls: "too many of its calls failed",
  repeated_calls: "too many of its calls had been made before",
  circling: "it went in circles",
  short_thoughts: "a turn hardly reasons",
  long_thoughts: "a turn reasons for too long",
  switched_language: "it reasons in several languages",
  contaminated: "it comes too near to a known text",
  secrets: "it holds a key, a password or data of a person",
  closed_book: "it says the answer before it looked for it",
  near_duplicate: "a better attempt made nearly the same calls",
  enough_of_question: "there are enough better attempts at the question",
  same_attempt: "the same attempt is there twice",
};

const CORRECTIONS = {
  unreadable: "what it wrote could not be read, and was asked for again",
  silent: "it neither called a tool nor answered",
  circling: "it goes in circles",
  unverified: "it is to check what it is about to answer",
  last_turn: "a limit leaves it one turn",
};

function plain(code) {
  return String(code).replaceAll("_", " ");
}

function explained(reason) {
  return REASONS[reason] ?? plain(reason);
}

function grouped(number) {
  return GROUPED.format(number);
}

function rounded(number) {
  return ROUNDED.format(number);
}

function counted(number, one, many = `${one}s`) {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

function percent(part, digits = 1) {
  return `${(100 * part).toFixed(digits)} %`;
}

// A figure in about four digits, however large it is.
function figure(value) {
  if (value === null || value === undefined) return "none";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  if (Number.isInteger(value)) return grouped(value);
  return size >= 1000 ? grouped(Math.round(value)) : String(Number(value.toPrecision(4)));
}

function duration(seconds) {
  if (seconds < 1) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  if (seconds < 6000) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function short(id) {
  return id.length > 12 ? id.slice(0, 12) : id;
}

// What does not show or turns the direction of what follows: control characters, marks and overrides of direction,
// spaces without width.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

// A text of others as nodes: what does not show is named, so that nothing looks like what it is not.
function visible(text) {
  if (!UNSEEN.test(text)) return [text];
  const nodes = [];
  for (const part of text.split(new RegExp(`(${UNSEEN.source}+)`))) {
    if (UNSEEN.test(part)) nodes.push(...[...part].slice(0, 40).map((char) => el("span", { class: "unseen" }, codePoint(char))));
    else if (part) nodes.push(part);
  }
  return nodes;
}

// The same where there is only room for a text.
function inWords(text) {
  return line(text, 60).replace(new RegExp(UNSEEN.source, "g"), (char) => `[${codePoint(char)}]`);
}

function codePoint(char) {
  return `U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

// One line of a text of others, of at most so many characters.
function line(text, most = 160) {
  const joined = text.slice(0, 4 * most).replace(/\s+/g, " ").trim();
  return joined.length > most || text.length > 4 * most ? `${joined.slice(0, most)}…` : joined;
}
