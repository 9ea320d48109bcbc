/**
 * The live page in a real browser, of the real program: what is pressed and typed there is done, and seen. PROGRAM
 * names paxbank.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { Browser } from "../view/page/browser.js";

const { PROGRAM } = process.env;
const missing = !PROGRAM ? "PROGRAM names no program" : spawnSync("chromedriver", ["--version"]).error ? "there is no chromedriver" : false;
const liveTest = (name, act) => test(name, { skip: missing }, act);

let browser;

before(async () => {
  if (!missing) browser = await Browser.start();
});

after(async () => {
  if (!missing) await browser.stop();
});

/** A running paxbank, and its page opened. */
async function start(...options) {
  const program = spawn(PROGRAM, ["--base-port", "0", "--web", "0", ...options], { stdio: ["pipe", "pipe", "inherit"] });
  program.stdout.setEncoding("utf8");
  program.said = "";
  const address = await new Promise((resolve, reject) => {
    program.stdout.on("data", (text) => {
      program.said += text;
      const [, found] = /watch it at (http:\S+)/.exec(program.said) ?? [];
      if (found) resolve(found);
    });
    program.on("exit", (status) => reject(new Error(`paxbank ended with ${status}: ${program.said}`)));
  });
  program.ended = new Promise((resolve) => { program.on("exit", resolve); });
  await browser.open(address);
  await browser.run("return paxbank.ready.then(() => true)");
  return program;
}

async function end(program) {
  program.stdin.end("quit\n");
  await program.ended;
}

/** Waits until something holds in the page: an expression over `app`, `run` and what was `heard`. */
const until = (condition) => browser.run(`return paxbank.ready.then(({ app, screen }) => new Promise((done) => {
  const look = () => {
    const { run } = app;
    const heard = document.getElementById("heard").textContent;
    if (${condition}) done(true);
    else requestAnimationFrame(look);
  };
  look();
}))`);
const press = (selector) => browser.run("document.querySelector(arguments[0]).click()", selector);
const enter = (selector, value) => browser.run("document.querySelector(arguments[0]).value = arguments[1]", selector, value);
const valueOf = (expression) => browser.run(`return paxbank.ready.then(({ app, screen }) => { const { run } = app; return ${expression}; })`);

liveTest("Live page: the run grows, and the cursor goes with it", async () => {
  const program = await start("--no-pause");
  await until("run.nodes.every((lane) => run.histories.get(lane).at(run.length - 1) !== null)");
  const { length } = await valueOf("({ length: run.length })");
  await until(`run.length > ${length} && app.following`);
  assert.match(await browser.run("return document.getElementById('follow').textContent"), /live/);
  assert.deepEqual(await browser.log(), []);
  await end(program);
});

liveTest("Live page: a transfer is sent, and its money moves; the prompt sees it", async () => {
  const program = await start("--no-pause");
  await enter("#send-from", "C");
  await enter("#send-to", "D");
  await enter("#send-amount", "3");
  await press("[aria-label='A transfer'] button");
  await until("run.nodes.filter((lane) => run.balances(lane, run.length - 1).get('D') === 13).length === run.nodes.length");
  await until("/C.*D.*3/.test(heard)");
  assert.equal(await valueOf("run.balances(run.nodes[0], run.length - 1).get('C')"), 7);
  assert.match(program.said, /\(page\) send C D 3/);
  await end(program);
});

liveTest("Live page: the leader fails, another is elected; cut off and brought back by its button", async () => {
  const program = await start("--no-pause");
  await browser.run("document.getElementById('line').value = 'send A B 1'");
  await press("[aria-label='Any command'] button");
  await until("run.nodes.some((lane) => run.histories.get(lane).at(run.length - 1)?.role === 'leader')");
  await until("/A.*B.*1/.test(heard)");
  const elections = await valueOf("run.landmarks.election.length");
  await press("[data-command='fail the leader']");
  await until("[...document.querySelectorAll('[aria-label=Nodes] button')].some((button) => button.textContent.startsWith('bring back'))");
  await press("[aria-label='A transfer'] button");
  await until(`run.landmarks.election.length >= ${elections} + 2`);
  await until("[...document.querySelectorAll('[aria-label=Nodes] button')].some((button) => button.textContent.startsWith('bring back'))");
  await press("[aria-label=Nodes] .away");
  await until("document.querySelector('[aria-label=Nodes] .away') === null");
  await end(program);
});

liveTest("Live page: between commands the nodes stand still, until they are to run on", async () => {
  const program = await start();
  await press("[aria-label='A transfer'] button");
  await until("/A.*B.*1/.test(heard)");
  await until("document.querySelector(\"[data-command='pause']\").textContent === 'resume'");
  await press("[data-command='pause']");
  await until("document.querySelector(\"[data-command='pause']\").textContent === 'pause'");
  await end(program);
});

liveTest("Live page: of a line with several commands each is done once", async () => {
  const program = await start();
  await enter("#line", "slow 1; send A B 1");
  await press("[aria-label='Any command'] button");
  await until("/A.*B.*1 .*success/.test(heard)");
  assert.equal(program.said.match(/time goes as it goes/g)?.length, 1);
  await end(program);
});

liveTest("Live page: in slow motion messages are seen on their way, and one can be lost", async () => {
  const program = await start("--no-pause", "--slow", "20");
  await until("[...Array(run.length).keys()].some((i) => run.underWay(i))");
  await press("[data-command='pause']");
  await until("document.querySelector(\"[data-command='pause']\").textContent === 'resume'");
  await until("[...Array(run.length).keys()].some((i) => run.underWay(i))");
  await valueOf("app.goTo([...Array(run.length).keys()].findLast((i) => run.underWay(i)))");
  await until("!document.getElementById('lose').disabled");
  const send = await valueOf("app.cursor");
  await press("#lose");
  await until(`run.end[${send}] !== 0xffffffff`);
  assert.equal(await valueOf(`run.head.kinds[run.columns.kind[run.end[${send}]]]`), "lost");
  await press("[data-command='step']");
  await press("[data-command='pause']");
  await until("document.querySelector(\"[data-command='pause']\").textContent === 'pause'");
  await end(program);
});

test("Live page: a port in use is told, and the program ends", { skip: PROGRAM ? false : "PROGRAM names no program" }, async () => {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", () => resolve(null)); });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const { status, stderr } = spawnSync(PROGRAM, ["--base-port", "0", "--web", String(port)], { encoding: "utf8" });
  server.close();
  assert.equal(status, 2);
  assert.match(stderr, new RegExp(`cannot serve pages on 127.0.0.1:${port}: Address already in use`));
});

liveTest("Live page: when the program ends, the page says so and keeps the run", async () => {
  const program = await start("--no-pause");
  await until("run.length > 10");
  await end(program);
  await until("document.getElementById('follow').textContent.includes('the run is over')");
  await browser.press("\uE011");
  assert.equal((await browser.run("return paxbank.cursor()")).event, 0);
});
