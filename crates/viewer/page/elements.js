// Makes elements out of names, attributes and texts. A text never becomes markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function byId(id) {
  return document.getElementById(id);
}

function button(label, onclick, attributes = {}) {
  return el("button", { type: "button", onclick, ...attributes }, label);
}

// A table with a head; the columns named in `numeric` stand at the right.
function table(caption, columns, rows, numeric = []) {
  const side = (at) => (numeric.includes(at) ? "number" : null);
  const head = columns.map((column, at) => el("th", { scope: "col", class: side(at) }, column));
  const body = rows.map((cells) => el("tr", {}, cells.map((cell, at) => el("td", { class: side(at) }, cell))));
  return el("table", {}, caption ? el("caption", {}, caption) : null,
    el("thead", {}, el("tr", {}, head)), el("tbody", {}, body));
}
