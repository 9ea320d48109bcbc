import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Causes } from "../../../src/view/page/causes.js";
import { Columns } from "../../../src/view/page/columns.js";
import { readColumns } from "../../../src/view/page/reader.js";
import { Run } from "../../../src/view/page/run.js";
import { whyWords } from "../../../src/view/page/words.js";
import { Rows, request } from "./small_run.js";
import { blobOf, synthesise } from "./synthetic.js";

const packed = (rows) => gzipSync(blobOf(rows)).toString("base64");

test("Reader: columns and bodies come back as they were written", async () => {
  const { head, rows } = synthesise(5000);
  const columns = await readColumns(head, packed(rows));
  assert.equal(columns.length, 5000);
  rows.forEach((row, i) => {
    assert.equal(columns.time[i], row[0]);
    assert.equal(columns.lane[i], row[2]);
    assert.equal(columns.link[i], row[4] >>> 0);
    assert.deepEqual(columns.body(i), row[12] ?? {});
  });
});

test("Reader: base64 in lines is read as well", async () => {
  const { head, rows } = synthesise(300);
  const columns = await readColumns(head, packed(rows).replace(/(.{76})/g, "$1\n"));
  assert.equal(columns.length, 300);
});

test("Reader: data that are cut off, or of another version, are told", async () => {
  const { head, rows } = synthesise(300);
  await assert.rejects(readColumns(head, packed(rows).slice(0, 400)), /cut off or was changed/);
  await assert.rejects(readColumns({ ...head, events: 100000 }, packed(rows)), /in the midst of a column/);
  await assert.rejects(readColumns({ ...head, version: 3 }, packed(rows)), /version 3/);
});

test("Run: one taken in at once is the same as one that came row by row", () => {
  const { head, rows } = synthesise(20000);
  const bytes = blobOf(rows);
  const whole = new Run(head, Columns.ofBlob(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), rows.length));
  const live = new Run(head, new Columns());
  rows.forEach((row) => live.append(row));
  for (const i of [0, 99, 5000, 12345, 19999]) {
    for (const lane of whole.nodes) {
      assert.deepEqual(live.histories.get(lane).at(i), whole.histories.get(lane).at(i));
      assert.deepEqual(live.balances(lane, i), whole.balances(lane, i));
      assert.deepEqual(live.slot(lane, 40, i), whole.slot(lane, 40, i));
    }
  }
  assert.deepEqual([...live.landmarks.election.values.subarray(0, 20)], [...whole.landmarks.election.values.subarray(0, 20)]);
});

/** The state by the schema's own words, line after line: slow and plain. */
function plainState(run, rows, lane, i) {
  let state = {};
  let letters = new Map();
  let balances = new Map();
  for (let k = 0; k <= i; ++k) {
    const [, kind, where] = rows[k];
    const body = rows[k][12] ?? {};
    if (where !== lane) continue;
    if (kind === run.kind.state) {
      if (body.whole) { state = {}; letters = new Map(); }
      Object.assign(state, body);
      body.accepted?.forEach(([, slot]) => { if (!letters.has(slot)) letters.set(slot, "A"); });
      body.chosen?.forEach((slot) => letters.set(slot, "C"));
      if (body.balances) balances = new Map(body.balances);
    } else if (kind === run.kind.execute && body.result === "success") {
      const [from, to, amount] = body.command.transaction;
      balances.set(from, balances.get(from) - amount);
      balances.set(to, balances.get(to) + amount);
    }
  }
  const letter = (slot) => (slot <= (state.executed ?? 0) ? "E" : slot <= (state.committed ?? 0) ? "C" : letters.get(slot) ?? "X");
  return { state, letter, balances };
}

test("State: at any event, forwards and backwards, it is what the lines up to there say", () => {
  const { head, rows } = synthesise(12000, { loss: 0.05 });
  const run = new Run(head, new Columns());
  rows.forEach((row) => run.append(row));
  for (const i of [11999, 7000, 6999, 30, 9000, 1500, 11998]) {
    for (const lane of run.nodes) {
      const plain = plainState(run, rows, lane, i);
      const state = run.histories.get(lane).at(i);
      assert.equal(state?.role, plain.state.role);
      assert.equal(state?.executed, plain.state.executed);
      assert.deepEqual(state?.promised ?? null, plain.state.promised?.[0] ? plain.state.promised : null);
      assert.deepEqual(run.balances(lane, i), plain.balances);
      for (let slot = 1; slot <= 60; ++slot) assert.equal(run.slot(lane, slot, i).letter, plain.letter(slot), `slot ${slot} at ${i}`);
    }
  }
});

test("State: what a dead node knew does not count any more", () => {
  const rows = new Rows();
  rows.add("state", "n1", { body: { whole: true, role: "backup", last: 0, balances: [["A", 10], ["B", 10]] } });
  rows.add("state", "n1", { body: { accepted: [[[1, 2], 1, request(1)], [[1, 2], 2, request(2)]], last: 2 } });
  const died = rows.add("crash", "n1");
  const back = rows.add("restart", "n1");
  rows.add("state", "n1", { body: { whole: true, role: "backup", last: 1, accepted: [[[1, 2], 1, request(1)]] } });
  const run = rows.run();
  const n1 = run.nodes[0];
  assert.equal(run.histories.get(n1).at(died).alive, false);
  assert.equal(run.histories.get(n1).at(back).alive, true);
  assert.equal(run.slot(n1, 2, died).letter, "A");
  assert.equal(run.slot(n1, 2, run.length - 1).letter, "X");
  assert.deepEqual(run.slot(n1, 1, run.length - 1), { letter: "A", ballot: [1, 2], command: request(1) });
});

test("State: an execution that was none moves no money; a checkpoint's balances stand", () => {
  const rows = new Rows();
  rows.add("state", "n1", { body: { whole: true, role: "backup", balances: [["A", 10], ["B", 10]] } });
  rows.add("execute", "n1", { slot: 1, body: { sequence_number: 1, command: request(1), result: "success", applied: true } });
  rows.add("execute", "n1", { slot: 2, body: { sequence_number: 2, command: request(1), result: "success" } });
  rows.add("execute", "n1", { slot: 3, body: { sequence_number: 3, command: "no-op" } });
  const before = rows.rows.length - 1;
  rows.add("state", "n1", { body: { base: 9, executed: 9, committed: 9, balances: [["A", 1], ["B", 19]] } });
  const run = rows.run();
  assert.deepEqual(run.balances(run.nodes[0], before), new Map([["A", 7], ["B", 13]]));
  assert.deepEqual(run.balances(run.nodes[0], before + 1), new Map([["A", 1], ["B", 19]]));
});

test("State: at an input it is what its step left behind", () => {
  const rows = new Rows();
  const got = rows.add("receive", "n1", { peer: "n2", type: "ACCEPT" });
  rows.add("send", "n1", { peer: "n2", type: "ACCEPTED", cause: got });
  const other = rows.add("receive", "n2", { peer: "n1", type: "ACCEPTED", link: got + 1 });
  const state = rows.add("state", "n1", { cause: got, body: { last: 1 } });
  const next = rows.add("timer", "n1");
  const after = rows.add("state", "n1", { cause: next, body: { last: 2 } });
  const run = rows.run();
  assert.deepEqual([got, got + 1, state, next].map((i) => run.settled(i)), [state, state, state, after]);
  assert.equal(run.settled(other), other);
});

test("Causes: from a send to its arrivals, from an input to its step, over a burst", () => {
  const rows = new Rows();
  const timer = rows.add("timer", "n1");
  const send = rows.add("send", "n1", { peer: "n2", type: "ACCEPT", cause: timer });
  const first = rows.add("receive", "n2", { peer: "n1", type: "ACCEPT", link: send });
  const second = rows.add("receive", "n2", { peer: "n1", type: "ACCEPT", link: send });
  const burst = rows.add("burst", "n2", { body: { inputs: [first, second] } });
  const answer = rows.add("send", "n2", { peer: "n1", type: "ACCEPTED", cause: burst });
  const causes = new Causes(rows.run());
  assert.deepEqual(causes.children(timer), [send]);
  assert.deepEqual(causes.children(send), [first, second]);
  assert.deepEqual(causes.parents(burst), [first, second]);
  assert.deepEqual(causes.past(answer, 100), [burst, first, second, send, timer]);
  assert.deepEqual(causes.future(timer, 100), [send, first, second, burst, answer]);
  assert.equal(causes.future(timer, 2).length <= 3, true);
});

test("Causes: they grow with a live run", () => {
  const rows = new Rows();
  const timer = rows.add("timer", "n1");
  const run = rows.run();
  const causes = new Causes(run);
  assert.deepEqual(causes.children(timer), []);
  rows.add("send", "n1", { peer: "n2", type: "ACCEPT", cause: timer });
  run.append(rows.rows[1]);
  assert.deepEqual(causes.children(timer), [1]);
});

test("Causes: every effect names its cause, in a whole run", () => {
  const { head, rows } = synthesise(4000);
  const run = new Run(head, new Columns());
  rows.forEach((row) => run.append(row));
  const causes = new Causes(run);
  const { cause } = run.columns;
  for (let i = 0; i < run.length; ++i) {
    for (const child of causes.children(i)) assert.ok(causes.parents(child).includes(i) || cause[child] === cause[i]);
  }
});

test("Causes: what came of a candidacy is what else its step did, and its cause is that of the step", () => {
  const rows = new Rows();
  const timer = rows.add("timer", "n2");
  const stands = rows.add("event", "n2", { cause: timer, body: { event: "stands", ballot: [1, 2], what: "stands" } });
  const state = rows.add("state", "n2", { cause: timer, body: { role: "candidate" } });
  const prepare = rows.add("send", "n2", { peer: "n1", type: "PREPARE", cause: timer });
  const arrives = rows.add("receive", "n1", { peer: "n2", type: "PREPARE", link: prepare });
  const causes = new Causes(rows.run());
  assert.deepEqual(causes.parents(stands), [timer]);
  assert.deepEqual(causes.children(stands), [state, prepare]);
  assert.deepEqual(causes.future(stands, 100), [state, prepare, arrives]);
  assert.deepEqual(causes.children(timer), [stands, state, prepare]);
});

test("Causes: a row comes from its client's answer, and one without an answer from what was asked", () => {
  const rows = new Rows();
  const mark = (row) => rows.add("mark", "run", { body: { mark: { event: "transaction", client: "A", ...row } } });
  const transaction = ["A", "B", 3];
  rows.add("submit", "A", { body: { transaction, timestamp: 1 } });
  const answer = rows.add("answer", "A", { body: { transaction, timestamp: 1, result: "success" } });
  const success = mark({ transaction, result: "success" });
  const submit = rows.add("submit", "A", { body: { transaction, timestamp: 2 } });
  const timeout = mark({ transaction, result: "timeout", why: "no quorum" });
  const other = mark({ transaction: ["C", "B", 1], client: "C", result: "timeout" });
  const run = rows.run();
  const causes = new Causes(run);
  assert.deepEqual([success, timeout, other].map((i) => causes.parents(i)), [[answer], [submit], []]);
  assert.equal(whyWords(run, timeout), "no quorum");
});

test("Landmarks: elections, a view to all once, failures, violations", () => {
  const rows = new Rows();
  const stands = rows.add("event", "n1", { body: { event: "stands", ballot: [1, 1], what: "" } });
  const leads = rows.add("event", "n1", { body: { event: "leads", ballot: [1, 1], what: "" } });
  const view = rows.add("send", "n1", { time: 10, peer: "n2", type: "NEW_VIEW" });
  rows.add("send", "n1", { time: 10, peer: "n3", type: "NEW_VIEW" });
  const lf = rows.add("mark", "run", { time: 11, body: { mark: { event: "leader_failed", node: 1 } } });
  const cut = rows.add("order", "n1", { time: 12, body: { order: "disconnect" } });
  rows.add("order", "n1", { time: 13, body: { order: "reconnect" } });
  rows.add("mark", "run", { time: 14, body: { mark: { event: "transaction", row: 1, transaction: ["A", "B", 1], result: "success" } } });
  const late = rows.add("mark", "run", { time: 15, body: { mark: { event: "transaction", row: 2, transaction: ["A", "B", 1], result: "timeout" } } });
  const dead = rows.add("crash", "n2", { time: 16 });
  rows.add("fault", "network", { time: 17, body: { fault: "heal", what: "heal" } });
  const broken = rows.add("violation", "run", { time: 18, body: { rule: "agreement", nodes: ["n1"], what: "" } });
  const { landmarks } = rows.run();
  const list = ({ values, length }) => [...values.subarray(0, length)];
  assert.deepEqual(list(landmarks.election), [stands, leads]);
  assert.deepEqual(list(landmarks.newView), [view]);
  assert.deepEqual(list(landmarks.failure), [lf, cut, late, dead]);
  assert.deepEqual(list(landmarks.violation), [broken]);
});
