import { byId, make } from "./dom.js";

const SLOWEST = 100;
const STATES = { connecting: "connecting …", live: "● live", gone: "○ the program does not answer", over: "■ the run is over" };

/** What can be done to a live run: each says a line of the prompt's language. */
export class Controls {
  /** @param {import("./app.js").App} app @param {import("./live.js").Live} live */
  constructor(app, live) {
    this.app = app;
    this.live = live;
    this.heard = "";
    this.state = make("button", { id: "follow", title: "To the end, and on with it", onclick: () => app.goLive() });
    this.pause = this.#button("pause", "Time stands still, messages on their way included", () => (this.#stands() ? "resume" : "pause"));
    this.slow = make("input", {
      id: "slow", type: "range", min: 1, max: SLOWEST, value: 1, "aria-label": "Slow motion: how many times as long everything takes",
      oninput: () => this.#showSlow(), onchange: () => live.command(`slow ${this.slow.value}`),
    });
    this.times = make("output", { for: "slow" });
    this.lose = make("button", {
      id: "lose", title: "The chosen message, which is on its way, will not arrive", onclick: () => live.command(`lose ${this.#chosen()}`),
    }, "lose the message");
    this.nodes = app.run.nodes.map((lane) => this.#node(lane));
    this.told = make("div", { id: "heard", role: "log", tabindex: 0, "aria-label": "What was told" });
    const { place } = this;
    place.replaceChildren(
      group("Time", this.state, this.pause, this.#button("step", "The next message or timer, when time stands still", () => "step"),
        make("label", { title: "Slow motion" }, "slow ", this.slow, this.times), this.lose),
      this.#transfer(),
      group("The cluster", this.#button("fail the leader", "lf", () => "lf"), this.#button("check", "Whether every rule holds", () => "check"),
        this.#button("next set", "Goes on with the file", () => "next")),
      group("Nodes", ...this.nodes.flatMap(({ button, life }) => [button, life])),
      this.#prompt(), this.told);
    place.hidden = false;
    this.#showSlow();
  }

  get place() {
    return byId("controls");
  }

  /** @param {string} words @param {string} title @param {() => string} line */
  #button(words, title, line) {
    return make("button", { title, "data-command": words, onclick: () => this.live.command(line()) }, words);
  }

  #node(lane) {
    const name = this.app.run.laneName(lane);
    const button = this.#button(name, "", () => `${this.#connected(lane) ? "disconnect" : "reconnect"} ${name}`);
    const life = this.#button(`life of ${name}`, "Its process: as kill -9 does, and back with what it has kept",
      () => `${this.#alive(lane) ? "kill" : "restart"} ${name}`);
    return { lane, name, button, life };
  }

  /** As it is now, wherever the cursor is. @returns {import("./node_history.js").NodeState|null} */
  #stateOf(lane) {
    const { run } = this.app;
    return run.histories.get(lane).at(run.length - 1);
  }

  #connected(lane) {
    return this.#stateOf(lane)?.connected ?? true;
  }

  #alive(lane) {
    return this.#stateOf(lane)?.alive ?? true;
  }

  /** Whether nothing goes on: time stands still, or all nodes do until the next command. */
  #stands() {
    return this.live.slow === null || this.app.run.nodes.every((lane) => this.#stateOf(lane)?.paused);
  }

  #transfer() {
    const { run } = this.app;
    const names = run.clients.map((lane) => run.laneName(lane));
    const choice = (id, words, chosen) => make("select", { id, "aria-label": words },
      ...names.map((name) => make("option", { selected: name === chosen }, name)));
    const from = choice("send-from", "Who pays", names[0]);
    const to = choice("send-to", "Who is paid", names[1]);
    const amount = make("input", { id: "send-amount", size: 4, inputmode: "numeric", value: 1, "aria-label": "How much" });
    const send = () => this.live.command(`send ${from.value} ${to.value} ${amount.value}`);
    return form("A transfer", send, from, "→", to, amount, make("button", {}, "send"));
  }

  #prompt() {
    const line = make("input", { id: "line", size: 24, maxlength: 1000, placeholder: "any command: help", "aria-label": "Any command of the prompt" });
    return form("Any command", () => {
      if (line.value.trim() !== "") this.live.command(line.value);
      line.value = "";
    }, line, make("button", {}, "do"));
  }

  /** The name of the chosen message, if it is on its way. */
  #chosen() {
    const { run, cursor } = this.app;
    return cursor >= 0 && run.underWay(cursor) ? run.columns.body(cursor).id : undefined;
  }

  update() {
    const { app, live } = this;
    setText(this.state, live.state === "live" && !app.following ? "● go live" : STATES[live.state]);
    this.state.setAttribute("aria-pressed", String(live.state === "live" && app.following));
    setText(this.pause, this.#stands() ? "resume" : "pause");
    if (live.slow !== null && document.activeElement !== this.slow) this.slow.value = live.slow;
    this.#showSlow();
    this.lose.disabled = this.#chosen() === undefined;
    for (const { lane, name, button, life } of this.nodes) {
      const alive = this.#alive(lane);
      setText(life, alive ? `kill ${name}` : `restart ${name}`);
      life.classList.toggle("away", !alive);
      const connected = this.#connected(lane);
      setText(button, connected ? `cut off ${name}` : `bring back ${name}`);
      button.classList.toggle("away", !connected);
    }
    this.#showHeard();
  }

  #showSlow() {
    setText(this.times, ` ×${this.slow.value}`);
  }

  #showHeard() {
    const waiting = this.live.waitingWords();
    const heard = [this.live.told, ...waiting].join("\n");
    if (this.heard === heard) return;
    this.heard = heard;
    this.told.replaceChildren(...this.live.heard.map((text) => make("p", {}, text)),
      ...waiting.map((text) => make("p", { class: "waiting" }, text)));
    this.told.scrollTop = this.told.scrollHeight;
  }
}

function group(label, ...parts) {
  return make("div", { class: "group", role: "group", "aria-label": label }, ...parts);
}

function form(label, act, ...parts) {
  return make("form", {
    class: "group", "aria-label": label, onsubmit: (event) => { event.preventDefault(); act(); },
  }, ...parts);
}

function setText(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
