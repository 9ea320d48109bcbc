/** So much of what was told is kept. */
const HEARD = 50;
/** So much is in sight at first in slow motion, in microseconds: some ten flights. */
const SLOW_SPAN = 300000;

/** The server says every 5 s that it is there: who has heard nothing for so long, in milliseconds, believes it no more. */
const SILENCE = 12000;
/** What commands time is done at once, whatever goes on. */
const AT_ONCE = ["pause", "resume", "slow", "step", "lose"];
/** Before a line that was typed on a page, where it is told. */
const FROM_PAGE = "(page) ";
const SET_BEGINS = /^Set -?\d+, live nodes/;
const SET_ENDS = /^Set -?\d+ is over/;

/**
 * The line to the program that runs the cluster: events come, commands go. It is made anew by itself, and goes on
 * where it was.
 */
export class Live {
  /**
   * @param {import("./app.js").App} app
   * @param {{open?: (address: string) => EventSource, post?: typeof fetch, after?: (ms: number, act: () => void) => any}} [net] for tests
   */
  constructor(app, {
    open = (address) => new EventSource(address), post = (...what) => fetch(...what), after = (ms, act) => setTimeout(act, ms),
  } = {}) {
    this.app = app;
    this.open = open;
    this.post = post;
    this.after = after;
    /** How often something was heard. */
    this.signs = 0;
    /** @type {EventSource|null} */
    this.source = null;
    /** @type {"connecting"|"live"|"gone"|"over"} */
    this.state = "connecting";
    /** What the run told last, as at the prompt, and how often it told something. */
    this.heard = [];
    this.told = 0;
    /** Lines of this page whose answer has not come; `told`: the run has taken them in. @type {{line: string, told: boolean}[]} */
    this.waiting = [];
    this.setRuns = false;
    /** How many times as long everything takes as it does; 0: time stands still. */
    this.pace = 1;
  }

  /** A page that nobody sees needs no line: a browser has but few to a server. @param {Document} page */
  listenWhileSeen(page) {
    const turn = () => (page.hidden ? this.close() : this.connect());
    page.addEventListener("visibilitychange", turn);
    turn();
  }

  connect() {
    if (this.source !== null || this.state === "over") return;
    this.source = this.open(`events?from=${this.app.run.length}`);
    const listen = (name, act) => this.source.addEventListener(name, (event) => {
      this.#hearSign();
      act(JSON.parse(event.data));
      this.app.changed("cursor");
    });
    listen("head", (head) => { this.app.run.adopt(head); this.app.changed("picture"); });
    listen("rows", (rows) => this.app.append(rows));
    listen("now", (time) => this.app.passTime(time));
    listen("pace", (pace) => this.#takePace(pace));
    listen("told", ({ number, text }) => this.#hear(number, text));
    listen("pulse", () => {});
    listen("over", () => { this.close(); this.state = "over"; });
    // It tries again by itself, unless the answer was that there is nothing any more.
    this.source.addEventListener("error", () => {
      this.state = "gone";
      this.app.changed("cursor");
    });
  }

  close() {
    this.source?.close();
    this.source = null;
    this.state = "connecting";
  }

  /** It is live as long as something is heard: a program that stands still closes nothing. */
  #hearSign() {
    this.state = "live";
    const heard = ++this.signs;
    this.after(SILENCE, () => {
      if (this.signs !== heard || this.state !== "live") return;
      this.state = "gone";
      this.app.changed("cursor");
    });
  }

  #takePace(pace) {
    if (this.pace === 1 && pace !== 1) this.app.showLast(SLOW_SPAN);
    this.pace = pace;
  }

  /** After a new connection the last ones come again. */
  #hear(number, text) {
    if (number <= this.told) return;
    this.told = number;
    this.heard.push(text);
    this.heard.splice(0, this.heard.length - HEARD);
    this.#settle(text.replace(/\s+/g, " ").trim());
  }

  /** What was told may be the answer to what waits longest; while a set runs, only to what commands time. @param {string} words */
  #settle(words) {
    if (SET_BEGINS.test(words)) this.setRuns = true;
    if (SET_ENDS.test(words)) this.setRuns = false;
    else if (words.startsWith(FROM_PAGE)) this.#takeIn(words.slice(FROM_PAGE.length));
    else if (!this.setRuns) this.#waitNoMore(this.waiting.findIndex(({ told }) => told));
  }

  #takeIn(words) {
    const k = this.waiting.findIndex(({ line, told }) => !told && line === words);
    if (k < 0) return;  // another page's
    this.waiting[k].told = true;
    if (AT_ONCE.includes(words.split(" ")[0].toLowerCase())) this.#waitNoMore(k);
  }

  #waitNoMore(k) {
    if (k >= 0) this.waiting.splice(k, 1);
  }

  /** What is to be said of the lines that wait. */
  waitingWords() {
    const why = this.setRuns ? "waits: when the set is over" : "waits for its answer";
    return this.waiting.map(({ line }) => `${line}  … ${why}`);
  }

  /** How many times as long everything takes as it does; null: time stands still. */
  get slow() {
    return this.pace === 0 ? null : this.pace;
  }

  /** Has a line of the prompt's language carried out. What comes of it is told. @param {string} line */
  async command(line) {
    const waits = { line: line.replace(/\s+/g, " ").trim(), told: false };
    this.waiting.push(waits);
    this.app.changed("cursor");
    try {
      const answer = await this.post("command", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ line }),
      });
      if (!answer.ok) this.#waitNoMore(this.waiting.indexOf(waits));
      this.app.tell(answer.ok ? "" : `${line}: ${(await answer.text()).trim()}`);
    } catch {
      this.#waitNoMore(this.waiting.indexOf(waits));
      this.app.tell(`${line}: ${this.state === "over" ? "the run is over" : "the program that runs the cluster does not answer"}`);
    }
  }
}
