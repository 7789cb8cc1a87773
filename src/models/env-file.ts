// Owns: variables out of a file such as `.env`, for a model's endpoint. They never enter `process.env`, so nothing
// that this process starts can inherit them.
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { messageOf, RunError } from "../core/errors.ts";
import type { Environment } from "./openai/endpoint.ts";

/** The environment with the file's variables before its own. @throws RunError `bad-option` without showing a line. */
export function withEnvFile(file: string | undefined, environment: Environment): Environment {
  if (file === undefined) return environment;
  return { ...environment, ...variablesIn(file) };
}

function variablesIn(file: string): Environment {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new RunError("bad-option", `--env-file ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const variables = parseEnv(text);
  if (Object.keys(variables).length === 0)
    throw new RunError("bad-option", `--env-file ${file} holds no variable: write NAME=value lines`);
  return Object.fromEntries(Object.entries(variables));
}
