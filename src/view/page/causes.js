import { NONE } from "./columns.js";
import { grown } from "./growing.js";

/**
 * What came of what. An event comes from the input of its step (`cause`), an arrival from its send (`link`), a
 * burst from the inputs that it took together.
 */
export class Causes {
  /** @param {import("./run.js").Run} run */
  constructor(run) {
    this.run = run;
    this.known = 0;
    /** Each event hangs on one parent, on its send if it has one. Children as lists: of an event its first one and its last, of a child the next one. */
    this.first = new Uint32Array(0);
    this.last = new Uint32Array(0);
    this.next = new Uint32Array(0);
    /** The same for bursts, the few events with many parents: input -> burst. */
    this.burstOf = new Map();
  }

  /** @param {number} i @returns {number[]} */
  parents(i) {
    const { link, cause, kind } = this.run.columns;
    if (kind[i] === this.run.kind.burst) return this.#inputs(i);
    const parents = [];
    if (link[i] !== NONE) parents.push(link[i]);
    if (cause[i] !== NONE) parents.push(cause[i]);
    return parents;
  }

  /** @param {number} i @returns {number[]} */
  children(i) {
    this.#extend();
    const children = [];
    for (let k = this.first[i]; k !== NONE; k = this.next[k]) children.push(k);
    if (this.burstOf.has(i)) children.push(this.burstOf.get(i));
    return children;
  }

  /** Everything that `i` came from, nearest first, up to `limit`. @param {number} i @param {number} limit */
  past(i, limit) {
    return spread(i, limit, (k) => this.parents(k));
  }

  /** Everything that came of `i`, nearest first, up to `limit`. @param {number} i @param {number} limit */
  future(i, limit) {
    return spread(i, limit, (k) => this.children(k));
  }

  /** The rows of a burst's inputs; one that is not in the trace has none. */
  #inputs(burst) {
    return this.run.columns.body(burst).inputs.filter((input) => input >= 0);
  }

  #extend() {
    const { columns, kind } = this.run;
    if (this.first.length < columns.length) {
      for (const list of ["first", "last", "next"]) {
        const before = this[list].length;
        this[list] = grown(this[list], columns.length).fill(NONE, before);
      }
    }
    for (; this.known < columns.length; ++this.known) {
      const i = this.known;
      this.#hang(i, columns.link[i] !== NONE ? columns.link[i] : columns.cause[i]);
      if (columns.kind[i] === kind.burst) this.#inputs(i).forEach((input) => this.burstOf.set(input, i));
    }
  }

  #hang(child, parent) {
    if (parent === NONE) return;
    if (this.first[parent] === NONE) this.first[parent] = child;
    else this.next[this.last[parent]] = child;
    this.last[parent] = child;
  }
}

function spread(i, limit, neighbours) {
  const found = new Set([i]);
  for (const k of found) {
    if (found.size > limit) break;
    neighbours(k).forEach((n) => found.add(n));
  }
  found.delete(i);
  return [...found];
}
