import { NONE } from "./columns.js";
import { make } from "./dom.js";
import { atLane, nextWhere } from "./find.js";
import { RULES, nodeName, rulesNamed, violationSlot, violationWords } from "./rules.js";
import { timeText } from "./view.js";
import { ballotWords, commandWords } from "./words.js";

/** Checkers that `check` runs over real processes; the simulator runs all of them after every step. */
const OF_CHECK = ["agreement", "order", "exactly once", "conservation"];

/** The rules: which are checked, which are broken, and how. @param {import("./app.js").App} app */
export function rulesPage(app) {
  const { run } = app;
  const { values, length } = run.landmarks.violation;
  const violations = [...values.subarray(0, length)];
  const broken = new Set(violations.flatMap((i) => rulesNamed(run.columns.body(i).rule)));
  return [
    ...violations.slice(0, 20).flatMap((i) => violationParts(app, i)),
    violations.length === 0 ? make("p", { class: "lead" }, "No violation is in this trace.") : null,
    make("p", { class: "faint" }, run.head.by === "simulator"
      ? "The simulator checks after every step; each rule names its checkers."
      : "Of real processes, `check` holds the nodes against each other; each rule names what it checks."),
    make("ol", { class: "rules" }, ...RULES.map((rule) => ruleItem(run, rule, broken))),
  ].filter(Boolean);
}

function ruleItem(run, [number, name, text, names], broken) {
  const checked = run.head.by === "simulator" ? names : names.filter((n) => OF_CHECK.includes(n));
  const state = broken.has(number) ? "broken" : checked.length > 0 ? `checked: ${checked.join(", ")}` : "not checked in this run";
  return make("li", { class: broken.has(number) ? "bad" : undefined, value: number },
    make("b", {}, `${name}. `), text, " ", make("span", { class: broken.has(number) ? "bad" : "faint" }, `[${state}]`));
}

function violationParts(app, i) {
  const { run } = app;
  const body = run.columns.body(i);
  const slot = violationSlot(body);
  const step = brokenBy(run, i, body.nodes);
  const sentences = violationWords(body, (node, at) => {
    const lane = run.lanes.findIndex((l) => l.name === nodeName(node));
    if (!run.nodes.includes(lane)) return { letter: "X", words: "" };
    const { letter, command, ballot } = run.slot(lane, at, i);
    return { letter, words: `${commandWords(command) || "a command"}${ballot ? `, accepted in ${ballotWords(ballot)}` : ""}` };
  });
  return [
    make("h2", { class: "bad" }, `Violation at ${timeText(run.columns.time[i])}: ${body.rule}`),
    ...sentences.map((sentence) => make("p", {}, sentence)),
    make("p", { class: "group" }, make("button", { onclick: () => app.goTo(i) }, "go there"),
      step >= 0 ? make("button", { onclick: () => { app.tab = "event"; app.goTo(step); } }, `${nodeName(body.nodes[0])}'s step`) : null,
      slot > 0 ? make("button", { onclick: () => app.tellLife({ slot }) }, `life of slot ${slot}`) : null),
  ];
}

/** The input in whose step a rule was broken: the last one at the first node that is named; -1 if none is. */
function brokenBy(run, i, nodes = []) {
  if (nodes.length === 0) return -1;
  const lane = run.lanes.findIndex((l) => l.name === nodeName(nodes[0]));
  const last = nextWhere(run, i, -1, atLane(run, lane));
  return last < 0 || run.columns.cause[last] === NONE ? last : run.columns.cause[last];
}
