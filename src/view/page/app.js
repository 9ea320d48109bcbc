import { Causes } from "./causes.js";
import { NO_LANE } from "./columns.js";
import { Filter } from "./filter.js";
import { aboutSlot, atLane, nextLandmark, nextWhere, searchTest } from "./find.js";
import { View } from "./view.js";

/** So much of what an event came from, and of what came of it, lights up. */
const LIT = 300;
/** How much of the run passes in a second of playing, in milliseconds. */
export const SPEEDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const NOTHING = { past: [], future: [] };

/**
 * What somebody looks at: the run, the moment, the stretch of time, the filter. It draws nothing; whoever does
 * listens to `changed`.
 */
export class App {
  /** @param {import("./run.js").Run} run */
  constructor(run) {
    this.run = run;
    this.view = new View(run.start, run.stop);
    this.filter = new Filter();
    this.causes = new Causes(run);
    /** The event at the cursor, and its moment. While the run plays the moment runs between events. */
    this.cursor = -1;
    this.settled = -1;
    this.time = 0;
    this.why = NOTHING;
    /** Whose next event `n` and `c` go to, and which slot is followed. */
    this.node = run.nodes[0];
    this.client = run.clients[0];
    /** @type {number|null} */
    this.slot = null;
    /** The request whose life is told; null: that of the cursor's event. @type {{client: string, timestamp: number}|null} */
    this.request = null;
    /** Which part of the log is shown; null: around the slot, or its end. @type {number|null} */
    this.logAt = null;
    this.tab = run.head.live ? "state" : "event";
    this.search = "";
    this.playing = false;
    /** Whether the cursor goes with the end of a live run. */
    this.following = run.head.live;
    this.speed = SPEEDS.indexOf(10);
    this.listeners = [];
    this.filterNumber = 0;
    this.refilter();
  }

  /** @param {(what: "picture"|"cursor"|"told", words?: string) => void} listener */
  listen(listener) {
    this.listeners.push(listener);
  }

  changed(what, words) {
    this.listeners.forEach((listener) => listener(what, words));
  }

  /** Tells the reader something in a few words. @param {string} words */
  tell(words) {
    this.changed("told", words);
  }

  /** After the filter was changed. */
  refilter() {
    ++this.filterNumber;
    this.shown = this.filter.test(this.run);
    this.changed("picture");
  }

  /** Rows of a live run. @param {any[][]} rows */
  append(rows) {
    this.#grow(() => rows.forEach((row) => this.run.append(row)));
  }

  /** The time of a live run goes on without an event. @param {number} now */
  passTime(now) {
    this.#grow(() => { this.run.now = now; });
  }

  /** Whoever looks at the end of a live run, or goes with it, goes on doing so. */
  #grow(act) {
    const { view, run } = this;
    const { atEnd, span } = view;
    act();
    if (this.cursor >= 0) this.settled = run.settled(this.cursor);
    this.shown = this.filter.test(run);
    view.bound(run.start, run.stop);
    if (atEnd) view.showEnd(span);
    if (this.following) this.#standAtEnd();
    this.changed("picture");
  }

  /** So much of a live run is to be seen, and its end. @param {number} span in microseconds */
  showLast(span) {
    this.run.least = span;
    this.view.bound(this.run.start, this.run.stop);
    this.view.showEnd(span);
    this.changed("picture");
  }

  /** To the end of a live run, and on with it. */
  goLive() {
    this.playing = false;
    this.following = true;
    this.view.showEnd();
    this.#standAtEnd();
    this.changed("picture");
  }

  /** Nothing is lit up there: it would be something else each time. */
  #standAtEnd() {
    this.cursor = this.settled = this.run.length - 1;
    this.time = this.run.latest;
    this.why = NOTHING;
  }

  /** Moves the cursor to an event. @param {number} i @param {boolean} [reveal] whether it must come into sight */
  goTo(i, reveal = true) {
    if (i < 0 || i >= this.run.length) return;
    this.following = false;
    this.cursor = i;
    this.settled = this.run.settled(i);
    this.time = this.run.columns.time[i];
    this.#followLane(this.run.columns.lane[i]);
    this.#followLane(this.run.columns.peer[i]);
    this.#followLane(this.run.columns.lane[i]);
    this.why = this.playing ? NOTHING : { past: this.causes.past(i, LIT), future: this.causes.future(i, LIT) };
    if (reveal) this.view.reveal(this.time);
    this.changed(reveal ? "picture" : "cursor");
  }

  #followLane(lane) {
    if (lane === NO_LANE) return;
    const { sort } = this.run.lanes[lane];
    if (sort === "node" || sort === "client") this[sort] = lane;
  }

  /** To a moment: the event is the last one up to there. @param {number} time in microseconds @param {boolean} [reveal] */
  goToTime(time, reveal = true) {
    const i = this.run.eventAt(time);
    this.goTo(Math.max(0, i), reveal && i < 0);
    if (i < 0) return;
    this.time = Math.min(time, this.run.stop);
    if (reveal) this.view.reveal(this.time);
    this.changed("picture");
  }

  /** The event after which a lane's state is shown: where the cursor's event happens, its step is over. @param {number} lane */
  nowAt(lane) {
    return this.cursor >= 0 && this.run.columns.lane[this.cursor] === lane ? this.settled : this.cursor;
  }

  /** One shown event further. @param {number} direction */
  step(direction) {
    this.#jump(nextWhere(this.run, this.cursor, direction, this.shown), "event", direction);
  }

  /** @param {"election"|"newView"|"failure"|"violation"} landmark @param {number} direction */
  jump(landmark, direction) {
    const name = landmark === "newView" ? "NEW_VIEW" : landmark;
    this.#jump(nextLandmark(this.run.landmarks[landmark], this.cursor, direction), name, direction);
  }

  /** @param {"node"|"client"} sort @param {number} direction */
  nextAt(sort, direction) {
    const lane = this[sort];
    const here = atLane(this.run, lane);
    this.#jump(nextWhere(this.run, this.cursor, direction, (i) => here(i) && this.shown(i)),
      `event at ${this.run.laneName(lane)}`, direction);
  }

  /** @param {number} direction */
  nextOfSlot(direction) {
    const slot = this.slot ?? this.run.columns.slot[this.cursor];
    if (!slot) return this.tell("choose a slot first: in the log, or at a message that is about one");
    this.slot = slot;
    this.#jump(nextWhere(this.run, this.cursor, direction, aboutSlot(this.run, slot)), `event of slot ${slot}`, direction);
  }

  /** @param {number} direction */
  nextFound(direction) {
    if (this.search.trim() === "") return this.tell("type what to search for: /");
    const test = searchTest(this.run, this.search);
    this.#jump(nextWhere(this.run, this.cursor, direction, test), `match of ${this.search}`, direction);
  }

  /** To what the cursor's event came from, or to what came of it. @param {number} direction */
  follow(direction) {
    const next = direction < 0 ? this.causes.parents(this.cursor) : this.causes.children(this.cursor);
    const seen = next.filter((i) => this.shown(i));
    const target = seen[0] ?? next[0];
    if (target === undefined) return this.tell(direction < 0 ? "the trace names no cause" : "nothing came of it");
    this.tell("");
    this.goTo(target);
  }

  #jump(target, what, direction) {
    if (target < 0) return this.tell(`no ${what} ${direction > 0 ? "after" : "before"} this`);
    this.tell("");
    this.goTo(target);
  }

  /** @param {number|null} slot @param {number|null} [logAt] what the log stays at */
  chooseSlot(slot, logAt = null) {
    this.slot = slot;
    this.request = null;
    this.logAt = logAt;
    this.changed("cursor");
  }

  /** Whose life is told. @param {{slot?: number, request?: {client: string, timestamp: number}}} of */
  tellLife({ slot, request }) {
    if (slot !== undefined) this.chooseSlot(slot);
    if (request !== undefined) this.request = request;
    this.chooseTab("life");
  }

  /** @param {number} slot */
  showLogAt(slot) {
    this.logAt = slot;
    this.changed("cursor");
  }

  /** @param {string} tab */
  chooseTab(tab) {
    this.tab = tab;
    this.changed("cursor");
  }

  /** @param {number} by */
  changeSpeed(by) {
    this.speed = Math.min(SPEEDS.length - 1, Math.max(0, this.speed + by));
    this.changed("cursor");
  }

  togglePlay() {
    this.playing = !this.playing;
    if (!this.playing) this.goTo(this.cursor, false);
    this.changed("cursor");
  }

  /** Playing: so much real time has passed. @param {number} milliseconds */
  playOn(milliseconds) {
    this.time += milliseconds * SPEEDS[this.speed];
    if (this.time >= this.run.latest) return this.run.head.live ? this.goLive() : this.togglePlay();
    const i = this.run.eventAt(this.time);
    const time = this.time;
    if (i > this.cursor) this.goTo(i, false);
    this.time = time;
    if (this.view.x(time) > 0.8 * this.view.width) this.view.show(time - 0.5 * this.view.span, time + 0.5 * this.view.span);
    this.changed("picture");
  }

  /** What happens at the cursor, `around` microseconds of it. @param {number} around */
  zoomToCursor(around) {
    this.view.show(this.time - around / 2, this.time + around / 2);
    this.changed("picture");
  }
}
