import { Growing, countUpTo } from "./growing.js";

/** What a client waits for: it is given transfers, and has answers. */
export class ClientHistory {
  constructor() {
    /** event, how many of its transfers have no answer yet */
    this.when = new Growing(Uint32Array);
    this.waiting = new Growing(Uint32Array);
    this.now = 0;
  }

  /** @param {number} i */
  takeSubmit(i) {
    this.#keep(i, this.now + 1);
  }

  /** @param {number} i */
  takeAnswer(i) {
    this.#keep(i, Math.max(0, this.now - 1));
  }

  #keep(i, waiting) {
    this.now = waiting;
    this.when.add(i);
    this.waiting.add(waiting);
  }

  /** How many of its transfers wait after event `i`. @param {number} i */
  at(i) {
    const k = countUpTo(this.when.values, this.when.length, i);
    return k === 0 ? 0 : this.waiting.values[k - 1];
  }
}
