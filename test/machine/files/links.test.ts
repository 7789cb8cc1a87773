// Links of the root, by which people find a workspace in its box: how they are made, and what stays of boxes because of them.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { at, porter, root, top } from "./porter-folder.ts";

const show = (name: string, to: string): Promise<void> => porter.show({ root, name }, to);

function workspaceIn(box: string, name: string): string {
  mkdirSync(at(".boxes", box, name), { recursive: true });
  writeFileSync(at(".boxes", box, name, "f"), box);
  return `.boxes/${box}/${name}`;
}

/** What is removed in the background is gone when the porter has ended: the next one sees it. */
const boxes = (): readonly string[] =>
  readdirSync(at(".boxes"), { recursive: true, encoding: "utf8" }).toSorted();

describe("shows", () => {
  it("a folder below the root by a link that is relative: the root can be moved", async () => {
    await show("b1", workspaceIn("one", "b1"));
    expect(readlinkSync(at("b1"))).toBe(".boxes/one/b1");
    expect(readFileSync(at("b1", "f"), "utf8")).toBe("one");
  });

  it("another folder in place of the first, which goes, and nothing beside it", async () => {
    workspaceIn("one", "b2");
    await show("b1", workspaceIn("one", "b1"));
    await show("b1", workspaceIn("two", "b1"));
    await porter[Symbol.asyncDispose]();
    expect(readlinkSync(at("b1"))).toBe(".boxes/two/b1");
    expect(boxes()).toEqual(["one", "one/b2", "one/b2/f", "two", "two/b1", "two/b1/f"]);
  });

  it("a folder in place of one that was no link", async () => {
    writeFileSync(at("ws", "f"), "old");
    await show("ws", workspaceIn("one", "ws"));
    await porter[Symbol.asyncDispose]();
    expect([lstatSync(at("ws")).isSymbolicLink(), readdirSync(at())]).toEqual([true, [".boxes", "ws"]]);
  });

  it.each(["..", "../outside", "/etc", "ws/../../outside", "missing/f", ""])(
    "and leaves alone what a link to %j led to",
    async (target) => {
      mkdirSync(join(top, "folder"));
      if (target !== "") symlinkSync(target, at("b1"));
      await show("b1", workspaceIn("one", "b1"));
      await porter[Symbol.asyncDispose]();
      expect(readFileSync(join(top, "outside"), "utf8")).toBe("precious");
      expect(readdirSync(top).toSorted()).toEqual(["folder", "outside", "root"]);
      expect(readdirSync(root).toSorted()).toEqual([".boxes", "b1", "ws"]);
    },
  );

  it.each(["..", "a/b", "", "."])("nothing by the name %j", async (name) => {
    await expect(show(name, workspaceIn("one", "b1"))).rejects.toThrow(
      /not a path of plain names|too many values/,
    );
    expect(existsSync(at(".boxes", "one", "b1", "f"))).toBe(true);
  });

  it.each(["../outside", "/etc", "a/../b"])("nothing that lies at %j", async (to) => {
    await expect(show("b1", to)).rejects.toThrow("not a path of plain names");
  });
});

describe("prunes", () => {
  const prune = (name: string): Promise<void> => porter.prune({ root, name });

  it("all but what is shown, in parts of parts too", async () => {
    for (const name of ["b1", "p~/b2", "p~/q~/b3", "p~/q~/b4", "~home"]) workspaceIn("one", name);
    workspaceIn("two", "b5");
    workspaceIn("three", "b6");
    symlinkSync(".boxes/one/b1", at("b1"));
    symlinkSync(".boxes/one/p~/q~/b3", at("b3"));
    symlinkSync("../outside", at("elsewhere"));
    symlinkSync(top, at(".boxes", "two", "out"));
    await prune(".boxes");
    const kept = ["b1", "b1/f", "p~", "p~/q~", "p~/q~/b3", "p~/q~/b3/f"].map((name) => `one/${name}`);
    expect(boxes()).toEqual(["one", ...kept]);
    expect(readFileSync(join(top, "outside"), "utf8")).toBe("precious");
  });

  it("a folder of which nothing is shown, with itself", async () => {
    workspaceIn("one", "b1");
    workspaceIn("two", "b1");
    await prune(".boxes/one");
    expect(boxes()).toEqual(["two", "two/b1", "two/b1/f"]);
    await prune(".boxes");
    expect(existsSync(at(".boxes"))).toBe(false);
  });

  it("nothing where all of it is shown", async () => {
    workspaceIn("one", "b1");
    symlinkSync(".boxes", at("all"));
    await prune(".boxes");
    expect(boxes()).toEqual(["one", "one/b1", "one/b1/f"]);
  });
});
