// Owns: which packages a script imports, in which versions a run had them, and the lines at a script's head that say so (PEP 723). Pure.
import { packageName, packageOf, readPackage } from "../core/python/package-names.ts";
import { parsePython, withoutMagics } from "../core/python/parse-python.ts";
import { textsOf } from "../core/untrusted.ts";
import type { JsonObject } from "../contracts/index.ts";

/**
 * All that cells of the run could import, each as a requirement in exact versions: what the run added, and what nbevolve brings
 * (`requirements`: a text of pip's). Names alone where the kernels were a server's of somebody else: what it had is not known.
 */
export function pinsOf(requirements: string, settings: JsonObject): readonly string[] {
  const own = textsOf(settings["packages"]).flatMap((text) => readPackage(text) ?? []);
  const names = new Set(own.map(packageName));
  const brought = requirements
    .split("\n")
    .filter((line) => /^[a-z]/.test(line) && !names.has(packageName(line)))
    .map((line) => line.replace(/ \\$/, ""));
  const pins = [...own, ...brought];
  return settings["server"] === undefined ? pins : [...new Set(pins.map(packageName))];
}

/** The lines for tools such as `uv run` and `pipx run`. Always there, so that no cell of the script can say it in their place. */
export function packageLines(sources: readonly string[], pins: readonly string[]): readonly string[] {
  const names = new Set(sources.flatMap(modulesIn).map(packageOf));
  const needed = pins.filter((pin) => names.has(packageName(pin))).toSorted();
  return [
    "# /// script",
    '# requires-python = ">=3.10"',
    ...(needed.length === 0
      ? ["# dependencies = []"]
      : ["# dependencies = [", ...needed.map((pin) => `#   ${JSON.stringify(pin)},`), "# ]"]),
    "# ///",
  ];
}

/** The first names of the modules that a cell imports, in functions too. */
function modulesIn(source: string): readonly string[] {
  const { text } = withoutMagics(source);
  const modules: string[] = [];
  parsePython(text).iterate({
    enter({ name, node }) {
      if (name !== "ImportStatement") return;
      const words: { readonly kind: string; readonly text: string }[] = [];
      for (let child = node.firstChild; child !== null; child = child.nextSibling)
        words.push({ kind: child.name, text: text.slice(child.from, child.to) });
      const begins = words[0]?.text === "from" ? ["from"] : ["import", ","];
      for (const [at, { kind, text: word }] of words.entries())
        if (kind === "VariableName" && begins.includes(words[at - 1]?.text ?? "")) modules.push(word);
    },
  });
  return modules;
}
