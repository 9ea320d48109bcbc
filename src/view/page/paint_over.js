import { NONE } from "./columns.js";
import { sized } from "./canvas.js";
import { arrowOf } from "./paint_arrows.js";

/**
 * What lies over the picture and changes with the cursor: the cursor itself, what is chosen, and what it came from
 * (full line) and what came of it (dashes).
 * @param {HTMLCanvasElement} canvas
 * @param {import("./app.js").App} app
 * @param {import("./scene.js").Frame} frame
 * @param {import("./colours.js").Palette} colours
 */
export function paintOver(canvas, app, frame, colours) {
  const { context, width, height } = sized(canvas);
  context.clearRect(0, 0, width, height);
  const { run, view } = app;
  if (app.cursor < 0) return;
  const x = view.x(app.time);
  context.fillStyle = colours.cursor;
  context.fillRect(x - 0.75, 0, 1.5, height);
  if (app.following) return;  // which event is the last one is of no account
  const { past, future } = app.why;
  paintChain(context, frame, past, colours, []);
  paintChain(context, frame, future, colours, [4, 3]);
  const y = frame.lines[run.columns.lane[app.cursor]];
  paintChain(context, frame, [app.cursor], colours, [], 3.5);
  if (y === undefined) return;
  context.strokeStyle = colours.cursor;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(view.x(run.columns.time[app.cursor]), y, 7, 0, 2 * Math.PI);
  context.stroke();
}

/** The messages and steps of a chain of events, where they are in sight. */
function paintChain(context, frame, events, colours, dash, wide = 2.5) {
  const { run, view, lines } = frame;
  const { columns } = run;
  context.strokeStyle = colours.cursor;
  context.lineWidth = wide;
  context.setLineDash(dash);
  context.beginPath();
  for (const i of events) {
    const y = lines[columns.lane[i]];
    if (y === undefined) continue;
    if (columns.link[i] !== NONE) along(context, frame, columns.link[i], i);
    else if (columns.cause[i] !== NONE) line(context, frame, columns.cause[i], view.x(columns.time[i]), y);
    if (columns.kind[i] === run.kind.send && run.end[i] !== NONE && events.length === 1) along(context, frame, i, run.end[i]);
  }
  context.stroke();
  context.setLineDash([]);
}

/** A message's way as it is drawn below: to where it arrives or is lost. */
function along(context, frame, send, end) {
  const arrow = arrowOf(frame, send, end);
  if (arrow === null) return;
  context.moveTo(arrow.x0, arrow.y0);
  context.lineTo(arrow.x1, arrow.y1);
}

function line(context, { run, view, lines }, from, x, y) {
  const start = lines[run.columns.lane[from]];
  if (start === undefined) return;
  context.moveTo(view.x(run.columns.time[from]), start);
  context.lineTo(x, y);
}
