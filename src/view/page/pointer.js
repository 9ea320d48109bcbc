import { byId } from "./dom.js";
import { firstAtLeast } from "./growing.js";
import { rowAt } from "./lanes.js";
import { arrowAt, visibleArrows } from "./paint_arrows.js";
import { eventWords } from "./words.js";

/** How near to an arrow or event one must point. */
const REACH = 9;
/** Among more arrows none is looked for as the pointer moves. */
const TOO_MANY = 1500;
/** What was moved less is a click. */
const STILL = 4;

/**
 * The event at a point of the picture: one that happens at a lane, else an arrow; -1 if there is none.
 * @param {import("./app.js").App} app @param {import("./scene.js").Scene} scene
 * @param {number} x @param {number} y
 */
export function eventAtPoint(app, scene, x, y) {
  const { view } = app;
  const row = rowAt(scene.rows, y);
  if (scene.dense) return row === undefined ? -1 : nearestInLane(app, row.lane, x, view.width);
  if (row !== undefined && Math.abs(row.line - y) <= REACH) {
    const event = nearestInLane(app, row.lane, x, REACH);
    if (event >= 0) return event;
  }
  const arrow = arrowAt(visibleArrows(scene.frame), x, y, REACH);
  if (arrow === null) return row === undefined ? -1 : signInLane(app, row, x);
  const later = arrow.open || Math.hypot(x - arrow.x0, y - arrow.y0) < Math.hypot(x - arrow.x1, y - arrow.y1);
  return later ? arrow.send : arrow.end;
}

function nearestInLane(app, lane, x, reach) {
  const { run, view, shown } = app;
  const { columns } = run;
  const middle = run.eventAt(view.time(x));
  let best = -1;
  let nearest = reach;
  for (const direction of [-1, 1]) {
    for (let i = direction < 0 ? middle : middle + 1; i >= 0 && i < run.length; i += direction) {
      const far = Math.abs(view.x(columns.time[i]) - x);
      if (far >= nearest) break;
      if (columns.lane[i] !== lane || !shown(i)) continue;
      nearest = far;
      best = i;
    }
  }
  return best;
}

/** In the band above, whose signs have no line to be near to. */
function signInLane(app, row, x) {
  return row.sort === "run" || row.sort === "network" ? nearestInLane(app, row.lane, x, REACH) : -1;
}

/** Mouse, pen and fingers over the picture and the map. @param {import("./app.js").App} app @param {import("./screen.js").Screen} screen */
export function listenToPointer(app, screen) {
  const stage = byId("stage");
  const { view } = app;
  const pointers = new Map();
  let moved = 0;
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return b === undefined ? null : { apart: Math.max(10, Math.abs(a.x - b.x)), middle: (a.x + b.x) / 2 };
  };
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (sideways) view.pan(event.deltaX || event.deltaY);
    else view.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300))), event.offsetX);
    app.changed("picture");
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    moved = 0;
  });
  stage.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return screen.tip(event.offsetX, event.offsetY);
    const wide = spread();
    pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    moved += Math.abs(event.offsetX - before.x) + Math.abs(event.offsetY - before.y);
    if (moved < STILL) return;
    if (wide === null) view.pan(before.x - event.offsetX);
    else view.zoom(wide.apart / spread().apart, wide.middle);
    app.changed("picture");
  });
  const lift = (event) => {
    if (!pointers.delete(event.pointerId) || moved >= STILL || event.type !== "pointerup") return;
    const i = eventAtPoint(app, screen.scene, event.offsetX, event.offsetY);
    if (i >= 0) app.goTo(i, false);
    else app.goToTime(view.time(event.offsetX));
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);
  stage.addEventListener("pointerleave", () => screen.tip(-1, -1));
  listenToMap(app);
}

function listenToMap(app) {
  const map = byId("map");
  const go = (event) => {
    const { view } = app;
    const time = view.low + (event.offsetX / map.clientWidth) * (view.high - view.low);
    const whole = view.from <= view.low && view.to >= view.high;
    // From the whole run, a click goes near; else it keeps how near one is.
    const span = whole && event.type === "pointerdown" ? view.span / 20 : view.span;
    view.show(time - span / 2, time + span / 2);
    app.changed("picture");
  };
  map.addEventListener("pointerdown", (event) => { map.setPointerCapture(event.pointerId); go(event); });
  map.addEventListener("pointermove", (event) => { if (event.buttons === 1) go(event); });
}

/** The sign of a lane that is nearest, -1 if none is near. */
function signNear({ run, view }, lane, x) {
  const { columns, signs } = run;
  let best = -1;
  let nearest = STILL + 1;
  for (let k = firstAtLeast(signs, run.eventAt(view.time(x - nearest)) + 1); k < signs.length; ++k) {
    const i = signs.values[k];
    if (view.x(columns.time[i]) > x + STILL + 1) break;
    const far = Math.abs(view.x(columns.time[i]) - x);
    if (columns.lane[i] !== lane || far >= nearest) continue;
    nearest = far;
    best = i;
  }
  return best;
}

/** What stands beside the pointer. @param {import("./app.js").App} app @param {import("./scene.js").Scene} scene */
export function tipWords(app, scene, x, y) {
  if (x < 0) return "";
  const row = rowAt(scene.rows, y);
  const sign = row === undefined ? -1 : signNear(app, row.lane, x);
  if (sign >= 0) return eventWords(app.run, sign);
  if (scene.dense || scene.arrows > TOO_MANY) return "";
  const i = eventAtPoint(app, scene, x, y);
  return i < 0 ? "" : eventWords(app.run, i);
}
