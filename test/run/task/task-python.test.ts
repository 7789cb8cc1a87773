// Packages that a task asks for are installed at the word of its user, and by no other.
import { readdir } from "node:fs/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { environmentsDirectory } from "../../../src/machine/python/cache.ts";
import { findTaskPython } from "../../../src/run/task/task-python.ts";
import { testPython } from "../../support/python.ts";

const NONE = "nbevolve-there-is-none";
const task = (packages: readonly string[]) => ({ name: "theirs", packages });

test("a task that asks for more is refused with the flags, and nothing is installed", async () => {
  const before = await readdir(environmentsDirectory(process.env));
  await expect(findTaskPython(task(["numpy", NONE, "scikit-learn>=1.5"]), {})).rejects.toMatchObject({
    code: "bad-option",
    message:
      `theirs needs packages that nbevolve does not bring (${NONE}, scikit-learn>=1.5), and no task installs anything by itself: ` +
      "to have their wheels installed, once, in an environment of nbevolve's own, add " +
      `--with ${NONE} --with 'scikit-learn>=1.5' (in code: packages)`,
  });
  expect(await readdir(environmentsDirectory(process.env))).toEqual(before);
});

test("what nbevolve brings is no package of the task's, and asks for nobody's word", async () => {
  const found = await findTaskPython(task(["numpy", "SciPy"]), {});
  expect([found.python, found.added]).toEqual([testPython, []]);
});

test("a task in a journal may hold anything", async () => {
  await expect(findTaskPython(task(["x @ https://evil.example/x.whl"]), {})).rejects.toThrow(
    /^theirs: packages x @ https/,
  );
  await expect(findTaskPython({ name: "n", packages: 5 as never }, {})).resolves.toMatchObject({ added: [] });
});

test("the Python that NBEVOLVE_PYTHON names is looked at, and never installed into", async () => {
  vi.stubEnv("NBEVOLVE_PYTHON", testPython);
  onTestFinished(() => void vi.unstubAllEnvs());
  const found = await findTaskPython(task(["numpy>=1"]), { packages: ["scipy"] });
  expect(found.added).toEqual(["numpy", "scipy"].map((name) => `${name}==${found.packages[name]}`));
  const refused = findTaskPython(task([]), { packages: [NONE, "numpy<1"] });
  await expect(refused).rejects.toMatchObject({
    code: "python-unavailable",
    message:
      `NBEVOLVE_PYTHON (${testPython}) lacks ${NONE}, numpy<1 (it has ${found.packages["numpy"]}), and nbevolve installs nothing into ` +
      "an environment that you name. Unset NBEVOLVE_PYTHON so that nbevolve makes its own environment, or run: " +
      `${testPython} -m pip install ${NONE} 'numpy<1'`,
  });
});
