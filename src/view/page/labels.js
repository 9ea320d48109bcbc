import { make, byId } from "./dom.js";
import { NodeHistory } from "./node_history.js";
import { ballotWords } from "./words.js";

/** Below these heights a lane's label has one line, or none. */
const THREE_LINES = 52;
const TWO_LINES = 34;
const ONE_LINE = 9;
const FONT_SIZE = 11;
/** A name, which is bold, is so much taller than the font. */
const NAME = 1.1;

/** The names of the lanes at the left edge, each with its state at the cursor. */
export class Labels {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.place = byId("lanes");
    this.laidOut = "";
    this.parts = [];
  }

  /** @param {import("./lanes.js").Row[]} rows */
  update(rows) {
    const layout = rows.map((row) => `${row.lane} ${row.top} ${row.height}`).join();
    if (layout !== this.laidOut) this.#layOut(rows);
    this.laidOut = layout;
    this.parts.forEach(({ lane, button, state, points }) => {
      const [words, more] = stateWords(this.app.run, lane, this.app.nowAt(lane));
      setWords(state, words);
      if (points) setWords(points, more);
      button.classList.toggle("chosen", lane === this.app.node || lane === this.app.client);
    });
  }

  #layOut(rows) {
    this.parts = rows.map((row, k) => this.#label(row, k % 2 === 1));
    this.place.replaceChildren(...this.parts.filter((part) => part.button.childNodes.length > 0).map((part) => part.button));
  }

  #label(row, odd) {
    const { app } = this;
    const { name, sort } = app.run.lanes[row.lane];
    const state = make("span");
    const points = sort === "node" && row.height >= THREE_LINES ? make("span") : null;
    const choose = () => {
      if (sort === "node" || sort === "client") app[sort] = row.lane;
      app.nextAt(sort === "client" ? "client" : "node", 1);
    };
    const parts = row.height < ONE_LINE ? [] : [make("b", {}, name), state, points];
    const button = make("button", {
      class: `${odd ? "odd" : ""} ${row.height < TWO_LINES ? "row" : ""}`, tabindex: "-1",
      title: sort === "node" || sort === "client" ? `${name}: to its next event` : name, onclick: choose,
    }, ...parts);
    button.style.top = `${row.top}px`;
    button.style.height = `${row.height}px`;
    button.style.fontSize = `${Math.min(FONT_SIZE, row.height / NAME)}px`;
    return { lane: row.lane, button, state, points };
  }
}

function setWords(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** A lane's state in a few words, and how far it is. @param {import("./run.js").Run} run @param {number} lane @param {number} i
 * @returns {string[]} */
export function stateWords(run, lane, i) {
  const history = run.histories.get(lane);
  if (history === undefined) return ["", ""];
  if (!(history instanceof NodeHistory)) return [history.at(i) > 0 ? `${history.at(i)} waiting` : "", ""];
  const state = history.at(i);
  if (state === null) return ["not started", ""];
  if (!state.alive) return ["dead", ""];
  const away = !state.connected ? "cut off, " : state.paused ? "paused, " : "";
  const ballot = state.role === "leader" ? ` ${ballotWords(state.follows)}` : "";
  return [`${away}${state.role}${ballot}`,
    `C ${state.committed}, E ${state.executed}${state.pending > 0 ? `, ${state.pending} wait` : ""}`];
}
