import { NONE } from "./columns.js";

/** So many entries of a log are named; the rest are counted. */
const NAMED = 4;

/** @param {number[]|null|undefined} ballot */
export function ballotWords(ballot) {
  return ballot && ballot[0] > 0 ? `(${ballot[0]},n${ballot[1]})` : "none";
}

/** @param {any[]} transaction */
export function transferWords([payer, payee, amount]) {
  return `${payer}->${payee} ${amount}`;
}

/** @param {any} command a request or "no-op" */
export function commandWords(command) {
  if (command === undefined || typeof command === "string") return command ?? "";
  return `${transferWords(command.transaction)} (${command.client_id}#${command.timestamp})`;
}

function slotsWords(from, to) {
  return to > from ? `slots ${from} to ${to}` : `slot ${from}`;
}

function logWords(log) {
  if (log.length === 0) return "nothing";
  const named = log.slice(0, NAMED).map(([ballot, slot, command]) =>
    `${slot}: ${commandWords(command)} ${ballotWords(ballot)}`);
  const rest = log.length - named.length;
  return named.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

function commandsOf(message) {
  return message.requests ?? (message.request === undefined ? [] : [message.request]);
}

function proposalWords(message) {
  const commands = commandsOf(message);
  const named = commands.slice(0, NAMED).map((c, k) => `${commandWords(c)} at ${message.sequence_number + k}`);
  const rest = commands.length - named.length;
  return named.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** By type, what a message says. */
const SAYS = {
  PREPARE: (m) => `asks for a promise of ballot ${ballotWords(m.ballot)}, and what was accepted from slot ${m.from_sequence} on`,
  PROMISE: (m) => `promises ballot ${ballotWords(m.ballot)}, having accepted ${logWords(m.accept_log)}` +
    (m.next_sequence === undefined ? "" : `; more follows from slot ${m.next_sequence} on`),
  NEW_VIEW: (m) => `leads in ballot ${ballotWords(m.ballot)}, and proposes again ${logWords(m.accept_log)}`,
  ACCEPT: (m) => `proposes ${proposalWords(m)} in ballot ${ballotWords(m.ballot)}` +
    (m.committed ? `; all up to slot ${m.committed} is chosen` : ""),
  ACCEPTED: (m) => `has accepted ${slotsWords(m.sequence_number, m.through ?? 0)} in ballot ${ballotWords(m.ballot)}`,
  COMMIT: (m) => {
    const commands = commandsOf(m);
    const to = m.through ?? m.sequence_number + commands.length - 1;
    const what = commands.length > 0 ? `: ${proposalWords(m)}` : ` as accepted in ballot ${ballotWords(m.ballot)}`;
    return `says that ${slotsWords(m.sequence_number, to)} ${to > m.sequence_number ? "are" : "is"} chosen${what}`;
  },
  REQUEST: (m) => `asks for ${commandWords(m)}`,
  REPLY: (m) => `answers ${m.client_id}#${m.timestamp}: ${m.result}` +
    (m.sequence_number ? `, executed at slot ${m.sequence_number}` : "") +
    (m.newest_timestamp ? `; its newest executed request is #${m.newest_timestamp}` : ""),
  HEARTBEAT: (m) => `is in ballot ${ballotWords(m.ballot)}, has committed up to slot ${m.committed} and executed up to ${m.executed}` +
    (m.in_view === false ? ", and has not seen its NEW_VIEW" : ""),
  CHECKPOINT: (m) => `sends its state after slot ${m.sequence_number}`,
};

/** What a message says, in words; nothing, if it lacks what its type must have. @param {any} message */
export function messageWords(message) {
  return inWords(SAYS[message?.type], message) ?? "";
}

function inWords(words, what) {
  try {
    return words?.(what);
  } catch {
    return undefined;
  }
}

/** By kind, what an event is; `b` is its body. */
const IS = {
  start: () => "starts",
  timer: () => "wakes: a time that it had asked for has come",
  stored: () => "what it had asked to be stored has been",
  order: (b) => `is told to ${b.order}`,
  submit: (b) => `is given ${transferWords(b.transaction)} to have done`,
  burst: (b) => `takes ${b.inputs.length} inputs in one turn`,
  event: (b) => b.what ?? b.event,
  state: (b) => `now: ${Object.entries(b).filter(([key]) => key !== "whole").map(changeWords).join(", ")}`,
  execute: (b) => `executes slot ${b.sequence_number}: ${commandWords(b.command)}, ${b.result ?? "nothing to do"}` +
    (b.applied || b.command === "no-op" ? "" : " (it had been executed before)"),
  answer: (b) => `has its answer to #${b.timestamp}, ${transferWords(b.transaction)}: ${b.result}`,
  fault: (b) => b.what ?? b.fault,
  crash: (b) => b.what ?? "is dead",
  restart: (b) => b.what ?? "is back with what it had stored",
  mark: (b) => markWords(b.mark),
  violation: (b) => `breaks a rule, ${b.rule}: ${b.what}`,
};

function changeWords([name, value]) {
  if (name === "promised" || name === "follows") return `${name} ${ballotWords(value)}`;
  if (Array.isArray(value)) return `${value.length} ${name}`;
  return typeof value === "boolean" ? `${value ? "" : "not "}${name}` : `${name.replace("_", " ")} ${value}`;
}

/** By its name in the report, what a mark says of the run's course. */
const MARKS = {
  set_begin: (b) => `Set ${b.set}`,
  set_end: (b) => `set ${b.set} is over`,
  leader: (b) => `n${b.node} leads in ${ballotWords(b.ballot)}`,
  transaction: (b) => `${b.result === "timeout" ? "timeout" : b.result}: row ${b.row}, ${transferWords(b.transaction)}`,
  resolved: (b) => `answered after all: row ${b.row} of set ${b.row_set}, ${transferWords(b.transaction)}`,
  leader_failed: (b) => (b.node ? `LF: n${b.node} fails` : "LF: nobody leads"),
  disconnected: (b) => `${nodesWords(b.nodes)} cut off`,
  reconnected: (b) => `${nodesWords(b.nodes)} back`,
  killed: (b) => `${b.clients ? "the clients" : nodesWords(b.nodes)} killed`,
  restarted: (b) => `${b.clients ? "the clients" : nodesWords(b.nodes)} back from the dead`,
  process_died: (b) => `${b.process} died: ${b.how}`,
  process_silent: (b) => `${b.process} is silent`,
  process_answers: (b) => `${b.process} answers again`,
  summary: () => "the end",
};

function nodesWords(nodes = []) {
  return nodes.map((node) => `n${node}`).join(", ");
}

/** What a mark says of the run's course. @param {any} mark a line of the report */
export function markWords(mark) {
  return MARKS[mark.event]?.(mark) ?? mark.event.replaceAll("_", " ");
}

/**
 * An event in one line, without its time.
 * @param {import("./run.js").Run} run @param {number} i
 */
export function eventWords(run, i) {
  const { columns, head } = run;
  const kind = head.kinds[columns.kind[i]];
  const name = run.laneName(columns.lane[i]);
  const who = run.lanes[columns.lane[i]].sort === "run" ? "" : `${name} `;
  if (!run.isMessage(i)) return `${who}${inWords(IS[kind], columns.body(i)) ?? kind}`;
  const { from, to } = run.ends(i);
  const label = arrowLabel(run, i);
  const arrow = `${label} ${run.laneName(from)} -> ${run.laneName(to)}`;
  if (kind === "send") return arrow + (columns.again[i] ? ", sent again" : "");
  if (kind === "receive") return `${arrow}, arrives`;
  if (kind === "drop") return `${arrow}, arrives at a node that is cut off`;
  return `${arrow}, lost: ${LOSSES[columns.body(i).reason] ?? columns.body(i).reason ?? "no reason is named"}`;
}

/** What took a message that will not arrive. */
const LOSSES = {
  loss: "on the way",
  cut: "the link is cut",
  down: "its receiver is gone",
  full: "too much waits to be sent already",
  reconnect: "its connection is made anew",
};

/** What stands at an arrow: type, and the slot or the ballot. @param {import("./run.js").Run} run @param {number} i */
export function arrowLabel(run, i) {
  const { type, slot, slotTo, round, owner } = run.columns;
  const name = run.head.types[type[i]];
  if (slot[i] > 0 && name !== "PROMISE" && name !== "PREPARE" && name !== "HEARTBEAT") {
    return `${name} ${slot[i]}${slotTo[i] > slot[i] ? `..${slotTo[i]}` : ""}`;
  }
  return round[i] > 0 ? `${name} ${ballotWords([round[i], owner[i]])}` : name;
}

/** Why an event happened, as its trace says it. @param {import("./run.js").Run} run @param {number} i */
export function whyWords(run, i) {
  const { cause } = run.columns;
  const { why, mark } = run.columns.body(i);
  return why ?? mark?.why ?? (cause[i] === NONE ? "" : eventWords(run, cause[i]));
}
