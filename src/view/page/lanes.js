/** Heights in pixels: what each sort of lane can do with, what can be read, and what is ample. */
const HEIGHTS = { run: [20, 22, 30], network: [12, 16, 20], client: [3, 13, 26], node: [22, 30, 120] };
/** How far down its lane a node's band lies; above it there is room for density. */
const LINE = { run: 0.5, network: 0.5, client: 0.6, node: 0.62 };

/** @typedef {{lane: number, sort: string, top: number, height: number, line: number}} Row */

/**
 * The rows of the picture, from top to bottom: all grow alike from the least to what can be read, and from there to
 * what is ample.
 * @param {{name: string, sort: string}[]} lanes
 * @param {Set<number>} hidden
 * @param {number} height
 * @returns {Row[]}
 */
export function layRows(lanes, hidden, height) {
  const shown = lanes.map((_, lane) => lane).filter((lane) => !hidden.has(lane));
  const total = (size) => shown.reduce((sum, lane) => sum + HEIGHTS[lanes[lane].sort][size], 0);
  const size = height > total(1) ? 1 : 0;
  const [few, many] = [total(size), total(size + 1)];
  const share = Math.max(0, Math.min(1, (height - few) / Math.max(1, many - few)));
  // With very many clients even the least is too much: all shrink alike.
  const squeeze = Math.min(1, height / Math.max(1, few));
  let top = 0;
  return shown.map((lane) => {
    const { sort } = lanes[lane];
    const [low, high] = HEIGHTS[sort].slice(size);
    const tall = (low + share * (high - low)) * squeeze;
    const row = { lane, sort, top, height: tall, line: top + LINE[sort] * tall };
    top += tall;
    return row;
  });
}

/** By lane, where its line runs; undefined for hidden ones. @param {Row[]} rows @param {number} lanes */
export function linesOf(rows, lanes) {
  const lines = new Array(lanes).fill(undefined);
  rows.forEach((row) => { lines[row.lane] = row.line; });
  return lines;
}

/** The row at a height. @param {Row[]} rows @param {number} y */
export function rowAt(rows, y) {
  return rows.find((row) => y >= row.top && y < row.top + row.height);
}
