// What the keys do.

const KEYS = [
  ["/", "search"],
  ["j  k", "next, previous attempt or turn (↓ ↑ in the list)"],
  ["Enter", "open the attempt; fold or unfold the turn"],
  ["c", "mark the attempt for comparison"],
  ["x", "compare the two that are marked"],
  ["[  ]", "previous, next attempt of the list"],
  ["e", "unfold or fold all turns"],
  ["p", "go to where two attempts part"],
  ["o  a", "overview, attempts"],
  ["t", "light or dark"],
  ["Esc", "back"],
  ["?", "these keys"],
];

function showKeys() {
  const dialog = byId("keys");
  const rows = KEYS.map(([keys, what]) => [el("dt", {}, keys.split("  ").map((key) => [el("kbd", {}, key), " "])), el("dd", {}, what)]);
  dialog.replaceChildren(el("h2", {}, "Keys"), el("dl", {}, rows), button("Close", () => dialog.close()));
  dialog.showModal();
}

function isTyping(target) {
  return target instanceof HTMLInputElement && target.type !== "checkbox" || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}

function onKey(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape" || (event.key === "Enter" && event.target.type === "search")) app.list.body.focus();
    return;
  }
  const action = anywhere(app)[event.key] ?? (KEYS_OF[app.part] ?? (() => ({})))(app, event)[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function anywhere(app) {
  return {
    "/": () => { app.go(app.listAddress.slice(1)); requestAnimationFrame(() => app.list.search.select()); },
    "?": showKeys,
    t: switchTheme,
    o: () => app.go("overview"),
    a: () => app.go(app.listAddress.slice(1)),
    x: () => app.compareMarked(),
  };
}

const KEYS_OF = {
  attempts: (app, event) => {
    const onControl = event.target instanceof HTMLButtonElement || event.target instanceof HTMLInputElement;
    const page = Math.max(1, Math.floor(app.list.body.clientHeight / app.list.rowHeight) - 1);
    return {
      j: () => app.list.move(1), ArrowDown: () => app.list.move(1),
      k: () => app.list.move(-1), ArrowUp: () => app.list.move(-1),
      PageDown: () => app.list.move(page), PageUp: () => app.list.move(-page),
      Home: () => app.list.move(-Infinity), End: () => app.list.move(Infinity),
      Enter: onControl ? null : () => app.list.activeId && app.go(`attempt=${encodeURIComponent(app.list.activeId)}`),
      c: () => app.list.activeId && app.mark(app.list.activeId),
      Escape: () => app.clearMarks(),
    };
  },
  attempt: (app) => ({
    j: () => app.reader.move(1), k: () => app.reader.move(-1), e: () => app.reader.toggleAll(),
    c: () => { app.mark(app.reader.record.id); app.reader.refreshToolbar(); },
    "[": () => app.beside(-1), "]": () => app.beside(1), Escape: () => app.back(),
  }),
  compare: (app) => ({
    j: () => app.comparison.move(1), k: () => app.comparison.move(-1), e: () => app.comparison.toggleAll(),
    p: () => app.comparison.toParting(), Escape: () => app.back(),
  }),
};
