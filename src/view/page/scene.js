import { sized } from "./canvas.js";
import { layRows, linesOf } from "./lanes.js";
import { paintArrows } from "./paint_arrows.js";
import { paintBands, paintGrid, writeBands } from "./paint_bands.js";
import { paintDensity } from "./paint_density.js";
import { paintSigns } from "./paint_signs.js";

/** So many ends of messages to a pixel of width are drawn as arrows; beyond that they are density. */
const ARROWS_A_PIXEL = 5;
/** How tall the axis with the times is. */
const AXIS = 16;

/**
 * What is drawn and where, for one frame.
 * @typedef {{context: CanvasRenderingContext2D, run: import("./run.js").Run, view: import("./view.js").View,
 *   rows: import("./lanes.js").Row[], lines: (number|undefined)[], shown: (i: number) => boolean,
 *   colours: import("./colours.js").Palette, height: number, begin: number, stop: number}} Frame
 */

/** The picture of lanes, drawn anew on a canvas for each frame. */
export class Scene {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** How many arrows the last frame had, and whether it was density. */
    this.arrows = 0;
    this.dense = false;
  }

  /**
   * @param {import("./app.js").App} app
   * @param {import("./colours.js").Palette} colours
   */
  paint(app, colours) {
    const { run, view } = app;
    const { context, width, height } = sized(this.canvas);
    view.width = width;
    const rows = layRows(run.lanes, new Set([...app.filter.lanes, ...run.idle]), height - AXIS);
    /** @type {Frame} */
    const frame = {
      context, run, view, rows, lines: linesOf(rows, run.lanes.length), shown: app.shown, colours, height,
      begin: run.eventAt(view.from - 1e-9) + 1, stop: run.eventAt(view.to) + 1,
    };
    this.rows = rows;
    context.fillStyle = colours.paper;
    context.fillRect(0, 0, width, height);
    paintGrid(frame);
    paintBands(frame);
    this.dense = countShown(frame, ARROWS_A_PIXEL * width) > ARROWS_A_PIXEL * width;
    this.arrows = this.dense ? 0 : paintArrows(frame);
    if (this.dense) paintDensity(frame);
    writeBands(frame);
    paintSigns(frame);
    this.frame = frame;
  }
}

/** How many shown events there are, counted no further than needed. */
function countShown({ begin, stop, shown }, limit) {
  let count = 0;
  for (let i = begin; i < stop && count <= limit; ++i) if (shown(i)) ++count;
  return count;
}
