// Owns: the flags that a command was given, as words of a command line that does the same again. Never has a secret among them.
import type { Command } from "commander";

/** A secret, and the form of the output. */
const LEFT_OUT: readonly string[] = ["token", "json"];

/** `proposals`: in place of what was given. `without`: the names of others that are left out. */
export function givenFlags(
  command: Command,
  proposals?: number,
  without: readonly string[] = [],
): readonly string[] {
  const leftOut = [...LEFT_OUT, ...without, ...(proposals === undefined ? [] : ["proposals"])];
  const words = command.options.flatMap((option) => {
    const { long, negate } = option;
    const name = option.attributeName();
    if (long == null || leftOut.includes(name) || command.getOptionValueSource(name) !== "cli") return [];
    const given: unknown = command.getOptionValue(name);
    if (typeof given === "boolean") return given === negate ? [] : [long];
    return (Array.isArray(given) ? given : [given]).flatMap((value) => [long, String(value)]);
  });
  return [...words, ...proposalsFlag(proposals)];
}

export function proposalsFlag(proposals: number | undefined): readonly string[] {
  return proposals === undefined ? [] : ["--proposals", String(proposals)];
}
