import { make } from "./dom.js";
import { requestLife, requestOf, slotLife } from "./life.js";
import { stepList } from "./panel_event.js";

/** So many steps are listed. */
const STEPS_LISTED = 120;

/** A slot's life and a request's. @param {import("./app.js").App} app */
export function lifePage(app) {
  const { run } = app;
  const slot = app.slot ?? (run.columns.slot[app.cursor] || null);
  const request = app.request ?? (app.cursor < 0 ? null : requestOf(run, app.cursor));
  const input = make("input", {
    size: 7, inputmode: "numeric", value: slot ?? "", "aria-label": "Slot",
    onchange: (event) => app.chooseSlot(Number(event.target.value) || null),
  });
  const parts = [make("p", { class: "group" }, make("label", {}, "Slot ", input),
    make("button", { onclick: () => app.nextOfSlot(-1) }, "before (S)"), make("button", { onclick: () => app.nextOfSlot(1) }, "next (s)"))];
  if (slot !== null) {
    const steps = remembered(run, `slot ${slot}`, () => slotLife(run, slot));
    parts.push(make("h2", {}, `The life of slot ${slot}`), ...told(app, steps));
  }
  if (request !== null) {
    const { client, timestamp } = request;
    const { steps, slots } = remembered(run, `request ${client} ${timestamp}`, () => requestLife(run, client, timestamp));
    const twice = slots.length > 1 ? ", chosen more than once: it moves money once" : "";
    parts.push(make("h2", {}, `The life of request ${request.client}#${request.timestamp}${twice}`), ...told(app, steps));
  }
  if (slot === null && request === null) parts.push(make("p", { class: "faint" }, "Choose a slot in the log, or a message that is about one."));
  return parts;
}

/** The lives that were told last: who steps through one need not wait for it again. */
const lives = new Map();

function remembered(run, what, tell) {
  const key = `${what} of ${run.length}`;
  if (!lives.has(key)) {
    if (lives.size > 8) lives.clear();
    lives.set(key, tell());
  }
  return lives.get(key);
}

function told(app, steps) {
  if (steps.length === 0) return [make("p", { class: "faint" }, "Nothing in the trace is about it.")];
  const rest = steps.length - STEPS_LISTED;
  return [stepList(app, steps.slice(0, STEPS_LISTED)), rest > 0 ? make("p", { class: "faint" }, `and ${rest} more`) : null].filter(Boolean);
}
