/**
 * How fast a page opens, pans and zooms in headless Chromium: node measure_page.js PAGE.html ...
 * One line each: milliseconds from the navigation to the first picture, and frames a second (longest frame).
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { Browser } from "./browser.js";

for (const file of process.argv.slice(2)) {
  const browser = await Browser.start();
  try {
    await browser.open(`file://${resolve(file)}`);
    const { openedIn, events } = await browser.run("return paxbank.ready.then(({ openedIn, app }) => ({ openedIn, events: app.run.length }))");
    const frames = await browser.run("return paxbank.frames()");
    const told = Object.entries(frames).map(([name, { perSecond, worst }]) => `${name} ${perSecond} (${worst} ms)`);
    console.log(`${events} events, ${(statSync(file).size / 1e6).toFixed(1)} MB: open in ${Math.round(openedIn)} ms; ${told.join(", ")}`);
  } finally {
    await browser.stop();
  }
}
