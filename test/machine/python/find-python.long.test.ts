// Finding a Python environment and making one, beside others who make the same.
// Long: environments are made, with real interpreters and packages.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { cacheDirectory } from "../../../src/machine/python/cache.ts";
import { NEEDED } from "../../../src/machine/python/inspect.ts";
import {
  findPython,
  lookForPython,
  makeOurs,
  pinnedRequirements,
} from "../../../src/machine/python/find-python.ts";
import { runCompiled } from "../../support/compiled.ts";
import { noneRemain, processesWith, until } from "../../support/processes.ts";

const run = promisify(execFile);

/** A cache folder, a folder of commands that holds a real python3, and an environment that finds both. */
async function machine(): Promise<{ home: string; commands: string; env: NodeJS.ProcessEnv }> {
  const home = await mkdtemp(join(tmpdir(), "nbevolve-env-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const commands = join(home, "bin");
  await mkdir(commands);
  const { stdout } = await run("python3", ["-c", "import sys; print(sys._base_executable)"]);
  await symlink(stdout.trim(), join(commands, "python3"));
  for (const tool of ["sh", "cat", "mkdir"]) await symlink(`/bin/${tool}`, join(commands, tool));
  return { home, commands, env: { PATH: commands, HOME: home, NBEVOLVE_CACHE: join(home, "cache") } };
}

async function command(folder: string, name: string, script: string): Promise<void> {
  const path = join(folder, name);
  await rm(path, { force: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** A recipe that installs nothing and needs what Python brings along. */
async function emptyRecipe(home: string, modules: readonly string[] = ["json"]) {
  const requirements = join(home, "requirements.txt");
  await writeFile(requirements, "# nothing\n");
  return { requirements, modules };
}

/** Stands in for uv: makes a venv quickly; its install step blocks until something is written to `home/gate`. */
async function gatedUv({ home, commands }: { home: string; commands: string }): Promise<() => Promise<void>> {
  const gate = join(home, "gate");
  await run("mkfifo", [gate]);
  const venv = `exec ${commands}/python3 -m venv --without-pip "$5"`;
  await command(
    commands,
    "uv",
    `case "$1" in --version) ;; venv) ${venv};; pip) echo installing; cat ${gate};; esac`,
  );
  return () => writeFile(gate, "go\n");
}

const entries = async (env: NodeJS.ProcessEnv) => await readdir(join(cacheDirectory(env), "python"));

describe("an environment of our own", () => {
  test("is made once, with venv and pip where uv fails, and then found without starting a process", async () => {
    const { home, commands, env } = await machine();
    await command(commands, "uv", '[ "$1" = --version ] || exit 7');
    const recipe = await emptyRecipe(home);
    const lines: string[] = [];
    const made = await makeOurs(recipe, { env, progress: (line) => lines.push(line) });
    expect(lines.join("\n")).toMatch(
      /with uv[^]*uv failed[^]*making it with venv[^]*installing the packages with pip[^]*ready \[\d+ s\]/,
    );
    const { stdout } = await run(made.python, ["-c", "import sys; print(sys.prefix, sys.base_prefix)"]);
    expect(stdout.trim()).toBe(`${made.root} ${made.base}`);
    expect(made.packages["pip"]).toMatch(/^\d/);

    const again = await makeOurs(recipe, {
      env: { ...env, PATH: "/nowhere" },
      progress: (line) => expect.fail(line),
    });
    expect(again).toEqual(made);
  });

  test("is made by one process while another waits and says so", async () => {
    const place = await machine();
    const recipe = await emptyRecipe(place.home);
    const open = await gatedUv(place);
    const other = await makeElsewhere(recipe, place);
    const lines: string[] = [];
    const mine = makeOurs(recipe, { env: place.env, progress: (line) => lines.push(line) });
    await until(() => lines.some((line) => line.includes("another process is making it")));
    await open();
    const [line] = (await once(other.stdout, "data")) as [Buffer];
    expect(String(line).trim()).toBe((await mine).root);
    expect(await entries(place.env)).toHaveLength(2);
  });

  test("is made anew by whoever waits when its maker is killed, and nothing of the maker is left", async () => {
    const place = await machine();
    const recipe = await emptyRecipe(place.home);
    const open = await gatedUv(place);
    const other = await makeElsewhere(recipe, place);
    const half = (await entries(place.env)).filter((name) => !/\.(turn|log)$/.test(name));
    const lines: string[] = [];
    const mine = makeOurs(recipe, { env: place.env, progress: (line) => lines.push(line) });
    await until(() => lines.some((line) => line.includes("another process is making it")));

    other.kill("SIGKILL");
    await until(() => lines.some((line) => line.includes("installing the packages")));
    await until(() => processesWith(join(place.home, "gate")).length === 1); // the new maker's cat alone
    await open();
    const made = await mine;
    expect(half).toHaveLength(1);
    expect(made.root).not.toContain(String(half[0]));
    await noneRemain([place.home]);
    expect((await entries(place.env)).filter((name) => name === half[0])).toEqual([]);
  });

  test("leaves nothing that counts when it is aborted", async () => {
    const place = await machine();
    const recipe = await emptyRecipe(place.home);
    await gatedUv(place);
    const stop = new AbortController();
    const reason = new Error("enough");
    const mine = makeOurs(recipe, {
      env: place.env,
      signal: stop.signal,
      progress: (line) => {
        if (line.includes("installing the packages")) stop.abort(reason);
      },
    });
    await expect(mine).rejects.toBe(reason);
    await noneRemain([place.home]);
    expect((await entries(place.env)).filter((name) => !name.endsWith(".log"))).toEqual([]);
  });

  test("is made anew when the Python that it was made from is gone", async () => {
    const place = await machine();
    const recipe = await emptyRecipe(place.home);
    await command(
      place.commands,
      "uv",
      `[ "$1" != venv ] || exec ${place.commands}/python3 -m venv --without-pip "$5"`,
    );
    const first = await makeOurs(recipe, { env: place.env });
    await rm(first.python);
    const second = await makeOurs(recipe, { env: place.env });
    expect(second.root).not.toBe(first.root);
  });
});

/** A wheel, or a source package whose building leaves a mark, in `home/index`. */
async function publishPackage(
  { home }: { home: string },
  name: string,
  version: string,
  kind: "wheel" | "source",
): Promise<void> {
  const folder = join(home, "index");
  await mkdir(folder, { recursive: true });
  const script = `
import sys, tarfile, zipfile, io
folder, name, version, kind, mark = sys.argv[1:]
meta = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"
if kind == "wheel":
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"version = {version!r}\\n")
        wheel.writestr(f"{info}/METADATA", meta)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", f"{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
else:
    with tarfile.open(f"{folder}/{name}-{version}.tar.gz", "w:gz") as source:
        for path, text in {"PKG-INFO": meta, "setup.py": f"open({mark!r}, 'w')"}.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(text)
            source.addfile(entry, io.BytesIO(text.encode()))
`;
  await run("python3", ["-c", script, folder, name, version, kind, join(home, "was-built")]);
}

describe("an environment with packages besides", () => {
  const sample = async () => {
    const place = await machine();
    for (const version of ["1.0", "1.2", "2.0"]) await publishPackage(place, "sample", version, "wheel");
    await publishPackage(place, "other", "0.1", "wheel");
    await publishPackage(place, "unbuilt", "1.0", "source");
    const requirements = join(place.home, "requirements.txt");
    await writeFile(requirements, "sample==1.0\n");
    const env = {
      ...{ ...place.env, PIP_NO_INDEX: "1", PIP_CONFIG_FILE: "/dev/null" },
      PIP_FIND_LINKS: join(place.home, "index"),
    };
    return { ...place, recipe: { requirements, modules: ["sample"] }, env };
  };
  const versionIn = async ({ python }: { readonly python: string }): Promise<string> =>
    (await run(python, ["-c", "import sample; print(sample.version)"])).stdout.trim();

  test("begins as the one without, whose files and versions stay, and is found by the versions that came of it", async () => {
    const { recipe, env } = await sample();
    const wish = { ...recipe, packages: ["other", "sample<2,>1"] };
    const made = await makeOurs(wish, { env });
    expect(made.added).toEqual(["other==0.1", "sample==1.2"]);
    const silent = { env: { ...env, PATH: "/nowhere" }, progress: (line: string) => expect.fail(line) };
    const plain = await makeOurs(recipe, silent);
    expect([await versionIn(plain), await versionIn(made)]).toEqual(["1.0", "1.2"]);
    expect([plain.added, Object.keys(plain.packages)]).toEqual([[], expect.not.arrayContaining(["other"])]);
    expect(await makeOurs(wish, silent)).toEqual(made);
    expect(await makeOurs({ ...recipe, packages: made.added }, silent)).toEqual(made);
    // What is not named keeps its version.
    const beside = await makeOurs({ ...recipe, packages: ["other"] }, { env });
    expect([beside.added, await versionIn(beside)]).toEqual([["other==0.1"], "1.0"]);
  });

  test("is not made of what is not there, or has to be built: nothing is left, and no code was run", async () => {
    const { recipe, env, home } = await sample();
    const plain = await makeOurs(recipe, { env });
    const before = await entries(env);
    for (const wish of ["no-such-package", "unbuilt", "sample>2"]) {
      const making = makeOurs({ ...recipe, packages: [wish] }, { env });
      const found = `Python ${plain.version} here (nothing is built from source)`;
      await expect(making).rejects.toMatchObject({
        code: "python-unavailable",
        message: expect.stringMatching(new RegExp(`No matching distribution found for ${wish}`)),
      });
      await expect(making).rejects.toThrow(found);
    }
    expect((await entries(env)).filter((name) => !name.endsWith(".log"))).toEqual(before);
    expect(await readdir(home)).not.toContain("was-built");
  });
});

/** Another process that makes the environment, once it is at its install step; it prints the root. */
async function makeElsewhere(
  recipe: { requirements: string; modules: readonly string[] },
  place: { home: string; env: NodeJS.ProcessEnv },
) {
  const use = `async ({ makeOurs }) => console.log((await makeOurs(${JSON.stringify(recipe)}, { env: ${JSON.stringify(place.env)} })).root)`;
  const process = await runCompiled("src/machine/python/find-python.ts", use);
  await until(() => processesWith(join(place.home, "gate")).length > 0);
  return process;
}

describe("what is wrong is said with its remedy", () => {
  const failure = async (place: Awaited<ReturnType<typeof machine>>, modules?: readonly string[]) => {
    const recipe = await emptyRecipe(place.home, modules);
    return makeOurs(recipe, { env: place.env }).catch((problem: unknown) => problem);
  };
  const unavailable = (words: RegExp) =>
    expect.objectContaining({ code: "python-unavailable", message: expect.stringMatching(words) });

  test("no Python at all", async () => {
    const place = await machine();
    await rm(join(place.commands, "python3"));
    expect(await failure(place)).toEqual(unavailable(/none of python3\.13, .* runs\. Install one \(Debian/));
  });

  test("a Python that is too old", async () => {
    const place = await machine();
    await command(
      place.commands,
      "python3",
      `echo '{"version": [3, 8, 10], "executable": "/opt/python3", "hasVenv": true}'`,
    );
    expect(await failure(place)).toEqual(
      unavailable(/3\.10 or newer is needed, but \/opt\/python3 is Python 3\.8\.10\. Install one/),
    );
  });

  test("a Python without venv", async () => {
    const place = await machine();
    await command(
      place.commands,
      "python3",
      `echo '{"version": [3, 12, 1], "executable": "/opt/python3", "hasVenv": false}'`,
    );
    expect(await failure(place)).toEqual(unavailable(/has no venv module.*apt-get install python3-venv/));
  });

  test("no package index, with the whole output kept beside", async () => {
    const place = await machine();
    const requirements = join(place.home, "requirements.txt");
    await writeFile(requirements, "nbevolve-needs-this==1.0\n");
    const env = { ...place.env, PIP_NO_INDEX: "1", PIP_CONFIG_FILE: "/dev/null" };
    const lines: string[] = [];
    const progress = (line: string): void => void lines.push(line);
    const problem: unknown = await makeOurs({ requirements, modules: [] }, { env, progress }).catch(
      (thrown: unknown) => thrown,
    );
    // Without uv: venv and pip at once.
    expect(lines.join("\n")).toMatch(/making it with venv[^]*installing the packages with pip/);
    expect(lines.join("\n")).not.toMatch(/\buv\b/);
    expect(problem).toEqual(unavailable(/nbevolve-needs-this.*Is a Python package index reachable/));
    const [log, ...rest] = await entries(env);
    expect(rest).toEqual([]);
    expect(await readFile(join(cacheDirectory(env), "python", String(log)), "utf8")).toContain(
      "nbevolve-needs-this",
    );
  });

  test("packages that cannot be imported", async () => {
    const place = await machine();
    await command(
      place.commands,
      "uv",
      `[ "$1" != venv ] || exec ${place.commands}/python3 -m venv --without-pip "$5"`,
    );
    // There everywhere, and importable on Windows alone.
    expect(await failure(place, ["asyncio.windows_events"])).toEqual(
      unavailable(/asyncio\.windows_events: ImportError: .*system library may be missing/),
    );
    expect(await failure(place, ["json", "no_such_module"])).toEqual(
      unavailable(/cannot be used: no no_such_module\./),
    );
  });

  test("a cache folder that cannot be made", async () => {
    const place = await machine();
    await writeFile(join(place.home, "cache"), "a file");
    expect(await failure(place)).toEqual(unavailable(/cache folder .* cannot be made.*Set NBEVOLVE_CACHE/));
  });
});

describe("NBEVOLVE_PYTHON", () => {
  const named = (python: string) =>
    lookForPython({ env: { ...process.env, NBEVOLVE_PYTHON: python } }).catch((problem: unknown) => problem);

  test("is taken when it has everything", async () => {
    const { python } = await findPython();
    const found = await findPython({ env: { ...process.env, NBEVOLVE_PYTHON: python } });
    expect(found).toMatchObject({ python, origin: "NBEVOLVE_PYTHON" });
    expect(found.packages["ipykernel"]).toMatch(/^7\./);
  });

  test("is refused with the names of what it lacks and the command that installs it", async () => {
    const { commands, home } = await machine();
    await run(join(commands, "python3"), ["-m", "venv", "--without-pip", join(home, "bare")]);
    expect(await named(join(home, "bare/bin/python"))).toMatchObject({
      code: "python-unavailable",
      message: expect.stringMatching(
        /lacks jupyter_server, ipykernel, .* -m pip install -r .*requirements\.txt/,
      ),
    });
  });

  test("is refused when it is no Python", async () => {
    expect(await named("/bin/sh")).toMatchObject({
      code: "python-unavailable",
      message: expect.stringContaining("does not run as a Python"),
    });
  });
});

describe("the pinned requirements", () => {
  test("pin every package to one version and to the hashes of its files, and name no host", async () => {
    const text = await readFile(pinnedRequirements().requirements, "utf8");
    const entries = text
      .replaceAll(/^#.*\n/gm, "")
      .trim()
      .split(/\n(?! )/);
    expect(entries.length).toBeGreaterThan(80);
    for (const entry of entries) {
      const [pin, ...hashes] = entry.split(/ \\\n +/);
      expect(pin).toMatch(/^[a-z0-9-]+(?:\[[a-z-]+\])?==[0-9a-z.]+( ; [a-z_'"=<>!.*0-9() 3-9PyPy]+)?$/i);
      expect(hashes.length).toBeGreaterThan(0);
      for (const hash of hashes) expect(hash).toMatch(/^--hash=sha256:[0-9a-f]{64}$/);
    }
    expect(text).not.toMatch(/https?:|\.org|--index/);
  });

  test("hold all that is needed, and nothing is ready before it is made", async () => {
    const text = await readFile(pinnedRequirements().requirements, "utf8");
    for (const module of NEEDED)
      expect(text).toMatch(new RegExp(`^${module.split(".")[0]?.replace("_", "-")}==`, "m"));
    const { env } = await machine();
    expect(await lookForPython({ env })).toBeNull();
    await expect(entries(env)).rejects.toThrow("ENOENT");
  });
});
