import { firstAtLeast } from "./growing.js";
import { FONT } from "./paint_bands.js";
import { markWords } from "./words.js";

/** So far apart two signs of a lane must be to be told apart, in pixels. */
const APART = 3;

/** @typedef {{words: string, bad: boolean, through: boolean}} Sign `through`: it runs through all lanes */

/**
 * Sets, rows, LF, faults, deaths, violations: each a mark in its lane, with its words where there is room.
 * @param {import("./scene.js").Frame} frame
 */
export function paintSigns(frame) {
  const { run, view, begin, stop, colours, context, height } = frame;
  const { signs, columns } = run;
  const rowOf = new Map(frame.rows.map((row) => [row.lane, { row, x: -Infinity, bad: false, wordsEnd: -Infinity }]));
  context.font = FONT;
  context.textBaseline = "middle";
  for (let k = firstAtLeast(signs, begin); k < signs.length && signs.values[k] < stop; ++k) {
    const i = signs.values[k];
    const x = view.x(columns.time[i]);
    const sign = signOf(run, i);
    const lane = rowOf.get(columns.lane[i]);
    if (lane === undefined || (x < lane.x + APART && (lane.bad || !sign.bad))) continue;
    if (sign.through) {
      context.fillStyle = sign.bad ? colours.violation : colours.faint;
      context.fillRect(x - (sign.bad ? 1 : 0.5), 0, sign.bad ? 2 : 1, height);
    }
    paintSign(frame, lane.row, x, sign);
    Object.assign(lane, { x, bad: sign.bad });
    writeSign(frame, lane, k, x, sign);
  }
}

function writeSign(frame, lane, k, x, { words, bad }) {
  const { context, colours } = frame;
  if (!words || lane.row.height < 14 || x < lane.wordsEnd) return;
  const wide = context.measureText(words).width;
  if (roomAfter(frame, k, x) < wide + 12) return;
  const from = Math.max(2, x + 7);
  context.fillStyle = bad ? colours.violation : colours.ink;
  context.fillText(words, from, lane.row.top + lane.row.height / 2);
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
  switch (columns.kind[i]) {
    case kind.violation: return { words: `violation: ${body.rule}`, bad: true, through: true };
    case kind.mark: return { words: markWords(body), bad: body.mark === "LF", through: ["set", "LF"].includes(body.mark) };
    case kind.crash: return { words: "dies", bad: true, through: false };
    case kind.restart: return { words: "is back", bad: false, through: false };
    case kind.order: return { words: body.order, bad: body.order === "disconnect", through: false };
    case kind.answer: return { words: "timeout", bad: true, through: false };
    default: return { words: body.what ?? body.fault ?? "", bad: false, through: false };
  }
}

/** A small arrow that points at the moment. */
function paintSign({ context, colours }, row, x, { bad }) {
  const middle = row.sort === "node" ? row.top + 7 : row.top + row.height / 2;
  context.fillStyle = bad ? colours.violation : colours.ink;
  context.beginPath();
  context.moveTo(x - 4, middle - 5);
  context.lineTo(x + 4, middle - 5);
  context.lineTo(x, middle + 4);
  context.fill();
}
