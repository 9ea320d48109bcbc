import { NO_TYPE } from "./columns.js";

/** How wide a bar is, in pixels. */
const BAR = 2;

/**
 * What cannot be told apart: for each stretch of two pixels and each lane a bar, the taller the more messages
 * happen there (by their logarithm), in the colour of the most frequent kind; what an election sends is drawn over
 * it, since few of those mean more than many others.
 * @param {import("./scene.js").Frame} frame
 */
export function paintDensity(frame) {
  const { run, view, rows, colours, context } = frame;
  const types = run.head.types.length;
  const bars = Math.ceil(view.width / BAR);
  const counts = countMessages(frame, bars, types);
  const rare = ["PREPARE", "PROMISE", "NEW_VIEW"].map((name) => run.type[name]);
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  /** By type the bars in its colour: a colour is set once. */
  const rects = Array.from({ length: types }, () => []);
  rows.forEach((row) => {
    const room = row.line - row.top - 3;
    for (let bar = 0; bar < bars; ++bar) {
      const at = (row.lane * bars + bar) * types;
      let sum = 0;
      let best = 0;
      for (let type = 0; type < types; ++type) {
        sum += counts[at + type];
        if (counts[at + type] > counts[at + best]) best = type;
      }
      if (sum === 0) continue;
      const tall = Math.min(room, (room * Math.log1p(sum)) / Math.log1p(2 * most));
      rects[best].push(bar * BAR, row.line - tall, tall);
      const election = rare.find((type) => counts[at + type] > 0);
      if (election !== undefined) rects[election].push(bar * BAR, row.line - room, room);
    }
  });
  rects.forEach((list, type) => {
    context.fillStyle = colours.message[type];
    for (let k = 0; k < list.length; k += 3) context.fillRect(list[k], list[k + 1], BAR, list[k + 2]);
  });
}

/** counts[(lane * bars + bar) * types + type] */
function countMessages({ run, view, begin, stop, shown }, bars, types) {
  const { time, lane, type } = run.columns;
  const counts = new Uint32Array(run.lanes.length * bars * types);
  const scale = bars / view.span;
  for (let i = begin; i < stop; ++i) {
    if (type[i] === NO_TYPE || !shown(i)) continue;
    const bar = Math.min(bars - 1, Math.floor((time[i] - view.from) * scale));
    ++counts[(lane[i] * bars + bar) * types + type[i]];
  }
  return counts;
}
