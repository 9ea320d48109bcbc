import { SPEEDS } from "./app.js";
import { palette } from "./colours.js";
import { byId, make } from "./dom.js";
import { FilterBar } from "./filter_bar.js";
import { Labels } from "./labels.js";
import { Overview } from "./paint_map.js";
import { paintOver } from "./paint_over.js";
import { Panel } from "./panel.js";
import { placeOf } from "./place.js";
import { tipWords } from "./pointer.js";
import { Scene } from "./scene.js";

/** How long the view must have stood still before it is written into the address, in milliseconds. */
const SETTLED = 250;

/** @type {["election"|"newView"|"failure"|"violation", string, string][]} */
const JUMPS = [["election", "election", "e"], ["newView", "NEW_VIEW", "v"], ["failure", "failure", "f"], ["violation", "violation", "x"]];

function misreadNotes({ misread }) {
  if (misread.length === 0) return [];
  const [{ event, why }] = misread;
  return [`${misread.length} ${misread.length > 1 ? "events do" : "event does"} not say what a trace says, ` +
    `the first of them event ${event + 1} (${why}); shown is what can be understood`];
}

/** All that is drawn. It draws when something changed, once a frame. */
export class Screen {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.scene = new Scene(byId("scene"));
    this.overview = new Overview(byId("map"));
    this.labels = new Labels(app);
    this.panel = new Panel(app);
    this.filterBar = new FilterBar(app);
    this.controls = null;
    this.due = { picture: true, asked: false };
    this.dark = globalThis.matchMedia("(prefers-color-scheme: dark)").matches;
    this.setColours();
    this.#fillHeader();
    app.listen((what, words) => this.#changed(what, words));
    new ResizeObserver(() => app.changed("picture")).observe(byId("stage"));
    globalThis.addEventListener("beforeprint", () => this.#forPrint(true));
    globalThis.addEventListener("afterprint", () => this.#forPrint(false));
    globalThis.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
      if (event.matches !== this.dark) this.turnTheme();
    });
  }

  turnTheme() {
    this.dark = !this.dark;
    this.setColours();
    this.app.changed("picture");
  }

  setColours(dark = this.dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    this.colours = palette(this.app.run.head.types, dark);
  }

  /** Paper is light, and has a size of its own. */
  #forPrint(printing) {
    document.documentElement.classList.toggle("printing", printing);
    this.setColours(printing ? false : this.dark);
    this.due.picture = true;
    this.paint();
  }

  #changed(what, words) {
    if (what === "told") {
      byId("told").textContent = words;
      return;
    }
    if (what === "picture") this.due.picture = true;
    if (this.due.asked) return;
    this.due.asked = true;
    requestAnimationFrame(() => {
      this.due.asked = false;
      this.paint();
    });
  }

  paint() {
    const { app, colours } = this;
    if (this.due.picture || !this.scene.frame) this.scene.paint(app, colours);
    this.due.picture = false;
    this.overview.paint(app, colours);
    paintOver(byId("over"), app, this.scene.frame, colours);
    this.labels.update(this.scene.rows);
    this.filterBar.update(colours);
    this.panel.update();
    this.controls?.update();
    this.#updateHeader();
    clearTimeout(this.writing);
    if (!app.playing) this.writing = setTimeout(() => this.#writeAddress(), SETTLED);
  }

  #writeAddress() {
    this.address = placeOf(this.app);
    if (globalThis.location.hash !== this.address) globalThis.history.replaceState(null, "", this.address);
  }

  #fillHeader() {
    const { app } = this;
    const { head } = app.run;
    const by = head.by === "simulator" ? `simulated, seed ${head.seed}` : "real processes";
    byId("title").textContent = `${head.title || "paxbank"}: ${by}`;
    byId("title").title = `${head.title}: ${by}; run ${head.run}`;
    document.title = `${head.title || "paxbank"} (${by})`;
    byId("speed").replaceChildren(...SPEEDS.map((speed, k) => make("option", { value: k }, `${speed} ms/s`)));
    byId("speed").addEventListener("change", (event) => app.changeSpeed(Number(event.target.value) - app.speed));
    byId("back").addEventListener("click", () => app.step(-1));
    byId("forth").addEventListener("click", () => app.step(1));
    byId("play").addEventListener("click", () => app.togglePlay());
    byId("time").addEventListener("change", (event) => {
      const time = Number.parseFloat(event.target.value);
      if (Number.isFinite(time)) app.goToTime(time * 1000);
    });
    byId("search").addEventListener("input", (event) => { app.search = event.target.value; });
    byId("search").addEventListener("keydown", (event) => { if (event.key === "Enter") app.nextFound(event.shiftKey ? -1 : 1); });
    byId("jumps").replaceChildren(...JUMPS.map(([landmark, words, key]) => make("button", {
      "data-landmark": landmark, title: `${key}: the next one; Shift+${key} or Shift+click: the one before`,
      onclick: (event) => app.jump(landmark, event.shiftKey ? -1 : 1),
    }, words)));
  }

  #updateNotes() {
    const { run } = this.app;
    const notes = [...run.head.notes ?? [], ...misreadNotes(run)].join("\n");
    if (byId("notes").textContent === notes) return;
    byId("notes").textContent = notes;
    byId("notes").hidden = notes === "";
  }

  #updateHeader() {
    const { app } = this;
    this.#updateNotes();
    const time = byId("time");
    if (document.activeElement !== time) time.value = (app.time / 1000).toFixed(3);
    if (document.activeElement !== byId("search")) byId("search").value = app.search;
    byId("play").textContent = app.playing ? "■" : "▶▶";
    byId("speed").value = app.speed;
    byId("jumps").querySelectorAll("button").forEach((button) => {
      const { length } = app.run.landmarks[button.dataset.landmark];
      button.disabled = length === 0;
      button.textContent = `${JUMPS.find(([name]) => name === button.dataset.landmark)[1]} (${length})`;
    });
  }

  /** What is at a point stands beside it. @param {number} x @param {number} y */
  tip(x, y) {
    const words = tipWords(this.app, this.scene, x, y);
    const tip = byId("tip");
    tip.hidden = words === "";
    tip.textContent = words;
    if (tip.hidden) return;
    tip.style.left = `${Math.max(0, Math.min(x + 12, byId("stage").clientWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${y > 40 ? y - 30 : y + 16}px`;
  }
}
