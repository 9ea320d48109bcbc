/**
 * An element. Text becomes a text node, never markup: what a trace says is shown as it is.
 * @param {string} name @param {Record<string, any>} [attributes] `on…` are listeners, `class` its classes
 * @param {...(Node|string|number|null|undefined)} children
 * @returns {any}
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined).map(nodeOf));
  return element;
}

function nodeOf(child) {
  return child instanceof Node ? child : String(child);
}

/** @param {string} id @returns {any} */
export function byId(id) {
  return document.getElementById(id);
}

/** A row of a table. @param {string} cell `td` or `th` @param {any[]} values */
export function tableRow(cell, values) {
  return make("tr", {}, ...values.map((value) => (value instanceof Node ? value : make(cell, {}, value))));
}
