/** The line to the program that runs the cluster, without one: what comes, what goes, what is not twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { App } from "../../../src/view/page/app.js";
import { Columns } from "../../../src/view/page/columns.js";
import { Live } from "../../../src/view/page/live.js";
import { visibleArrows } from "../../../src/view/page/paint_arrows.js";
import { Run } from "../../../src/view/page/run.js";
import { HEAD, Rows } from "./small_run.js";

const LIVE_HEAD = { ...HEAD, live: true };

class Source extends EventTarget {
  closed = false;

  constructor(address) {
    super();
    this.address = address;
  }

  say(name, data) {
    this.dispatchEvent(Object.assign(new Event(name), { data: JSON.stringify(data) }));
  }

  close() {
    this.closed = true;
  }
}

/** A page with a line whose other end is the test. */
function page({ ok = true, status = 204, text = "" } = {}) {
  const app = new App(new Run(LIVE_HEAD, new Columns()));
  const sources = [];
  const posts = [];
  const told = [];
  const later = [];
  app.listen((what, words) => { if (what === "told") told.push(words); });
  const live = new Live(app, {
    open: (address) => {
      sources.push(new Source(address));
      return sources.at(-1);
    },
    after: (_, act) => later.push(act),
    post: async (address, { body }) => {
      posts.push([address, JSON.parse(body)]);
      return { ok, status, text: async () => text };
    },
  });
  return { app, live, sources, posts, told, later };
}

function twoRows() {
  const rows = new Rows();
  const send = rows.add("send", "n1", { time: 1000, peer: "n2", type: "HEARTBEAT", body: { id: "n1>n2/1:1", message: { type: "HEARTBEAT" } } });
  rows.add("receive", "n2", { time: 3000, peer: "n1", type: "HEARTBEAT", link: send });
  return rows.rows;
}

test("Live: rows come in, the cursor goes with the end, and what arrived has the text of its send", () => {
  const { app, live, sources } = page();
  live.connect();
  assert.equal(sources[0].address, "events?from=0");
  sources[0].say("head", LIVE_HEAD);
  sources[0].say("rows", twoRows());
  assert.equal(live.state, "live");
  assert.equal(app.cursor, 1);
  assert.equal(app.following, true);
  assert.deepEqual(app.run.message(1), { type: "HEARTBEAT" });
});

test("Live: how slow time goes is taken as it is told; where it stands there is no number", () => {
  const { live, sources } = page();
  live.connect();
  sources[0].say("head", LIVE_HEAD);
  for (const slow of [1, 60, 91, 100]) {
    sources[0].say("pace", slow);
    assert.equal(live.slow, slow);
  }
  sources[0].say("pace", 0);
  assert.equal(live.slow, null);
});

test("Live: a page that is not seen has no line; seen again it goes on where it was", () => {
  const { live, sources } = page();
  const document = Object.assign(new EventTarget(), { hidden: false });
  live.listenWhileSeen(document);
  sources[0].say("rows", twoRows());
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(sources[0].closed, true);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(sources[1].address, "events?from=2");
});

test("Live: what is told again after a new connection is heard once", () => {
  const { live, sources } = page();
  live.connect();
  const say = (number, message) => sources[0].say("told", { number, text: message });
  say(1, "one");
  say(2, "two");
  say(1, "one");
  say(2, "two");
  say(3, "three");
  assert.deepEqual(live.heard, ["one", "two", "three"]);
});

test("Live: somebody from outside gets a lane with a history", () => {
  const { app, live, sources } = page();
  live.connect();
  sources[0].say("head", { ...LIVE_HEAD, lanes: [...HEAD.lanes, { name: "X", sort: "client" }], notes: ["a note"] });
  const lane = HEAD.lanes.length;
  assert.deepEqual([app.run.laneName(lane), app.run.histories.get(lane).at(0), app.run.clients.at(-1)], ["X", 0, lane]);
  assert.deepEqual(app.run.head.notes, ["a note"]);
});

test("Live: a program that is silent is not live, and is again when it is heard", () => {
  const { live, sources, later } = page();
  live.connect();
  sources[0].say("head", LIVE_HEAD);
  sources[0].say("pulse", 0);
  later.shift()();  // since the head something was heard
  assert.equal(live.state, "live");
  later.shift()();
  assert.equal(live.state, "gone");
  sources[0].say("pulse", 0);
  assert.equal(live.state, "live");
});

test("Live: a run that is over is not asked again", async () => {
  const { live, sources } = page();
  live.connect();
  sources[0].say("head", LIVE_HEAD);
  sources[0].say("over", 0);
  live.connect();
  assert.deepEqual([live.state, sources.length, sources[0].closed], ["over", 1, true]);
});

test("Live: time passes without events, and what is under way moves on", () => {
  const { app, live, sources } = page();
  live.connect();
  sources[0].say("rows", twoRows());
  sources[0].say("rows", [[10000, 0, 3, 4, -1, -1, 8, 0, 0, 0, 0, 0, { id: "n1>n2/1:2" }]]);
  sources[0].say("now", 11000);
  const { run, view } = app;
  view.width = 1000;
  const lines = HEAD.lanes.map((_, lane) => 100 * lane);
  const seen = () => visibleArrows({ run, view, lines, shown: () => true, begin: 0, stop: run.length }).find(({ send }) => send === 2);
  assert.equal(app.time, 11000);
  assert.equal(run.underWay(2), true);
  assert.deepEqual([seen().x1, seen().y1], [view.x(11000), 350]);
  sources[0].say("now", 11500);
  assert.equal(seen().y1, 375);
  sources[0].say("rows", [[12000, 1, 4, 3, 2, -1, 8, 0, 0, 0, 0, 0, null]]);
  assert.equal(run.underWay(2), false);
  assert.deepEqual([seen().x1, seen().y1], [view.x(12000), 400]);
});

test("Live: in slow motion the end of a long run is in sight, and stays there", () => {
  const { app, live, sources } = page();
  live.connect();
  sources[0].say("rows", twoRows());
  sources[0].say("now", 60e6);
  sources[0].say("pace", 50);
  const nearEnd = () => assert.ok(app.view.x(app.run.latest) > 0.9 * app.view.width && app.view.x(app.run.latest) <= app.view.width);
  nearEnd();
  sources[0].say("now", 61e6);
  nearEnd();
  app.goTo(0);
  app.goLive();
  nearEnd();
});

test("Live: who looks back is left there, and can go live again", () => {
  const { app, live, sources } = page();
  live.connect();
  sources[0].say("rows", twoRows());
  app.goTo(0);
  sources[0].say("now", 900000);
  assert.deepEqual([app.cursor, app.following], [0, false]);
  app.goLive();
  assert.deepEqual([app.cursor, app.following, app.time], [1, true, 900000]);
});

test("Live: a command that waits says so, until the set is over and its answer comes", async () => {
  const { live, sources } = page();
  live.connect();
  let number = 0;
  const say = (text) => sources[0].say("told", { number: ++number, text });
  await live.command("check");
  assert.deepEqual(live.waitingWords(), ["check  … waits for its answer"]);
  say("(page) check");
  say("all rules hold");
  assert.deepEqual(live.waitingWords(), []);
  say("\nSet 1, live nodes: n1 n2 n3 n4 n5");
  await live.command("send A B 1");
  await live.command("lf");
  await live.command("slow 20");
  say("(page) send A B 1");
  say("(page) lf");
  say("(page) slow 20");
  say("     1  A->J 3        success  at 1, 0.4 ms");
  assert.deepEqual(live.waitingWords(), ["send A B 1  … waits: when the set is over", "lf  … waits: when the set is over"]);
  say("Set 1 is over: 6 success, 0 failed, 0 timeout; n4 leads in ballot (1,n4)\n account ...");
  say("     7  A->B 1        success  at 7, 0.4 ms");
  assert.deepEqual(live.waitingWords(), ["lf  … waits for its answer"]);
  say("    LF  n4 fails");
  assert.deepEqual(live.waitingWords(), []);
});

test("Live: a command goes as a line, and one that is refused is told", async () => {
  const { live, posts, told } = page({ ok: false, text: "Only pages of this server are answered.\n" });
  await live.command("send A B 1");
  assert.deepEqual(posts, [["command", { line: "send A B 1" }]]);
  assert.deepEqual(told, ["send A B 1: Only pages of this server are answered."]);
  assert.deepEqual(live.waitingWords(), []);
});
