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
  if (slot !== null) parts.push(make("h2", {}, `The life of slot ${slot}`), ...told(app, slotLife(run, slot)));
  if (request !== null) {
    const { steps, slots } = requestLife(run, request.client, request.timestamp);
    const twice = slots.length > 1 ? ", chosen more than once: it moves money once" : "";
    parts.push(make("h2", {}, `The life of request ${request.client}#${request.timestamp}${twice}`), ...told(app, steps));
  }
  if (slot === null && request === null) parts.push(make("p", { class: "faint" }, "Choose a slot in the log, or a message that is about one."));
  return parts;
}

function told(app, steps) {
  if (steps.length === 0) return [make("p", { class: "faint" }, "Nothing in the trace is about it.")];
  const rest = steps.length - STEPS_LISTED;
  return [stepList(app, steps.slice(0, STEPS_LISTED)), rest > 0 ? make("p", { class: "faint" }, `and ${rest} more`) : null].filter(Boolean);
}
