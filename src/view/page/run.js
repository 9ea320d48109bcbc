import { NONE, NO_TYPE, NO_LANE } from "./columns.js";
import { ClientHistory } from "./client_history.js";
import { Growing, countUpTo, grown } from "./growing.js";
import { NodeHistory } from "./node_history.js";

/** Orders, faults and marks after which somebody is worse off than before. */
const FAILURES = new Set(["disconnect", "cut", "hold", "client-drop", "leader_failed", "disconnected", "killed", "process_died"]);
/** So much of a live run is laid out from the start, in microseconds. */
const LEAST = 1e6;
/** A message is under way no longer than so many times the longest flight; then nothing is known of its end. */
export const OVERDUE = 2;
/** The flight of a message, in microseconds, until one has arrived. */
const FLIGHT = 1000;
/** So many rows, of all lanes, are looked at for the state that a step left, and for how long messages take. */
const STEP = 1000;

/**
 * @typedef {{version: number, title: string, by: string, run: string, seed?: number, openingBalance: number,
 *   lanes: {name: string, sort: string}[], kinds: string[], types: string[], events: number, live: boolean,
 *   open_at?: number, notes?: string[]}} Head
 */

/**
 * A run: its events, and what follows from them. The finished run is taken in at once, the live one event
 * by event; both go through `take`.
 */
export class Run {
  /** @param {Head} head @param {import("./columns.js").Columns} columns */
  constructor(head, columns) {
    this.head = head;
    this.columns = columns;
    this.lanes = head.lanes;
    this.kind = Object.fromEntries(head.kinds.map((name, number) => [name, number]));
    this.type = Object.fromEntries(head.types.map((name, number) => [name, number]));
    this.nodes = lanesOf(head, "node");
    this.clients = lanesOf(head, "client");
    /** Of a send: where it arrived, was dropped or lost first. */
    this.end = new Uint32Array(0);
    this.histories = new Map([
      ...this.nodes.map((lane) => [lane, new NodeHistory()]),
      ...this.clients.map((lane) => [lane, new ClientHistory()]),
    ]);
    /** The landmarks that can be jumped to: events, in order. */
    this.landmarks = {
      election: new Growing(Uint32Array), newView: new Growing(Uint32Array),
      failure: new Growing(Uint32Array), violation: new Growing(Uint32Array),
    };
    /** What has a sign: sets, rows, LF, orders, faults, deaths, violations. */
    this.signs = new Growing(Uint32Array);
    /** Ballots in the order in which they were first seen, for their tints. */
    this.ballots = new Map();
    /** Of the node with this number, its lane. */
    this.laneOfNode = new Map(this.nodes.map((lane) => [Number(head.lanes[lane].name.slice(1)), lane]));
    /** The longest time that a message took, to find arrows that began before what is visible. */
    this.longestFlight = 0;
    /** How long the message took that arrived last: what is under way now will take about as long. */
    this.lastFlight = FLIGHT;
    /** Of a live run, the time that it is, in microseconds: it may be later than the last event. */
    this.now = 0;
    /** So long it is at least, in microseconds: there is room for what comes. */
    this.least = head.live ? LEAST : 0;
    /** Lanes in which nothing happens, unless something does: that of the network, in a run without faults. */
    this.idle = new Set(lanesOf(head, "network"));
    /** Events that do not say what the schema has them say: somebody changed the trace. */
    this.misread = [];
    this.taken = 0;
    this.#takers = this.#makeTakers();
    this.takeAll();
  }

  #takers;

  get length() {
    return this.columns.length;
  }

  /** Where the run begins and ends, in microseconds. */
  get start() {
    return this.length === 0 ? 0 : Math.min(0, this.columns.time[0]);
  }
  get stop() {
    return Math.max(this.start + 1, this.latest, this.least);
  }

  /** The time that it is now, or was at the end. */
  get latest() {
    return this.length === 0 ? this.now : Math.max(this.now, this.columns.time[this.length - 1]);
  }

  /** What is known anew of a live run: somebody has come, there is something to say of the trace. @param {Head} head */
  adopt(head) {
    head.lanes.slice(this.lanes.length).forEach((lane, k) => {
      this.clients.push(this.lanes.length + k);
      this.histories.set(this.lanes.length + k, new ClientHistory());
    });
    this.head = head;
    this.lanes = head.lanes;
  }

  /** One row of a live run. @param {any[]} row as in `Columns.append` */
  append(row) {
    this.columns.append(row);
    this.takeAll();
  }

  /** Takes in what the columns have and the run has not yet. */
  takeAll() {
    const { length, kind } = this.columns;
    if (this.end.length < length) this.end = this.#withEnds(length);
    for (; this.taken < length; ++this.taken) {
      try {
        this.#takers[kind[this.taken]]?.(this.taken);
      } catch (error) {
        this.misread.push({ event: this.taken, why: error.message });
      }
    }
  }

  #withEnds(length) {
    const before = this.end.length;
    return grown(this.end, length).fill(NONE, before);
  }

  /** By the number of a kind: what an event of that kind changes. */
  #makeTakers() {
    const arrives = (i) => this.#takeEnd(i);
    const lives = (alive) => (i) => this.#history(i, NodeHistory)?.takeLife(i, alive);
    const takers = {
      send: (i) => this.#takeSend(i),
      receive: arrives,
      drop: arrives,
      lost: arrives,
      start: lives(true),
      restart: (i) => { lives(true)(i); this.signs.add(i); },
      crash: (i) => { lives(false)(i); this.#fails(i); },
      submit: (i) => this.#history(i, ClientHistory)?.takeSubmit(i),
      answer: (i) => this.#history(i, ClientHistory)?.takeAnswer(i),
      state: (i) => this.#takeState(i),
      execute: (i) => this.#history(i, NodeHistory)?.takeExecution(i),
      event: (i) => this.#takeEvent(i),
      order: (i) => this.#takeSign(i, this.columns.body(i)),
      fault: (i) => this.#takeSign(i, this.columns.body(i)),
      mark: (i) => this.#takeSign(i, this.columns.body(i)),
      violation: (i) => { this.landmarks.violation.add(i); this.signs.add(i); },
    };
    return this.head.kinds.map((name) => takers[name]);
  }

  #history(i, Type) {
    const history = this.histories.get(this.columns.lane[i]);
    return history instanceof Type ? history : undefined;
  }

  #takeSend(i) {
    const { type, lane, time } = this.columns;
    if (type[i] !== this.type.NEW_VIEW) return;
    // A view goes to all: one landmark, not one a copy.
    const views = this.landmarks.newView;
    const before = views.length === 0 ? -1 : views.values[views.length - 1];
    if (before < 0 || lane[before] !== lane[i] || time[before] !== time[i]) views.add(i);
  }

  #takeEnd(i) {
    const { link, time } = this.columns;
    const send = link[i];
    if (send === NONE) return;
    if (this.end[send] === NONE) this.end[send] = i;
    this.lastFlight = Math.max(1, time[i] - time[send]);
    this.longestFlight = Math.max(this.longestFlight, this.lastFlight);
  }

  #takeState(i) {
    const line = this.columns.body(i);
    this.#history(i, NodeHistory)?.takeState(i, line);
    if (line.follows) this.#meet(line.follows);
  }

  #takeEvent(i) {
    const line = this.columns.body(i);
    if (line.event === "stands") {
      this.#history(i, NodeHistory)?.takeCandidacy(i, line.ballot);
      this.#meet(line.ballot);
    }
    if (line.event === "stands" || line.event === "leads") this.landmarks.election.add(i);
  }

  #takeSign(i, body) {
    this.idle.delete(this.columns.lane[i]);
    const what = body.order ?? body.fault ?? body.mark.event;
    if (FAILURES.has(what) || body.mark?.result === "timeout") this.landmarks.failure.add(i);
    this.signs.add(i);
  }

  #fails(i) {
    this.landmarks.failure.add(i);
    this.signs.add(i);
  }

  #meet([round, node]) {
    const key = ballotKey(round, node);
    if (!this.ballots.has(key)) this.ballots.set(key, this.ballots.size);
  }

  /** Which of the tints a ballot has. @param {number} round @param {number} node @param {number} tints */
  tintOf(round, node, tints) {
    return (this.ballots.get(ballotKey(round, node)) ?? 0) % tints;
  }

  /** The last event that is not after `time`, -1 if there is none. @param {number} time */
  eventAt(time) {
    return countUpTo(this.columns.time, this.length, time) - 1;
  }

  /** Whether an event is an end of a message: sent, received, dropped, lost. @param {number} i */
  isMessage(i) {
    return this.columns.type[i] !== NO_TYPE;
  }

  /** The message of an event, as on the wire. @param {number} i @returns {any} */
  message(i) {
    const { body, link } = { body: this.columns.body(i), link: this.columns.link[i] };
    if (body.message !== undefined) return body.message;
    return link === NONE ? undefined : this.columns.body(link).message;
  }

  /** Whether a message is still on its way. @param {number} i */
  underWay(i) {
    const { kind, time } = this.columns;
    return this.head.live && kind[i] === this.kind.send && this.end[i] === NONE &&
      this.latest - time[i] <= OVERDUE * Math.max(this.longestFlight, FLIGHT);
  }

  /** How much of its way a message has probably gone. @param {number} i */
  partOfWay(i) {
    return Math.min(0.95, (this.latest - this.columns.time[i]) / this.lastFlight);
  }

  /** How long messages take around event `i`, in microseconds: half of them took longer. @param {number} i */
  flightAt(i) {
    const { time, link, kind } = this.columns;
    const flights = [];
    for (let k = Math.max(0, i - STEP); k < this.length && k < i + STEP; ++k) {
      if (kind[k] === this.kind.receive && link[k] !== NONE) flights.push(time[k] - time[link[k]]);
    }
    return flights.sort((a, b) => a - b)[flights.length >> 1] ?? FLIGHT;
  }

  /** From which lane to which a message goes, whichever end of it `i` is. @param {number} i */
  ends(i) {
    const { lane, peer, kind } = this.columns;
    const arrives = kind[i] === this.kind.receive || kind[i] === this.kind.drop;
    return arrives ? { from: peer[i], to: lane[i] } : { from: lane[i], to: peer[i] };
  }

  /** @param {number} lane */
  laneName(lane) {
    return lane === NO_LANE ? "somebody" : this.lanes[lane].name;
  }

  /**
   * The row that says what the step left behind that event `i` belongs to, `i` itself if none does: whoever looks at
   * an event wants to see what came of it, at the node where it happened.
   * @param {number} i
   */
  settled(i) {
    const { cause, kind, lane } = this.columns;
    const input = cause[i] === NONE ? i : cause[i];
    let last = i;
    for (let k = i + 1; k < this.length && k <= i + STEP; ++k) {
      if (lane[k] !== lane[i]) continue;
      if (cause[k] !== input) break;  // the node's next step
      if (kind[k] === this.kind.state) last = k;
    }
    return last;
  }

  /** What a slot holds at a node, and how far it is. @param {number} lane @param {number} slot @param {number} i */
  slot(lane, slot, i) {
    const found = this.histories.get(lane).slot(slot, i);
    const entry = found.place < 0 ? undefined : this.columns.body(found.event)[found.list][found.place];
    return { letter: found.letter, ballot: found.ballot, command: entry?.[2] };
  }

  /** @param {number} lane @param {number} i */
  balances(lane, i) {
    return this.histories.get(lane).balances(i, (k) => this.columns.body(k));
  }
}

function lanesOf(head, sort) {
  return head.lanes.flatMap((lane, number) => (lane.sort === sort ? [number] : []));
}

function ballotKey(round, node) {
  return round * 256 + node;
}
