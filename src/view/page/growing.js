/** A typed array that grows: the finished run fills it in bulk, the live one row by row. */
export class Growing {
  /**
   * @param {new (size: number) => any} Type a typed array
   * @param {number} width how many numbers make an item
   */
  constructor(Type, width = 1) {
    this.Type = Type;
    this.width = width;
    this.length = 0;
    this.values = new Type(16 * width);
  }

  /** @param {...number} item `width` numbers */
  push(...item) {
    this.room();
    this.values.set(item, this.length++ * this.width);
  }

  /** One number, where an item is one: without the array that `push` makes. @param {number} value */
  add(value) {
    this.room();
    this.values[this.length++] = value;
  }

  /** Room for one item more. */
  room() {
    const need = (this.length + 1) * this.width;
    if (need > this.values.length) this.values = grown(this.values, need);
  }
}

/**
 * The same values with room for more, at least twice as much as before.
 * @param {any} values a typed array
 * @param {number} need
 */
export function grown(values, need) {
  const more = new values.constructor(Math.max(need, 2 * values.length, 16));
  more.set(values);
  return more;
}

/**
 * How many of the first `length` values are not above `limit`; they do not fall.
 * @param {ArrayLike<number>} values
 * @param {number} length
 * @param {number} limit
 */
export function countUpTo(values, length, limit) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the first item that is not below `least`. @param {Growing} items, in order @param {number} least */
export function firstAtLeast(items, least) {
  return countUpTo(items.values, items.length, least - 1);
}
