import { NO_TYPE } from "./columns.js";
import { LEADER, NodeHistory } from "./node_history.js";
import { sized } from "./canvas.js";

/**
 * The small map of the whole run: how much happens, who leads in which ballot, and where something fails. What
 * does not change while looking around is kept as a picture.
 */
export class Overview {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.still = document.createElement("canvas");
    this.stillOf = "";
  }

  /** @param {import("./app.js").App} app @param {import("./colours.js").Palette} colours */
  paint(app, colours) {
    const { context, width, height } = sized(this.canvas);
    if (width === 0) return;  // on paper it is not there
    const { run, view } = app;
    const x = (time) => ((time - view.low) / (view.high - view.low)) * width;
    const still = [run.length, this.canvas.width, this.canvas.height, colours.paper, app.filterNumber].join();
    if (still !== this.stillOf) {
      this.still.width = this.canvas.width;
      this.still.height = this.canvas.height;
      const scale = this.canvas.width / width;
      const calm = this.still.getContext("2d");
      calm.setTransform(scale, 0, 0, scale, 0, 0);
      paintStill(calm, { run, x, width, height, shown: app.shown, colours });
      this.stillOf = still;
    }
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.still, 0, 0);
    context.restore();
    paintWindow(context, x(view.from), x(view.to), height, width, colours);
    if (app.cursor >= 0) {
      context.fillStyle = colours.cursor;
      context.fillRect(x(app.time) - 1, 0, 2, height);
    }
  }
}

function paintStill(context, { run, x, width, height, shown, colours }) {
  const { columns } = run;
  context.fillStyle = colours.stripe;
  context.fillRect(0, 0, width, height);
  const band = 8;
  const counts = new Uint32Array(Math.ceil(width));
  for (let i = 0; i < run.length; ++i) {
    if (columns.type[i] !== NO_TYPE && shown(i)) ++counts[Math.min(counts.length - 1, Math.floor(x(columns.time[i])))];
  }
  const most = Math.log1p(counts.reduce((a, b) => Math.max(a, b), 1));
  context.fillStyle = colours.shade;
  counts.forEach((count, at) => {
    const tall = ((height - band - 2) * Math.log1p(count)) / most;
    context.fillRect(at, height - band - tall, 1, tall);
  });
  run.nodes.forEach((lane) => paintLeader(context, run, run.histories.get(lane), x, height - band, colours));
  for (const [marks, colour] of [[run.landmarks.failure, colours.ink], [run.landmarks.violation, colours.violation]]) {
    context.fillStyle = colour;
    let before = -Infinity;
    for (let k = 0; k < marks.length; ++k) {
      const at = x(columns.time[marks.values[k]]);
      if (at < before + 2) continue;
      before = at;
      context.fillRect(at - 1, 0, 2, 7);
    }
  }
}

/** Who leads, in the tint of the ballot. @param {NodeHistory} history */
function paintLeader(context, run, history, x, y, colours) {
  let from = null;
  let tint = 0;
  const close = (time) => {
    if (from === null) return;
    context.fillStyle = colours.tints[tint];
    context.fillRect(x(from), y, Math.max(1, x(time) - x(from)), 8);
    from = null;
  };
  history.eachBand(0, run.length, (event, role, up, round, node) => {
    close(run.columns.time[event]);
    if (role !== LEADER || !up.alive || !up.connected) return;
    from = run.columns.time[event];
    tint = run.tintOf(round, node, colours.tints.length);
  });
  close(run.latest);
}

/** The stretch that is seen: what is not is dimmed. */
function paintWindow(context, from, to, height, width, colours) {
  context.globalAlpha = 0.55;
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, from, height);
  context.fillRect(to, 0, width - to, height);
  context.globalAlpha = 1;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1;
  context.strokeRect(Math.max(0.5, from), 0.5, Math.max(3, Math.min(width - 1, to) - Math.max(0.5, from)), height - 1);
}
