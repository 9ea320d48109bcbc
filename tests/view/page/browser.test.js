/**
 * The page in a real browser: what is clicked and typed, and what it then shows. PAGE names the page that
 * src/view/page/bundle.cmake makes.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Browser } from "./browser.js";
import { blobOf, synthesise } from "./synthetic.js";

const PAGE = process.env.PAGE;
const missing = !PAGE ? "PAGE names no page" : spawnSync("chromedriver", ["--version"]).error ? "there is no chromedriver" : false;
const ARROW = { left: "\uE012", up: "\uE013", right: "\uE014", down: "\uE015" };
const NASTY = "<script>window.broken = true</script><img src=x onerror='window.broken = true'>";

let browser;
let folder;

before(async () => {
  if (missing) return;
  folder = mkdtempSync(join(tmpdir(), "paxbank-page-"));
  browser = await Browser.start();
});

after(async () => {
  if (missing) return;
  await browser.stop();
  rmSync(folder, { recursive: true });
});

/** Opens a page of a run at a place. */
async function open({ head, rows }, hash = "") {
  const file = join(folder, `${head.title.replace(/\W/g, "")}${rows.length}.html`);
  const [first, second, third] = readFileSync(PAGE, "utf8").split(/@HEAD@|@DATA@/);
  writeFileSync(file, first + JSON.stringify({ ...head, events: rows.length }).replaceAll("<", "\\u003c") + second +
    gzipSync(blobOf(rows)).toString("base64") + third);
  await browser.open("about:blank");
  await browser.open(`file://${file}${hash}`);
  await browser.run("return paxbank.ready.then(() => true)");
}

const cursor = () => browser.run("return paxbank.cursor()");
/** What is shown where, once the frame that is due is drawn. */
const textOf = async (selector) => {
  await drawn();
  return browser.run("return document.querySelector(arguments[0]).textContent", selector);
};
const press = (selector) => browser.run("document.querySelector(arguments[0]).click()", selector);
/** Where one clicks on something. */
const middleOf = async (selector) => browser.run(`const { left, top, width, height } = document.querySelector(arguments[0]).getBoundingClientRect();
  return [Math.round(left + width / 2), Math.round(top + height / 2)]`, selector);
/** Waits until what was asked for is drawn. */
const drawn = () => browser.run("return new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))");
const browserTest = (name, act) => test(name, { skip: missing }, act);

browserTest("Browser: keys step forwards and back, and follow causes", async () => {
  await open(synthesise(3000));
  const begin = await cursor();
  await browser.press(ARROW.right + ARROW.right + ARROW.right);
  const third = await cursor();
  assert.ok(third.event > begin.event);
  await browser.press(ARROW.left + ARROW.left + ARROW.left);
  assert.equal((await cursor()).event, begin.event);
  await browser.press("v");
  const view = (await cursor()).event;
  assert.match(await textOf("#page .lead"), /^NEW_VIEW/);
  await browser.press(ARROW.down);
  assert.match(await textOf("#page .lead"), /^NEW_VIEW .*, arrives$/);
  await browser.press(ARROW.up);
  assert.equal((await cursor()).event, view);
});

browserTest("Browser: a click on an arrow shows its message", async () => {
  await open(synthesise(3000), "#from=61&to=66");
  await drawn();
  const point = await browser.run(`return paxbank.ready.then(({ screen }) => {
    const box = document.getElementById("stage").getBoundingClientRect();
    const frame = screen.scene.frame;
    const { run, view, lines } = frame;
    const send = run.landmarks.newView.values[0];
    const x = (view.x(run.columns.time[send]) * 3 + view.x(run.columns.time[run.end[send]]) * 1) / 4;
    const y = (lines[run.columns.lane[send]] * 3 + lines[run.columns.peer[send]]) / 4;
    return { x: Math.round(box.left + x), y: Math.round(box.top + y) };
  })`);
  await browser.click(point.x, point.y);
  await drawn();
  assert.match(await textOf("#page .lead"), /^NEW_VIEW \(/);
  assert.match(await textOf("#page pre"), /"type": "NEW_VIEW"/);
});

browserTest("Browser: a link leads to a moment and a slot, and the address follows the cursor", async () => {
  await open(synthesise(3000), "#t=80&slot=12");
  assert.equal((await cursor()).time, 80000);
  assert.equal((await cursor()).slot, 12);
  assert.match(await textOf("#page"), /The life of slot 12/);
  await browser.press("e");
  await browser.run("return new Promise((done) => { const wait = () => location.hash.includes(`e=${arguments[0]}`) ? done(true) : setTimeout(wait, 20); wait(); })",
    (await cursor()).event);
});

browserTest("Browser: the legend filters, and fewer arrows are drawn", async () => {
  await open(synthesise(3000), "#from=61&to=70");
  await drawn();
  const arrows = await browser.run("return paxbank.arrows()");
  await press('#legend [data-name="ACCEPT"]');
  await drawn();
  assert.ok(await browser.run("return paxbank.arrows()") < arrows);
  await press('#legend [data-name="ACCEPT"]');
  await drawn();
  assert.equal(await browser.run("return paxbank.arrows()"), arrows);
});

browserTest("Browser: search goes from match to match", async () => {
  await open(synthesise(3000));
  await browser.press("/");
  await browser.press("type:REPLY success\uE007");
  const first = await cursor();
  assert.match(await textOf("#page .lead"), /^REPLY/);
  await browser.press("\uE007");
  assert.ok((await cursor()).event > first.event);
});

browserTest("Browser: the state is that at the cursor", async () => {
  await open(synthesise(3000));
  await browser.press("2");
  assert.match(await textOf("#page .lead"), /^Nobody leads/);
  await browser.press("v");
  await drawn();
  assert.match(await textOf("#page .lead"), /^n\d leads in \(1,n\d\)$/);
});

browserTest("Browser: a violation opens at the violation, with the rule and what is held", async () => {
  const run = synthesise(3000, { violation: true });
  await open(run);
  assert.equal((await cursor()).event, run.head.open_at);
  const page = await textOf("#page");
  assert.match(page, /breaks rule 1/);
  assert.match(page, /n1 holds in slot 1/);
});

browserTest("Browser: text of a trace is never markup", async () => {
  const run = synthesise(3000);
  run.head.title = NASTY;
  run.head.notes = [NASTY];
  run.head.lanes[2].name = NASTY;
  run.rows[0][12] = { mark: { event: NASTY } };
  await open(run);
  assert.ok((await textOf("#notes")).includes(NASTY));
  for (const tab of ["1", "2", "3", "4"]) await browser.press(tab);
  await drawn();
  assert.equal(await browser.run("return window.broken === undefined && document.querySelectorAll('img').length === 0"), true);
  assert.ok((await textOf("#lanes")).includes("<script>"));
});

browserTest("Browser: the help opens and closes by key, and the console stays empty", async () => {
  await open(synthesise(3000));
  await browser.press("?");
  assert.equal(await browser.run("return document.getElementById('help').open"), true);
  await browser.press("\uE00C");
  assert.equal(await browser.run("return document.getElementById('help').open"), false);
  assert.deepEqual(await browser.log(), []);
});

browserTest("Browser: after a click on a button, and after a choice, the keys are those of the picture", async () => {
  await open(synthesise(3000));
  const focus = () => browser.run("return document.activeElement.id");
  for (const button of ["#forth", "#jumps [data-landmark='election']", "#tabs [data-tab='state']", "#panel-button"]) {
    await browser.click(...await middleOf(button));
    assert.equal(await focus(), "stage");
  }
  await browser.press(" ");
  assert.equal(await browser.run("return paxbank.ready.then(({ app }) => app.playing)"), true);
  await browser.press(" ");
  await browser.run("document.getElementById('speed').focus()");
  await browser.press("\uE00C");
  assert.equal(await focus(), "stage");
  await browser.run("const speed = document.getElementById('speed'); speed.focus(); speed.dispatchEvent(new Event('change'))");
  assert.equal(await focus(), "stage");
  // Whoever has come to a button by key stays there.
  await browser.run("document.getElementById('forth').focus()");
  await browser.press("\uE007");
  assert.equal(await focus(), "forth");
});

browserTest("Browser: in a small window nothing lies over something else, and the help begins at its beginning", async () => {
  const size = (width, height) => browser.devtools("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  await size(800, 600);
  await open(synthesise(20000), "#t=420");
  await drawn();
  const names = await browser.run("return [...document.querySelectorAll('#lanes b')].map((b) => b.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])");
  assert.ok(names.length > 10);
  names.slice(1).forEach(([top], k) => assert.ok(top >= names[k][1] - 0.1, `${top} is above ${names[k][1]}`));
  await browser.press("?");
  assert.equal(await browser.run("return document.getElementById('help').scrollTop"), 0);
  await browser.press("\uE00C");
  await size(1280, 800);
  await browser.press("2");
  await drawn();
  assert.match(await textOf("#page"), /cut off/);
  assert.equal(await browser.run("const page = document.getElementById('page'); return page.scrollWidth - page.clientWidth"), 0);
});

browserTest("Browser: rows that come in are shown", async () => {
  const { head, rows } = synthesise(3000);
  await open({ head, rows: rows.slice(0, 2000) });
  await browser.run("return paxbank.ready.then(({ app }) => app.append(arguments[0]))", rows.slice(2000));
  await drawn();
  assert.equal(await browser.run("return paxbank.ready.then(({ app }) => app.run.taken)"), 3000);
});

browserTest("Browser: data that are cut off are told", async () => {
  const { head, rows } = synthesise(3000);
  const file = join(folder, "cut.html");
  const [first, second, third] = readFileSync(PAGE, "utf8").split(/@HEAD@|@DATA@/);
  const data = gzipSync(blobOf(rows)).toString("base64");
  writeFileSync(file, first + JSON.stringify(head) + second + data.slice(0, data.length / 2) + third);
  await browser.open(`file://${file}`);
  await browser.run("return paxbank.ready.catch(() => true)");
  assert.match(await textOf("#notes"), /cannot be shown: the page's data cannot be unpacked/);
});
