/**
 * Writes a page of a synthetic run: node make_page.js PAGE.html EVENTS OUTPUT.html [violation]
 * PAGE.html is what src/view/page/bundle.cmake makes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { blobOf, synthesise } from "./synthetic.js";

const [template, events, output, violation] = process.argv.slice(2);
const { head, rows } = synthesise(Number(events), { violation: violation === "violation" });
const [before, between, after] = readFileSync(template, "utf8").split(/@HEAD@|@DATA@/);
writeFileSync(output, before + JSON.stringify(head).replaceAll("<", "\\u003c") + between +
  gzipSync(blobOf(rows), { level: 6 }).toString("base64") + after);
