import { App } from "./app.js";
import { Columns } from "./columns.js";
import { Controls } from "./controls.js";
import { byId } from "./dom.js";
import { listenToKeys } from "./keys.js";
import { Live } from "./live.js";
import { framesPerSecond } from "./measure.js";
import { applyPlace } from "./place.js";
import { listenToPointer } from "./pointer.js";
import { readColumns } from "./reader.js";
import { Run } from "./run.js";
import { Screen } from "./screen.js";

/** Reads what stands in the page and shows it. @returns {Promise<object>} what tests and the console use */
async function open() {
  const head = JSON.parse(byId("run-head").textContent);
  const data = byId("run-data").textContent;
  const columns = head.live && data === "" ? new Columns() : await readColumns(head, data);
  byId("run-data").remove();  // it is as long as the page: let it go
  const run = new Run(head, columns);
  const app = new App(run);
  const screen = new Screen(app);
  listenToKeys(app, screen);
  listenToPointer(app, screen);
  app.goTo(head.open_at ?? 0, false);
  if (head.open_at !== undefined) openAt(app);
  applyPlace(app, globalThis.location.hash);
  globalThis.addEventListener("hashchange", () => {
    if (globalThis.location.hash !== screen.address) applyPlace(app, globalThis.location.hash);
  });
  playFrames(app);
  if (head.live) goLive(app, screen);
  screen.paint();
  return { app, screen };
}

/** More of the run comes, and there is something to be done about it. */
function goLive(app, screen) {
  const live = new Live(app);
  screen.controls = new Controls(app, live);
  live.listenWhileSeen(document);
}

/** So many events before a violation are in sight when it is opened. */
const BEFORE = 400;

/** A violation: what led to it is in sight, and the rules beside it. */
function openAt(app) {
  const { view, run, time } = app;
  const before = Math.max(1000, time - run.columns.time[Math.max(0, app.cursor - BEFORE)]);
  view.show(time - before, time + before / 8);
  app.tab = "rules";
}

/** Moves the cursor while the run plays. */
function playFrames(app) {
  let before = null;
  const frame = (now) => {
    app.playOn(now - before);
    before = now;
    if (app.playing) requestAnimationFrame(frame);
  };
  app.listen(() => {
    if (!app.playing) before = null;
    if (!app.playing || before !== null) return;
    before = performance.now();
    requestAnimationFrame(frame);
  });
}

/** Says in the page why nothing can be shown. */
function fail(error) {
  byId("notes").hidden = false;
  byId("notes").textContent = `This run cannot be shown: ${error.message}`;
  throw error;
}

const ready = open().catch(fail);

/** For tests, measurements and the browser's console. */
globalThis.paxbank = {
  ready: ready.then(({ app, screen }) => ({ app, screen, openedIn: performance.now() })),
  /** How many arrows are in sight; 0 if they are drawn as density. */
  async arrows() {
    return (await ready).screen.scene.arrows;
  },
  async cursor() {
    const { app } = await ready;
    return { event: app.cursor, time: app.time, tab: app.tab, slot: app.slot };
  },
  async frames() {
    const { app, screen } = await ready;
    return framesPerSecond(app, screen);
  },
};
