import { Columns } from "./columns.js";

/**
 * How much text is turned into bytes at a time: the browser unpacks one part while the next is decoded.
 * A multiple of four characters.
 */
const PART = 1 << 20;

/**
 * The bytes of base64 of gzip.
 * @param {string} base64
 * @returns {Promise<ArrayBuffer>}
 */
export async function unpack(base64) {
  const text = /\s/.test(base64) ? base64.replace(/\s+/g, "") : base64;
  const gzip = new DecompressionStream("gzip");
  const unpacked = new Response(gzip.readable).arrayBuffer();
  const writer = gzip.writable.getWriter();
  const written = write(writer, text);
  try {
    const [blob] = await Promise.all([unpacked, written]);
    return blob;
  } catch (error) {
    throw new Error(`the page's data cannot be unpacked: the file is cut off or was changed (${error.message})`);
  }
}

async function write(writer, text) {
  for (let at = 0; at < text.length; at += PART) await writer.write(bytesOf(text.slice(at, at + PART)));
  await writer.close();
}

/** @param {string} base64 */
function bytesOf(base64) {
  const bytes = /** @type {any} */ (Uint8Array);  // newer than the types of many tools
  if (bytes.fromBase64) return bytes.fromBase64(base64);
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/**
 * The columns of a page.
 * @param {{version: number, events: number}} head
 * @param {string} base64
 */
export async function readColumns(head, base64) {
  if (head.version !== 2) throw new Error(`the page's data are of version ${head.version}; this page reads version 2`);
  return Columns.ofBlob(await unpack(base64), head.events);
}
