/**
 * The rules of docs/protocol.md: number, what it says, and the names under which the checkers report a breach.
 * Those without a name are held by tests and by the core's own assertions.
 * @type {[number, string, string, string[]][]}
 */
export const RULES = [
  [1, "Agreement", "No two nodes ever commit different commands at one sequence number.", ["agreement", "quorum"]],
  [2, "Promises", "A node promises only a ballot higher than any it has promised, and accepts only at a ballot at least as high as its promise; accepting raises the promise.", ["acceptance", "accept log", "durability"]],
  [3, "Counting promises", "A candidate counts each node's PROMISE once, and only for the ballot it is running.", ["leadership"]],
  [4, "The view", "A PROMISE reports everything accepted; NEW_VIEW takes for every number the command of the highest ballot; numbers in between become no-ops.", ["promise"]],
  [5, "Counting acceptances", "Only the leader that owns the ballot counts its ACCEPTEDs, each node once, per sequence number.", ["quorum", "one proposal a ballot"]],
  [6, "Order", "Commands execute strictly in sequence order at every node, each once.", ["order"]],
  [7, "Exactly once", "A request that was chosen twice changes balances once.", ["exactly once"]],
  [8, "Reply", "REPLY goes out only after execution.", ["reply"]],
  [9, "Money", "A transfer succeeds if and only if both accounts exist, they differ, the amount is positive and the sender's balance covers it. The sum never changes; no balance is ever negative.", ["conservation"]],
  [10, "Linearizable", "If a client has the reply to X before another sends Y, X precedes Y in the log.", ["linearizability"]],
  [11, "A leader stays", "A leader is elected, and stays while it is heard. A node that hears its leader gives no PROMISE.", ["stable leader"]],
  [12, "Stepping down", "A leader that no longer hears a quorum steps down within a leader timeout.", ["stepping down"]],
  [13, "No duel", "Two candidates do not duel for ever: timeouts are randomised, with back-off.", []],
  [14, "Catching up", "A node that missed messages catches up by itself, in time proportional to what it missed.", []],
  [15, "Answered", "Every request is answered in the end.", ["liveness"]],
  [16, "Sent again", "The leader pipelines. What was not acknowledged is sent again, with back-off.", []],
  [17, "Work", "Work per transaction does not grow with the log.", []],
  [18, "Bounds", "Every queue, buffer and history has a bound and says what happens at it.", ["bounds"]],
];

/** Names that stand for no rule of their own. */
const OTHERS = {
  assertion: "An assertion of the core's own failed: something that must always hold in one node does not.",
  exception: "Something was thrown: the core never throws.",
  hang: "A step does not end.",
};

/**
 * The rules that a violation breaks.
 * @param {string} name as the checker calls it
 * @returns {number[]}
 */
export function rulesNamed(name) {
  return RULES.filter(([, , , names]) => names.includes(name)).map(([number]) => number);
}

/**
 * A violation in sentences: what is broken, by whom, where.
 * @param {any} body of the violation's event
 * @param {(node: string, slot: number) => {letter: string, words: string}} slotAt what a node holds in a slot
 * @returns {string[]}
 */
export function violationWords(body, slotAt) {
  const slot = violationSlot(body);
  const numbers = rulesNamed(body.rule);
  const sentences = [body.what ?? ""];
  if (numbers.length > 0) {
    sentences.push(`That breaks rule ${numbers.join(" and ")}${numbers.length > 1 ? ", or one of them" : ""}: ${ruleText(numbers[0])}`);
  } else if (OTHERS[body.rule]) {
    sentences.push(OTHERS[body.rule]);
  }
  const nodes = (body.nodes ?? []).map(nodeName);
  if (nodes.length > 0) sentences.push(`Concerned: ${nodes.join(", ")}${slot ? `, at slot ${slot}` : ""}.`);
  if (slot) {
    nodes.forEach((node) => {
      const { letter, words } = slotAt(node, slot);
      sentences.push(`${node} holds in slot ${slot}: ${letter === "X" ? "nothing (X)" : `${words} (${letter})`}.`);
    });
  }
  return sentences;
}

/** The slot that a violation is about, by its field or by its words; 0 if it is about none. @param {any} body */
export function violationSlot(body) {
  return body.sequence_number ?? Number(/\bat (\d+)\b/.exec(body.what)?.[1] ?? 0);
}

function ruleText(number) {
  return RULES.find(([n]) => n === number)[2];
}

/** @param {number|string} node as the trace names it */
export function nodeName(node) {
  return typeof node === "number" ? `n${node}` : node;
}
