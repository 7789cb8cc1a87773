// What the porter removes and empties, and what it leaves alone.
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { at, deepTree, play, porter, root, top } from "./porter-folder.ts";

describe("removes", () => {
  it.each([
    ["5000 levels", deepTree(5000)],
    ["30000 names", "for i in range(30000): open(f'{i}', 'w').close()"],
    [
      "folders that nobody may enter",
      "import os\nos.makedirs('a/b/c'); open('a/b/f', 'w'); os.chmod('a/b/c', 0); os.chmod('a/b', 0o500); os.chmod('a', 0)",
    ],
    ["pipes and sockets", "import os, socket\nos.mkfifo('p'); socket.socket(socket.AF_UNIX).bind('s')"],
    ["names with line breaks", "import os\nos.mkdir('a\\nb'); open(b'a\\nb/\\xff', 'w')"],
    ["names that look like its own", "import os\nos.makedirs('.gone-1/0-0/0-1'); os.mkdir('0-0')"],
  ])("%s", async (_, source) => {
    play(source);
    await porter.remove({ root, name: "ws" });
    expect(readdirSync(root)).toEqual([]);
  });

  it("names only: what links lead to and what has another name stays", async () => {
    mkdirSync(join(top, "folder"));
    writeFileSync(join(top, "folder", "f"), "precious");
    symlinkSync(join(top, "folder"), at("ws", "l"));
    linkSync(join(top, "outside"), at("ws", "hard"));
    symlinkSync(join(top, "folder"), at("link"));
    await porter.remove({ root, name: "ws" });
    await porter.remove({ root, name: "link" });
    await porter.remove({ root, name: "missing" });
    expect([
      readdirSync(root),
      readdirSync(join(top, "folder")),
      readFileSync(join(top, "outside"), "utf8"),
    ]).toEqual([[], ["f"], "precious"]);
  });

  it("what an earlier process left half-way, and nothing else", async () => {
    for (const folder of [".gone-a/b", ".frozen-c", "kept/.gone-d"])
      mkdirSync(at(folder), { recursive: true });
    writeFileSync(at(".file"), "");
    await porter.sweep(root, [".frozen-"]);
    expect(readdirSync(root).toSorted()).toEqual([".file", "kept", "ws"]);
    expect(readdirSync(at("kept"))).toEqual([".gone-d"]);
  });
});

describe("clears", () => {
  it.each([
    ["a folder that somebody works in", "open('f', 'w').close()"],
    ["5000 levels", deepTree(5000)],
    ["a folder without rights", "import os; os.chmod('.', 0)"],
  ])("%s at once", async (_, source) => {
    play(source);
    await porter.clear({ root, name: "ws" });
    expect(readdirSync(at("ws"))).toEqual([]);
  });

  it("a link, and leaves alone what it leads to", async () => {
    rmSync(at("ws"), { recursive: true });
    symlinkSync(top, at("ws"));
    await porter.clear({ root, name: "ws" });
    expect([
      lstatSync(at("ws")).isDirectory(),
      readdirSync(at("ws")),
      existsSync(join(top, "outside")),
    ]).toEqual([true, [], true]);
  });

  it.each(["..", "ws/../../outside", "", "a//b", ".", "/etc"])("no path like %j", async (name) => {
    await expect(porter.clear({ root, name })).rejects.toThrow("not a path of plain names");
  });
});
