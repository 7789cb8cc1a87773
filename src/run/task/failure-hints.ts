// Owns: what may be done about a failure of a task's cells or its verifier whose cause lies outside of them: a file or variable that
// they do not see, a package that is not there.
import { RunError } from "../../core/errors.ts";
import { packageOf, packageName, readPackage } from "../../core/python/package-names.ts";
import { nameOption, writeCommand } from "../../core/shell-words.ts";
import { hiddenThings } from "../../machine/sandbox/handed-in.ts";
import type { RunOptions } from "../run-options.ts";

type Given = Pick<RunOptions, "env" | "read" | "packages">;

/** Sentences, for a failure with these words. */
export function failureHints(words: string, given: Given, sandbox: "on" | "off"): readonly string[] {
  return [...hiddenThings(words, given, sandbox === "on"), ...packageHints(words, given.packages ?? [])];
}

/** What a task's first solution plays to. @throws as it does; where the cause may lie outside, with the remedy. */
export async function withFailureHints<T>(
  founder: Promise<T>,
  given: Given,
  sandbox: "on" | "off",
): Promise<T> {
  try {
    return await founder;
  } catch (error) {
    if (!(error instanceof RunError) || error.code !== "founder-rejected") throw error;
    const hints = failureHints(error.message, given, sandbox);
    if (hints.length === 0) throw error;
    throw new RunError(error.code, [error.message, ...hints].join("\n"), { cause: error });
  }
}

function packageHints(words: string, packages: readonly string[]): readonly string[] {
  const [, module = ""] = /No module named ['"]([A-Za-z_]\w{0,99})/.exec(words) ?? [];
  const wish = readPackage(packageOf(module));
  if (wish === null || packages.map((one) => packageName(readPackage(one) ?? "")).includes(wish)) return [];
  const metadata = JSON.stringify({ nbevolve: { packages: [wish] } });
  return [
    `nbevolve does not bring ${module}: add ${nameOption(writeCommand(["--with", wish]), "packages")}; and for whoever runs the task next, say so in the ` +
      `notebook's metadata: ${metadata}`,
  ];
}
