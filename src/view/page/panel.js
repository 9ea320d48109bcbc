import { make, byId } from "./dom.js";
import { eventPage } from "./panel_event.js";
import { lifePage } from "./panel_life.js";
import { rulesPage } from "./panel_rules.js";
import { statePage } from "./panel_state.js";

/**
 * The panel's pages: name, words, what is on it.
 * @type {[string, string, (app: import("./app.js").App) => any[]][]}
 */
const TABS = [
  ["event", "Event", eventPage], ["state", "State", statePage], ["life", "Life", lifePage], ["rules", "Rules", rulesPage],
];

/** The details beside the lanes. They can be hidden. */
export class Panel {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.place = byId("panel");
    this.page = byId("page");
    this.shown = "";
    // What is being pressed stays: a live run would put another in its place before it is a click.
    this.held = false;
    this.place.addEventListener("pointerdown", () => { this.held = true; });
    for (const end of ["click", "pointercancel"]) {
      globalThis.addEventListener(end, () => { this.held = false; });
    }
    byId("tabs").replaceChildren(...TABS.map(([name, words], k) => make("button", {
      role: "tab", "data-tab": name, title: `${k + 1}`, onclick: () => app.chooseTab(name),
    }, words)));
    byId("panel-button").addEventListener("click", () => this.toggle());
  }

  toggle() {
    this.place.hidden = !this.place.hidden;
    byId("panel-button").setAttribute("aria-expanded", String(!this.place.hidden));
    this.app.changed("picture");
  }

  /** The number of a tab's key. @param {number} number from 1 */
  choose(number) {
    this.app.chooseTab(TABS[number - 1][0]);
  }

  update() {
    if (this.place.hidden || this.held) return;
    const { app } = this;
    const shown = [app.tab, app.cursor, app.slot, app.logAt, app.run.length, JSON.stringify(app.request), app.following ? app.time : ""].join();
    if (shown === this.shown) return;
    const turned = !this.shown.startsWith(`${app.tab},`);
    this.shown = shown;
    const [, , pageOf] = TABS.find(([name]) => name === app.tab) ?? TABS[0];
    this.page.replaceChildren(...pageOf(app));
    if (turned) this.page.scrollTop = 0;
    byId("tabs").querySelectorAll("button").forEach((tab) => {
      tab.setAttribute("aria-selected", String(tab.dataset.tab === app.tab));
    });
  }
}
