import { firstAtLeast } from "./growing.js";
import { FONT } from "./paint_bands.js";
import { markWords } from "./words.js";

/** Of a cut so many links are named. */
const FEW = 3;
/** So far apart two signs of a lane must be to be told apart, in pixels. */
const APART = 3;

/** Marks of the run's course that are more than a row that is done. */
const THROUGH = ["set_begin", "leader_failed"];
const BAD = ["leader_failed", "disconnected", "process_died", "process_silent"];
const MINOR = ["transaction", "resolved", "leader"];

/**
 * @typedef {{words: string, bad: boolean, through: boolean, minor: boolean}} Sign
 * `through`: it runs through all lanes; `minor`: a tick is enough
 */

/**
 * Sets, rows, LF, faults, deaths, violations: each a mark in its lane, with its words where there is room.
 * @param {import("./scene.js").Frame} frame
 */
export function paintSigns(frame) {
  const { run, view, begin, stop, colours, context, height } = frame;
  const { signs, columns } = run;
  const rowOf = new Map(frame.rows.map((row) => [row.lane, { row, x: -Infinity, weight: 0, wordsEnd: -Infinity }]));
  context.font = FONT;
  context.textBaseline = "middle";
  for (let k = firstAtLeast(signs, begin); k < signs.length && signs.values[k] < stop; ++k) {
    const i = signs.values[k];
    const x = view.x(columns.time[i]);
    const sign = signOf(run, i);
    const lane = rowOf.get(columns.lane[i]);
    if (lane === undefined || (x < lane.x + APART && weight(sign) <= lane.weight)) continue;
    if (sign.through) {
      context.fillStyle = sign.bad ? colours.violation : colours.faint;
      context.fillRect(x - (sign.bad ? 1 : 0.5), 0, sign.bad ? 2 : 1, height);
    }
    paintSign(frame, lane.row, x, sign);
    Object.assign(lane, { x, weight: weight(sign) });
    writeSign(frame, lane, k, x, sign);
  }
}

function writeSign(frame, lane, k, x, { words, bad }) {
  const { context, colours } = frame;
  const { row } = lane;
  // On a client's lane they would lie on its messages: the tip says them.
  if (!words || row.sort === "client" || row.height < 14 || x < lane.wordsEnd) return;
  const wide = context.measureText(words).width;
  if (roomAfter(frame, k, x) < wide + 12) return;
  const from = Math.max(2, x + 7);
  context.fillStyle = bad ? colours.violation : colours.ink;
  const y = row.sort === "node" ? row.top + 8 : row.top + row.height / 2;
  context.strokeStyle = colours.paper;
  context.lineWidth = 3;
  context.strokeText(words, from, y);
  context.fillText(words, from, y);
  lane.wordsEnd = from + wide + 5;
}

/** How much room there is until the next sign of the same lane. */
function roomAfter({ run, view, stop }, k, x) {
  const { lane, time } = run.columns;
  const { values, length } = run.signs;
  const own = lane[values[k]];
  for (let n = k + 1; n < length && values[n] < stop; ++n) {
    if (lane[values[n]] === own) return view.x(time[values[n]]) - x;
  }
  return Infinity;
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
    case kind.order: return { ...sign(body.order, body.order === "disconnect"), minor: run.clients.includes(columns.lane[i]) };
    case kind.fault: return sign(body.links?.length > FEW ? `${body.fault}: ${body.links.length} links` : body.what);
    default: return markSign(body.mark);
  }
}

function markSign(mark) {
  const late = mark.result === "timeout";
  return { words: markWords(mark), bad: late || BAD.includes(mark.event), through: THROUGH.includes(mark.event),
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
