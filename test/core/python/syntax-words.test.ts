// Words for brackets and quotes that do not close, against Python's own for the same text.
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { findOpenEnd } from "../../../src/core/python/syntax-words.ts";
import { lineServer } from "../../support/python.ts";

const python = lineServer(`
import json, sys, warnings
warnings.simplefilter("ignore")
for line in sys.stdin:
    try:
        compile(json.loads(line), "cell", "exec")
        answer = None
    except SyntaxError as fault:
        answer = {"line": fault.lineno, "words": fault.msg}
    except ValueError as fault:
        answer = {"line": 0, "words": str(fault)}
    print(json.dumps(answer), flush=True)
`);
afterAll(() => python.end());
const saidBy = async (source: string): Promise<unknown> =>
  JSON.parse(await python.ask(JSON.stringify(source)));

test.for([
  "x = [1, 2",
  "x = [1, 2\ny = 3\n",
  "f(1,\n  g([2, 3)\n",
  "x = {1: (2]}",
  "x = (\n1\n]",
  "x = 1)",
  "a = 1\n}",
  "name = 'a",
  'a = 1\nname = "b\nc = 2',
  'text = """one\ntwo\n',
  "text = '''one\n",
  "x = [ # ]\n",
  "x = 'it\\'s",
])("%j", async (source) => {
  const { line, words } = findOpenEnd(source) ?? {};
  expect({ line, words }).toEqual(await saidBy(source));
});

test.for(["x = [')']", "# (\nx = 1", "'''(\n'''", "x = 'a\\\nb'", "r'\\''", 'f"{x}"', 'a = "\'"', ""])(
  "%j closes",
  (source) => {
    expect(findOpenEnd(source)).toBeNull();
  },
);

test("Python takes nothing of which this says that it does not close", async () => {
  const part = fc.constantFrom(..."()[]{}'\"\\\n#ax1,= ".split(""), "'''", '"""');
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
      const source = parts.join("");
      if (findOpenEnd(source) !== null) expect(await saidBy(source), source).not.toBeNull();
    }),
    { numRuns: 500 },
  );
});
