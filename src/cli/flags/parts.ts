// Owns: the parts of a run by the names that the command line and the journal give them.
import { RunError } from "../../core/errors.ts";
import { isStrategyFile, strategyFromFile } from "./strategy-file.ts";
import type { DescriptorSpec, Json, JsonObject, Renderer, Strategy } from "../../contracts/index.ts";
import { logStructured, plain, positional } from "../../../renderers/index.ts";
import { shippedStrategy } from "../../../strategies/shipped.ts";

const RENDERERS: Readonly<Record<string, () => Renderer>> = {
  "log-structured": () => logStructured(),
  plain: () => plain(),
  positional: () => positional(),
};

/**
 * A strategy by its name or by its file, with settings of a journal or of a command line. `descriptors`: the task's.
 * @throws RunError `bad-option`.
 */
export async function strategyNamed(
  name: string,
  settings: JsonObject = {},
  descriptors: readonly DescriptorSpec[] = [],
): Promise<Strategy> {
  return isStrategyFile(name)
    ? strategyFromFile(name, settings, descriptors)
    : shippedStrategy(name, settings, descriptors);
}

/** @throws RunError `bad-option`. */
export function rendererNamed(name: string): Renderer {
  return lookUp(RENDERERS, "renderer", name)();
}

/** `k=v` pairs; a value that is JSON is taken as JSON, anything else as a string. @throws RunError `bad-option`. */
export function parametersFrom(pairs: readonly string[], flag = "--param"): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new RunError("bad-option", `${flag} ${pair}: write it as name=value`);
      const value = jsonOrText(pair.slice(at + 1));
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        throw new RunError(
          "bad-option",
          `--param ${pair}: whole numbers beyond 2^53 would lose digits; write it as text, "..."`,
        );
      }
      return [pair.slice(0, at), value];
    }),
  );
}

function jsonOrText(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return text; // not JSON: the words themselves
  }
}

function lookUp<T>(table: Readonly<Record<string, T>>, what: string, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  throw new RunError(
    "bad-option",
    `there is no ${what} "${name}"; there are ${Object.keys(table).join(", ")}`,
  );
}
