import { countUpTo } from "./growing.js";
import { eventWords } from "./words.js";

/**
 * The landmark after or before event `i`, -1 if there is none.
 * @param {import("./growing.js").Growing} landmarks @param {number} i @param {number} direction 1 or -1
 */
export function nextLandmark(landmarks, i, direction) {
  const k = direction > 0 ? countUpTo(landmarks.values, landmarks.length, i)
    : countUpTo(landmarks.values, landmarks.length, i - 1) - 1;
  return k >= 0 && k < landmarks.length ? landmarks.values[k] : -1;
}

/**
 * The next event after or before `i` that `holds`, -1 if there is none.
 * @param {import("./run.js").Run} run @param {number} i @param {number} direction
 * @param {(i: number) => boolean} holds
 */
export function nextWhere(run, i, direction, holds) {
  for (let k = i + direction; k >= 0 && k < run.length; k += direction) if (holds(k)) return k;
  return -1;
}

/** Whether an event is about a slot. @param {import("./run.js").Run} run @param {number} slot */
export function aboutSlot(run, slot) {
  const { columns } = run;
  return (i) => columns.slot[i] > 0 && columns.slot[i] <= slot && slot <= columns.slotTo[i];
}

/** Whether an event happens at a lane. @param {import("./run.js").Run} run @param {number} lane */
export function atLane(run, lane) {
  return (i) => run.columns.lane[i] === lane;
}

/**
 * A search: words apart by blanks, all of which must hold. A word is a kind, a message type, a lane's name, or
 * some text in what the trace says; `slot:17`, `ballot:3,2`, `node:n3`, `kind:timer`, `type:ACCEPT` say which.
 * @param {import("./run.js").Run} run @param {string} text
 * @returns {(i: number) => boolean}
 */
export function searchTest(run, text) {
  const tests = text.split(/\s+/).filter(Boolean).map((word) => wordTest(run, word));
  return (i) => tests.every((test) => test(i));
}

function wordTest(run, word) {
  const { columns, head } = run;
  const [, key, value] = /^(slot|ballot|node|client|kind|type):(.+)$/i.exec(word) ?? [];
  const same = (name) => name.toLowerCase() === (value ?? word).toLowerCase();
  const kind = head.kinds.findIndex(same);
  const type = head.types.findIndex(same);
  const lane = head.lanes.findIndex((l) => same(l.name));
  switch (key?.toLowerCase()) {
    case "slot": return aboutSlot(run, Number(value));
    case "ballot": return ballotTest(columns, value);
    case "kind": return (i) => columns.kind[i] === kind;
    case "type": return (i) => columns.type[i] === type;
    case "node":
    case "client": return (i) => columns.lane[i] === lane || columns.peer[i] === lane;
  }
  if (type >= 0) return (i) => columns.type[i] === type;
  if (kind >= 0) return (i) => columns.kind[i] === kind;
  if (lane >= 0) return (i) => columns.lane[i] === lane || columns.peer[i] === lane;
  return textTest(run, word);
}

function ballotTest(columns, value) {
  const [round, owner] = value.replace(/[()n]/g, "").split(",").map(Number);
  return (i) => columns.round[i] === round && columns.owner[i] === owner;
}

/** Text in bodies, and in what is shown of the run's course: a body that many events share is looked at once. */
function textTest(run, word) {
  const { columns } = run;
  const wanted = word.toLowerCase();
  const told = (i) => (columns.kind[i] === run.kind.mark ? eventWords(run, i) : "");
  let number = -1;
  let holds = false;
  return (i) => {
    if (columns.text[i] !== number) {
      number = columns.text[i];
      holds = `${columns.bodyText(i)}\n${told(i)}`.toLowerCase().includes(wanted);
    }
    return holds;
  };
}
