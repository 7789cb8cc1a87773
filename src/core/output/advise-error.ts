// Owns: what to do about errors that small models make again and again, in a few words that can stand behind the error itself.
// By its name and message alone. Pure.

const MODULES = new Set(
  "collections copy functools heapq itertools json math os random re scipy statistics string sys time".split(
    " ",
  ),
);
const ALIASES: Readonly<Record<string, string>> = {
  np: "import numpy as np",
  pd: "import pandas as pd",
  plt: "import matplotlib.pyplot as plt",
};

const LIST_FOR_ARRAY = "a list does not calculate like an array: make one first, with `np.array(...)`";

/** The first whose name and message fit. */
const ADVICE: readonly (readonly [name: RegExp, message: RegExp, words: string])[] = [
  [/^TypeError$/, /can't multiply sequence by non-int/, LIST_FOR_ARRAY],
  [
    /^TypeError$/,
    /unsupported operand type\(s\) for [^:']{1,20}: '(?:list'|[\w.]{1,40}' and 'list')/,
    LIST_FOR_ARRAY,
  ],
  [/^TypeError$/, /bad operand type for unary -: 'list'/, LIST_FOR_ARRAY],
  [/^TypeError$/, /can only concatenate list/, LIST_FOR_ARRAY],
  [
    /^AttributeError$/,
    /'list' object has no attribute '(?:shape|ndim|size|dtype|T|dot|sum|mean|min|max|argmax|argmin|reshape|astype|flatten|tolist)'/,
    LIST_FOR_ARRAY,
  ],
  [
    /^TypeError$/,
    /only (?:size-1|length-1|0-dimensional) arrays can be converted/,
    "`math` takes one number at a time: use the functions of `np` for arrays",
  ],
  [
    /^TypeError$/,
    /must be real number, not (?:list|numpy\.ndarray)/,
    "`math` takes one number at a time: use the functions of `np` for arrays",
  ],
  [/^ValueError$/, /truth value of an array/, "compare one number at a time, or say `.any()` or `.all()`"],
  [
    /^TypeError$/,
    /'(?:float|int|list|dict|str|tuple|numpy\.\w+)' object is not callable/,
    "the name is of a value, not of a function",
  ],
  [
    /^TypeError$/,
    /cannot unpack non-iterable|object is not (?:iterable|subscriptable)/,
    "one value came where several were taken",
  ],
];

/**
 * A few words; empty where the error says it all. `values`: what the names of its line held, `t: list of 40`, where that is
 * known: a small model that is told of "a list" makes an array of another one.
 */
export function adviseError(name: string, message: string, values: readonly string[] = []): string {
  if (name === "NameError") return adviseImport(message);
  const advice = findAdvice(name, message);
  const lists = values.flatMap((value) => /^(\w+)(?:: list of | = \[)/.exec(value)?.[1] ?? []);
  return advice === LIST_FOR_ARRAY && lists.length > 0 ? adviseArrays(lists.slice(0, 3)) : advice;
}

function adviseArrays(names: readonly string[]): string {
  return `begin with \`${names.join(", ")} = ${names.map((name) => `np.array(${name})`).join(", ")}\``;
}

function findAdvice(name: string, message: string): string {
  return (
    ADVICE.find(([names, messages]) => names.test(name) && messages.test(message.slice(0, 500)))?.[2] ?? ""
  );
}

function adviseImport(message: string): string {
  const name = /^name '(\w+)' is not defined/.exec(message)?.[1] ?? "";
  const missing = MODULES.has(name) ? `import ${name}` : (ALIASES[name] ?? "");
  return missing === "" ? "" : `begin the cell with \`${missing}\``;
}
