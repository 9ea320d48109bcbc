import { grown } from "./growing.js";

/** What a column holds where there is nothing to say. */
export const NONE = 0xffffffff;
export const NO_LANE = 0xffff;
export const NO_TYPE = 0xff;

/**
 * The columns of the blob before the bodies, and those after: each is aligned to its size.
 * @type {[string, any][]}
 */
const FIRST = [
  ["time", Float64Array], ["link", Uint32Array], ["cause", Uint32Array], ["slot", Uint32Array],
  ["slotTo", Uint32Array], ["round", Uint32Array], ["text", Uint32Array],
];
/** @type {[string, any][]} */
const LAST = [
  ["lane", Uint16Array], ["peer", Uint16Array], ["kind", Uint8Array], ["type", Uint8Array],
  ["again", Uint8Array], ["owner", Uint8Array],
];

/**
 * The events of a run, a column for each field, in the order of time. Bodies are kept as text until
 * somebody asks for one.
 */
export class Columns {
  length = 0;
  /** When, in microseconds since the start. */
  time = new Float64Array(0);
  /** Of an arrival or a loss: the send. */
  link = new Uint32Array(0);
  /** The input in whose step it happened. */
  cause = new Uint32Array(0);
  /** The first slot and the last that it is about; 0: about none. */
  slot = new Uint32Array(0);
  slotTo = new Uint32Array(0);
  /** The ballot that it is about; round 0: about none. */
  round = new Uint32Array(0);
  owner = new Uint8Array(0);
  /** The number of its body. */
  text = new Uint32Array(0);
  /** Where it happened, and at whose other end. */
  lane = new Uint16Array(0);
  peer = new Uint16Array(0);
  /** Indices into the head's kinds and types. */
  kind = new Uint8Array(0);
  type = new Uint8Array(0);
  /** 1: a message that is sent once more. */
  again = new Uint8Array(0);

  /** The bodies of the blob: how many, where each begins, and their bytes. */
  texts = 0;
  offsets = new Uint32Array(1);
  bytes = new Uint8Array(0);
  /** Bodies that came one by one; their numbers go on where those of the blob end. */
  lateBodies = [];

  /**
   * Columns that are views into the blob: nothing is copied.
   * @param {ArrayBuffer} blob
   * @param {number} length how many events
   */
  static ofBlob(blob, length) {
    const columns = new Columns();
    let at = 0;
    const take = (Type, count) => {
      const size = count * Type.BYTES_PER_ELEMENT;
      if (at + size > blob.byteLength) {
        throw new Error(`the page's data end after ${blob.byteLength} bytes, in the midst of a column: the file is cut off`);
      }
      const view = new Type(blob, at, count);
      at += size;
      return view;
    };
    columns.length = length;
    for (const [name, Type] of FIRST) columns[name] = take(Type, length);
    columns.texts = take(Uint32Array, 1)[0];
    columns.offsets = take(Uint32Array, columns.texts + 1);
    for (const [name, Type] of LAST) columns[name] = take(Type, length);
    columns.bytes = take(Uint8Array, columns.offsets[columns.texts]);
    return columns;
  }

  /**
   * One event more.
   * @param {any[]} row [time_us, kind, lane, peer, link, cause, type, again, slot, slot_to, round, owner,
   *   body or null]; -1 stands for none. An arrival without a body has that of its send
   */
  append(row) {
    if (this.length === this.time.length) {
      for (const [name] of [...FIRST, ...LAST]) this[name] = grown(this[name], this.length + 1);
    }
    const i = this.length++;
    [this.time[i], this.kind[i], this.lane[i], this.peer[i], this.link[i], this.cause[i], this.type[i],
      this.again[i], this.slot[i], this.slotTo[i], this.round[i], this.owner[i]] = row;
    this.text[i] = this.#textOf(row[12], this.link[i]);
    return i;
  }

  #textOf(body, link) {
    if (body !== null) return this.texts + this.lateBodies.push(body) - 1;
    return link === NONE ? NONE : this.text[link];
  }

  /** What else the trace says of an event, `{}` if nothing. @param {number} i @returns {any} */
  body(i) {
    const number = this.text[i];
    if (number === NONE) return {};
    if (number >= this.texts) return this.lateBodies[number - this.texts];
    return JSON.parse(this.decode(number));
  }

  /** The body as text. @param {number} i */
  bodyText(i) {
    const number = this.text[i];
    if (number === NONE) return "";
    if (number >= this.texts) return JSON.stringify(this.lateBodies[number - this.texts]);
    return this.decode(number);
  }

  /** @param {number} number of the text */
  decode(number) {
    return utf8.decode(this.bytes.subarray(this.offsets[number], this.offsets[number + 1]));
  }
}

const utf8 = new TextDecoder();
