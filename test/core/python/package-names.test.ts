// Packages that a task of somebody else's may ask for: what is read is a name with versions, whatever was written.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  packageName,
  packageOf,
  readPackage,
  collectPackages,
} from "../../../src/core/python/package-names.ts";

test.for<readonly [string, string]>([
  ["pandas", "pandas"],
  [" Scikit_Learn >= 1.5 ", "scikit-learn>=1.5"],
  ["numpy>=2, <3", "numpy<3,>=2"],
  ["ruamel.yaml~=0.18", "ruamel-yaml~=0.18"],
  ["pandas[excel, Parquet]>2", "pandas[excel,parquet]>2"],
  ["torch==2.5.1+cu124", "torch==2.5.1+cu124"],
  ["a==1.*", "a==1.*"],
  ["x!=1!2.0rc1", "x!=1!2.0rc1"],
])("%s is %s", ([text, wish]) => {
  expect(readPackage(text)).toBe(wish);
  expect(readPackage(wish)).toBe(wish);
});

test.for([
  "",
  "-r requirements.txt",
  "--index-url=http://evil.example",
  "-e .",
  ".",
  "./here",
  "/etc/passwd",
  "git+https://evil.example/x",
  "pandas @ https://evil.example/pandas.whl",
  "pandas@file:///x",
  "pandas; sys_platform == 'linux'",
  "pandas --no-binary :all:",
  "pandas\n--extra-index-url http://evil.example",
  "pandas>=",
  "pandas>=x",
  "pandas=1",
  "pandas===1",
  "pandas-",
  "pandas[]",
  "pandas[a;b]",
  "pandas numpy",
  "$(touch x)",
  "pándas",
  "x".repeat(101),
  `pandas>=1${",>=1".repeat(300)}`,
])("%j is no package", (text) => {
  expect(readPackage(text)).toBeNull();
  expect(() => collectPackages([text])).toThrow(
    /^--with \(in code: packages\) .*: write a name and, if you want, versions/s,
  );
});

describe("whatever is written", () => {
  const part = fc.constantFrom(
    ...["pandas", "A", "-", "--", "_", ".", "/", ":", "@", " ", "\n", ";", "[", "]", ",", ">=", "==", "~="],
    ...["<", "1", "1.5", "*", "+", "!", "'", "=", "\u0000", "é"],
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join("")),
  );
  const FORM =
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\[[a-z0-9,-]+\])?((~=|==|!=|<=|>=|<|>)[0-9][\w.!+*-]*(,(?!$)|$))*$/;

  test("what is read has one form, reads as itself, and keeps its name", () => {
    fc.assert(
      fc.property(text, (written) => {
        const wish = readPackage(written);
        if (wish === null) return;
        expect(wish).toMatch(FORM);
        expect(readPackage(wish)).toBe(wish);
        expect(
          written
            .toLowerCase()
            .trim()
            .replaceAll(/[-_.]+/g, "-")
            .startsWith(packageName(wish)),
        ).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

test("a list is the same in any order, and however often a package is in it", () => {
  expect(collectPackages(["b", "A>=1", "b "])).toEqual(["a>=1", "b"]);
  expect(() => collectPackages(Array.from({ length: 501 }, (_, at) => `p${at}`))).toThrow(
    "--with (in code: packages): 501 packages; at most 500 can be asked for",
  );
});

test("a module comes with the package of its name, or of another that is known", () => {
  const modules = ["numpy", "IPython", "PIL", "sklearn", "mpl_toolkits", "more_itertools", "constructor"];
  expect(modules.map(packageOf)).toEqual(
    "numpy ipython pillow scikit-learn matplotlib more-itertools constructor".split(" "),
  );
});
