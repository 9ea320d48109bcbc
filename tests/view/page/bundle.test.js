import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../src/view/page/", import.meta.url));
const MODULES = readFileSync(`${FOLDER}modules.cmake`, "utf8").match(/[a-z_]+\.js/g);
const read = (module) => readFileSync(FOLDER + module, "utf8");

test("Bundle: every module is in it, once", () => {
  assert.deepEqual([...MODULES].sort(), readdirSync(FOLDER).filter((name) => name.endsWith(".js")).sort());
});

test("Bundle: a module stands after those that it imports", () => {
  for (const [k, module] of MODULES.entries()) {
    for (const [, imported] of read(module).matchAll(/^import [^;]*from "\.\/([a-z_]+\.js)";/gm)) {
      assert.ok(MODULES.indexOf(imported) < k, `${module} imports ${imported}, which stands after it`);
    }
  }
});

test("Bundle: a name at the top of a module is at the top of no other", () => {
  const owners = new Map();
  for (const module of MODULES) {
    for (const [, name] of read(module).matchAll(/^(?:export )?(?:async )?(?:const|let|class|function\*?) (\w+)/gm)) {
      assert.equal(owners.get(name), undefined, `${name} is in ${module} and in ${owners.get(name)}`);
      owners.set(name, module);
    }
  }
});

test("Bundle: nothing in a module ends the script, or is filled in by the program", () => {
  for (const module of MODULES) assert.doesNotMatch(read(module), /<\/script|<!--|@[A-Z]+@/, module);
});

test("Bundle: no module is longer than 400 lines", () => {
  for (const module of MODULES) assert.ok(read(module).split("\n").length <= 401, module);
});

test("Page: nothing makes markup of text", () => {
  for (const module of MODULES) assert.doesNotMatch(read(module), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/, module);
});
