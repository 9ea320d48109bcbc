/**
 * The view as it stands in the address: `#t=353.012&e=812&from=300&to=400&slot=17&hide=HEARTBEAT,timer`. Times are
 * milliseconds. A teacher writes `#t=…&slot=…` by hand; the page writes all of it.
 * @typedef {{t?: number, e?: number, from?: number, to?: number, slot?: number, only?: number, ballot?: number[],
 *   hide?: string[], lanes?: string[], q?: string, tab?: string}} Place
 */

const NUMBERS = ["t", "e", "from", "to", "slot", "only"];
const LISTS = ["hide", "lanes"];

/** @param {string} hash with or without its # @returns {Place} */
export function parsePlace(hash) {
  const place = {};
  for (const [key, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (NUMBERS.includes(key) && value !== "" && Number.isFinite(Number(value))) place[key] = Number(value);
    if (LISTS.includes(key)) place[key] = value.split(",").filter(Boolean);
    if (key === "q" || key === "tab") place[key] = value;
    const ballot = /^(\d+),n?(\d+)$/.exec(value);
    if (key === "ballot" && ballot) place.ballot = [Number(ballot[1]), Number(ballot[2])];
  }
  return place;
}

/** @param {Place} place @returns {string} with its # */
export function writePlace(place) {
  const parts = [];
  for (const key of NUMBERS) if (place[key] !== undefined) parts.push(`${key}=${Number(place[key].toFixed(3))}`);
  if (place.ballot) parts.push(`ballot=${place.ballot.join(",")}`);
  for (const key of LISTS) if (place[key]) parts.push(`${key}=${place[key].map(encodeURIComponent).join(",")}`);
  for (const key of ["q", "tab"]) if (place[key]) parts.push(`${key}=${encodeURIComponent(place[key])}`);
  return `#${parts.join("&")}`;
}
