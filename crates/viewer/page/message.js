// Shows one message: who said it, what, and whether it counted in training.

const CUT = 1500;
const LINES = 16;
const BLOCK = 8000;
const STEP = 200000;
const LONGEST_OUTLINE = 200000;

function message(record, place, lesson) {
  const node = record.nodes[place];
  const body = el("div", { class: "said" }, saidBy(node, lesson?.counted[place]));
  return el("article", { class: `message ${node.kind}${node.discarded ? " discarded" : ""}`, "data-node": place },
    messageHead(node, lesson?.counted[place], Boolean(lesson), body), body, leftOutNote(node.text), spansOf(record, place));
}

function saidBy(node, counts) {
  return ({ sampled, observed }[node.kind] ?? given)(node, counts);
}

function messageHead(node, counts, isTrained, body) {
  const weight = isTrained ? el("span", { class: `weight ${counts ? "counts" : "masked"}` }, countedWords(counts)) : null;
  const views = [["raw", "The text as it was written", () => rawOf(node)]];
  if (node.tokens?.pieces) views.unshift(["tokens", "Each token, how likely it was, and whether it counted", () => tokensOf(node, counts)]);
  const buttons = views.map(([name, title, made]) => button(name, (event) => {
    const isOn = press(event.currentTarget);
    body.replaceChildren(...[isOn ? made() : saidBy(node, counts)].flat(Infinity).filter(Boolean));
  }, { class: "quiet", "aria-pressed": "false", title }));
  return el("header", {}, el("span", { class: "who" }, visible(speaker(node))), el("span", { class: "facts" }, visible(factsOf(node))), weight, buttons);
}

// Presses a button or releases it, and releases those beside it.
function press(pressed) {
  const isOn = pressed.getAttribute("aria-pressed") !== "true";
  for (const other of pressed.parentElement.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", "false");
  pressed.setAttribute("aria-pressed", String(isOn));
  return isOn;
}

function countedWords(counts) {
  if (!counts) return "masked";
  const tokens = counts.tokens ?? [];
  const learnt = tokens.filter((weight) => weight > 0).length;
  if (tokens.length) return `counts: ${grouped(learnt)} of ${counted(tokens.length, "token")}`;
  const segments = Object.entries(counts.segments ?? {});
  if (!segments.length) return counts.weight === 1 ? "counts" : `counts × ${figure(counts.weight)}`;
  const rest = counts.weight ? [`rest × ${figure(counts.weight)}`] : [];
  return `counts: ${[...segments.map(([name, weight]) => `${plain(name)} × ${figure(weight)}`), ...rest].join(", ")}`;
}

function speaker(node) {
  if (node.kind === "sampled") return node.aside ? `model, aside: ${plain(node.aside)}` : "model";
  if (node.kind === "observed") return node.name ? `tool ${node.name}` : "tool";
  if (node.kind === "corrective") return "correction";
  if (node.kind === "rewritten") return "rewritten context";
  return node.role;
}

function factsOf(node) {
  const facts = [];
  if (node.kind === "sampled") {
    if (node.usage.completion_tokens) facts.push(counted(node.usage.completion_tokens, "token"));
    if (typeof node.tokens?.mean_logprob === "number") facts.push(`mean log-probability ${figure(node.tokens.mean_logprob)}`);
    if (node.finish && node.finish.kind !== "stop") facts.push(`ends by ${plain(node.finish.reason ?? node.finish.kind)}`);
    if (node.model) facts.push(node.model);
    if (node.discarded) facts.push(`thrown away: ${plain(node.discarded)}`);
  } else if (node.kind === "observed") {
    facts.push(plain(node.status), size(textOf(node.text).length + leftOut(node.text)));
    if (node.elapsed_ms) facts.push(duration(node.elapsed_ms / 1000));
  } else if (node.kind === "corrective") {
    facts.push(CORRECTIONS[node.why.kind] ?? plain(node.why.kind), node.why.limit ? plain(node.why.limit) : "");
  } else if (node.kind === "rewritten") {
    facts.push(`stands for ${counted(node.of.length, "message")}`);
  }
  return facts.filter(Boolean).join(" · ");
}

function given(node) {
  return long(textOf(node.text));
}

function sampled(node, counts) {
  const pieces = piecesOf(node);
  if (!pieces.length) return el("p", { class: "muted" }, "It wrote nothing.");
  return pieces.map((piece) => modelPiece(piece, counts));
}

function modelPiece(piece, counts) {
  const weight = counts ? counts.segments?.[SEGMENTS[piece.kind]] ?? counts.weight : 0;
  const mark = `piece ${piece.kind}${weight > 0 ? " learnt" : ""}`;
  const label = piece.kind === "text" ? null : el("span", { class: "label" }, piece.kind);
  if (piece.kind === "call") return el("div", { class: mark }, label, callOf(piece.call));
  return el("div", { class: mark }, label, long(piece.text));
}

function callOf(call) {
  const given = argumentsOf(call);
  const repair = call.repair === "none" ? null : el("span", { class: "bad" }, ` arguments ${plain(call.repair)}`);
  const head = el("div", { class: "call-head" }, el("b", {}, visible(call.name || "unreadable")), repair);
  if (!given) return [head, long(textOf(call.arguments))];
  const rows = Object.entries(given).map(([name, value]) => [el("dt", {}, visible(name)), el("dd", {}, long(plainValue(value)))]);
  return [head, rows.length ? el("dl", { class: "arguments" }, rows) : null];
}

function observed(node) {
  const sources = node.sources.map((source) => el("li", {}, link(source.url), el("span", { class: "muted" }, ` ${plain(source.view)}`)));
  return [long(laidOut(textOf(node.text))), sources.length ? el("details", { class: "sources", open: sources.length <= 3 },
    el("summary", {}, counted(sources.length, "source")), el("ul", {}, sources)) : null];
}

// What tools wrote as JSON, one value a line; other texts as they are.
function laidOut(text) {
  if (text.length > LONGEST_OUTLINE) return text;
  let isJson = false;
  const parts = text.split(/<\/?tool_response>/).map((part) => {
    const value = jsonOf(part);
    if (value === undefined) return part.trim();
    isJson = true;
    return outline(value).trim();
  });
  return isJson || parts.length > 1 ? parts.filter(Boolean).join("\n\n") : text;
}

function jsonOf(text) {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// A value as lines: names and what they stand for, indented by how deep they are. A text that is JSON is one more level.
function outline(value, indent = "") {
  if (typeof value === "string") {
    const inner = jsonOf(value);
    return inner === undefined ? ` ${value.replaceAll("\n", `\n${indent}`)}` : outline(inner, indent);
  }
  if (value === null || typeof value !== "object") return ` ${value}`;
  if (Array.isArray(value)) return value.map((it) => `\n${indent}-${outline(it, `${indent}  `).replace(/^\n\s*/, " ")}`).join("");
  return Object.entries(value).map(([name, it]) => `\n${indent}${name}:${outline(it, `${indent}  `)}`).join("");
}

// An address that can be followed, and is never fetched by the page itself.
function link(url) {
  if (!/^https?:\/\//i.test(url)) return el("span", { class: "url" }, visible(url));
  return el("a", { class: "url", href: url, rel: "noreferrer noopener", target: "_blank" }, visible(url));
}

// A text, its beginning first where it is long.
function long(text) {
  const box = el("div", { class: "text", dir: "auto" });
  let end = firstPart(text);
  if (end === text.length) return filled(box, {}, visible(text));
  const rest = () => size(new Blob([text.slice(end)]).size);
  const more = el("div", { class: "more" });
  const show = (until) => {
    const from = end;
    end = boundary(text, until);
    box.append(...blocks(text.slice(from, end)));
    label();
  };
  const label = () => {
    const left = text.length - end;
    more.replaceChildren();
    if (left > STEP) more.append(button(`Show ${size(STEP)} more`, () => show(end + STEP)));
    if (left > 0) more.append(button(`Show all (${rest()} more)`, () => show(text.length), { class: "show-all" }));
  };
  box.append(...visible(text.slice(0, end)));
  label();
  return [box, more];
}

// A long text as blocks that end where lines do; the browser lays out those in sight.
function blocks(text) {
  const made = [];
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf("\n", from + BLOCK);
    const end = newline < 0 || newline > from + 2 * BLOCK ? boundary(text, from + BLOCK) : newline + 1;
    made.push(el("div", { class: "text-block" }, visible(text.slice(from, end))));
    from = end;
  }
  return made;
}

// Where the part of a text ends that is shown at first: some lines, of a text that has many more.
function firstPart(text) {
  let end = -1;
  for (let lines = 0; lines < LINES && end < text.length; lines += 1) {
    const next = text.indexOf("\n", end + 1);
    end = next < 0 ? text.length : next;
  }
  const isLong = text.length > CUT * 1.3 || text.length - end > CUT / 10;
  return isLong ? boundary(text, Math.min(end, CUT)) : text.length;
}

// The place, or the one after it where it would cut a character in two.
function boundary(text, place) {
  const isInside = place < text.length && /[\ud800-\udbff]/.test(text[place - 1] ?? "");
  return Math.min(text.length, isInside ? place + 1 : place);
}

function leftOutNote(text) {
  const bytes = leftOut(text);
  return bytes ? el("p", { class: "bad left-out" }, `${size(bytes)} more are left out of this page.`) : null;
}

// What graders say of this one message.
function spansOf(record, place) {
  const spans = record.grades.flatMap((grade) => (grade.spans ?? []).filter((span) => span.node === place)
    .map((span) => el("li", {}, el("b", {}, figure(span.value)), ` ${grade.grader} `, visible(span.note ?? ""))));
  return spans.length ? el("ul", { class: "spans" }, spans) : null;
}

function rawOf(node) {
  const parts = [];
  if (node.reasoning) parts.push(el("span", { class: "label" }, "reasoning, apart"), long(textOf(node.reasoning)));
  parts.push(long(textOf(node.text)));
  return el("div", { class: "raw" }, parts);
}

function tokensOf(node, counts) {
  const { pieces, logprobs = [] } = node.tokens;
  const spans = pieces.map((text, at) => {
    const weight = counts?.tokens?.[at] ?? counts?.weight ?? 0;
    const logprob = logprobs[at] ?? null;
    const unlikely = logprob !== null && logprob < -2 ? " unlikely" : "";
    const title = [weight > 0 ? `counts × ${figure(weight)}` : "masked", logprob === null ? null : `log-probability ${figure(logprob)}`];
    return el("span", { class: `token${weight > 0 ? " learnt" : ""}${unlikely}`, title: title.filter(Boolean).join(" · ") }, visible(text));
  });
  return el("div", { class: "text tokens" }, spans);
}
