// Owns: the texts that parsers are tried with: long runs of every character class, and of the words at which parsers of
// ours begin something.

const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
/** Beyond ASCII: a letter, a mark, a space, a wide one, a picture, halves of one, directions, line ends, what is none. */
const OTHERS = [
  ..."\u00E9\u0301\u00A0\uD55C\u2588\u202E\u200D\u2028\u009B\uFFFD\uFDD0".split(""),
  "\u{1F600}",
  "\uD800",
  "\uDC00",
];

/** What begins, goes on or ends something for one parser or another. */
const WORDS: readonly string[] = [
  // Words and lines.
  ..."a |ab cd |Ab|a0|0 |12.5e3 |1,|1_|0x1|a.|a,|a=|a:|- a\n|# a\n|a\n|a\n\n| \n|\t\n|\r\n|\n\n|\n |a\r|a\b|a\tb".split(
    "|",
  ),
  // Terminals.
  ..."\u001B[|\u001B[31ma|\u001B[1A|\u001B[B|\u001B[999C|\u001B[2K|\u001B[1K|\u001B[H|\u001B]|\u001B]0;a|\r\u001B[9C|\r\u001B[9C-".split(
    "|",
  ),
  // JSON.
  ...'[1,|[]|[],|{}|{},|{"a":|{"a":1,|"a":1,|"a",|"a"|\\"|\\u0041|\\u|true,|null|NaN,|-Infinity,|{{|}}|,]|,}|{"name":"'.split(
    "|",
  ),
  // HTML and XML.
  ...'<a|<a>|</a>|<td>|</td>|<tr><td>a</td></tr>|<table class="dataframe">|<script|<script>|</script|<!--|-->|&amp;|&#1;|&#|<a b="|<a b=\'|<br>|<h1>|<p>1 rows'.split(
    "|",
  ),
  // Markdown, and the marks of chat templates.
  ...'```|```\n|```python\n|```json\n{|~~~|`a`|<tool_call>|</tool_call>|<function=run_code>|<parameter=source>|<think>|</think>|<|channel|>|[TOOL_CALLS]|<invoke name="run_code">|run_code(|Action: run_code\n|Action Input: {|run_code{"'.split(
    /\|(?![a-z]+\||>)/,
  ),
  // Python.
  ..."not |-x|1+|a and |lambda: |lambda a:|f(|f()|f(a=|x[0]|x[|a.b|a=1\n|a=|a,b=|a1=2;|def f(a):\n |def f():pass\n|class A:\n |class A(B):pass\n|if x:\n |else:\n|import a\n|from a import b\n|from . import |import a as |for x in |[x for x in |(x for x in |with a as |except A, |try:\n |@a\n|global a\n|nonlocal |print |yield |await |*a,|**a,|a:=|a if |{a:b,|{**|f'{|f\"{a}|'''|\"\"\"|'a' |rb'|\\\n|%a\n|!a\n|%%a\n|a;|match x:\n case |x+=1\n|x.append(1)\n".split(
    "|",
  ),
  // Tracebacks and errors.
  ..."  File \"a.py\", line 1\n|Cell In[1], line 1\n|----> 1 a\n|/a/b.py in f(x)\n|name 'a' is not defined|Epoch 1 of 5\n|0 0 0\n|Error: a\n|line 1|No module named 'a|begin with `a".split(
    "|",
  ),
  // Streams, data, our own lines.
  ..."data: {}\n\n|data:|: a\n|event: a\n|data:image/png;base64,|QUJD|QUJDa0|QUJDRA==\n|maximum context |limit 1|invalid role|0x7f0000000000 |offline: move=a seed=1 |offline: tally a=1/1 |offline: problem |a=1/1 ".split(
    "|",
  ),
];

/** Each by itself: what a text is a run of. */
const PIECES: readonly string[] = [...new Set([...ASCII, ...OTHERS, ...WORDS])].filter(
  (piece) => piece !== "",
);

export interface HostileText {
  readonly what: string;
  /** Of about so many characters. */
  readonly make: (size: number) => string;
}

/** Runs of one piece each. */
const RUNS: readonly HostileText[] = PIECES.map((piece) => ({
  what: `a run of ${JSON.stringify(piece)}`,
  make: (size) => piece.repeat(Math.max(1, Math.floor(size / piece.length))),
}));

/** Runs in which each piece has a number of its own: names, keys and lines of which no two are the same. */
export const NUMBERED: readonly HostileText[] = (
  [
    ["names", (at) => `a${at}=${at}\n`],
    ["names, each from the one before", (at) => `a${at + 1}=a${at}\n`],
    ["names that change", (at) => `a${at}+=1\n`],
    ["names of one statement", (at) => `a${at}=`],
    ["names in a tuple", (at) => `a${at},`],
    ["functions", (at) => `def f${at}(a): return a\n`],
    ["classes", (at) => `class A${at}: pass\n`],
    ["imports", (at) => `import a${at}\n`],
    ["parameters", (at) => `${at === 0 ? "def f(" : ""}a${at},`],
    ["keys", (at) => `${at === 0 ? "{" : ","}"a${at}":${at}`],
    ["lines", (at) => `line ${at} of words\n`],
    ["lines of letters", (at) => `${at.toString(36).replaceAll(/\d/g, "x")} word${"abcdefghij"[at % 10]}\n`],
    ["records", (at) => `{"id":"c${at}"},`],
    ["frames", (at) => `  File "a${at}.py", line ${at}\n    a\n`],
  ] satisfies readonly (readonly [string, (at: number) => string])[]
).map(([what, write]) => ({ what: `numbered ${what}`, make: (size) => writeNumbered(write, size) }));

function writeNumbered(write: (at: number) => string, size: number): string {
  const parts: string[] = [];
  for (let at = 0, length = 0; length < size; at += 1) {
    const part = write(at);
    parts.push(part);
    length += part.length;
  }
  return parts.join("");
}

/** All of them, by themselves and after each of the openings. */
export function hostileTexts(openings: readonly string[]): readonly HostileText[] {
  const plain = [...NUMBERED, ...RUNS];
  const opened = openings.flatMap((opening) =>
    plain.map(({ what, make }) => ({
      what: `${JSON.stringify(opening)} and ${what}`,
      make: (size: number) => opening + make(size),
    })),
  );
  return [...plain, ...opened];
}
