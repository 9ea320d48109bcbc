import { make, byId } from "./dom.js";
import { parseBallot } from "./filter.js";

/** Kinds that are no messages and can be hidden like them. */
const KINDS = [["timer", "○ timers"], ["stored", "▪ stored"], ["execute", "■ executed"], ["event", "◆ roles"]];

/** The legend, which is the filter by kind as well, and the rest of the filter. */
export class FilterBar {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    const chip = (name, words, type) => make("button", { "data-name": name, onclick: () => this.#toggle(name) },
      type >= 0 ? make("i") : null, words);
    byId("legend").replaceChildren(
      ...app.run.head.types.map((name, type) => chip(name, name, type)),
      ...KINDS.map(([name, words]) => chip(name, words, -1)));
    byId("only-slot").addEventListener("change", (event) => {
      app.filter.slot = Number(event.target.value) || null;
      app.refilter();
    });
    byId("only-ballot").addEventListener("change", (event) => this.#onlyBallot(event.target.value));
    byId("filter-reset").addEventListener("click", () => this.#reset());
    byId("filters-button").addEventListener("click", () => this.toggle());
  }

  /** A button for each lane; in a live run there may be more by and by. */
  #addLanes() {
    const place = byId("filter-lanes");
    const { lanes } = this.app.run;
    for (let number = place.childElementCount; number < lanes.length; ++number) {
      place.append(make("button", {
        "data-lane": number, title: "Shift: only this one", onclick: (event) => this.#toggleLane(number, event.shiftKey),
      }, lanes[number].name));
    }
  }

  toggle() {
    const filters = byId("filters");
    filters.hidden = !filters.hidden;
    byId("filters-button").setAttribute("aria-expanded", String(!filters.hidden));
    this.app.changed("picture");
  }

  /** @param {import("./colours.js").Palette} colours */
  update(colours) {
    const { filter, run } = this.app;
    this.#addLanes();
    byId("legend").querySelectorAll("button").forEach((button) => {
      const name = button.dataset.name;
      button.setAttribute("aria-pressed", String(!filter.hidden.has(name)));
      const swatch = button.querySelector("i");
      if (swatch) swatch.style.background = colours.message[run.type[name]];
    });
    byId("filter-lanes").querySelectorAll("button").forEach((button) => {
      button.setAttribute("aria-pressed", String(!filter.lanes.has(Number(button.dataset.lane))));
    });
    setValue(byId("only-slot"), filter.slot ?? "");
    setValue(byId("only-ballot"), filter.ballot ? `${filter.ballot[0]},n${filter.ballot[1]}` : "");
    const narrowed = filter.slot !== null || filter.ballot !== null || filter.lanes.size > 0;
    byId("filters-button").textContent = narrowed ? "filter (on)" : "filter";
  }

  #toggle(name) {
    this.app.filter.toggle(name);
    this.app.refilter();
  }

  #toggleLane(lane, only) {
    const { run, filter } = this.app;
    const { sort } = run.lanes[lane];
    if (only) filter.onlyLane(lane, run.lanes.flatMap((l, n) => (l.sort === sort ? [n] : [])));
    else filter.toggleLane(lane);
    this.app.refilter();
  }

  #onlyBallot(text) {
    const ballot = parseBallot(text);
    if (text.trim() !== "" && ballot === null) return this.app.tell("a ballot is a round and a node: 3,n2");
    this.app.filter.ballot = ballot;
    this.app.refilter();
  }

  #reset() {
    const { filter } = this.app;
    filter.hidden.clear();
    filter.lanes.clear();
    filter.slot = filter.ballot = null;
    this.app.refilter();
  }
}

/** Not while somebody types there. */
function setValue(input, value) {
  if (document.activeElement !== input) input.value = value;
}
