import { aboutSlot } from "./find.js";
import { ballotWords, commandWords } from "./words.js";

/**
 * @typedef {{event: number, after?: number, words: string}} Step
 * A step of a life: its event, what it means for the slot or the request, and behind which event it is told.
 */

/** So many sendings are told: a slot that is sent again for ever has more. */
const TOLD = 200;

/** By type of message, what sending it means for a slot that it is about. */
const SENDS = {
  ACCEPT: "proposes it",
  NEW_VIEW: "proposes it again in its view",
  COMMIT: "says that it is chosen",
};

/**
 * A slot's life: proposed, accepted by whom, chosen when, executed where.
 * @param {import("./run.js").Run} run @param {number} slot
 * @returns {Step[]} in order
 */
export function slotLife(run, slot) {
  const steps = run.nodes.flatMap((lane) => statusSteps(run, lane, slot));
  steps.push(...sendSteps(run, slot), ...choiceSteps(run, slot));
  const behind = ({ event, after }) => (after === undefined ? event : after + 0.5);
  return steps.sort((a, b) => behind(a) - behind(b));
}

/** When a node accepted a slot, and knew it chosen, and executed it. */
function statusSteps(run, lane, slot) {
  const { columns, kind } = run;
  const name = run.laneName(lane);
  const entries = run.histories.get(lane).slotEvents(slot);
  const steps = entries
    .map((entry) => ({ event: entry.event, words: `${name} ${statusWords(entry, run.slot(lane, slot, entry.event).command)}` }));
  for (let i = 0; i < run.length; ++i) {
    if (columns.kind[i] === kind.execute && columns.lane[i] === lane && columns.slot[i] === slot) {
      const { command, result } = columns.body(i);
      // Its step executes it and then says that it knows it chosen: in a slot's life C stands before E.
      const known = entries.find(({ event, chosen }) => chosen && event > i && columns.cause[event] === columns.cause[i]);
      steps.push({ event: i, after: known?.event, words: `${name} executes it (E): ${commandWords(command)}, ${result ?? "nothing to do"}` });
    }
  }
  return steps;
}

function statusWords({ chosen, stored, ballot }, command) {
  if (stored) return `comes back with ${commandWords(command)}`;
  return chosen ? "knows it chosen (C)" : `accepts ${commandWords(command)} in ${ballotWords(ballot)} (A)`;
}

/** When a quorum had accepted a slot in one ballot: then it is chosen, whoever knows it yet. */
function choiceSteps(run, slot) {
  const quorum = Math.floor(run.nodes.length / 2) + 1;
  const accepted = run.nodes.flatMap((lane) => run.histories.get(lane).slotEvents(slot)
    .filter(({ chosen, stored }) => !chosen && !stored).map(({ event, ballot }) => ({ lane, event, ballot: ballotWords(ballot) })));
  accepted.sort((a, b) => a.event - b.event);
  const votes = new Map();
  const steps = [];
  for (const { lane, event, ballot } of accepted) {
    if (!votes.has(ballot)) votes.set(ballot, new Set());
    const before = votes.get(ballot).size;
    votes.get(ballot).add(lane);
    if (before < quorum && votes.get(ballot).size === quorum) steps.push({ event, words: `chosen: a quorum has accepted it in ${ballot}` });
  }
  return steps;
}

/** Who proposed a slot and who announced it; what goes to all is said once. */
function sendSteps(run, slot) {
  const { columns, head, kind } = run;
  const about = aboutSlot(run, slot);
  const steps = [];
  const seen = new Set();
  for (let i = 0; i < run.length && steps.length < TOLD; ++i) {
    if (columns.kind[i] !== kind.send || !about(i)) continue;
    const does = SENDS[head.types[columns.type[i]]];
    const key = [columns.lane[i], columns.type[i], columns.round[i], columns.again[i] && columns.time[i]].join();
    if (does === undefined || seen.has(key)) continue;
    seen.add(key);
    const ballot = `(${columns.round[i]},n${columns.owner[i]})`;
    steps.push({ event: i, words: `${run.laneName(columns.lane[i])} ${does} in ${ballot}${columns.again[i] ? ", again" : ""}` });
  }
  return steps;
}

/**
 * A request's life: given to its client, sent, put into a slot, executed, answered.
 * @param {import("./run.js").Run} run @param {string} client @param {number} timestamp
 * @returns {{steps: Step[], slots: number[]}} and the slots that it came into
 */
export function requestLife(run, client, timestamp) {
  const { columns, kind, type } = run;
  const same = (who) => who?.client_id === client && who?.timestamp === timestamp;
  const steps = [];
  const slots = new Set();
  const told = new Map([
    [kind.submit, "is given it"], [kind.answer, "has the answer"], [kind.execute, "executes it"],
  ]);
  const lane = run.lanes.findIndex((l) => l.name === client);
  for (let i = 0; i < run.length; ++i) {
    const what = columns.kind[i];
    const name = run.laneName(columns.lane[i]);
    if (what === kind.send && (columns.type[i] === type.REQUEST || columns.type[i] === type.REPLY)) {
      if (!same(run.message(i))) continue;
      const verb = columns.type[i] === type.REPLY ? "answers" : columns.lane[i] === lane ? "sends it" : "passes it on";
      steps.push({ event: i, words: `${name} ${verb} to ${run.laneName(columns.peer[i])}${columns.again[i] ? ", again" : ""}` });
    } else if (told.has(what) && (what === kind.execute || columns.lane[i] === lane)) {
      const body = columns.body(i);
      if (!same(what === kind.execute ? body.command : { client_id: client, ...body })) continue;
      if (what === kind.execute) slots.add(body.sequence_number);
      const where = what === kind.execute ? ` at slot ${body.sequence_number}` : "";
      steps.push({ event: i, words: `${name} ${told.get(what)}${where}${body.result ? `: ${body.result}` : ""}` });
    }
  }
  return { steps, slots: [...slots] };
}

/**
 * Which request an event is about, if it is about one.
 * @param {import("./run.js").Run} run @param {number} i
 * @returns {{client: string, timestamp: number}|null}
 */
export function requestOf(run, i) {
  const { columns, kind } = run;
  const body = columns.body(i);
  const message = run.isMessage(i) ? run.message(i) : undefined;
  const client = run.lanes[columns.lane[i]];
  const about = message?.client_id !== undefined ? message : message?.request ?? message?.requests?.[0] ?? body.command ??
    (columns.kind[i] === kind.answer || columns.kind[i] === kind.submit ? { client_id: client.name, ...body } : undefined);
  return about?.timestamp === undefined ? null : { client: about.client_id, timestamp: about.timestamp };
}
