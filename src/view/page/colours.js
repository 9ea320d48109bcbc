/**
 * The Okabe-Ito colours, one for each kind of message. The same table stands in the SVG export and in
 * docs/view.md. Eight colours are not ten: PROMISE is a darker yellow on paper, CHECKPOINT a brown.
 * Each: name, on light paper, on dark.
 */
export const MESSAGE_COLOURS = [
  ["PREPARE", "#e69f00", "#e69f00"],
  ["PROMISE", "#8a8000", "#f0e442"],
  ["NEW_VIEW", "#d55e00", "#d55e00"],
  ["ACCEPT", "#0072b2", "#3a9bdc"],
  ["ACCEPTED", "#56b4e9", "#8fd0f5"],
  ["COMMIT", "#009e73", "#009e73"],
  ["REQUEST", "#000000", "#ffffff"],
  ["REPLY", "#cc79a7", "#cc79a7"],
  ["HEARTBEAT", "#999999", "#808080"],
  ["CHECKPOINT", "#7a4a00", "#b98a4a"],
];

/** What is no message, as above. */
export const OTHER_COLOURS = [
  ["paper", "#ffffff", "#16181c"],
  ["ink", "#1a1a1a", "#e6e6e6"],
  ["faint", "#667079", "#98a2ac"],
  ["line", "#d5d9dd", "#353a41"],
  ["stripe", "#f5f6f8", "#1c1f24"],
  ["shade", "#a9adb3", "#5c6269"],
  ["cursor", "#c2185b", "#ff6fa3"],
  ["violation", "#d00000", "#ff5a4d"],
  ["glow", "#ffe680", "#5c4c00"],
];

/**
 * Whom a node follows: each ballot takes the next tint, so that neighbours in time differ. Pale ones,
 * since the messages cross them.
 */
export const BALLOT_TINTS = [
  ["#7f93b8", "#5f76a3"],
  ["#b8957f", "#9c775f"],
  ["#84ad8c", "#5f8c69"],
  ["#ab84ad", "#8b5f8d"],
  ["#b3ab7c", "#8f875b"],
  ["#7cb0b3", "#5a8d90"],
];

/**
 * @typedef {{message: string[], tints: string[], paper: string, ink: string, faint: string, line: string,
 *   stripe: string, shade: string, cursor: string, violation: string, glow: string}} Palette
 * `message` is indexed by the number of a message type.
 */

/**
 * The colours to draw with.
 * @param {string[]} types the run's message types, by number
 * @param {boolean} dark
 * @returns {Palette}
 */
export function palette(types, dark) {
  const column = dark ? 2 : 1;
  const of = new Map(MESSAGE_COLOURS.map((row) => [row[0], row[column]]));
  const others = Object.fromEntries(OTHER_COLOURS.map((row) => [row[0], row[column]]));
  const message = types.map((type) => of.get(type) ?? others.faint);
  return /** @type {Palette} */ ({ ...others, message, tints: BALLOT_TINTS.map((tint) => tint[column - 1]) });
}
