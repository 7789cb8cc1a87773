// Owns: the habit that a remedy names an option as a person gives it and as a program does. Never reads a file.
import { withoutComments } from "./source-text.ts";

/** Files outside `src/cli` that name flags by themselves, each with why no program is at a loss there. */
const FLAGS_ALONE: Readonly<Record<string, string>> = {
  "src/history/read-history.ts": "words of a command that nameOption shows",
  "src/kernels/jupyter/server-process.ts": "arguments of the guard",
  "src/machine/guarded-process.ts": "arguments of the guard",
  "src/machine/python/inspect.ts": "arguments of Python",
  "src/machine/python/interpreters.ts": "arguments of uv",
  "src/machine/python/make.ts": "arguments of uv and pip",
  "src/machine/sandbox/box-arguments.ts": "arguments of bubblewrap",
  "src/machine/sandbox/boxed-process.ts": "arguments of bubblewrap",
  "src/machine/sandbox/egress-proxy.ts": "an answer to a cell, whose reader chose neither",
  "src/machine/sandbox/probe.ts": "arguments of bubblewrap",
  "src/models/catalogue/own-price.ts": "reads the text of a flag",
  "src/models/catalogue/profile-text.ts": "reads the text of a flag",
  "src/machine/sandbox/handed-in.ts": "words of flags that nameOption shows",
  "src/models/model-from-spec.ts": "reads the text of a flag",
  "src/models/openai/endpoint.ts": "reads the file of a flag",
  "src/run/parts/part-file.ts": "arguments of Node",
  "src/run/task/task-python.ts": "words of flags that nameOption shows",
  "src/store/mirrors/notebook-head.ts": "a whole command for the readers of a notebook",
  "src/tasks/new-task.ts": "only for the command line, and not exported",
  "src/tasks/table-head.ts": "only for the command line, and not exported",
};

const NAMED =
  /nameOption\((?:[^()`"']|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\([^()]*\))*\)/g;

/** Flags in texts of the library that do not say what a program writes instead, and listed files without any. */
export function flagsWithoutCode(sources: ReadonlyMap<string, string>): string[] {
  return [...sources]
    .filter(([file]) => /^src\/(?!cli\/|dashboard\/|dev\/).*\.ts$/.test(file))
    .flatMap(([file, text]) => {
      const flag = /(?<![\w-])--[a-z][a-z-]+/.exec(withoutComments(text).replaceAll(NAMED, ""))?.[0];
      const isListed = file in FLAGS_ALONE;
      if (flag !== undefined && !isListed)
        return [`${file} names ${flag}: write it with nameOption, or say in FLAGS_ALONE why not`];
      return flag === undefined && isListed
        ? [`${file} names no flag any more: strike it from FLAGS_ALONE`]
        : [];
    });
}
