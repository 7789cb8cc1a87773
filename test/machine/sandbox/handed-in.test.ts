// What of the user's own gets to cells by name, what does not, and what is said where a cell misses it.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  foldersFor,
  hiddenThings,
  leftOutOfBox,
  requireNeeds,
  variablesFor,
} from "../../../src/machine/sandbox/handed-in.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nbevolve-handed-"));
  writeFileSync(join(folder, "rows.csv"), "1 2 3");
  vi.stubEnv("CUDA_VISIBLE_DEVICES", "1");
  vi.stubEnv("LD_LIBRARY_PATH", folder);
  vi.stubEnv("MY_SETTING", "mine");
  vi.stubEnv("NVIDIA_API_KEY", "nvapi-secret");
});
afterEach(() => void vi.unstubAllEnvs());

describe("variables", () => {
  test("that choose devices and libraries reach cells without a sandbox; no key does", () => {
    const seen = variablesFor({}, false);
    expect(seen).toMatchObject({ CUDA_VISIBLE_DEVICES: "1", LD_LIBRARY_PATH: folder });
    expect(Object.keys(seen)).not.toContain("NVIDIA_API_KEY");
    expect(Object.keys(seen)).not.toContain("MY_SETTING");
  });

  test("reach a box by name alone, and what is left out is known", () => {
    expect(variablesFor({}, true)).toEqual({});
    expect(leftOutOfBox({})).toEqual(expect.arrayContaining(["CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"]));
    const env = ["CUDA_VISIBLE_DEVICES", "MY_SETTING"];
    expect(variablesFor({ env }, true)).toEqual({ CUDA_VISIBLE_DEVICES: "1", MY_SETTING: "mine" });
    expect(leftOutOfBox({ env })).not.toContain("CUDA_VISIBLE_DEVICES");
  });

  test.for([
    ["NOT_SET_ANYWHERE", "is not set here"],
    ["A=b", "the name of a variable alone"],
    ["PATH", "sets this variable for cells itself"],
    ["PYTHONPATH", "sets this variable for cells itself"],
    ["NBEVOLVE_SEES", "sets this variable for cells itself"],
  ] as const)("%s: %s", ([name, why]) => {
    expect(() => variablesFor({ env: [name] }, true)).toThrow(why);
  });
});

test.for([
  ["rows.csv", "absolute"],
  ["/", "all of this machine"],
  ["/no/such/place", "no such file"],
  ["/a:b", "colon"],
] as const)("--read %s is refused: %s", ([path, why]) => {
  expect(() => foldersFor({ read: [path] })).toThrow(why);
});

describe("what a task says that it needs", () => {
  const needs = { env: ["MY_SETTING", "NOT_SET_ANYWHERE"], read: ["data", "near"] };
  const task = () => ({
    name: "theirs",
    needs,
    parameters: { data: join(folder, "rows.csv"), near: "test" },
  });

  test("is refused with the flags that hand it in, and comes with these alone", () => {
    const wanted = ["--env MY_SETTING", "--env NOT_SET_ANYWHERE", `--read ${folder}/rows.csv`];
    const near = `--param near=${process.cwd()}/test --read ${process.cwd()}/test`;
    const all = `theirs needs the variable MY_SETTING, .* unless you allow it \\(in code: env, read, parameters\\): add ${[...wanted, near].join(" ")}$`;
    expect(() => requireNeeds(task(), {}, true)).toThrow(new RegExp(all));
    expect(() => requireNeeds(task(), { env: needs.env, read: [folder] }, true)).toThrow(/add --param near=/);
    const parameters = { ...task().parameters, near: "/elsewhere/rows" };
    expect(() =>
      requireNeeds({ ...task(), parameters }, { env: needs.env, read: [folder, "/elsewhere"] }, true),
    ).not.toThrow();
  });

  test.each(["/absent/rows.csv", "absent.csv"])("is not there: %s", (path) => {
    const lost = { name: "theirs", needs: { env: [], read: ["data"] }, parameters: { data: path } };
    const from = path.startsWith("/") ? "" : ` (a path that begins with no / counts from ${process.cwd()})`;
    expect(() => requireNeeds(lost, {}, true)).toThrow(
      `theirs needs what lies at its parameter data, and there is no such file or folder: "${path}"${from}; name the right one`,
    );
  });

  test("is read without a box anyway, but for variables", () => {
    expect(() => requireNeeds(task(), { env: needs.env }, false)).not.toThrow();
    expect(() => requireNeeds(task(), { env: ["MY_SETTING"] }, false)).toThrow(
      /\(in code: env\): add --env NOT_SET_ANYWHERE$/,
    );
  });

  test("may be anything in a journal, and is not shown by a folder beside it", () => {
    const odd = {
      name: "t",
      needs: { env: 5, read: [7, "data"] } as never,
      parameters: { data: `/a/..${folder}` },
    };
    expect(() => requireNeeds(odd, { read: ["/a", `${folder}2`] }, true)).toThrow(`add --read ${folder}`);
    expect(() => requireNeeds(odd, { read: [dirname(folder)] }, true)).not.toThrow();
    expect(() => requireNeeds({ name: "t", parameters: {} }, {}, true)).not.toThrow();
  });
});

describe("what a failed cell could not see is named with its flag", () => {
  const missing = (path: string): string =>
    `FileNotFoundError: [Errno 2] No such file or directory: '${path}'`;

  test("a file that the sandbox hides, and none that is shown, or is nowhere", () => {
    const path = join(folder, "rows.csv");
    expect(hiddenThings(missing(path), {}, true)).toEqual([expect.stringContaining(`add --read ${folder}`)]);
    expect(hiddenThings(missing(path), { read: [folder] }, true)).toEqual([]);
    expect(hiddenThings(missing(path), {}, false)).toEqual([]);
    expect(hiddenThings(missing("/no/such/rows.csv"), {}, true)).toEqual([]);
  });

  test("a file beside the task, which cells do not run in", () => {
    expect(hiddenThings(missing("package.json"), {}, false)).toEqual([
      expect.stringContaining(join(process.cwd(), "package.json")),
    ]);
  });

  test("a variable, and the path of libraries", () => {
    expect(hiddenThings("KeyError: 'MY_SETTING'", {}, true)).toEqual([
      "MY_SETTING is set here, but cells do not see it: add --env MY_SETTING (in code: env)",
    ]);
    expect(hiddenThings("KeyError: 'MY_SETTING'", { env: ["MY_SETTING"] }, true)).toEqual([]);
    const words = "OSError: libofmine.so: cannot open shared object file: No such file or directory";
    expect(hiddenThings(words, {}, true).join()).toContain("--env LD_LIBRARY_PATH");
    expect(hiddenThings(words, {}, false)).toEqual([]);
  });
});
