// Cuts what a model wrote into its thought, its text, its calls and its answer. The text itself stays at hand as it was.

const TAG = /<(think|tool_call|answer)>/g;
const SEGMENTS = { thought: "reasoning", text: "text", call: "call", answer: "answer" };

// Texts of others come whole, or with how much is left out.
function textOf(text) {
  return typeof text === "string" ? text : text?.text ?? "";
}

function leftOut(text) {
  return text?.left_out ?? 0;
}

function piecesOf(node) {
  const pieces = [];
  const text = textOf(node.text);
  if (node.reasoning) pieces.push({ kind: "thought", text: textOf(node.reasoning) });
  const cut = tagged(text);
  const calls = [...(node.calls ?? [])];
  for (const piece of cut) {
    if (piece.kind === "call") pieces.push({ ...piece, call: calls.shift() ?? readCall(piece.text) });
    else if (piece.text.trim()) pieces.push(piece);
  }
  for (const call of calls) pieces.push({ kind: "call", text: "", call });
  return pieces;
}

function tagged(text) {
  const pieces = [];
  let at = 0;
  const closed = text.indexOf("</think>");
  // Some templates write the first tag for the model.
  if (closed >= 0 && !text.slice(0, closed).includes("<think>")) {
    pieces.push({ kind: "thought", text: text.slice(0, closed).trim() });
    at = closed + "</think>".length;
  }
  TAG.lastIndex = at;
  for (let found = TAG.exec(text); found; found = TAG.exec(text)) {
    const close = `</${found[1]}>`;
    const end = text.indexOf(close, TAG.lastIndex);
    pieces.push({ kind: "text", text: text.slice(at, found.index).trim() });
    const kind = { think: "thought", tool_call: "call", answer: "answer" }[found[1]];
    pieces.push({ kind, text: text.slice(TAG.lastIndex, end < 0 ? undefined : end).trim() });
    at = end < 0 ? text.length : end + close.length;
    TAG.lastIndex = at;
  }
  pieces.push({ kind: "text", text: text.slice(at).trim() });
  return pieces.filter((piece) => piece.text || piece.kind === "call");
}

// A call that nobody read out of the text before.
function readCall(text) {
  try {
    const { name, arguments: given } = JSON.parse(text);
    return { name: String(name), arguments: typeof given === "string" ? given : JSON.stringify(given ?? {}), repair: "none" };
  } catch {
    return { name: "", arguments: text, repair: "unreadable" };
  }
}

// The arguments of a call by name; null where they are no object.
function argumentsOf(call) {
  try {
    const given = JSON.parse(textOf(call.arguments));
    return given && typeof given === "object" && !Array.isArray(given) ? given : null;
  } catch {
    return null;
  }
}

function plainValue(value) {
  if (typeof value === "string") return value;
  const inLine = JSON.stringify(value);
  return inLine.length <= 100 ? inLine : JSON.stringify(value, null, 2);
}

// A call in one line.
function callLine(call) {
  const given = argumentsOf(call);
  const inside = given ? Object.values(given).flat().map(plainValue).join(", ") : textOf(call.arguments);
  return `${call.name || "?"}(${line(inside, 120)})`;
}
