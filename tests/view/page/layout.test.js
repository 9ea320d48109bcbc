import assert from "node:assert/strict";
import { test } from "node:test";
import { BALLOT_TINTS, MESSAGE_COLOURS, palette } from "../../../src/view/page/colours.js";
import { layRows, linesOf, rowAt } from "../../../src/view/page/lanes.js";
import { arrowAt, visibleArrows } from "../../../src/view/page/paint_arrows.js";
import { View, ticks, timeText } from "../../../src/view/page/view.js";
import { HEAD, Rows } from "./small_run.js";

const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-6 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);

test("View: time and x are each other's inverse, and zooming keeps what is at the pointer", () => {
  const view = new View(0, 1e6);
  view.width = 1000;
  for (const time of [0, 1234, 999999]) close(view.time(view.x(time)), time);
  const before = view.time(300);
  view.zoom(0.1, 300);
  close(view.time(300), before);
  close(view.span, 0.1 * 1.04e6);
});

test("View: it stays within the run, neither nearer nor farther than makes sense", () => {
  const view = new View(0, 1e6);
  view.width = 1000;
  view.zoom(100, 500);
  assert.deepEqual([view.from, view.to], [view.low, view.high]);
  view.zoom(1e-12, 500);
  close(view.span, 5);
  view.pan(1e9);
  close(view.to, 1e6 + 5 * (0.02 / 1.04));
  view.pan(-1e12);
  close(view.from, -5 * (0.02 / 1.04));
});

test("View: near the end of a long run, what is seen is the run and not the room after it", () => {
  const view = new View(0, 600e6);
  view.width = 1000;
  view.showEnd(300000);
  close(view.span, 300000);
  close(view.x(600e6), 1000 * (1.02 / 1.04));
  assert.equal(view.atEnd, true);
  view.zoom(0.1, view.x(600e6));
  close(view.x(600e6), 1000 * (1.02 / 1.04));
  assert.equal(view.atEnd, true);
});

test("View: a moment that is not in sight comes to the middle, one that is stays", () => {
  const view = new View(0, 1e6);
  view.width = 1000;
  view.show(0, 1000);
  view.reveal(500);
  assert.equal(view.from, 0);
  view.reveal(5000);
  close(view.x(5000), 500);
});

test("View: round times, not too near to each other", () => {
  const view = new View(0, 1e6);
  view.width = 1000;
  const times = ticks(view, 90);
  assert.ok(times.length >= 5 && times.length <= 11);
  times.forEach((time) => assert.equal(Math.abs(time % 100000), 0));
  assert.deepEqual([timeText(353012), timeText(2000000, 1e6), timeText(1500000, 1e5), timeText(20000, 20000), timeText(20500, 500)],
    ["353.012 ms", "2 s", "1.5 s", "20 ms", "20.5 ms"]);
});

test("Lanes: from top to bottom, without gaps, never higher than there is room", () => {
  for (const height of [100, 250, 400, 800, 3000]) {
    const rows = layRows(HEAD.lanes, new Set(), height);
    let top = 0;
    for (const row of rows) {
      close(row.top, top);
      assert.ok(row.line > row.top && row.line < row.top + row.height);
      top += row.height;
    }
    assert.ok(top <= height + 1e-6, `${top} of ${height}`);
  }
});

test("Lanes: a hidden one takes no room; a thousand clients fit", () => {
  const rows = layRows(HEAD.lanes, new Set([2, 3]), 400);
  assert.deepEqual(rows.map((row) => row.lane), [0, 1, 4, 5]);
  assert.equal(linesOf(rows, 6)[3], undefined);
  assert.equal(rowAt(rows, rows[2].top + 1), rows[2]);
  const many = [...HEAD.lanes, ...Array.from({ length: 1000 }, (_, k) => ({ name: `c${k}`, sort: "client" }))];
  const last = layRows(many, new Set(), 500).at(-1);
  assert.ok(last.top + last.height <= 500 + 1e-6);
});

/** What is in sight, as the scene has it for a frame. */
function frameOf(run, from, to) {
  const view = new View(run.start, run.stop);
  view.width = 1000;
  view.show(from, to);
  const rows = layRows(run.lanes, new Set(), 600);
  return { run, view, rows, lines: linesOf(rows, run.lanes.length), shown: () => true,
    begin: run.eventAt(view.from - 1e-9) + 1, stop: run.eventAt(view.to) + 1 };
}

test("Arrows: each receive has one; what was lost ends half way; what is under way goes nowhere", () => {
  const rows = new Rows();
  const one = rows.add("send", "n1", { time: 100, peer: "n2", type: "ACCEPT" });
  const two = rows.add("send", "n1", { time: 100, peer: "n3", type: "ACCEPT" });
  const three = rows.add("send", "n2", { time: 110, peer: "n1", type: "COMMIT" });
  const outside = rows.add("receive", "n1", { time: 120, peer: "A", type: "REQUEST" });
  rows.add("lost", "n1", { time: 130, peer: "n3", type: "ACCEPT", link: two });
  rows.add("receive", "n2", { time: 200, peer: "n1", type: "ACCEPT", link: one });
  rows.add("receive", "n2", { time: 210, peer: "n1", type: "ACCEPT", link: one });
  const frame = frameOf(rows.run(), 0, 300);
  const arrows = visibleArrows(frame);
  assert.deepEqual(arrows.map((a) => a.send).sort((a, b) => a - b), [one, one, two, three, outside]);
  const [lost] = arrows.filter((a) => a.lost);
  close(lost.y1, (frame.lines[3] + frame.lines[5]) / 2);
  assert.deepEqual(arrows.filter((a) => a.open).map((a) => a.send), [three]);
});

test("Arrows: one that begins before what is in sight and ends after it is there", () => {
  const rows = new Rows();
  const long = rows.add("send", "n1", { time: 100, peer: "n2", type: "ACCEPT" });
  rows.add("timer", "n1", { time: 500 });
  rows.add("receive", "n2", { time: 1000, peer: "n1", type: "ACCEPT", link: long });
  assert.deepEqual(visibleArrows(frameOf(rows.run(), 400, 600)).map((a) => a.send), [long]);
});

test("Arrows: the nearest to a point, within reach", () => {
  const arrows = [{ x0: 0, y0: 0, x1: 100, y1: 0 }, { x0: 0, y0: 20, x1: 100, y1: 20 }];
  assert.equal(arrowAt(arrows, 50, 14, 9), arrows[1]);
  assert.equal(arrowAt(arrows, 50, 60, 9), null);
});

test("Colours: one for each kind of message, in light and dark, each apart from the others", () => {
  assert.deepEqual(MESSAGE_COLOURS.map(([name]) => name), HEAD.types);
  for (const column of [1, 2]) assert.equal(new Set(MESSAGE_COLOURS.map((row) => row[column])).size, HEAD.types.length);
  assert.equal(palette(HEAD.types, true).message[HEAD.types.indexOf("REQUEST")], "#ffffff");
  assert.equal(palette([...HEAD.types, "NEW"], false).message.at(-1), palette(HEAD.types, false).faint);
  assert.equal(palette(HEAD.types, false).tints.length, BALLOT_TINTS.length);
});
