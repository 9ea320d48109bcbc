import { make } from "./dom.js";
import { requestOf } from "./life.js";
import { timeText } from "./view.js";
import { eventWords, messageWords, whyWords } from "./words.js";

/** So many causes and effects are listed. */
const LISTED = 14;

/**
 * Events to go to, each with its time.
 * @param {import("./app.js").App} app
 * @param {{event: number, words: string}[]} steps
 */
export function stepList(app, steps) {
  return make("ol", { class: "steps" }, ...steps.map(({ event, words }) => make("li", {}, make("button", {
    class: event === app.cursor ? "here" : undefined, onclick: () => app.goTo(event),
  }, make("time", {}, timeText(app.run.columns.time[event])), make("span", {}, words)))));
}

/** The event at the cursor: in words, as JSON, what it came from and what came of it. @param {import("./app.js").App} app */
export function eventPage(app) {
  const { run, cursor, causes } = app;
  if (cursor < 0) return [make("p", { class: "faint" }, "Nothing is chosen. Click an arrow, or press the right arrow key.")];
  const message = run.isMessage(cursor) ? run.message(cursor) : undefined;
  const { from } = run.ends(cursor);
  const why = whyWords(run, cursor);
  const steps = (events) => stepList(app, events.map((event) => ({ event, words: eventWords(run, event) })));
  const before = chain(causes, cursor);
  const after = causes.children(cursor);
  return [
    make("p", { class: "lead" }, eventWords(run, cursor)),
    make("p", { class: "faint" }, `${timeText(run.columns.time[cursor])}, event ${cursor + 1} of ${run.length}`),
    message ? make("p", {}, `${run.laneName(from)} ${messageWords(message)}.`) : null,
    why ? make("p", { class: "faint" }, `because of: ${why}`) : null,
    links(app),
    make("h2", {}, "What it came from (↑)"),
    before.length > 0 ? steps(before) : make("p", { class: "faint" }, "The trace names no cause."),
    make("h2", {}, "What came of it (↓)"),
    after.length > 0 ? steps(after.slice(0, LISTED)) : make("p", { class: "faint" }, "Nothing in the trace."),
    after.length > LISTED ? make("p", { class: "faint" }, `and ${after.length - LISTED} more`) : null,
    ...traceParts(message, run.columns.body(cursor)),
  ].filter(Boolean);
}

/** The message as JSON, or what else the trace says of the event. */
function traceParts(message, body) {
  if (message === undefined && Object.keys(body).length === 0) return [];
  return [make("h2", {}, message ? "The message" : "As the trace has it"), make("pre", {}, json(message ?? body))];
}

/** The causes one behind the other, nearest first; where there are several, the first. */
function chain(causes, i) {
  const found = [];
  for (let k = causes.parents(i)[0]; k !== undefined && found.length < LISTED; k = causes.parents(k)[0]) found.push(k);
  return found;
}

/** To the slot and the request that the event is about. */
function links(app) {
  const { run, cursor } = app;
  const slot = run.columns.slot[cursor];
  const request = requestOf(run, cursor);
  const go = (words, act) => make("button", { onclick: act }, words);
  const parts = [];
  if (slot > 0) parts.push(go(`life of slot ${slot}`, () => app.tellLife({ slot })));
  if (request) {
    parts.push(go(`life of ${request.client}#${request.timestamp}`, () => app.tellLife({ request })));
  }
  return parts.length > 0 ? make("p", { class: "group" }, ...parts) : null;
}

/** So much of a message is shown: a checkpoint can be very long. */
const JSON_SHOWN = 20000;

/** JSON such that a short list stays in a line. @param {any} value */
export function json(value) {
  const text = JSON.stringify(value, null, 2).replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, inner) => `[${inner.replace(/\s*\n\s*/g, " ")}]`);
  return text.length <= JSON_SHOWN ? text : `${text.slice(0, JSON_SHOWN)}\n… ${text.length - JSON_SHOWN} characters more`;
}
