import { firstAtLeast } from "./growing.js";
import { BACKUP, CANDIDATE, LEADER, NodeHistory } from "./node_history.js";
import { ticks, timeText } from "./view.js";

const ROLE_NAMES = ["backup", "candidate", "leader"];
/** How thick a role's band is. */
const THICK = [4, 9, 11];
export const FONT = "11px system-ui, sans-serif";

/** Stripes behind every other lane, and round times. @param {import("./scene.js").Frame} frame */
export function paintGrid({ context, view, rows, colours, height }) {
  context.fillStyle = colours.stripe;
  rows.forEach((row, k) => { if (k % 2 === 1) context.fillRect(0, row.top, view.width, row.height); });
  const times = ticks(view, 90);
  const step = times.length > 1 ? times[1] - times[0] : 1;
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const time of times) {
    const x = Math.round(view.x(time)) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, height);
  }
  context.stroke();
  context.font = FONT;
  context.fillStyle = colours.faint;
  context.textBaseline = "bottom";
  for (const time of times) context.fillText(timeText(time, step), view.x(time) + 3, height - 1);
}

/** Along each lane: a node's role and ballot, and where it is cut off, paused or dead. @param {import("./scene.js").Frame} frame */
export function paintBands(frame) {
  for (const row of frame.rows) {
    const history = frame.run.histories.get(row.lane);
    if (history instanceof NodeHistory) eachSegment(frame, row, (segment, end) => paintSegment(frame, row, segment, end));
    else paintLine(frame, row, history);
  }
}

/** A client's lane: thicker while it waits for an answer, as far as that can be told apart. */
function paintLine({ context, run, view, colours, begin, stop }, row, history) {
  context.fillStyle = colours.line;
  context.fillRect(0, row.line - 0.5, view.width, 1);
  if (history === undefined) return;
  context.fillStyle = colours.shade;
  const { when, waiting } = history;
  let from = history.at(begin - 1) > 0 ? 0 : -1;
  let done = -1;
  for (let k = firstAtLeast(when, begin); k < when.length && when.values[k] < stop; ++k) {
    const x = view.x(run.columns.time[when.values[k]]);
    if (waiting.values[k] > 0 && from < 0) from = x;
    if (waiting.values[k] > 0 || from < 0) continue;
    if (x > done) context.fillRect(from, row.line - 1.5, Math.max(0.5, x - from), 3);
    done = Math.ceil(x);
    from = -1;
  }
  const end = Math.min(view.width, view.x(run.latest));
  if (from >= 0 && end > from) context.fillRect(from, row.line - 1.5, end - from, 3);
}

/** The stretches of a node's lane in which its role, its ballot and what ails it are the same. */
function eachSegment({ view, run, begin, stop }, row, act) {
  const { time } = run.columns;
  let open = null;
  const close = (x) => { if (open !== null) act(open, x); };
  run.histories.get(row.lane).eachBand(begin - 1, stop - 1, (event, role, up, round, node) => {
    const x = Math.max(-1, view.x(time[event]));
    close(x);
    open = { x, role, up, round, node };
  });
  close(Math.min(view.width + 1, view.x(run.latest)));
}

function paintSegment({ context, run, colours }, row, { x, role, up, round, node }, end) {
  const wide = Math.max(1, end - x);
  if (!up.alive || !up.connected || up.paused) {
    context.fillStyle = pattern(context, !up.alive ? "dead" : !up.connected ? "cut" : "paused", colours.shade);
    context.fillRect(x, row.top + 1, wide, row.height - 2);
  }
  if (!up.alive) return;
  const tint = round > 0 ? colours.tints[run.tintOf(round, node, colours.tints.length)] : colours.shade;
  context.fillStyle = role === CANDIDATE ? pattern(context, "candidate", tint) : tint;
  context.fillRect(x, row.line - THICK[role] / 2, wide, THICK[role]);
  if (role === LEADER) {
    context.strokeStyle = colours.ink;
    context.lineWidth = 1;
    context.strokeRect(x, row.line - THICK[role] / 2, wide, THICK[role]);
  }
}

/** The words of a segment: who leads, whom it follows. */
function segmentWords({ role, up, round, node }) {
  if (!up.alive) return "dead";
  const words = role !== BACKUP ? `${ROLE_NAMES[role]} (${round},n${node})` : round > 0 ? `follows (${round},n${node})` : "follows nobody";
  return words + (!up.connected ? ", cut off" : up.paused ? ", paused" : "");
}

/**
 * The words below the bands: over the arrows, which would cross them out. They stay in sight while their segment is.
 * @param {import("./scene.js").Frame} frame
 */
export function writeBands(frame) {
  const { context, colours } = frame;
  context.font = FONT;
  context.fillStyle = colours.ink;
  context.strokeStyle = colours.paper;
  context.lineWidth = 3;
  context.textBaseline = "top";
  for (const row of frame.rows) {
    if (row.sort !== "node" || row.height < 36) continue;
    eachSegment(frame, row, (segment, end) => {
      const from = Math.max(2, segment.x + 3);
      if (end - from < 30) return;
      const words = segmentWords(segment);
      if (context.measureText(words).width > end - from - 4) return;
      context.strokeText(words, from, row.line + 7);
      context.fillText(words, from, row.line + 7);
    });
  }
}

/** Patterns are made once for each name and colour. */
const made = new Map();

function pattern(context, name, colour) {
  const key = `${name} ${colour}`;
  if (!made.has(key)) made.set(key, context.createPattern(tile(name, colour), "repeat"));
  return made.get(key);
}

function tile(name, colour) {
  const side = 8;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = name === "candidate" ? 2.5 : 1;
  context.beginPath();
  if (name === "paused") {
    context.moveTo(1.5, 0);
    context.lineTo(1.5, side);
  } else {
    for (const at of [-side, 0, side]) {
      context.moveTo(at, side);
      context.lineTo(at + side, 0);
      if (name === "dead") {
        context.moveTo(at, 0);
        context.lineTo(at + side, side);
      }
    }
  }
  context.stroke();
  return canvas;
}
