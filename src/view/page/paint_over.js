import { NONE } from "./columns.js";
import { sized } from "./canvas.js";

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
    const x = view.x(columns.time[i]);
    if (columns.link[i] !== NONE) line(context, frame, columns.link[i], x, y);
    else if (columns.cause[i] !== NONE) line(context, frame, columns.cause[i], x, y);
    if (columns.kind[i] === run.kind.send && run.end[i] !== NONE && events.length === 1) {
      const end = run.end[i];
      const to = lines[run.ends(i).to];
      if (to !== undefined) line(context, frame, i, view.x(columns.time[end]), to);
    }
  }
  context.stroke();
  context.setLineDash([]);
}

function line(context, { run, view, lines }, from, x, y) {
  const start = lines[run.columns.lane[from]];
  if (start === undefined) return;
  context.moveTo(view.x(run.columns.time[from]), start);
  context.lineTo(x, y);
}
