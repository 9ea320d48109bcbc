/**
 * A run that never was, the same for the same seed: five nodes, ten clients, a leader that fails now and then,
 * messages that are lost and sent again. It has the rows of a live page; `blobOf` makes the columns of a page of
 * them. For tests and for measuring.
 */

const KINDS = ["send", "receive", "drop", "lost", "start", "timer", "order", "submit", "burst", "event", "state",
  "execute", "answer", "fault", "crash", "restart", "mark", "violation"];
const TYPES = ["PREPARE", "PROMISE", "NEW_VIEW", "ACCEPT", "ACCEPTED", "COMMIT", "REQUEST", "REPLY", "HEARTBEAT", "CHECKPOINT"];
const CLIENTS = [..."ABCDEFGHIJ"];
const NODES = 5;
const QUORUM = 3;
const HEARTBEAT = 20000;
const TIMEOUT = 60000;
const RESEND = 15000;
const LIFETIME = 400000;

/** A small generator of random numbers (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What is to happen, soonest first. */
class Agenda {
  heap = [];
  order = 0;

  at(time, act) {
    const { heap } = this;
    heap.push({ time, order: this.order++, act });
    for (let k = heap.length - 1; k > 0;) {
      const up = (k - 1) >> 1;
      if (!sooner(heap[k], heap[up])) break;
      [heap[k], heap[up]] = [heap[up], heap[k]];
      k = up;
    }
  }

  next() {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0) {
      heap[0] = last;
      for (let k = 0; ;) {
        let least = k;
        for (const child of [2 * k + 1, 2 * k + 2]) if (child < heap.length && sooner(heap[child], heap[least])) least = child;
        if (least === k) break;
        [heap[k], heap[least]] = [heap[least], heap[k]];
        k = least;
      }
    }
    return first;
  }
}

const sooner = (a, b) => a.time < b.time || (a.time === b.time && a.order < b.order);

/** @param {number} events how many rows @param {{seed?: number, loss?: number, violation?: boolean}} [options] */
export function synthesise(events, { seed = 1, loss = 0.01, violation = false } = {}) {
  const world = new World(random(seed), loss);
  world.begin();
  while (world.rows.length < events) {
    const { time, act } = world.agenda.next();
    world.now = time;
    act();
  }
  const rows = world.rows.slice(0, events);
  const head = world.head(seed);
  if (violation) {
    rows[events - 1] = [world.now, KINDS.indexOf("violation"), 0, -1, -1, -1, -1, 0, 1, 1, 0, 0xff, {
      rule: "agreement", nodes: ["n1", "n2"], sequence_number: 1, what: "n2 committed no-op at 1 where n1 committed A->B 1 (A#1)",
    }];
    head.open_at = events - 1;
  }
  return { head: { ...head, events }, rows };
}

class World {
  constructor(draw, loss) {
    this.draw = draw;
    this.loss = loss;
    this.now = 0;
    this.rows = [];
    this.agenda = new Agenda();
    this.lanes = [{ name: "run", sort: "run" }, { name: "network", sort: "network" },
      ...CLIENTS.map((name) => ({ name, sort: "client" })),
      ...Array.from({ length: NODES }, (_, n) => ({ name: `n${n + 1}`, sort: "node" }))];
    this.nodes = Array.from({ length: NODES }, (_, n) => ({
      id: n + 1, lane: 2 + CLIENTS.length + n, role: "backup", connected: true, ballot: [0, n + 1], log: new Map(),
      committed: 0, executed: 0, heard: 0, balances: new Map(CLIENTS.map((c) => [c, 10])),
    }));
    this.clients = CLIENTS.map((name, k) => ({ name, lane: 2 + k, timestamp: 0, leader: 1 }));
    this.round = 0;
    this.nextSlot = 1;
  }

  head(seed) {
    return { version: 2, title: "synthetic", by: "simulator", run: String(seed), seed, openingBalance: 10,
      lanes: this.lanes, kinds: KINDS, types: TYPES, live: false, notes: [] };
  }

  row(kind, lane, { peer = -1, link = -1, cause = -1, type = -1, again = 0, slot = 0, to = slot, ballot = null, body = null } = {}) {
    return this.rows.push([this.now, KINDS.indexOf(kind), lane, peer, link, cause, type, again, slot, to,
      ballot?.[0] ?? 0, ballot?.[1] ?? 0xff, body]) - 1;
  }

  later(delay, act) {
    this.agenda.at(this.now + delay, act);
  }

  begin() {
    this.row("mark", 0, { body: { mark: { event: "set_begin", set: 1, live: [1, 2, 3, 4, 5] } } });
    for (const node of this.nodes) {
      const start = this.row("start", node.lane);
      this.row("state", node.lane, { cause: start, body: { whole: true, role: "backup", promised: [0, 1], follows: null, base: 0,
        committed: 0, executed: 0, last: 0, in_flight: 0, pending: 0, balances: [...node.balances] } });
      this.later(TIMEOUT * (0.5 + this.draw()), () => this.watch(node));
    }
    for (const client of this.clients) this.later(20000 * this.draw(), () => this.submit(client));
    this.later(LIFETIME, () => this.failLeader());
  }

  /** One message on its way; `body` is shared by what goes to several. */
  send(from, to, type, body, { cause, slot = 0, ballot = null, again = 0 }, arrive) {
    const about = { type: TYPES.indexOf(type), slot, ballot, again };
    const send = this.row("send", from.lane, { ...about, peer: to.lane, cause, body });
    if (this.draw() < this.loss) {
      this.row("lost", from.lane, { ...about, peer: to.lane, link: send, cause, body: { reason: "loss" } });
      return;
    }
    this.later(Math.round(150 + 400 * this.draw()), () => {
      const cut = to.connected === false || from.connected === false;
      const got = this.row(cut ? "drop" : "receive", to.lane, { ...about, peer: from.lane, link: send, body });
      if (!cut) arrive(got);
    });
  }

  broadcast(from, type, message, about, arrive) {
    const body = { message: { type, ...message } };
    for (const to of this.nodes) if (to !== from) this.send(from, to, type, body, about, (got) => arrive(to, got));
  }

  watch(node) {
    this.later(TIMEOUT * (0.5 + this.draw()), () => this.watch(node));
    if (!node.connected || node.role === "leader" || this.now - node.heard < TIMEOUT) return;
    const cause = this.row("timer", node.lane);
    node.role = "candidate";
    node.ballot = [++this.round, node.id];
    const { ballot } = node;
    this.row("event", node.lane, { cause, ballot, body: { event: "stands", ballot, what: `stands for election in (${ballot[0]},n${ballot[1]})` } });
    this.row("state", node.lane, { cause, body: { role: "candidate", follows: null } });
    const promises = new Set([node]);
    this.broadcast(node, "PREPARE", { ballot, from_sequence: node.committed + 1 }, { cause, ballot }, (other, got) => {
      if (other.ballot[0] >= ballot[0]) return;
      other.ballot = ballot;
      other.heard = this.now;
      other.role = "backup";
      this.row("state", other.lane, { cause: got, body: { role: "backup", promised: ballot } });
      const promise = { message: { type: "PROMISE", ballot, node_id: other.id, from_sequence: node.committed + 1, accept_log: [] } };
      this.send(other, node, "PROMISE", promise, { cause: got, ballot }, (back) => {
        promises.add(other);
        if (promises.size === QUORUM && node.role === "candidate" && node.ballot === ballot) this.lead(node, back);
      });
    });
  }

  lead(node, cause) {
    const { ballot } = node;
    node.role = "leader";
    this.row("event", node.lane, { cause, ballot, body: { event: "leads", ballot, what: `leads in (${ballot[0]},n${ballot[1]})` } });
    this.row("state", node.lane, { cause, body: { role: "leader", promised: ballot, follows: ballot } });
    this.broadcast(node, "NEW_VIEW", { ballot, accept_log: [] }, { cause, ballot }, (other, got) => {
      if (other.ballot[0] > ballot[0]) return;
      other.ballot = ballot;
      other.heard = this.now;
      this.row("event", other.lane, { cause: got, ballot, body: { event: "follows", ballot, what: `follows (${ballot[0]},n${ballot[1]})` } });
      this.row("state", other.lane, { cause: got, body: { role: "backup", promised: ballot, follows: ballot } });
    });
    for (const client of this.clients) client.leader = node.id;
    this.beat(node, ballot);
  }

  beat(node, ballot) {
    if (node.role !== "leader" || node.ballot !== ballot || !node.connected) return;
    const cause = this.row("timer", node.lane);
    const beat = { ballot, node_id: node.id, committed: node.committed, executed: node.executed };
    this.broadcast(node, "HEARTBEAT", beat, { cause, ballot }, (other) => { if (other.ballot === ballot) other.heard = this.now; });
    this.later(HEARTBEAT, () => this.beat(node, ballot));
  }

  failLeader() {
    this.later(LIFETIME, () => this.failLeader());
    const leader = this.nodes.find((node) => node.role === "leader" && node.connected);
    if (leader === undefined) return;
    this.row("mark", 0, { body: { mark: { event: "leader_failed", set: 1, node: leader.id, quorum: 3 } } });
    const cause = this.row("order", leader.lane, { body: { order: "disconnect" } });
    leader.connected = false;
    leader.role = "backup";
    this.row("state", leader.lane, { cause, body: { connected: false, role: "backup", follows: null } });
    this.later(LIFETIME / 2, () => {
      leader.connected = true;
      leader.heard = this.now;
      const back = this.row("order", leader.lane, { body: { order: "reconnect" } });
      this.row("state", leader.lane, { cause: back, body: { connected: true } });
    });
  }

  submit(client) {
    const transaction = [client.name, CLIENTS[Math.floor(this.draw() * CLIENTS.length)], 1 + Math.floor(3 * this.draw())];
    const timestamp = ++client.timestamp;
    const cause = this.row("submit", client.lane, { body: { transaction, timestamp } });
    this.ask(client, { client_id: client.name, timestamp, transaction }, cause, 0);
  }

  ask(client, request, cause, again) {
    if (client.timestamp !== request.timestamp || client.done === request.timestamp) return;
    const to = this.nodes[client.leader - 1];
    this.send(client, to, "REQUEST", { message: { type: "REQUEST", ...request } }, { cause, again }, (got) => {
      if (to.role === "leader") this.propose(to, request, client, got);
    });
    this.later(RESEND * 4, () => this.ask(client, request, cause, 1));
  }

  propose(leader, request, client, cause) {
    const slot = this.nextSlot++;
    const { ballot } = leader;
    leader.log.set(slot, request);
    this.row("state", leader.lane, { cause, body: { last: slot, in_flight: 1, pending: 1, accepted: [[ballot, slot, request]] } });
    const votes = new Set([leader]);
    const accept = (again, why) => this.broadcast(leader, "ACCEPT", { ballot, sequence_number: slot, request },
      { cause: why, ballot, slot, again }, (other, got) => this.accept(other, leader, { slot, ballot, request, votes, client }, got));
    accept(0, cause);
    this.later(RESEND, () => {
      if (votes.size >= QUORUM || !leader.connected || leader.role !== "leader") return;
      accept(1, this.row("timer", leader.lane));
    });
  }

  accept(node, leader, proposal, cause) {
    const { slot, ballot, request, votes } = proposal;
    if (node.ballot[0] > ballot[0]) return;
    node.heard = this.now;
    if (!node.log.has(slot)) {
      node.log.set(slot, request);
      this.row("state", node.lane, { cause, body: { last: slot, accepted: [[ballot, slot, request]] } });
    }
    const body = { message: { type: "ACCEPTED", ballot, sequence_number: slot, node_id: node.id } };
    this.send(node, leader, "ACCEPTED", body, { cause, ballot, slot }, (got) => {
      votes.add(node);
      if (votes.size === QUORUM) this.choose(leader, proposal, got);
    });
  }

  choose(leader, { slot, ballot, request, client }, cause) {
    this.learn(leader, slot, request, cause);
    const commit = { ballot, sequence_number: slot, through: slot };
    this.broadcast(leader, "COMMIT", commit, { cause, ballot, slot }, (other, got) => this.learn(other, slot, request, got));
    const reply = { message: { type: "REPLY", ballot, client_id: client.name, timestamp: request.timestamp, result: "success", sequence_number: slot } };
    this.send(leader, client, "REPLY", reply, { cause, ballot, slot }, (got) => {
      if (client.done === request.timestamp) return;
      client.done = request.timestamp;
      this.row("mark", 0, { body: { mark: {
          event: "transaction", set: 1, row: request.timestamp, transaction: request.transaction, result: "success", sequence_number: slot } } });
      this.row("answer", client.lane, { cause: got, body: { transaction: request.transaction, timestamp: request.timestamp, result: "success" } });
      this.later(1000 + 8000 * this.draw(), () => this.submit(client));
    });
  }

  learn(node, slot, request, cause) {
    node.chosen ??= new Map();
    if (slot <= node.executed || node.chosen.has(slot)) return;
    node.chosen.set(slot, request);
    while (node.chosen.has(node.executed + 1)) this.execute(node, cause);
    this.row("state", node.lane, { cause, body: { chosen: [slot], committed: node.executed, executed: node.executed } });
  }

  execute(node, cause) {
    const slot = ++node.executed;
    node.committed = slot;
    const command = node.chosen.get(slot);
    node.chosen.delete(slot);
    const [payer, payee, amount] = command.transaction;
    const good = payer !== payee && node.balances.get(payer) >= amount;
    if (good) {
      node.balances.set(payer, node.balances.get(payer) - amount);
      node.balances.set(payee, node.balances.get(payee) + amount);
    }
    this.row("execute", node.lane, { cause, slot, body: { sequence_number: slot, command, result: good ? "success" : "failed", applied: true } });
  }
}

/** The columns of a page, as bytes. @param {any[][]} rows */
export function blobOf(rows) {
  const texts = new Map();
  for (const row of rows) if (row[12] !== null && !texts.has(row[12])) texts.set(row[12], texts.size);
  const encoded = [...texts.keys()].map((body) => Buffer.from(JSON.stringify(body)));
  const offsets = new Uint32Array(encoded.length + 1);
  encoded.forEach((bytes, k) => { offsets[k + 1] = offsets[k] + bytes.length; });
  const column = (Type, of) => Buffer.from(Type.from(rows, of).buffer);
  const number = (Type, k) => column(Type, (row) => row[k]);
  return Buffer.concat([
    number(Float64Array, 0), number(Uint32Array, 4), number(Uint32Array, 5), number(Uint32Array, 8), number(Uint32Array, 9),
    number(Uint32Array, 10), column(Uint32Array, (row) => (row[12] === null ? -1 : texts.get(row[12]))),
    Buffer.from(Uint32Array.of(encoded.length).buffer), Buffer.from(offsets.buffer),
    number(Uint16Array, 2), number(Uint16Array, 3), number(Uint8Array, 1), number(Uint8Array, 6), number(Uint8Array, 7),
    number(Uint8Array, 11), ...encoded,
  ]);
}
