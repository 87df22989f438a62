// Starts the page, and shows the part that the address names.

class App {
  constructor(page, attempts) {
    this.attempts = attempts;
    this.marked = [];
    this.listAddress = "#attempts";
    this.list = new List(this);
    this.reader = new Reader(this);
    this.comparison = new Comparison(this);
    showOverview(page, attempts);
    byId("title").replaceChildren(...visible(page.title));
    byId("count").textContent = grouped(attempts.count);
  }

  go(address) {
    if (location.hash === `#${address}`) this.route();
    else location.hash = address;
  }

  back() {
    this.go(this.listAddress.slice(1));
  }

  beside(by) {
    const id = this.list.beside(this.reader.record.id, by);
    if (id !== null) this.go(`attempt=${encodeURIComponent(id)}`);
  }

  async route() {
    const parameters = new URLSearchParams(location.hash.slice(1));
    this.part = ["attempts", "attempt", "compare"].find((part) => parameters.has(part)) ?? "overview";
    const place = `${this.part}=${this.part === "compare" ? comparedIds().join(",") : parameters.get(this.part) ?? ""}`;
    this.place = place;
    for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== this.part;
    for (const link of document.querySelectorAll("nav a")) {
      const isHere = link.dataset.part === (this.part === "overview" ? "overview" : "attempts");
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (this.part === "attempts") this.showList(parameters);
    if (this.part === "attempt") await this.reader.show(parameters.get("attempt"), parameters.get("turn"));
    if (this.part === "compare") await this.comparison.show(comparedIds());
    if (place === this.place) document.body.dataset.shown = place;
  }

  showList(parameters) {
    this.listAddress = location.hash;
    byId("attempts").hidden = false;
    this.list.show(parameters);
    this.list.body.focus({ preventScroll: true });
    this.list.move(0);
  }

  // Marks an attempt for comparison, or no longer. A third takes the place of the first.
  mark(id) {
    const isMarked = this.marked.includes(id);
    this.marked = isMarked ? this.marked.filter((other) => other !== id) : [...this.marked, id].slice(-2);
    this.showMarks();
  }

  clearMarks() {
    this.marked = [];
    this.showMarks();
  }

  compareMarked() {
    if (this.marked.length === 2) this.go(`compare=${this.marked.map(encodeURIComponent).join(",")}`);
  }

  showMarks() {
    const { marked } = this;
    const said = { 0: [], 1: [el("span", {}, "1 marked, mark another")], 2: [button("Compare the 2 marked  x", () => this.compareMarked(), { class: "strong" })] }[marked.length];
    if (marked.length) said.push(button("Clear", () => this.clearMarks()));
    byId("marks").replaceChildren(...said);
    this.list.paint();
    if (this.part === "attempt") this.reader.refreshToolbar();
  }
}

// The two attempts that the address names. An id may have a comma, which is then spelled otherwise.
function comparedIds() {
  const said = /^#compare=([^&]*)/.exec(location.hash)?.[1] ?? "";
  return said.split(",").map((id) => new URLSearchParams(`id=${id}`).get("id"));
}

function theme() {
  return document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  byId("theme").textContent = name === "dark" ? "Light" : "Dark";
}

function switchTheme() {
  setTheme(theme() === "dark" ? "light" : "dark");
  try {
    localStorage.setItem("offseeker-theme", theme());
  } catch {
    // A browser may keep nothing for files; the page is as before when it is opened again.
  }
}

function savedTheme() {
  try {
    return localStorage.getItem("offseeker-theme");
  } catch {
    return null;
  }
}

function trouble(error) {
  const box = byId("trouble");
  box.hidden = false;
  box.textContent = `The page could not be shown: ${error.message ?? error}`;
}

async function start() {
  const saved = savedTheme();
  if (saved === "dark" || saved === "light") setTheme(saved);
  byId("theme").textContent = theme() === "dark" ? "Light" : "Dark";
  byId("theme").addEventListener("click", switchTheme);
  byId("help").addEventListener("click", showKeys);
  const [page, index] = await Promise.all([unpacked("page"), unpacked("index")]);
  const app = new App(page, new Attempts(index));
  addEventListener("hashchange", () => app.route().catch(trouble));
  addEventListener("keydown", (event) => onKey(app, event));
  await app.route();
}

start().catch(trouble);
