import { firstAtLeast } from "./growing.js";
import { FONT } from "./paint_bands.js";
import { markWords } from "./words.js";

/** Of a cut so many links are named. */
const FEW = 3;
/** So far apart two signs of a lane must be to be told apart, in pixels. */
const APART = 3;

/** Marks of the run's course that are more than a row that is done. */
const THROUGH = ["set_begin", "leader_failed"];
const BAD = ["leader_failed", "disconnected", "killed", "process_died", "process_silent"];
const MINOR = ["transaction", "resolved", "leader"];

/**
 * @typedef {{words: string, short?: string, bad: boolean, through: boolean, minor: boolean}} Sign
 * `through`: it runs through all lanes; `minor`: a tick is enough
 */

/**
 * Sets, rows, LF, faults, deaths, violations: each a mark in its lane, with its words where there is room, the
 * weightiest first.
 * @param {import("./scene.js").Frame} frame
 */
export function paintSigns(frame) {
  const { context } = frame;
  const placed = signsInSight(frame);
  placed.forEach(({ row, x, sign }) => {
    if (sign.through) paintThrough(frame, x, sign);
    paintSign(frame, row, x, sign);
  });
  context.font = FONT;
  context.textBaseline = "middle";
  context.lineWidth = 3;
  const taken = new Map();
  placed.sort((a, b) => weight(b.sign) - weight(a.sign) || a.x - b.x);
  placed.forEach(({ row, x, sign, next }) => {
    if (!taken.has(row)) taken.set(row, []);
    writeSign(frame, row, x, sign, taken.get(row), next);
  });
}

/** Those that can be told apart: of several at one place the weightiest. */
function signsInSight({ run, view, rows, begin, stop }) {
  const { signs, columns } = run;
  const rowOf = new Map(rows.map((row) => [row.lane, row]));
  const newest = new Map();
  const placed = [];
  for (let k = firstAtLeast(signs, begin); k < signs.length && signs.values[k] < stop; ++k) {
    const i = signs.values[k];
    const row = rowOf.get(columns.lane[i]);
    if (row === undefined) continue;
    const x = view.x(columns.time[i]);
    const sign = signOf(run, i);
    const before = newest.get(row);
    if (before === undefined || x >= before.x + APART) {
      const here = { row, x, sign };
      newest.set(row, here);
      placed.push(here);
    } else if (weight(sign) > weight(before.sign)) {
      before.sign = sign;
    }
  }
  return withNext(placed);
}

/** Of each sign, where in its lane the next one is that is more than a tick. */
function withNext(placed) {
  const next = new Map();
  for (const here of [...placed].reverse()) {
    here.next = next.get(here.row) ?? Infinity;
    if (!here.sign.minor) next.set(here.row, here.x);
  }
  return placed;
}

/** Its words, or the short ones, or none: up to the next sign that is more than a tick. */
function writeSign({ context, colours, view }, row, x, sign, taken, next) {
  // On a client's lane they would lie on its messages: the tip says them.
  if (row.sort === "client" || row.height < 14) return;
  const { bad } = sign;
  const from = Math.max(2, x + 7);
  const end = (text) => from + context.measureText(text).width;
  const fits = (text) => end(text) < Math.min(view.width, next - 4) && !taken.some((other) => from < other.to + 6 && other.from < end(text) + 6);
  const words = [sign.words, sign.short].find((text) => text && fits(text));
  if (words === undefined) return;
  const to = end(words);
  taken.push({ from: x - 4, to });
  const y = row.sort === "node" ? row.top + 8 : row.top + row.height / 2;
  context.strokeStyle = colours.paper;
  context.strokeText(words, from, y);
  context.fillStyle = bad ? colours.violation : colours.ink;
  context.fillText(words, from, y);
}

/** A set begins and a leader fails for all; what breaks a rule is not to be overlooked. */
function paintThrough({ context, colours, height }, x, { bad, words }) {
  const wide = words.startsWith("violation") ? 2 : 1;
  context.fillStyle = bad ? colours.violation : colours.faint;
  context.globalAlpha = wide === 1 ? 0.6 : 1;
  context.fillRect(x - wide / 2, 0, wide, height);
  context.globalAlpha = 1;
}

/** The signs of a run that were read so far. */
const read = new WeakMap();

/** @param {import("./run.js").Run} run @param {number} i @returns {Sign} */
function signOf(run, i) {
  if (!read.has(run)) read.set(run, new Map());
  const signs = read.get(run);
  if (!signs.has(i)) signs.set(i, readSign(run, i));
  return signs.get(i);
}

function readSign(run, i) {
  const { columns, kind } = run;
  const body = columns.body(i);
  const sign = (words, bad = false) => ({ words, bad, through: false, minor: false });
  switch (columns.kind[i]) {
    case kind.violation: return { ...sign(`violation: ${body.rule}`, true), through: true };
    case kind.crash: return sign("dies", true);
    case kind.restart: return sign("is back");
    case kind.order: return orderSign(body.order);
    case kind.fault: return sign(body.links?.length > FEW ? `${body.fault}: ${body.links.length} links` : body.what);
    default: return markSign(body.mark);
  }
}

/** Pauses come with every set: a tick, and the lane's stripes. */
function orderSign(order) {
  const pauses = order === "pause" || order === "resume";
  return { words: pauses ? "" : order, bad: order === "disconnect", through: false, minor: pauses };
}

function markSign(mark) {
  const late = mark.result === "timeout";
  const short = late ? "timeout" : mark.event === "leader_failed" ? "LF" : "";
  return { words: markWords(mark), short, bad: late || BAD.includes(mark.event), through: THROUGH.includes(mark.event),
    minor: !late && MINOR.includes(mark.event) };
}

/** Where two cannot be told apart, the weightier one is drawn. @param {Sign} sign */
function weight({ bad, through, minor }) {
  return bad ? 3 : through ? 2 : minor ? 0 : 1;
}

/** A small arrow that points at the moment, or a tick. */
function paintSign({ context, colours }, row, x, { bad, minor }) {
  const middle = row.sort === "node" ? row.top + 7 : row.top + row.height / 2;
  context.fillStyle = bad ? colours.violation : colours.ink;
  if (minor) {
    context.fillRect(x - 0.5, middle - 4, 1, 8);
    return;
  }
  context.beginPath();
  context.moveTo(x - 4, middle - 5);
  context.lineTo(x + 4, middle - 5);
  context.lineTo(x, middle + 4);
  context.fill();
}
