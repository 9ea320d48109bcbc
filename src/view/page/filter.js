import { NO_LANE, NO_TYPE } from "./columns.js";

/** Kinds that are not shown as events of their own: they say what a step left behind, or who took it. */
const SILENT = ["state", "burst"];

/**
 * What is shown. `hidden` holds names of message types and of kinds, `lanes` the numbers of hidden lanes; `slot`
 * and `ballot` narrow it to what is about them.
 */
export class Filter {
  constructor() {
    this.hidden = new Set(["HEARTBEAT"]);
    this.lanes = new Set();
    /** @type {number|null} */
    this.slot = null;
    /** @type {number[]|null} */
    this.ballot = null;
  }

  /** @param {string} name of a type or kind */
  toggle(name) {
    if (!this.hidden.delete(name)) this.hidden.add(name);
  }

  /** @param {number} lane */
  toggleLane(lane) {
    if (!this.lanes.delete(lane)) this.lanes.add(lane);
  }

  /** Only this lane is left of its sort; once more: all of them again. @param {number} lane @param {number[]} sort */
  onlyLane(lane, sort) {
    const alone = !this.lanes.has(lane) && sort.every((other) => other === lane || this.lanes.has(other));
    sort.forEach((other) => (alone || other === lane ? this.lanes.delete(other) : this.lanes.add(other)));
  }

  /**
   * A test for events, made once for many of them.
   * @param {import("./run.js").Run} run
   * @returns {(i: number) => boolean}
   */
  test(run) {
    const { columns, head } = run;
    const kinds = Uint8Array.from(head.kinds, (name) => Number(!SILENT.includes(name) && !this.hidden.has(name)));
    const types = new Uint8Array(256).fill(1);
    head.types.forEach((name, number) => { types[number] = Number(!this.hidden.has(name)); });
    const lanes = new Uint8Array(NO_LANE + 1).fill(1);
    this.lanes.forEach((lane) => { lanes[lane] = 0; });
    const { kind, type, lane, peer, slot, slotTo, round, owner } = columns;
    const shown = (i) => kinds[kind[i]] === 1 && (type[i] === NO_TYPE || types[type[i]] === 1) &&
      lanes[lane[i]] === 1 && lanes[peer[i]] === 1;
    if (this.slot === null && this.ballot === null) return shown;
    const [wantedRound, wantedOwner] = this.ballot ?? [0, 0];
    const wanted = this.slot;
    return (i) => shown(i) && (wanted === null || (slot[i] > 0 && slot[i] <= wanted && wanted <= slotTo[i])) &&
      (wantedRound === 0 || (round[i] === wantedRound && owner[i] === wantedOwner));
  }
}

/** A ballot as somebody types it: `3,2`, `(3,n2)`, `3 n2`. @param {string} text @returns {number[]|null} */
export function parseBallot(text) {
  const found = /^\s*\(?\s*(\d+)\s*[,\s]\s*n?(\d+)\s*\)?\s*$/.exec(text);
  return found ? [Number(found[1]), Number(found[2])] : null;
}
