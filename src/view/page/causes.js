import { NONE } from "./columns.js";
import { grown } from "./growing.js";

/** Kinds that say what a step was or did: what came of such an event is what else its step did. */
const OF_A_STEP = ["event", "state", "execute", "answer"];

/**
 * What came of what. An event comes from the input of its step (`cause`), an arrival from its send (`link`), a
 * burst from the inputs that it took together, a row's mark from its client's answer, or from what it still waits for.
 */
export class Causes {
  /** @param {import("./run.js").Run} run */
  constructor(run) {
    this.run = run;
    this.ofAStep = new Set(OF_A_STEP.map((name) => run.kind[name]));
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
    if (kind[i] === this.run.kind.mark) return this.#begunBy(i);
    const parents = [];
    if (link[i] !== NONE) parents.push(link[i]);
    if (cause[i] !== NONE) parents.push(cause[i]);
    return parents;
  }

  /** @param {number} i @returns {number[]} */
  children(i) {
    this.#extend();
    const { cause, kind } = this.run.columns;
    if (this.ofAStep.has(kind[i]) && cause[i] !== NONE) return this.#hanging(cause[i]).filter((k) => k > i);
    const children = this.#hanging(i);
    if (this.burstOf.has(i)) children.push(this.burstOf.get(i));
    return children;
  }

  #hanging(i) {
    const children = [];
    for (let k = this.first[i]; k !== NONE; k = this.next[k]) children.push(k);
    return children;
  }

  /** Of a row's mark, the answer that its client has, or, if it has none, the transfer that it was given. */
  #begunBy(mark) {
    const { columns, kind, lanes } = this.run;
    const row = columns.body(mark).mark;
    if (row?.event !== "transaction" && row?.event !== "resolved") return [];
    const lane = lanes.findIndex(({ name }) => name === row.client);
    const wanted = row.result === "timeout" ? kind.submit : kind.answer;
    const transfer = String(row.transaction);
    for (let k = mark - 1; k >= 0; --k) {
      if (columns.kind[k] === wanted && columns.lane[k] === lane && String(columns.body(k).transaction) === transfer) return [k];
    }
    return [];
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
