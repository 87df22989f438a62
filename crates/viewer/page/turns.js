// Groups the messages of a conversation into turns, and shows a turn that folds.

// What was given first is turn nought; each turn after it begins with words of the model.
function turnsOf(record, branch) {
  const turns = [{ number: 0, nodes: [], thrownAway: [] }];
  const isOnPath = new Set(branch.nodes);
  for (const place of branch.nodes) {
    const node = record.nodes[place];
    if (node.kind === "sampled") turns.push({ number: turns.length, nodes: [], thrownAway: [] });
    turns.at(-1).nodes.push(place);
    const lost = record.nodes.map((other, at) => [other, at])
      .filter(([other, at]) => other.parent === place && other.discarded && !isOnPath.has(at)).map(([, at]) => at);
    turns.at(-1).thrownAway.push(...lost);
  }
  return turns.filter((turn) => turn.nodes.length);
}

function modelOf(record, turn) {
  const place = turn.nodes.find((at) => record.nodes[at].kind === "sampled");
  return place === undefined ? null : record.nodes[place];
}

// What a turn is about, in one line.
function gist(record, turn) {
  const node = modelOf(record, turn);
  if (!node) return turn.nodes.some((place) => record.nodes[place].kind === "rewritten") ? "the context, rewritten" : "instructions and question";
  const pieces = piecesOf(node);
  const calls = pieces.filter((piece) => piece.kind === "call").map((piece) => callLine(piece.call));
  if (calls.length) return calls.join("  ");
  const answer = pieces.find((piece) => piece.kind === "answer");
  if (answer) return `answer: ${line(answer.text)}`;
  return line(pieces.map((piece) => piece.text).join(" ")) || "nothing";
}

function turnFacts(record, turn) {
  const nodes = turn.nodes.map((place) => record.nodes[place]);
  const failed = nodes.filter((node) => node.kind === "observed" && node.status !== "ok");
  const facts = [];
  if (failed.length) facts.push(el("span", { class: "bad" }, failed.map((node) => plain(node.status)).join(", ")));
  if (nodes.some((node) => node.kind === "corrective")) facts.push(el("span", { class: "warn" }, "corrected"));
  if (nodes.some((node) => node.kind === "rewritten")) facts.push(el("span", { class: "rewrite" }, "rewritten"));
  if (turn.thrownAway.length) facts.push(el("span", { class: "bad" }, `${turn.thrownAway.length} thrown away`));
  const tokens = modelOf(record, turn)?.usage.completion_tokens;
  if (tokens) facts.push(el("span", { class: "muted" }, `${grouped(tokens)} tok`));
  return facts;
}

// A turn with a head that folds it. Its messages are made when it is opened first.
function turnOf(record, turn, lesson, isOpen, label) {
  const body = el("div", { class: "turn-body", hidden: !isOpen });
  const head = el("button", { type: "button", class: "turn-head", "aria-expanded": String(isOpen) },
    el("span", { class: "turn-number" }, label ?? (turn.number ? String(turn.number) : "·")),
    el("span", { class: "gist", dir: "auto" }, visible(gist(record, turn))),
    el("span", { class: "turn-facts" }, learntMark(turn, lesson), turnFacts(record, turn)));
  const section = el("section", { class: "turn", "data-turn": turn.number, "aria-label": turn.number ? `Turn ${turn.number}` : "Given" }, head, body);
  head.addEventListener("click", () => fold(section, body.hidden));
  section.fill = () => {
    if (body.childElementCount) return;
    const places = [...turn.nodes, ...turn.thrownAway].sort((left, right) => left - right);
    body.append(...places.map((place) => message(record, place, lesson)));
  };
  if (isOpen) section.fill();
  return section;
}

function fold(section, isOpen) {
  if (isOpen) section.fill();
  section.querySelector(".turn-body").hidden = !isOpen;
  section.querySelector(".turn-head").setAttribute("aria-expanded", String(isOpen));
}

function learntMark(turn, lesson) {
  if (!lesson || turn.number === 0) return null;
  const counts = turn.nodes.some((place) => lesson.counted[place]);
  return el("span", { class: `weight ${counts ? "counts" : "masked"}` }, counts ? "counts" : "masked");
}
