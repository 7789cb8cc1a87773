// What the porter copies, and what it says of what it does not, with everything that can lie in a folder which others write.
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Porter } from "../../../src/machine/files/porter.ts";
import { testPython } from "../../support/python.ts";
import { at, deepTree, most, play, porter, root, top } from "./porter-folder.ts";

describe("copies", () => {
  const copy = (bounds = most): Promise<string | null> =>
    porter.copy({ root, name: "ws" }, ".states/copy", bounds);

  it("contents, links, times and permissions, without the bits of another user's rights", async () => {
    mkdirSync(at("ws", "d"));
    writeFileSync(at("ws", "d", "f"), "text");
    symlinkSync("d/f", at("ws", "l"));
    chmodSync(at("ws", "d", "f"), 0o6751);
    chmodSync(at("ws", "d"), 0o1550);
    utimesSync(at("ws", "d", "f"), 1000, 2000);
    utimesSync(at("ws", "d"), 1000, 3000);
    expect(await copy()).toBeNull();
    const copied = (...names: string[]): string => at(".states", "copy", ...names);
    expect(readFileSync(copied("d", "f"), "utf8")).toBe("text");
    expect(readlinkSync(copied("l"))).toBe("d/f");
    expect([lstatSync(copied("d", "f")), lstatSync(copied("d"))]).toMatchObject([
      { mode: 0o100751, mtimeMs: 2_000_000 },
      { mode: 0o40550, mtimeMs: 3_000_000 },
    ]);
  });

  it("over what was there: nothing of that is left", async () => {
    mkdirSync(at(".states", "copy", "old"), { recursive: true });
    writeFileSync(at("ws", "new"), "");
    expect(await copy()).toBeNull();
    expect(readdirSync(at(".states", "copy"))).toEqual(["new"]);
  });

  it("a link out of the folder as the link that it is", async () => {
    symlinkSync(join(top, "outside"), at("ws", "l"));
    expect(await copy()).toBeNull();
    expect(readlinkSync(at(".states", "copy", "l"))).toBe(join(top, "outside"));
  });

  it("holes as holes", async () => {
    writeFileSync(at("ws", "sparse"), "begin");
    truncateSync(at("ws", "sparse"), 900 << 20);
    expect(await copy()).toBeNull();
    const { size, blocks } = statSync(at(".states", "copy", "sparse"));
    expect([size, blocks < 1000]).toEqual([900 << 20, true]);
  });

  it("a second name of a file as a file of its own", async () => {
    linkSync(join(top, "outside"), at("ws", "a"));
    linkSync(join(top, "outside"), at("ws", "b"));
    expect(await copy()).toBeNull();
    writeFileSync(at(".states", "copy", "a"), "changed");
    expect(readFileSync(join(top, "outside"), "utf8")).toBe("precious");
    expect(lstatSync(at(".states", "copy", "b")).nlink).toBe(1);
  });

  it.each([
    ["a pipe", "import os; os.mkfifo('p')", /^p is neither a file nor a folder$/],
    ["a socket", "import socket; socket.socket(socket.AF_UNIX).bind('s')", /^s is neither/],
    ["more files than allowed", "for i in range(21): open(f'f{i}', 'w')", /more than 20 files/],
    ["more folders than allowed", "import os\nfor i in range(21): os.mkdir(f'f{i}')", /more than 20 files/],
    ["more bytes than allowed", "open('f', 'wb').truncate(2 << 20)", /more than 1 MB/],
    ["more bytes in holes than allowed", "open('f', 'wb').truncate(8 << 40)", /more than 1 MB/],
    ["folders of 5000 levels", deepTree(5000), /more than 20 files/],
  ])("nothing of %s, and says so", async (_, source, words) => {
    play(source);
    const bounds = { bytes: 1 << 20, files: 20 };
    expect(await porter.survey({ root, name: "ws" }, bounds)).toMatch(words);
    expect(await copy(bounds)).toMatch(words);
    await porter.remove({ root, name: ".states" });
    expect(existsSync(at(".states"))).toBe(false);
  });

  it("no folders that lie too deep, whatever their number", async () => {
    play(deepTree(5000));
    expect(await copy()).toMatch(/more than 200 deep/);
  });

  it("no file that somebody holds a lease on, instead of waiting for it", async () => {
    const hold = `
import fcntl, signal, subprocess, sys
file = open("f", "w")
signal.signal(signal.SIGIO, signal.SIG_IGN)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
sys.stdin.read()`;
    const holder = spawn(testPython, ["-I", "-c", hold], {
      cwd: at("ws"),
      stdio: ["pipe", "pipe", "inherit"],
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    expect(await copy()).toMatch(/unavailable/);
    holder.stdin.end();
  });

  const name = fc
    .uint8Array({ minLength: 1, maxLength: 60 })
    .filter(
      (bytes) =>
        !bytes.includes(0) &&
        !bytes.includes(47) &&
        ![".", ".."].includes(Buffer.from(bytes).toString("latin1")),
    );
  it("names of any bytes, line breaks and broken UTF-8 among them", async () => {
    const list = (folder: string): string[] =>
      readdirSync(Buffer.from(folder), { encoding: "buffer" })
        .map((one) => one.toString("hex"))
        .toSorted();
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { maxLength: 8, selector: hex }), async (names) => {
        await porter.clear({ root, name: "ws" });
        for (const one of names) writeFileSync(Buffer.concat([Buffer.from(`${at("ws")}/`), one]), one);
        expect(await copy()).toBeNull();
        expect(list(at(".states", "copy"))).toEqual(list(at("ws")));
        await porter.clear({ root, name: "ws" });
        expect(readdirSync(at("ws"))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe("a survey", () => {
  it.each([
    ["/etc/passwd", /^the link l leads out of the workspace$/],
    ["..", /leads out/],
    ["d/../../ws2", /leads out/],
  ])("says that the link to %s leads out", async (target, words) => {
    symlinkSync(target, at("ws", "l"));
    expect(await porter.survey({ root, name: "ws" }, most)).toMatch(words);
  });

  it.each(["f", "d/../f", "./missing"])("lets a link to %s be", async (target) => {
    symlinkSync(target, at("ws", "l"));
    expect(await porter.survey({ root, name: "ws" }, most)).toBeNull();
  });

  it("says that there is nothing, or something else", async () => {
    symlinkSync("ws", at("link"));
    for (const name of ["missing", "link", "ws/missing"])
      expect(await porter.survey({ root, name }, most)).toBe("something in it was exchanged meanwhile");
  });

  it("shows a name in one harmless line", async () => {
    play("import os; os.symlink('/', b'a\\n\\x1b]0;x\\x07\\xff' + b'b' * 200)");
    expect(await porter.survey({ root, name: "ws" }, most)).toMatch(
      /^the link a\\n\\x1b\]0;x\\x07\\udcffb+\.\.\. leads out of the workspace$/,
    );
  });
});

it("says what ended it, and starts again", async () => {
  const broken = new Porter(join(top, "none"));
  await expect(broken.clear({ root, name: "ws" })).rejects.toThrow(/ended: spawn .*none ENOENT/);
  await broken[Symbol.asyncDispose]();
  await expect(broken.clear({ root, name: "ws" })).rejects.toThrow("they are closed");
});
