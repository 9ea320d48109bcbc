/** The narrowest stretch of time that can be looked at, in microseconds. */
const NARROWEST = 5;
/** Before the run's beginning and after its end there is room, in proportion to what is seen: so much of the whole run's length. */
const MARGIN = 0.02;

/** Which stretch of time is seen, and time <-> x. */
export class View {
  /** @param {number} start @param {number} stop the run's, in microseconds */
  constructor(start, stop) {
    this.width = 1;
    this.bound(start, stop);
    this.showAll();
  }

  /** The run goes from here to there. */
  bound(start, stop) {
    this.start = start;
    this.stop = stop;
  }

  /** From where to where the whole run is shown. */
  get low() {
    return this.start - MARGIN * (this.stop - this.start);
  }
  get high() {
    return this.stop + MARGIN * (this.stop - this.start);
  }

  /** How much room there is at either end of the run where so much is seen. @param {number} span */
  #margin(span) {
    return (MARGIN / (1 + 2 * MARGIN)) * span;
  }

  showAll() {
    this.from = this.low;
    this.to = this.high;
  }

  /** The end of the run, and so much before it. @param {number} [span] */
  showEnd(span = this.span) {
    this.show(this.stop + this.#margin(span) - span, this.stop + this.#margin(span));
  }

  /** @param {number} time @returns {number} x */
  x(time) {
    return ((time - this.from) / (this.to - this.from)) * this.width;
  }

  /** @param {number} x @returns {number} time */
  time(x) {
    return this.from + (x / this.width) * (this.to - this.from);
  }

  /** Whether the end of the run is in sight. */
  get atEnd() {
    return this.to >= this.stop + this.#margin(this.span) - 1e-6 * this.span;
  }

  get span() {
    return this.to - this.from;
  }

  /** `factor` below 1 shows less; what is at `x` stays there. @param {number} factor @param {number} x */
  zoom(factor, x) {
    const all = this.high - this.low;
    const span = Math.min(all, Math.max(Math.min(NARROWEST, all), this.span * factor));
    const time = this.time(x);
    this.show(time - (x / this.width) * span, time - (x / this.width) * span + span);
  }

  /** @param {number} dx to the right, in pixels */
  pan(dx) {
    const by = (dx / this.width) * this.span;
    this.show(this.from + by, this.to + by);
  }

  /** Shows a stretch, as far as it lies within the run. @param {number} from @param {number} to */
  show(from, to) {
    const span = Math.min(to - from, this.high - this.low);
    const margin = this.#margin(span);
    this.from = Math.min(Math.max(from, this.start - margin), this.stop + margin - span);
    this.to = this.from + span;
  }

  /** Moves only if `time` is not comfortably in sight, and then brings it to the middle. @param {number} time */
  reveal(time) {
    const x = this.x(time) / this.width;
    if (x < 0.05 || x > 0.95) this.show(time - this.span / 2, time + this.span / 2);
  }
}

const STEPS = [1, 2, 5];

/**
 * Round times to label, not closer than `apart` pixels.
 * @param {View} view @param {number} apart
 * @returns {number[]}
 */
export function ticks(view, apart) {
  const least = (view.span / view.width) * apart;
  let step = 1;
  for (let k = 0; step < least; ++k) step = STEPS[k % 3] * 10 ** Math.floor(k / 3);
  const times = [];
  for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) times.push(t);
  return times;
}

/**
 * A time as a reader takes it, as exactly as `step` asks for.
 * @param {number} time in microseconds @param {number} step
 */
export function timeText(time, step = 1) {
  if (step >= 1e6) return `${(time / 1e6).toFixed(0)} s`;
  if (step >= 1e5 && time >= 1e6) return `${(time / 1e6).toFixed(1)} s`;
  const digits = step >= 1000 ? 0 : Math.min(3, Math.ceil(3 - Math.log10(step)));
  return `${(time / 1000).toFixed(digits)} ms`;
}
