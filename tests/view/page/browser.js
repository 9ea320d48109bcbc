/** A headless Chromium over WebDriver, for measurements and pictures of the page. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

export class Browser {
  /** @param {{width?: number, height?: number, dark?: boolean}} [options] */
  static async start({ width = 1280, height = 800, dark = false } = {}) {
    const browser = new Browser();
    const port = await freePort();
    browser.profile = mkdtempSync(join(tmpdir(), "paxbank-browser-"));
    browser.driver = spawn("chromedriver", [`--port=${port}`], { stdio: ["ignore", "pipe", "ignore"] });
    browser.base = `http://127.0.0.1:${port}`;
    await ready(browser.driver);
    const args = [...FLAGS, `--user-data-dir=${browser.profile}`, `--window-size=${width},${height}`];
    const { sessionId } = await browser.call("POST", "/session", {
      capabilities: { alwaysMatch: { browserName: "chrome", "goog:loggingPrefs": { browser: "ALL" }, "goog:chromeOptions": { args, binary: "/usr/bin/chromium" } } },
    });
    browser.base += `/session/${sessionId}`;
    await browser.call("POST", "/timeouts", { script: 120000, pageLoad: 120000 });
    // The size of the page, not of a window around it.
    await browser.devtools("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    if (dark) await browser.devtools("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
    return browser;
  }

  async call(method, path, body) {
    const answer = await fetch(this.base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  }

  /** A command of the browser's own protocol. @param {string} cmd @param {object} params */
  devtools(cmd, params) {
    return this.call("POST", "/goog/cdp/execute", { cmd, params });
  }

  /** @param {string} url */
  open(url) {
    return this.call("POST", "/url", { url });
  }

  /** What a function of the page returns. @param {string} script with `return`; promises are waited for */
  run(script, ...args) {
    return this.call("POST", "/execute/sync", { script, args });
  }

  /** @param {string} file */
  async picture(file) {
    writeFileSync(file, Buffer.from(await this.call("GET", "/screenshot"), "base64"));
  }

  /** Keys, one after the other. @param {string} keys */
  press(keys) {
    const actions = [...keys].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
    return this.call("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
  }

  /** @param {number} x @param {number} y */
  click(x, y) {
    return this.call("POST", "/actions", { actions: [{ type: "pointer", id: "mouse", actions: [
      { type: "pointerMove", x, y }, { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }] }] });
  }

  /** What the page and the browser wrote to the console. @returns {Promise<string[]>} */
  async log() {
    return (await this.call("POST", "/se/log", { type: "browser" })).map((entry) => entry.message);
  }

  async stop() {
    try {
      await this.call("DELETE", "");
    } finally {
      this.driver.kill();
      rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }
}

function ready(driver) {
  return new Promise((resolve, reject) => {
    driver.stdout.on("data", (text) => { if (String(text).includes("successfully")) resolve(); });
    driver.on("error", reject);
    driver.on("exit", () => reject(new Error("chromedriver ended before it was ready")));
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
