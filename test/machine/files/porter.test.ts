// What the porter does with everything that can lie in a folder which others write.
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type KeptFile, Porter } from "../../../src/machine/files/porter.ts";
import { testPython } from "../../support/python.ts";

const most = { bytes: 2 ** 30, files: 20_000 };
let porter: Porter;
let top: string;
let root: string;
beforeEach(() => {
  porter = new Porter(testPython);
  top = mkdtempSync(join(tmpdir(), "nbe-porter-"));
  root = join(top, "root");
  mkdirSync(join(root, "ws"), { recursive: true });
  writeFileSync(join(top, "outside"), "precious");
});
afterEach(async () => {
  // What is removed in the background is gone then.
  await porter[Symbol.asyncDispose]();
  await using last = new Porter(testPython);
  await last.remove({ root: dirname(top), name: basename(top) });
  expect(existsSync(top)).toBe(false);
});

const at = (...names: string[]): string => join(root, ...names);
/** Python that runs in the workspace: for names and trees that Node cannot make. */
const play = (source: string): void => {
  execFileSync(testPython, ["-I", "-c", source], { cwd: at("ws") });
};
const deepTree = (levels: number): string => `
import os
for _ in range(${levels}):
    os.mkdir("d"); open("f", "w").close(); os.chdir("d")`;

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

  it("shows a name in one harmless line", async () => {
    play("import os; os.symlink('/', b'a\\n\\x1b]0;x\\x07\\xff' + b'b' * 200)");
    expect(await porter.survey({ root, name: "ws" }, most)).toMatch(
      /^the link a\\n\\x1b\]0;x\\x07\\udcffb+\.\.\. leads out of the workspace$/,
    );
  });
});

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

describe("measures", () => {
  const measure = (bounds: typeof most, pid: number | null = null) =>
    porter.measure(
      [
        { root, name: "ws" },
        { root, name: "missing" },
      ],
      pid,
      bounds,
    );

  it.each([
    [
      "empty files",
      "for i in range(30): open(f'{i}', 'w').close()",
      { bytes: 30 * 4096, files: 30, over: null },
    ],
    ["folders", "import os; os.makedirs('a/b/c')", { files: 3, over: null }],
    [
      "links, not what they lead to",
      "import os; os.symlink('/usr', 'l')",
      { bytes: 4096, files: 1, over: null },
    ],
    ["what holes hide", "open('f', 'wb').truncate(1 << 40)", { bytes: 4096, files: 1, over: null }],
    [
      "too many names, no further than the limit",
      "for i in range(5000): open(f'{i}', 'w').close()",
      { files: 101, over: "files" },
    ],
    [
      "many small files as what they take",
      "for i in range(90): open(f'{i}', 'w').close()",
      { files: 26, over: "bytes" },
    ],
    ["levels, no further than the limit", deepTree(300), { over: "files" }],
  ])("%s", async (_, source, expected) => {
    play(source);
    const bounds =
      expected.over === "bytes" ? { bytes: 100 << 10, files: 100 } : { bytes: 2 ** 30, files: 100 };
    expect(await measure(bounds)).toMatchObject(expected);
  });

  it("says that folders lie too deep to be counted", async () => {
    play(deepTree(300));
    expect(await measure(most)).toMatchObject({ over: "depth" });
  });

  it("several folders together, and the root by an empty name", async () => {
    mkdirSync(at("other"));
    writeFileSync(at("other", "f"), "");
    writeFileSync(at("ws", "f"), "");
    const both = await porter.measure(
      [
        { root, name: "ws" },
        { root, name: "other" },
      ],
      null,
      most,
    );
    expect([both.files, (await porter.measure([{ root, name: "" }], null, most)).files]).toEqual([2, 4]);
  });

  it("files without a name that processes below one have open, each once", async () => {
    const hide = `
import os, sys
files = [open(f"h{i}", "wb") for i in range(3)]
for file in files:
    file.write(bytes(1 << 20)); file.flush(); os.unlink(file.name)
again = os.dup(files[0].fileno())
print("hidden", flush=True)
sys.stdin.read()`;
    const holder = spawn("/bin/sh", ["-c", `"${testPython}" -I -c '${hide}'; true`], {
      cwd: at("ws"),
      stdio: ["pipe", "pipe", "inherit"],
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    expect(await measure(most, holder.pid ?? null)).toMatchObject({ bytes: 3 << 20, files: 3, over: null });
    expect(await measure({ bytes: 2 << 20, files: 10 }, holder.pid ?? null)).toMatchObject({ over: "bytes" });
    holder.stdin.end();
  });
});

describe("a store", () => {
  const store = (): string => join(top, "store");
  beforeEach(() => mkdirSync(store()));
  const save = () => porter.save({ root, name: "ws" }, store(), most);

  it("keeps the files of a folder and places them again, whatever their names", async () => {
    play(
      "import os\nos.makedirs(b'd\\xff/e'); open(b'd\\xff/e/f\\n', 'w').write('text'); os.symlink('../e/f\\n', b'd\\xff/e/l'); os.chmod(b'd\\xff/e/f\\n', 0o4700)",
    );
    const { saved = [], added, trouble } = await save();
    expect([trouble, saved.length, Object.values(added)]).toEqual([undefined, 4, [4]]);
    // A record of them is written and read as JSON.
    const read: KeptFile[] = JSON.parse(JSON.stringify(saved));
    await porter.clear({ root, name: "ws" });
    expect(await porter.place(read, { root, name: "ws" }, store())).toBeNull();
    play(
      "import os\nassert open(b'd\\xff/e/l').read() == 'text'\nassert os.stat(b'd\\xff/e/f\\n').st_mode & 0o7777 == 0o700",
    );
  });

  it.each(["../../outside", "/etc/f", "d/../../f", "", "l/f"])("places nothing at %j", async (path) => {
    const link = { path: "l", mode: 0o777, modifiedMs: 0, content: { link: ".." } };
    const saved = [link, { path, mode: 0o644, modifiedMs: 0, content: null }];
    await expect(porter.place(saved, { root, name: "ws" }, store())).rejects.toThrow(/plain names|exchanged/);
    expect([readdirSync(top).toSorted(), readdirSync(root)]).toEqual([["outside", "root", "store"], ["ws"]]);
  });

  it.each([
    ["damaged", (file: string) => writeFileSync(file, "texT")],
    ["a link by now", (file: string) => (rmSync(file), symlinkSync(join(top, "outside"), file))],
    ["gone", (file: string) => rmSync(file)],
  ])("says which file is %s", async (_, harm) => {
    writeFileSync(at("ws", "f"), "text");
    const { saved = [] } = await save();
    const [file = ""] = readdirSync(store());
    harm(join(store(), file));
    await porter.clear({ root, name: "ws" });
    expect(await porter.place(saved, { root, name: "ws" }, store())).toBe("f");
  });

  it("adopts copies: what the writer still has open changes nothing", async () => {
    writeFileSync(at("ws", "f"), "text");
    const [hash = ""] = Object.keys((await save()).added);
    rmSync(join(store(), hash));
    writeFileSync(at("ws", hash), "text");
    linkSync(at("ws", hash), at("ws", "held"));
    expect(await porter.adopt([hash], { root, name: "ws" }, store(), 4)).toEqual({
      taken: true,
      added: { [hash]: 4 },
    });
    writeFileSync(at("ws", "held"), "changed");
    expect(readFileSync(join(store(), hash), "utf8")).toBe("text");
  });

  const HASH = "a".repeat(64);
  it.each([
    ["another content", (file: string) => writeFileSync(file, "text"), HASH, 100],
    ["a link", (file: string) => symlinkSync(join(top, "outside"), file), HASH, 100],
    ["a folder", (file: string) => mkdirSync(file), HASH, 100],
    [
      "a pipe",
      (file: string) => execFileSync(testPython, ["-c", "import os, sys; os.mkfifo(sys.argv[1])", file]),
      HASH,
      100,
    ],
    ["nothing", () => undefined, HASH, 100],
    ["no hash for a name", (file: string) => writeFileSync(file, "text"), "../outside", 100],
    ["more than there is room for", (file: string) => writeFileSync(file, "x".repeat(101)), HASH, 100],
  ])("does not adopt %s", async (_, make, name, room) => {
    make(at("ws", HASH));
    expect((await porter.adopt([name], { root, name: "ws" }, store(), room)).taken).toBe(false);
    expect(readdirSync(store())).toEqual([]);
  });
});

it("says what ended it, and starts again", async () => {
  const broken = new Porter(join(top, "none"));
  await expect(broken.clear({ root, name: "ws" })).rejects.toThrow(/ended: spawn .*none ENOENT/);
  await broken[Symbol.asyncDispose]();
  await expect(broken.clear({ root, name: "ws" })).rejects.toThrow("they are closed");
});
