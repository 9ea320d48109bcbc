import { NONE } from "./columns.js";
import { FONT } from "./paint_bands.js";
import { OVERDUE } from "./run.js";
import { arrowLabel } from "./words.js";

/** Up to so many arrows have heads, and so many labels. */
const HEADS = 700;
const LABELS = 150;
/** How far a message goes whose end is not in the trace: to be seen as going nowhere. */
const STUB = 14;
/** How many segments one path has: long paths cost more than many short ones. */
const SEGMENTS = 64;
/** So many sends before what is visible are looked at for arrows that come from there. */
const LOOK_BACK = 20000;

/** @typedef {{send: number, end: number, x0: number, y0: number, x1: number, y1: number, lost: boolean, open: boolean}} Arrow */

/**
 * The arrows in sight, with crosses where they are lost, and what else happens at the lanes.
 * @param {import("./scene.js").Frame} frame
 * @returns {number} how many arrows
 */
export function paintArrows(frame) {
  const arrows = visibleArrows(frame);
  const groups = new Map();
  for (const arrow of arrows) {
    const { type, again } = frame.run.columns;
    const key = type[arrow.send] * 2 + (again[arrow.send] ? 1 : 0);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(arrow);
  }
  for (const [key, group] of groups) paintGroup(frame, group, key >> 1, key % 2 === 1, arrows.length <= HEADS);
  paintEvents(frame, arrows.length <= HEADS);
  if (arrows.length <= LABELS) labelArrows(frame, arrows);
  return arrows.length;
}

/** @param {import("./scene.js").Frame} frame @returns {Arrow[]} */
export function visibleArrows(frame) {
  const { run, view, begin, stop, shown, lines } = frame;
  const { columns, kind, end } = run;
  const arrows = [];
  const add = (send, arrival) => {
    const arrow = arrowOf(frame, send, arrival);
    if (arrow !== null) arrows.push(arrow);
  };
  for (let i = begin; i < stop; ++i) {
    const what = columns.kind[i];
    if (what === kind.send) {
      // One that arrives in sight is drawn from its other end.
      if ((end[i] === NONE || end[i] >= stop) && shown(i)) add(i, end[i]);
    } else if (what === kind.receive || what === kind.drop || what === kind.lost) {
      if (!shown(i)) continue;
      add(columns.link[i] === NONE ? i : columns.link[i], i);
    }
  }
  // Those that pass over all of what is visible.
  const earliest = view.from - OVERDUE * run.longestFlight;
  for (let i = begin - 1; i >= 0 && i > begin - LOOK_BACK && columns.time[i] >= earliest; --i) {
    if (columns.kind[i] === kind.send && passesOver(run, i, stop) && shown(i)) add(i, end[i]);
  }
  return arrows.filter((a) => lines !== undefined && a.y0 !== undefined && a.y1 !== undefined);
}

function passesOver(run, send, stop) {
  return run.end[send] === NONE ? run.underWay(send) : run.end[send] >= stop;
}

/**
 * Where an arrow is drawn.
 * @param {import("./scene.js").Frame} frame @param {number} send @param {number} arrival or where it was lost; NONE: not known
 * @returns {Arrow|null} null if none of its lanes is in the picture
 */
export function arrowOf({ run, view, lines }, send, arrival) {
  const { columns, kind } = run;
  const { from, to } = run.ends(send);
  const [y0, y1] = [lines[from], lines[to]];
  if (y1 === undefined && y0 === undefined) return null;
  const x0 = view.x(columns.time[send]);
  const open = arrival === NONE;
  const lost = !open && columns.kind[arrival] !== kind.receive;
  const x1 = open ? x0 + STUB : view.x(columns.time[arrival]);
  const start = y0 ?? y1 - STUB;
  const finish = y1 ?? y0 + STUB;
  if (send === arrival) return { send, end: arrival, x0: x1 - STUB, y0: finish - STUB, x1, y1: finish, lost, open };
  if (open && run.underWay(send)) {
    const y = start + run.partOfWay(send) * (finish - start);
    return { send, end: arrival, x0, y0: start, x1: view.x(run.latest), y1: y, lost, open };
  }
  if (open) return { send, end: arrival, x0, y0: start, x1, y1: start + Math.sign(finish - start) * STUB, lost, open };
  // What is lost before it comes anywhere ends half way; what a cut-off node drops ends there.
  const part = lost && columns.kind[arrival] === kind.lost ? 0.5 : 1;
  const reach = Math.max(x1, lost ? x0 + STUB : x1);
  return { send, end: arrival, x0, y0: start, x1: reach, y1: start + part * (finish - start), lost, open };
}

function paintGroup({ context, colours }, group, type, again, heads) {
  context.strokeStyle = context.fillStyle = colours.message[type];
  context.lineWidth = heads ? (again ? 0.8 : 1.8) : again ? 0.5 : 1;
  context.setLineDash([]);
  for (let from = 0; from < group.length; from += SEGMENTS) {
    context.beginPath();
    for (let k = from; k < group.length && k < from + SEGMENTS; ++k) {
      const { x0, y0, x1, y1 } = group[k];
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
    }
    context.stroke();
  }
  if (heads) group.forEach((arrow) => { if (!arrow.open && !arrow.lost) paintHead(context, arrow, again ? 5 : 7); });
  context.lineWidth = 2;
  context.beginPath();
  for (const { lost, x1, y1 } of group) {
    if (!lost) continue;
    context.moveTo(x1 - 4, y1 - 4);
    context.lineTo(x1 + 4, y1 + 4);
    context.moveTo(x1 + 4, y1 - 4);
    context.lineTo(x1 - 4, y1 + 4);
  }
  context.stroke();
}

function paintHead(context, { x0, y0, x1, y1 }, long) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < long) return;
  const [dx, dy] = [((x1 - x0) / length) * long, ((y1 - y0) / length) * long];
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x1 - dx - dy * 0.4, y1 - dy + dx * 0.4);
  context.lineTo(x1 - dx + dy * 0.4, y1 - dy - dx * 0.4);
  context.fill();
}

/** Timers, executions and the like: small marks on their lane, each kind with a shape. */
function paintEvents({ context, run, view, begin, stop, shown, lines, colours }, large) {
  const { columns, kind } = run;
  const size = large ? 3.5 : 2;
  const shapes = new Map([
    [kind.timer, "ring"], [kind.stored, "square"], [kind.submit, "ring"], [kind.execute, "square"], [kind.answer, "square"], [kind.event, "diamond"],
    [kind.start, "diamond"],
  ]);
  context.strokeStyle = context.fillStyle = colours.ink;
  context.lineWidth = 1.2;
  for (let i = begin; i < stop; ++i) {
    const shape = shapes.get(columns.kind[i]);
    const y = lines[columns.lane[i]];
    if (shape === undefined || y === undefined || !shown(i)) continue;
    const x = view.x(columns.time[i]);
    context.beginPath();
    if (shape === "ring") context.arc(x, y, size, 0, 2 * Math.PI);
    else if (shape === "square") context.rect(x - size + 1, y - size + 1, 2 * size - 2, 2 * size - 2);
    else diamond(context, x, y, size + 1);
    if (shape === "ring") {
      context.fillStyle = colours.paper;
      context.fill();
      context.stroke();
    } else {
      context.fillStyle = colours.ink;
      context.fill();
    }
  }
}

function diamond(context, x, y, size) {
  context.moveTo(x, y - size);
  context.lineTo(x + size, y);
  context.lineTo(x, y + size);
  context.lineTo(x - size, y);
}

/** Labels at the middles of arrows, each where no other stands yet. */
function labelArrows({ context, run, view, colours, lines }, arrows) {
  const taken = [];
  context.font = FONT;
  context.textBaseline = "middle";
  context.lineWidth = 3;
  for (const arrow of arrows) {
    if (Math.hypot(arrow.x1 - arrow.x0, arrow.y1 - arrow.y0) < 40) continue;
    const label = arrowLabel(run, arrow.send);
    const wide = context.measureText(label).width;
    for (const part of [0.5, 0.35, 0.65, 0.25, 0.75]) {
      const x = arrow.x0 + part * (arrow.x1 - arrow.x0) + 4;
      const y = arrow.y0 + part * (arrow.y1 - arrow.y0);
      if (x < 0 || x + wide > view.width || nearLine(lines, y)) continue;
      if (taken.some((t) => x < t.x + t.wide + 4 && t.x < x + wide + 4 && Math.abs(t.y - y) < 13)) continue;
      taken.push({ x, y, wide });
      context.strokeStyle = colours.paper;
      context.strokeText(label, x, y);
      context.fillStyle = colours.message[run.columns.type[arrow.send]];
      context.fillText(label, x, y);
      break;
    }
  }
}

/** Where it would lie on a lane's band, or on the words below it. */
function nearLine(lines, y) {
  return lines.some((line) => y > line - 8 && y < line + 22);
}

/**
 * The arrow nearest to a point, null if none is within `reach` pixels.
 * @param {Arrow[]} arrows @param {number} x @param {number} y @param {number} reach
 */
export function arrowAt(arrows, x, y, reach) {
  let best = null;
  let nearest = reach;
  for (const arrow of arrows) {
    const distance = distanceTo(arrow, x, y);
    if (distance >= nearest) continue;
    nearest = distance;
    best = arrow;
  }
  return best;
}

function distanceTo({ x0, y0, x1, y1 }, x, y) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = dx * dx + dy * dy;
  const part = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / square));
  return Math.hypot(x - x0 - part * dx, y - y0 - part * dy);
}
