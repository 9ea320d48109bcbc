/** A run of a few rows by hand, for tests of the model: nodes n1 to n3, a client A. */
import { Columns } from "../../../src/view/page/columns.js";
import { Run } from "../../../src/view/page/run.js";

const KINDS = ["send", "receive", "drop", "lost", "start", "timer", "order", "submit", "burst", "event", "state",
  "execute", "answer", "fault", "crash", "restart", "mark", "violation"];
const TYPES = ["PREPARE", "PROMISE", "NEW_VIEW", "ACCEPT", "ACCEPTED", "COMMIT", "REQUEST", "REPLY", "HEARTBEAT", "CHECKPOINT"];
const LANES = [{ name: "run", sort: "run" }, { name: "network", sort: "network" }, { name: "A", sort: "client" },
  { name: "n1", sort: "node" }, { name: "n2", sort: "node" }, { name: "n3", sort: "node" }];

export const HEAD = { version: 2, title: "small", by: "simulator", run: "7", seed: 7, openingBalance: 10, lanes: LANES, kinds: KINDS,
  types: TYPES, events: 0, live: false, notes: [] };

/** A row as the live page gets it; times are given, or count up. */
export class Rows {
  rows = [];

  /** @param {string} kind @param {string} lane @param {object} [more] @returns {number} its place */
  add(kind, lane, { time = this.rows.length, peer, link = -1, cause = -1, type, again = 0, slot = 0, to = slot, ballot, body = null } = {}) {
    const laneOf = (name) => LANES.findIndex((l) => l.name === name);
    return this.rows.push([time, KINDS.indexOf(kind), laneOf(lane), peer ? laneOf(peer) : -1, link, cause,
      type ? TYPES.indexOf(type) : -1, again, slot, to, ballot?.[0] ?? 0, ballot?.[1] ?? 0, body]) - 1;
  }

  run() {
    const run = new Run({ ...HEAD, events: this.rows.length }, new Columns());
    this.rows.forEach((row) => run.append(row));
    return run;
  }
}

export const request = (timestamp, amount = 3) => ({ client_id: "A", timestamp, transaction: ["A", "B", amount] });
