// What the porter counts, and what it keeps in a store, places again and adopts.
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { filesPath, type KeptFile } from "../../../src/machine/files/porter.ts";
import { testPython } from "../../support/python.ts";
import { at, deepTree, most, play, porter, root, top } from "./porter-folder.ts";

/** Makes so many folders in each other, each closed once the next one is in it. */
const CLOSED = `def closed(name, depth):
    if depth == 0: return
    os.mkdir(name); os.chdir(name); closed(name, depth - 1); os.chdir(".."); os.chmod(name, 0)
`;

describe("measures", () => {
  const measure = (bounds: typeof most) =>
    porter.measure(
      [
        { root, name: "ws" },
        { root, name: "missing" },
      ],
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

  it.each([
    ["levels however deep", deepTree(5000), 10_000],
    [
      "folders beside each other, where others lie deep",
      `import os
for _ in range(230):
    for name in "abc": os.makedirs(name + "/d/e")
    open("b/d/e/f", "w").close(); os.chdir("b/d")`,
      2300,
    ],
  ])("%s", async (_, source, files) => {
    play(source);
    expect(await measure({ ...most, files: 20_000 })).toMatchObject({ files, over: null });
  });

  it("says that somebody moves folders that lie deep, so that they cannot be counted", () => {
    play(deepTree(300));
    expect(count(MOVED)).toMatchObject({ files: 600, over: "hidden" });
  });

  it.each([
    ["closed", "os.makedirs('a/b'); open('a/b/f', 'w').close(); os.chmod('a', 0)", 3],
    [
      "closed, the first too",
      "os.makedirs('a'); open('a/f', 'w').close(); os.chmod('a', 0); os.chmod('.', 0)",
      2,
    ],
    ["to be listed only", "os.makedirs('a/b'); open('a/b/f', 'w').close(); os.chmod('a', 0o400)", 3],
    ["to be entered only", "os.makedirs('a/b'); open('a/b/f', 'w').close(); os.chmod('a', 0o100)", 3],
    ["closed in each other", `${CLOSED}closed('a', 5)`, 5],
  ])("what lies in folders that are %s, and leaves them so", (_, source, files) => {
    expect(count(AS_ITS_OWNER, source)).toMatchObject({ files, over: null, same: true });
  });

  it.each([
    ["closed and deep", `${CLOSED}closed('a', 300)`],
    ["closed again as soon as they are opened", "os.makedirs('a/b'); os.chmod('a', 0); AGAIN()"],
  ])("says that folders are %s, so that they cannot be counted", (_, source) => {
    expect(count(AS_ITS_OWNER, source)).toMatchObject({ over: "hidden" });
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
      most,
    );
    expect([both.files, (await porter.measure([{ root, name: "" }], most)).files]).toEqual([2, 4]);
  });
});

function count(program: string, ...more: readonly string[]): unknown {
  const counted = execFileSync(testPython, ["-c", program, at("ws"), ...more], {
    env: { PYTHONPATH: filesPath(), PYTHONDONTWRITEBYTECODE: "1" },
    encoding: "utf8",
  });
  return JSON.parse(counted);
}

/** Plays a program as an ordinary user, and counts as the same one what it left. */
const AS_ITS_OWNER = `
import json, os, subprocess, sys
from nbevolve_files import measuring, reach
folder, source = sys.argv[1:]
parent = os.open(os.path.dirname(folder), os.O_RDONLY)
os.chdir(folder)
if os.geteuid() == 0:
    os.chown(".", 65534, 65534); os.setgid(65534); os.setuid(65534)
def AGAIN():
    chmod = os.chmod
    os.chmod = lambda path, mode: (chmod(path, mode), chmod(path, 0))
def modes():
    return [os.stat(name).st_mode for name in ("a", ".") if os.access(".", os.X_OK)]
exec(source)
before = modes()
found = measuring.measure([(parent, os.path.basename(folder))], [], reach.Bounds(1 << 40, 20_000))
print(json.dumps({**found, "same": before == modes()}))`;

/** Counts while the deepest folder is moved before the way back. */
const MOVED = `
import json, os, sys
from nbevolve_files import measuring, reach
def open_folder(name, parent):
    if name == "..":
        os.rename(os.readlink(f"/proc/self/fd/{parent}"), f"{sys.argv[1]}/aside")
    return reach.open_folder(name, parent)
measuring.open_folder = open_folder
parent = os.open(os.path.dirname(sys.argv[1]), os.O_RDONLY)
print(json.dumps(measuring.measure([(parent, os.path.basename(sys.argv[1]))], [], reach.Bounds(1 << 40, 20_000))))`;

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
