import { make, byId } from "./dom.js";

/** How much a key zooms, and which part of the picture it moves. */
const ZOOM = 1.6;
const MOVE = 0.25;
/** What `z` shows: so many flights of messages, at least so many microseconds. */
const FLIGHTS = 8;
const CLOSE = 4000;

/** @typedef {[string[], string, () => void]} Key its names, what it does, in words and in fact */

/**
 * Every key, and what it does; the help shows the same table.
 * @param {import("./app.js").App} app
 * @param {import("./screen.js").Screen} screen
 * @returns {Key[]}
 */
export function keyTable(app, screen) {
  const { view } = app;
  const zoom = (factor) => () => {
    const x = view.x(app.time);
    view.zoom(factor, x >= 0 && x <= view.width ? x : view.width / 2);
    app.changed("picture");
  };
  const pan = (part) => () => { view.pan(part * view.width); app.changed("picture"); };
  /** @returns {Key[]} */
  const both = (small, words, act) => [
    [[small], `next ${words}`, () => act(1)], [[small.toUpperCase()], `${words} before`, () => act(-1)],
  ];
  return [
    [["ArrowRight"], "one event on", () => app.step(1)],
    [["ArrowLeft"], "one event back", () => app.step(-1)],
    [["ArrowUp"], "to what it came from", () => app.follow(-1)],
    [["ArrowDown"], "to what came of it", () => app.follow(1)],
    [["Home"], "to the first event", () => app.goTo(0)],
    [["End"], "to the last event; of a live run, to its end and on with it", () => (app.run.head.live ? app.goLive() : app.goTo(app.run.length - 1))],
    ...both("e", "election", (d) => app.jump("election", d)),
    ...both("v", "NEW_VIEW", (d) => app.jump("newView", d)),
    ...both("f", "failure (LF, death, cut, fault, timeout)", (d) => app.jump("failure", d)),
    ...both("x", "violation", (d) => app.jump("violation", d)),
    ...both("s", "event of this slot", (d) => app.nextOfSlot(d)),
    ...both("n", "event at this node", (d) => app.nextAt("node", d)),
    ...both("c", "event at this client", (d) => app.nextAt("client", d)),
    [["/"], "search", () => byId("search").focus()],
    ...both("g", "match of the search", (d) => app.nextFound(d)),
    [[" "], "play and stop", () => app.togglePlay()],
    [["]"], "play faster", () => app.changeSpeed(1)],
    [["["], "play slower", () => app.changeSpeed(-1)],
    [["+", "="], "nearer", zoom(1 / ZOOM)],
    [["-"], "farther", zoom(ZOOM)],
    [["z"], "near to the cursor: some flights of messages, at least 4 ms", () => app.zoomToCursor(Math.max(CLOSE, FLIGHTS * app.run.flightAt(app.cursor)))],
    [["0"], "the whole run", () => { view.showAll(); app.changed("picture"); }],
    [["."], "to the right", pan(MOVE)],
    [[","], "to the left", pan(-MOVE)],
    [["1"], "the event", () => screen.panel.choose(1)],
    [["2"], "the state at the cursor", () => screen.panel.choose(2)],
    [["3"], "the life of the slot and of the request", () => screen.panel.choose(3)],
    [["4"], "the rules", () => screen.panel.choose(4)],
    [["h"], "heartbeats, shown or hidden", () => { app.filter.toggle("HEARTBEAT"); app.refilter(); }],
    [["i"], "the filter", () => screen.filterBar.toggle()],
    [["p"], "the details, shown or hidden", () => screen.panel.toggle()],
    [["t"], "light or dark", () => screen.turnTheme()],
    [["?"], "this help", openHelp],
  ];
}

const NAMES = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", " ": "space" };

/** @param {import("./app.js").App} app @param {import("./screen.js").Screen} screen */
export function listenToKeys(app, screen) {
  const table = keyTable(app, screen);
  const acts = new Map(table.flatMap(([keys, , act]) => keys.map((key) => [key, act])));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    const target = /** @type {Element} */ (event.target);
    if (target.matches("input, select")) {
      if (event.key === "Escape") byId("stage").focus();
      return;
    }
    // A button is pressed by the space bar, a page of the panel is scrolled by the arrows.
    if (target.matches("button, tr") && [" ", "Enter"].includes(event.key)) return;
    if (target.matches("#page") && ["ArrowUp", "ArrowDown", "Home", "End", " "].includes(event.key)) return;
    const act = acts.get(event.key);
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  giveFocusBack();
  byId("help").replaceChildren(helpPage(table));
  byId("help-button").addEventListener("click", openHelp);
}

/**
 * Whoever presses a button with the mouse goes on with the keys of the picture: the space bar plays, and does not
 * press it again. Whoever has come to a button by key stays there.
 */
function giveFocusBack() {
  const stage = byId("stage");
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.detail > 0 && target.closest("button, input[type=range]")) stage.focus();
  });
  byId("speed").addEventListener("change", () => stage.focus());
  byId("help").addEventListener("close", () => stage.focus());
}

/** From its beginning: the browser scrolls to what has the focus, which is the button at the end. */
function openHelp() {
  byId("help").showModal();
  byId("help").scrollTop = 0;
}

function helpPage(table) {
  const rows = table.map(([keys, words]) => make("tr", {},
    make("td", {}, ...keys.map((key) => make("kbd", {}, NAMES[key] ?? key))), make("td", {}, words)));
  const half = Math.ceil(rows.length / 2);
  const column = (part) => make("table", {}, make("tbody", {}, ...part));
  return make("div", {},
    make("h2", {}, "Keys"), make("div", { class: "columns" }, column(rows.slice(0, half)), column(rows.slice(half))),
    make("h2", {}, "Mouse"),
    make("p", {}, "The wheel zooms, with Shift it moves; drag to move; a click chooses the nearest arrow or event; ",
      "in the map above, click or drag to go there. A name at the left goes to that lane's next event. ",
      "A kind in the legend is hidden and shown by a click."),
    make("h2", {}, "Signs"),
    make("p", {}, "Thick bordered band: leader. Hatched: candidate. Thin: backup; its tint is that of the ballot that it follows. ",
      "Hatched lane: cut off; striped: paused; crossed: dead. A cross ends a message that was lost, a thin arrow is sent again. ",
      "○ a timer, ■ an execution or answer, ◆ a turn of role."),
    make("form", { method: "dialog" }, make("button", { autofocus: true }, "close (Esc)")));
}
