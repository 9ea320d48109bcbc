/** So much of what was told is kept. */
const HEARD = 50;
/** So much is in sight at first in slow motion, in microseconds: some ten flights. */
const SLOW_SPAN = 300000;

/**
 * The line to the program that runs the cluster: events come, commands go. It is made anew by itself, and goes on
 * where it was.
 */
export class Live {
  /**
   * @param {import("./app.js").App} app
   * @param {{open?: (address: string) => EventSource, post?: typeof fetch}} [net] for tests
   */
  constructor(app, { open = (address) => new EventSource(address), post = (...what) => fetch(...what) } = {}) {
    this.app = app;
    this.open = open;
    this.post = post;
    /** @type {EventSource|null} */
    this.source = null;
    /** @type {"connecting"|"live"|"gone"} */
    this.state = "connecting";
    /** What the run told last, as at the prompt, and how often it told something. */
    this.heard = [];
    this.told = 0;
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
    if (this.source !== null) return;
    this.source = this.open(`events?from=${this.app.run.length}`);
    const listen = (name, act) => this.source.addEventListener(name, (event) => {
      act(JSON.parse(event.data));
      this.app.changed("cursor");
    });
    listen("head", (head) => { this.state = "live"; this.app.run.adopt(head); this.app.changed("picture"); });
    listen("rows", (rows) => this.app.append(rows));
    listen("now", (time) => this.app.passTime(time));
    listen("pace", (pace) => this.#takePace(pace));
    listen("told", ({ number, text }) => this.#hear(number, text));
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
  }

  /** How many times as long everything takes as it does; null: time stands still. */
  get slow() {
    return this.pace === 0 ? null : this.pace;
  }

  /** Has a line of the prompt's language carried out. What comes of it is told. @param {string} line */
  async command(line) {
    try {
      const answer = await this.post("command", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ line }),
      });
      this.app.tell(answer.ok ? "" : `${line}: ${(await answer.text()).trim()}`);
    } catch {
      this.app.tell(`${line}: the program that runs the cluster does not answer`);
    }
  }
}
