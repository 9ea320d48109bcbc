import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlace, writePlace } from "../../../src/view/page/address.js";
import { App } from "../../../src/view/page/app.js";
import { Columns } from "../../../src/view/page/columns.js";
import { Filter, parseBallot } from "../../../src/view/page/filter.js";
import { nextLandmark, nextWhere, searchTest } from "../../../src/view/page/find.js";
import { requestLife, requestOf, slotLife } from "../../../src/view/page/life.js";
import { applyPlace, placeOf } from "../../../src/view/page/place.js";
import { RULES, violationWords } from "../../../src/view/page/rules.js";
import { Run } from "../../../src/view/page/run.js";
import { eventWords, messageWords } from "../../../src/view/page/words.js";
import { HEAD, Rows, request } from "./small_run.js";
import { synthesise } from "./synthetic.js";

function synthetic(events) {
  const { head, rows } = synthesise(events);
  const run = new Run(head, new Columns());
  rows.forEach((row) => run.append(row));
  return run;
}

/** One request from its client to its answer. */
function oneRequest() {
  const rows = new Rows();
  const at = {};
  const ballot = [1, 1];
  at.submit = rows.add("submit", "A", { body: { transaction: ["A", "B", 3], timestamp: 1 } });
  at.ask = rows.add("send", "A", { peer: "n1", type: "REQUEST", cause: at.submit, body: { message: { type: "REQUEST", ...request(1) } } });
  at.asked = rows.add("receive", "n1", { peer: "A", type: "REQUEST", link: at.ask, body: rows.rows[at.ask][12] });
  at.state = rows.add("state", "n1", { cause: at.asked, slot: 1, body: { whole: true, role: "leader", last: 1, accepted: [[ballot, 1, request(1)]] } });
  const accept = { message: { type: "ACCEPT", ballot, sequence_number: 1, request: request(1) } };
  at.accept2 = rows.add("send", "n1", { peer: "n2", type: "ACCEPT", cause: at.asked, slot: 1, ballot, body: accept });
  at.accept3 = rows.add("send", "n1", { peer: "n3", type: "ACCEPT", cause: at.asked, slot: 1, ballot, body: accept });
  at.lost = rows.add("lost", "n1", { peer: "n3", type: "ACCEPT", link: at.accept3, slot: 1, ballot, body: { reason: "loss" } });
  at.accepted = rows.add("receive", "n2", { peer: "n1", type: "ACCEPT", link: at.accept2, slot: 1, ballot, body: accept });
  at.execute = rows.add("execute", "n1", { slot: 1, body: { sequence_number: 1, command: request(1), result: "success", applied: true } });
  at.answer = rows.add("answer", "A", { body: { transaction: ["A", "B", 3], timestamp: 1, result: "success" } });
  return { run: rows.run(), at };
}

test("Jumps: landmarks after and before, none at the ends", () => {
  const run = synthetic(100000);
  const { election } = run.landmarks;
  const first = election.values[0];
  assert.equal(nextLandmark(election, -1, 1), first);
  assert.equal(nextLandmark(election, first, 1), election.values[1]);
  assert.equal(nextLandmark(election, election.values[1], -1), first);
  assert.equal(nextLandmark(election, first, -1), -1);
  assert.equal(nextLandmark(election, run.length, 1), -1);
});

test("Jumps: forwards and backwards meet the same events", () => {
  const run = synthetic(3000);
  const shown = new Filter().test(run);
  const forwards = [];
  for (let i = nextWhere(run, -1, 1, shown); i >= 0; i = nextWhere(run, i, 1, shown)) forwards.push(i);
  const backwards = [];
  for (let i = nextWhere(run, run.length, -1, shown); i >= 0; i = nextWhere(run, i, -1, shown)) backwards.push(i);
  assert.deepEqual(backwards.reverse(), forwards);
});

test("Filter: heartbeats and states are hidden at first; kinds, lanes, slots and ballots narrow it", () => {
  const run = synthetic(20000);
  const { columns, kind, type } = run;
  const count = (filter) => {
    const test = filter.test(run);
    let shown = 0;
    for (let i = 0; i < run.length; ++i) if (test(i)) ++shown;
    return shown;
  };
  const expected = (holds) => {
    let shown = 0;
    for (let i = 0; i < run.length; ++i) if (columns.kind[i] !== kind.state && columns.kind[i] !== kind.burst && holds(i)) ++shown;
    return shown;
  };
  const filter = new Filter();
  assert.equal(count(filter), expected((i) => columns.type[i] !== type.HEARTBEAT));
  filter.toggle("HEARTBEAT");
  assert.equal(count(filter), expected(() => true));
  filter.toggle("timer");
  assert.equal(count(filter), expected((i) => columns.kind[i] !== kind.timer));
  filter.toggle("timer");
  filter.toggleLane(run.nodes[0]);
  assert.equal(count(filter), expected((i) => columns.lane[i] !== run.nodes[0] && columns.peer[i] !== run.nodes[0]));
  filter.toggleLane(run.nodes[0]);
  filter.slot = 7;
  assert.equal(count(filter), expected((i) => columns.slot[i] > 0 && columns.slot[i] <= 7 && columns.slotTo[i] >= 7));
  filter.slot = null;
  filter.ballot = [1, columns.owner[run.landmarks.newView.values[0]]];
  assert.equal(count(filter), expected((i) => columns.round[i] === 1));
});

test("Filter: one lane of its sort alone, and all of them again", () => {
  const filter = new Filter();
  filter.onlyLane(3, [3, 4, 5]);
  assert.deepEqual([...filter.lanes], [4, 5]);
  filter.onlyLane(3, [3, 4, 5]);
  assert.deepEqual([...filter.lanes], []);
});

test("Filter: a ballot as people write it", () => {
  for (const text of ["3,2", "(3,n2)", " 3 n2 "]) assert.deepEqual(parseBallot(text), [3, 2]);
  assert.equal(parseBallot("n2"), null);
});

test("Search: kinds, types, names, slots and text; all words must hold", () => {
  const { run, at } = oneRequest();
  const found = (text) => [...Array(run.length).keys()].filter(searchTest(run, text));
  assert.deepEqual(found("ACCEPT lost"), [at.lost]);
  assert.deepEqual(found("type:accept n3"), [at.accept3, at.lost]);
  assert.deepEqual(found("slot:1 kind:execute"), [at.execute]);
  assert.deepEqual(found("client:A answer"), [at.answer]);
  assert.deepEqual(found("ballot:1,1 receive"), [at.accepted]);
  assert.deepEqual(found("\"reason\":\"loss\""), [at.lost]);
  assert.deepEqual(found("nowhere-to-be-found"), []);
});

test("Search: LF finds where leaders fail", () => {
  const rows = new Rows();
  rows.add("mark", "run", { body: { mark: { event: "leader_failed", set: 1, node: 3 } } });
  rows.add("order", "n3", { body: { order: "disconnect" } });
  const run = rows.run();
  assert.deepEqual([0, 1].filter(searchTest(run, "LF")), [0]);
});

test("Life: a slot is known to be chosen before it is executed, in whatever order its step says so", () => {
  const rows = new Rows();
  const ballot = [1, 1];
  rows.add("state", "n1", { body: { role: "leader", last: 1, accepted: [[ballot, 1, request(1)]] } });
  const timer = rows.add("timer", "n1");
  rows.add("execute", "n1", { cause: timer, slot: 1, body: { sequence_number: 1, command: request(1), result: "success", applied: true } });
  rows.add("state", "n1", { cause: timer, body: { chosen: [1], committed: 1, executed: 1 } });
  const words = slotLife(rows.run(), 1).map((step) => step.words);
  assert.deepEqual(words, ["n1 accepts A->B 3 (A#1) in (1,n1) (A)", "n1 knows it chosen (C)", "n1 executes it (E): A->B 3 (A#1), success"]);
});

test("Flights: how long messages take, near an event, before the first has arrived as well", () => {
  const rows = new Rows();
  rows.add("timer", "n1", { time: 0 });
  for (const flight of [25000, 24000, 26000]) {
    const send = rows.add("send", "n1", { time: 100, peer: "n2", type: "PREPARE" });
    rows.add("receive", "n2", { time: 100 + flight, peer: "n1", type: "PREPARE", link: send });
  }
  assert.equal(rows.run().flightAt(0), 25000);
  assert.equal(new Rows().run().flightAt(0), 1000);
});

test("Life: of a slot, and of the request in it", () => {
  const { run, at } = oneRequest();
  assert.deepEqual(slotLife(run, 1).map(({ event }) => event), [at.state, at.accept2, at.execute]);
  assert.deepEqual(slotLife(run, 2), []);
  const { steps, slots } = requestLife(run, "A", 1);
  assert.deepEqual(steps.map(({ event }) => event), [at.submit, at.ask, at.execute, at.answer]);
  assert.deepEqual(slots, [1]);
  for (const i of [at.submit, at.ask, at.accept2, at.execute, at.answer]) assert.deepEqual(requestOf(run, i), { client: "A", timestamp: 1 });
});

test("Words: an event says who, what and where", () => {
  const { run, at } = oneRequest();
  assert.equal(eventWords(run, at.ask), "REQUEST A -> n1");
  assert.equal(eventWords(run, at.accepted), "ACCEPT 1 n1 -> n2, arrives");
  assert.equal(eventWords(run, at.lost), "ACCEPT 1 n1 -> n3, lost: on the way");
  assert.equal(eventWords(run, at.execute), "n1 executes slot 1: A->B 3 (A#1), success");
  assert.equal(messageWords(run.message(at.lost)), "proposes A->B 3 (A#1) at 1 in ballot (1,n1)");
});

test("Words: every message and a mark nobody knows yet", () => {
  const run = synthetic(100000);
  for (let i = 0; i < run.length; ++i) if (run.isMessage(i)) assert.notEqual(messageWords(run.message(i)), "");
  const rows = new Rows();
  rows.add("mark", "run", { body: { mark: { event: "something_new" } } });
  assert.equal(eventWords(rows.run(), 0), "something new");
});

test("Words: events that do not say what they should are told by their kind, and stop nothing", () => {
  const rows = new Rows();
  HEAD.kinds.forEach((kind) => rows.add(kind, "n1", { body: { accepted: 3, ballot: "x", message: { type: "ACCEPT" } } }));
  HEAD.kinds.forEach((kind) => rows.add(kind, "A"));
  const run = rows.run();
  assert.ok(run.misread.length > 0);
  for (let i = 0; i < run.length; ++i) assert.ok(eventWords(run, i).length > 0);
  for (const type of HEAD.types) assert.equal(typeof messageWords({ type }), "string");
  for (const lane of run.nodes) assert.ok(run.balances(lane, run.length - 1) instanceof Map);
});

test("Rules: a violation names its rule, its nodes and what they hold", () => {
  const body = { rule: "agreement", nodes: ["n1", "n2"], sequence_number: 3, what: "n2 committed no-op at 3" };
  const words = violationWords(body, (node) => (node === "n1" ? { letter: "E", words: "A->B 3" } : { letter: "X", words: "" }));
  assert.match(words[1], /^That breaks rule 1: No two nodes/);
  assert.equal(words[2], "Concerned: n1, n2, at slot 3.");
  assert.deepEqual(words.slice(3), ["n1 holds in slot 3: A->B 3 (E).", "n2 holds in slot 3: nothing (X)."]);
  assert.deepEqual(RULES.map(([number]) => number), Array.from({ length: 18 }, (_, k) => k + 1));
});

test("Address: what is written is read again", () => {
  const place = { t: 353.012, e: 812, from: 300, to: 400.5, slot: 17, only: 3, ballot: [3, 2], hide: ["timer", "a,b"], lanes: ["n1"], q: "x & y=z", tab: "life" };
  const read = parsePlace(writePlace(place));
  assert.deepEqual({ ...read, hide: undefined }, { ...place, hide: undefined });
  assert.deepEqual(parsePlace("#t=12.5&slot=17"), { t: 12.5, slot: 17 });
  assert.deepEqual(parsePlace("#t=no&e=&ballot=x&nonsense=1"), {});
  assert.deepEqual(parsePlace(writePlace({ hide: [] })).hide, []);
});

test("Address: a link leads to the moment, the slot and the filter", () => {
  const run = synthetic(20000);
  const app = new App(run);
  applyPlace(app, "#t=80.5&slot=12&from=70&to=90&hide=timer&ballot=1,n3");
  assert.ok(run.columns.time[app.cursor] <= 80500 && run.columns.time[app.cursor + 1] > 80500);
  assert.deepEqual([app.slot, app.tab, app.view.from, app.view.to], [12, "life", 70000, 90000]);
  const other = new App(run);
  applyPlace(other, placeOf(app));
  assert.equal(placeOf(other), placeOf(app));
  assert.deepEqual([...other.filter.hidden], ["timer"]);
});

test("Address: one that points beyond the run is not followed there", () => {
  const app = new App(synthetic(300));
  applyPlace(app, "#e=999999&t=99999999");
  assert.equal(app.cursor, 299);
  applyPlace(app, "#t=-5");
  assert.equal(app.cursor, 0);
});

test("App: stepping back undoes stepping on; causes are followed both ways", () => {
  const app = new App(synthetic(3000));
  app.goTo(0);
  const seen = [];
  for (let k = 0; k < 50; ++k) { seen.push(app.cursor); app.step(1); }
  for (let k = 0; k < 50; ++k) { app.step(-1); assert.equal(app.cursor, seen.pop()); }
  app.jump("newView", 1);
  const view = app.cursor;
  app.follow(1);
  assert.equal(app.run.columns.link[app.cursor], view);
  app.follow(-1);
  assert.equal(app.cursor, view);
});

test("App: what does not happen any more is told, and the cursor stays", () => {
  const app = new App(synthetic(300));
  const told = [];
  app.listen((what, words) => { if (what === "told") told.push(words); });
  app.jump("violation", 1);
  assert.deepEqual([told.pop(), app.cursor], ["no violation after this", -1]);
});

test("App: who stands at the end of a live run goes on with it, who looks back stays", () => {
  const { rows } = synthesise(300);
  const run = synthetic(200);
  run.head.live = true;
  const app = new App(run);
  app.goLive();
  app.append(rows.slice(200, 250));
  assert.equal(app.cursor, 249);
  app.goTo(100);
  app.append(rows.slice(250));
  assert.equal(app.cursor, 100);
  assert.ok(app.view.to >= app.run.columns.time[299]);
});

test("App: playing goes on in the run's time, and ends at its end", () => {
  const app = new App(synthetic(300));
  app.goTo(0);
  app.togglePlay();
  app.playOn(100);
  assert.equal(app.time, 1000);
  app.playOn(1e9);
  assert.equal(app.playing, false);
});
