import { Growing, countUpTo } from "./growing.js";

/** What a node's state has besides its log and its balances, in the order in which it is kept. */
const POINTS = [
  "role", "connected", "paused", "alive", "promisedRound", "promisedNode", "followsRound", "followsNode",
  "standsRound", "standsNode", "base", "committed", "executed", "last", "inFlight", "pending",
];
const AT = Object.fromEntries(POINTS.map((name, k) => [name, k]));
/** Those that a lane's band shows. */
const SHOWN = [AT.role, AT.connected, AT.paused, AT.alive, AT.followsRound, AT.followsNode, AT.standsRound];
const ROLES = ["backup", "candidate", "leader"];
export const [BACKUP, CANDIDATE, LEADER] = [0, 1, 2];

const ACCEPTED = 1;
const CHOSEN = 2;
/** So many movements of money lie between two balances that are kept. */
const KEPT_EACH = 512;

/**
 * @typedef {{role: string, connected: boolean, paused: boolean, alive: boolean, promised: number[]|null,
 *   follows: number[]|null, base: number, committed: number, executed: number, last: number,
 *   inFlight: number, pending: number}} NodeState
 */

/**
 * What became of one node, such that its state at any event can be had in the time of a search: the
 * points are kept after each change, a slot's entries hang on its number, balances are kept now and then.
 */
export class NodeHistory {
  constructor() {
    this.now = new Int32Array(POINTS.length);
    this.now[AT.connected] = 1;
    this.when = new Growing(Uint32Array);
    this.points = new Growing(Int32Array, POINTS.length);
    /** Which of the points change what the band shows. */
    this.bands = new Growing(Uint32Array);
    /** The events from which on nothing that was known before counts. */
    this.wholes = new Growing(Uint32Array);
    /** Entries of slots: event, what became of it, round, node, place in its line, the entry before. */
    this.entries = new Growing(Int32Array, 6);
    this.newestOf = new Map();
    this.money = new Growing(Uint32Array);
    this.kept = [new Map()];
  }

  /** A `state` line. @param {number} i @param {any} line */
  takeState(i, line) {
    const now = this.now;
    if (line.whole) {
      this.wholes.add(i);
      now.fill(0);
      now[AT.connected] = 1;
      now[AT.alive] = 1;
    }
    if (line.role !== undefined) now[AT.role] = ROLES.indexOf(line.role);
    if (line.connected !== undefined) now[AT.connected] = Number(line.connected);
    if (line.paused !== undefined) now[AT.paused] = Number(line.paused);
    if (line.promised !== undefined) this.#setBallot(AT.promisedRound, line.promised);
    if (line.follows !== undefined) this.#setBallot(AT.followsRound, line.follows);
    for (const name of ["base", "committed", "executed", "last", "pending"]) {
      if (line[name] !== undefined) now[AT[name]] = line[name];
    }
    if (line.in_flight !== undefined) now[AT.inFlight] = line.in_flight;
    this.#keep(i);
    line.accepted?.forEach(([ballot, slot], k) => this.#enter(slot, i, ACCEPTED, ballot, k));
    line.learned?.forEach(([ballot, slot], k) => this.#enter(slot, i, CHOSEN, ballot, k));
    line.chosen?.forEach((slot) => this.#enter(slot, i, CHOSEN, [0, 0], -1));
    if (line.balances !== undefined) this.money.add(i);
  }

  /** The process is there, or gone. @param {number} i @param {boolean} alive */
  takeLife(i, alive) {
    this.now[AT.alive] = Number(alive);
    this.#keep(i);
  }

  /**
   * It stands for election; its promise of that ballot comes last, when it wins.
   * @param {number} i @param {number[]} ballot
   */
  takeCandidacy(i, ballot) {
    this.#setBallot(AT.standsRound, ballot);
    this.#keep(i);
  }

  /** A slot was executed. @param {number} i */
  takeExecution(i) {
    this.money.add(i);
  }

  #setBallot(at, ballot) {
    [this.now[at], this.now[at + 1]] = ballot ?? [0, 0];
  }

  #keep(i) {
    const last = (this.points.length - 1) * POINTS.length;
    const same = last >= 0 && SHOWN.every((k) => this.points.values[last + k] === this.now[k]);
    if (!same) this.bands.add(this.points.length);
    this.when.add(i);
    this.points.room();
    this.points.values.set(this.now, this.points.length++ * POINTS.length);
  }

  #enter(slot, i, what, ballot, place) {
    const before = this.newestOf.get(slot) ?? -1;
    this.newestOf.set(slot, this.entries.length);
    this.entries.push(i, what, ballot[0], ballot[1], place, before);
  }

  /** One number of the state after event `i`. @param {number} i @param {string} name */
  point(i, name) {
    const k = countUpTo(this.when.values, this.when.length, i) - 1;
    return k < 0 ? 0 : this.points.values[k * POINTS.length + AT[name]];
  }

  /** The state after event `i`; null before the node's first. @param {number} i @returns {NodeState|null} */
  at(i) {
    const k = countUpTo(this.when.values, this.when.length, i) - 1;
    return k < 0 ? null : this.#state(k);
  }

  #state(k) {
    const value = (name) => this.points.values[k * POINTS.length + AT[name]];
    const ballot = (round, node) => (value(round) > 0 ? [value(round), value(node)] : null);
    return {
      role: ROLES[value("role")], connected: value("connected") === 1, paused: value("paused") === 1,
      alive: value("alive") === 1, promised: ballot("promisedRound", "promisedNode"),
      follows: ballot("followsRound", "followsNode"), base: value("base"), committed: value("committed"),
      executed: value("executed"), last: value("last"), inFlight: value("inFlight"), pending: value("pending"),
    };
  }

  /**
   * What a lane's band shows, segment by segment: for each from event `from` on that begins up to `to`.
   * @param {number} from @param {number} to
   * @param {(event: number, role: number, up: {connected: number, paused: number, alive: number},
   *   round: number, node: number) => void} each
   */
  eachBand(from, to, each) {
    const { values } = this.points;
    let b = 0;
    let high = this.bands.length;
    while (b < high) {  // the first band that begins after `from`
      const middle = (b + high) >>> 1;
      if (this.when.values[this.bands.values[middle]] <= from) b = middle + 1;
      else high = middle;
    }
    for (b = Math.max(0, b - 1); b < this.bands.length; ++b) {
      const k = this.bands.values[b];
      if (this.when.values[k] > to) return;
      const o = k * POINTS.length;
      const stands = values[o + AT.role] === CANDIDATE;
      each(this.when.values[k], values[o + AT.role],
        { connected: values[o + AT.connected], paused: values[o + AT.paused], alive: values[o + AT.alive] },
        values[o + (stands ? AT.standsRound : AT.followsRound)],
        values[o + (stands ? AT.standsNode : AT.followsNode)]);
    }
  }

  /**
   * A slot after event `i`: its letter, the ballot in which it was accepted, and where its command stands.
   * @param {number} slot @param {number} i
   * @returns {{letter: string, ballot: number[]|null, event: number, place: number, list: string}}
   */
  slot(slot, i) {
    const found = { letter: "X", ballot: null, event: -1, place: -1, list: "" };
    const wholes = countUpTo(this.wholes.values, this.wholes.length, i);
    const since = wholes === 0 ? 0 : this.wholes.values[wholes - 1];
    const { values } = this.entries;
    for (let e = this.newestOf.get(slot) ?? -1; e >= 0; e = values[6 * e + 5]) {
      const [event, what, round, node, place] = values.subarray(6 * e, 6 * e + 5);
      if (event > i) continue;
      if (event < since) break;
      if (found.letter !== "C") found.letter = what === CHOSEN ? "C" : "A";
      if (place >= 0 && found.place < 0) {
        Object.assign(found, { ballot: [round, node], event, place, list: what === CHOSEN ? "learned" : "accepted" });
      }
    }
    if (slot <= this.point(i, "committed")) found.letter = "C";
    if (slot <= this.point(i, "executed")) found.letter = "E";
    return found;
  }

  /**
   * The events at which something became of a slot, newest first. `stored`: it was in what the node came back with.
   * @param {number} slot
   * @returns {{event: number, chosen: boolean, stored: boolean, ballot: number[]}[]}
   */
  slotEvents(slot) {
    const events = [];
    const { values } = this.entries;
    const wholes = this.wholes.values.subarray(0, this.wholes.length);
    for (let e = this.newestOf.get(slot) ?? -1; e >= 0; e = values[6 * e + 5]) {
      const [event, what, round, node] = values.subarray(6 * e, 6 * e + 4);
      events.push({ event, chosen: what === CHOSEN, stored: wholes.includes(event), ballot: [round, node] });
    }
    return events;
  }

  /**
   * The balances after event `i`.
   * @param {number} i @param {(i: number) => any} bodyOf
   * @returns {Map<string, number>}
   */
  balances(i, bodyOf) {
    const count = countUpTo(this.money.values, this.money.length, i);
    const whole = Math.floor(count / KEPT_EACH);
    while (this.kept.length <= whole) {
      const from = (this.kept.length - 1) * KEPT_EACH;
      this.kept.push(this.#moved(this.kept[this.kept.length - 1], from, from + KEPT_EACH, bodyOf));
    }
    return this.#moved(this.kept[whole], whole * KEPT_EACH, count, bodyOf);
  }

  #moved(before, from, to, bodyOf) {
    let balances = new Map(before);
    for (let k = from; k < to; ++k) {
      const line = bodyOf(this.money.values[k]);
      if (line.balances !== undefined) {
        balances = new Map(line.balances);
      } else if (line.applied && line.result === "success" && line.command?.transaction) {
        const [payer, payee, amount] = line.command.transaction;
        balances.set(payer, balances.get(payer) - amount);
        balances.set(payee, balances.get(payee) + amount);
      }
    }
    return balances;
  }
}
