// Settings of the process come back by every way: put into another process, inherited by a fork, and made by the same lines again.
// NBEVOLVE_SETTINGS_RUNS: how many programs; 200.
// Long: generated programs, each in four processes. state-property.long.test.ts has some of them in whole kernels.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { lineServer } from "../../support/python.ts";
import { settingLine, SETTINGS_IMPORTS } from "../../support/settings-programs.ts";

const RUNS = Number(process.env["NBEVOLVE_SETTINGS_RUNS"] ?? 200);

/** Answers the description of the settings after a program: where it ran, after a fork, put elsewhere, and after it ran again. */
const PROGRAM = `
import contextvars, json, os, random, sys
from nbevolve_kernel import place, settings
from nbevolve_thaw import freeze, thaw
from nbevolve_thaw.blobs import NewBlobs, StoredBlobs
from nbevolve_thaw.pickling import Present

root = sys.stdin.readline().strip()
names = {"__name__": "__main__"}
exec(${JSON.stringify(SETTINGS_IMPORTS)}, names)
settings.remember_start()

def apart(work):
    "What the work gives in a process of its own."
    read, write = os.pipe()
    drawn = random.getstate()
    pid = os.fork()
    if pid == 0:
        random.setstate(drawn)
        try:
            said = json.dumps(work())
        except BaseException as problem:
            said = json.dumps(repr(problem))
        with os.fdopen(write, "w") as end:
            end.write(said)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as end:
        said = end.read()
    os.waitpid(pid, 0)
    return json.loads(said)

def enter(name):
    folder = os.path.join(root, name)
    make(folder)
    place.move(folder)
    return folder

def make(folder):
    "As the controller does, whatever the umask."
    mask = os.umask(0o022)
    os.makedirs(folder, exist_ok=True)
    os.umask(mask)

def forked():
    variables = settings.users_variables()
    def begin():
        for variable, value in variables:
            variable.set(value)
        place.move(os.path.join(root, "child"))
        return settings.describe()
    make(os.path.join(root, "child", os.path.relpath(os.getcwd(), os.path.join(root, "parent"))))
    with settings.set_aside():
        pass
    return contextvars.Context().run(begin)

def parent(lines):
    enter("parent")
    for line in lines:
        exec(line, names)
    files = os.path.join(root, "files")
    kept = freeze.keep_settings(settings.take(), NewBlobs(files, files, 1 << 30), names)
    return {"parent": settings.describe(), "kept": kept, "in": place.working_directory(), "fork": apart(forked)}

def put(said):
    folder = enter("put")
    make(os.path.join(folder, said["in"].replace(place.HERE, folder)))
    Present.names, Present.blobs = names, StoredBlobs(os.path.join(root, "files"))
    failed = settings.put({name: thaw.unpickle(file, []) for name, file in said["kept"].items()})
    return {**settings.describe(), "failed": failed}

def again(lines):
    enter("again")
    for line in lines:
        exec(line, names)
    return settings.describe()

os.makedirs(os.path.join(root, "files"), exist_ok=True)
for line in sys.stdin:
    lines = json.loads(line)
    said = apart(lambda: parent(lines))
    answer = said if isinstance(said, str) else {**said, "put": apart(lambda: put(said)), "again": apart(lambda: again(lines))}
    print(json.dumps(answer), flush=True)
`;

/** Only the cells that made them can make these. */
const NOT_PUT = ["the list of context variables", "the list of open files"];

it("settings are the same after a fork, put elsewhere, and made again", { timeout: 600_000 }, async () => {
  const root = await mkdtemp(join(tmpdir(), "nbe-settings-"));
  const python = lineServer(PROGRAM);
  onTestFinished(async () => {
    await python.end();
    await rm(root, { recursive: true, force: true });
  });
  let first = `${root}\n`;
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(settingLine, { maxLength: 8 }), async (lines) => {
      const answer = JSON.parse(await python.ask(first + JSON.stringify(lines)));
      first = "";
      const { parent, fork, put, again } = answer;
      expect(parent, JSON.stringify(answer)).toBeTypeOf("object");
      expect(fork).toEqual(parent);
      expect(again).toEqual(parent);
      const kept = Object.entries(parent).filter(([name]) => !NOT_PUT.includes(name));
      expect(put).toMatchObject({ ...Object.fromEntries(kept), failed: [] });
      for (const [name, [, content]] of Object.entries<[string, string]>(parent))
        seen.add(`${name} ${content}`);
    }),
    { numRuns: RUNS, seed: 12 },
  );
  // The programs do change settings, most of them in several ways.
  expect(seen.size).toBeGreaterThan(Math.min(RUNS, 100));
});
