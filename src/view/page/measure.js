/** So many frames are measured of each sort. */
const FRAMES = 60;

/**
 * How fast the page pans and zooms: it is moved in each frame, and the time from frame to frame is taken.
 * @param {import("./app.js").App} app @param {import("./screen.js").Screen} screen
 * @returns {Promise<Record<string, {perSecond: number, worst: number, paint: number}>>}
 *   frames a second; the longest frame and the mean of painting, in milliseconds
 */
export async function framesPerSecond(app, screen) {
  const { view } = app;
  const [from, to] = [view.from, view.to];
  const middle = (view.low + view.high) / 2;
  const all = view.high - view.low;
  const look = (part) => view.show(middle - (part * all) / 2, middle + (part * all) / 2);
  const measured = {
    panWhole: await measure(app, screen, () => look(0.9), (k) => view.pan(k % 2 ? 20 : -20)),
    panTenth: await measure(app, screen, () => look(0.1), () => view.pan(5)),
    panHundredth: await measure(app, screen, () => look(0.01), () => view.pan(10)),
    panThousandth: await measure(app, screen, () => look(0.001), () => view.pan(10)),
    zoom: await measure(app, screen, () => look(1), (k) => view.zoom(k < FRAMES / 2 ? 0.75 : 1 / 0.75, view.width / 2)),
  };
  view.show(from, to);
  app.changed("picture");
  return measured;
}

async function measure(app, screen, prepare, move) {
  prepare();
  app.changed("picture");
  await nextFrame();
  const start = await nextFrame();
  let before = start;
  let worst = 0;
  let painting = 0;
  for (let k = 0; k < FRAMES; ++k) {
    move(k);
    const begun = performance.now();
    screen.due.picture = true;
    screen.paint();
    painting += performance.now() - begun;
    const now = await nextFrame();
    worst = Math.max(worst, now - before);
    before = now;
  }
  return { perSecond: Math.round((1000 * FRAMES) / (before - start)), worst: Math.round(worst), paint: Number((painting / FRAMES).toFixed(1)) };
}

function nextFrame() {
  return new Promise((resolve) => { requestAnimationFrame(resolve); });
}
