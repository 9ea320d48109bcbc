import { make, tableRow } from "./dom.js";
import { timeText } from "./view.js";
import { ballotWords, commandWords } from "./words.js";

/** So many slots of the log are shown at once. */
const SLOTS = 14;

/** Everything beside the lanes: the state at the cursor. @param {import("./app.js").App} app */
export function statePage(app) {
  const { run } = app;
  const states = run.nodes.map((lane) => ({ name: run.laneName(lane), state: run.histories.get(lane).at(app.nowAt(lane)) }));
  return [
    make("p", { class: "lead" }, leaderWords(states)),
    make("p", { class: "faint" }, `at ${timeText(app.time)}; ${waitingWords(app)}`),
    make("h2", {}, "Nodes"), nodesTable(states),
    make("h2", {}, "Log: A accepted, C committed, E executed"), ...logTable(app, states),
    make("h2", {}, "Balances"), balancesTable(app, states),
  ];
}

/** @param {{name: string, state: import("./node_history.js").NodeState|null}[]} states */
export function leaderWords(states) {
  const leaders = states.filter(({ state }) => state?.alive && state.role === "leader");
  if (leaders.length === 0) {
    const candidates = states.filter(({ state }) => state?.alive && state.role === "candidate").map(({ name }) => name);
    return candidates.length > 0 ? `Nobody leads; ${candidates.join(" and ")} ${candidates.length > 1 ? "stand" : "stands"} for election` : "Nobody leads";
  }
  return leaders.map(({ name, state }) => `${name} leads in ${ballotWords(state.follows)}${state.connected ? "" : ", cut off"}`).join("; ");
}

function waitingWords(app) {
  const { clients, histories } = app.run;
  const waiting = clients.reduce((sum, lane) => sum + histories.get(lane).at(app.nowAt(lane)), 0);
  return waiting === 0 ? "no request waits" : waiting === 1 ? "one request waits for its answer" : `${waiting} requests wait for their answers`;
}

function nodesTable(states) {
  const head = ["", "role", "promised", "follows", "base", "C to", "E to", "last", "in flight", "wait"];
  const titles = ["", "", "the highest ballot promised", "the ballot of the leader heard last", "a checkpoint stands for the slots up to here",
    "committed up to here", "executed up to here", "the highest slot in the log", "proposed and not committed", "requests not executed"];
  return make("table", { class: "nodes" },
    make("thead", {}, tableRow("th", head.map((words, k) => make("th", { title: titles[k] || undefined }, words)))),
    make("tbody", {}, ...states.map(({ name, state }) => tableRow("td", state === null ? [name, "not started"] : [
      name, make("td", { class: "role" }, roleWords(state)), ballotWords(state.promised), ballotWords(state.follows), state.base, state.committed,
      state.executed, state.last, state.inFlight, state.pending,
    ]))));
}

function roleWords(state) {
  if (!state.alive) return "dead";
  return state.role + (state.connected ? "" : ", cut off") + (state.paused ? ", paused" : "");
}

function logTable(app, states) {
  const last = Math.max(0, ...states.map(({ state }) => state?.last ?? 0));
  if (last === 0) return [make("p", { class: "faint" }, "No slot is in use.")];
  const centre = app.logAt ?? app.slot ?? last;
  const to = Math.min(last, Math.max(SLOTS, centre + (centre === last ? 0 : SLOTS >> 1)));
  const from = Math.max(1, to - SLOTS + 1);
  const rows = [];
  for (let slot = to; slot >= from; --slot) rows.push(logRow(app, slot, centre));
  const turn = (words, by, possible) => make("button", {
    disabled: !possible, onclick: () => app.showLogAt(Math.min(last, Math.max(1, centre + by))),
  }, words);
  return [
    make("table", {}, make("thead", {}, tableRow("th", ["slot", ...states.map(({ name }) => name), make("th", { class: "words" }, "command")])), make("tbody", {}, ...rows)),
    make("p", { class: "group" }, turn("newer", SLOTS, to < last), turn("older", -SLOTS, from > 1),
      make("button", { onclick: () => app.chooseSlot(null) }, "newest"),
      make("span", { class: "faint" }, ` ${from} to ${to} of ${last}`)),
  ];
}

function logRow(app, slot, centre) {
  const { run } = app;
  const found = run.nodes.map((lane) => run.slot(lane, slot, app.nowAt(lane)));
  const held = found.filter((f) => f.command !== undefined);
  const commands = [...new Set(held.map((f) => commandWords(f.command)))];
  // Accepted in different ballots they may differ; chosen they may not.
  const chosen = new Set(held.filter((f) => f.letter === "C" || f.letter === "E").map((f) => commandWords(f.command)));
  const cells = found.map((f) => make("td", { class: f.letter, title: f.ballot ? `accepted in ${ballotWords(f.ballot)}` : undefined }, f.letter));
  const choose = () => app.chooseSlot(slot, centre);
  return make("tr", {
    class: slot === app.slot ? "chosen" : undefined, tabindex: 0, title: "Choose this slot",
    onclick: choose, onkeydown: (event) => { if (event.key === "Enter") choose(); },
  }, make("td", {}, slot), ...cells, make("td", { class: chosen.size > 1 ? "words differs" : "words" }, commands.join(" / ")));
}

/** One row an account; what differs between nodes that are equally far is marked. */
function balancesTable(app, states) {
  const held = app.run.nodes.map((lane) => app.run.balances(lane, app.nowAt(lane)));
  const accounts = [...new Set(held.flatMap((balances) => [...balances.keys()]))];
  if (accounts.length === 0) return make("p", { class: "faint" }, "No node has an account yet.");
  const first = states.map(({ state }) => states.findIndex((other) => other.state?.executed === state?.executed));
  return make("table", {},
    make("thead", {}, tableRow("th", ["account", ...states.map(({ name }) => name)])),
    make("tbody", {}, ...accounts.map((account) => tableRow("td", [account, ...held.map((balances, node) => {
      const value = balances.get(account);
      return make("td", { class: value !== held[first[node]].get(account) ? "differs" : undefined }, value ?? "");
    })]))));
}
