// What a reply without native calls means: every form with one reading is read, none with two.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { notebookTools, specOf } from "../../../../src/environment/tools/index.ts";
import { readActions } from "../../../../src/models/openai/wire/reading/read-actions.ts";
import type { ReadActions, ReadContext } from "../../../../src/models/openai/wire/reading/actions.ts";

const TOOLS = notebookTools({ submission: "best" }).map(specOf);
const CUT = "was cut off at the output limit of 600 tokens";

function read(text: string, context: Partial<ReadContext> = {}): ReadActions {
  return readActions(text, { tools: TOOLS, toolChoice: "auto", cut: "", closingWord: "", ...context });
}

const CODE = "x = [1, 2]\nprint(1 < 2, 'a\"b')";
const CALL = { tool: "run_code", arguments: { source: CODE } };
const JSON_CODE = JSON.stringify(CODE);
const JSON_CALL = `{"name": "run_code", "arguments": {"source": ${JSON_CODE}}}`;
const SCORE = { tool: "score", arguments: {} };
const FENCED = `\`\`\`python\n${CODE}\n\`\`\``;

describe("one call, in every form", () => {
  test.for([
    ["Hermes, Qwen", `<tool_call>\n${JSON_CALL}\n</tool_call>`],
    ["Qwen, without an end", `<tool_call>\n${JSON_CALL}`],
    ["Qwen, with one bracket too few", `<tool_call>\n${JSON_CALL.slice(0, -1)}`],
    ["Qwen's own template", `<tool_call>\n{${JSON_CALL}}\n</tool_call>`],
    ["every brace doubled", `{{"name": "run_code", "arguments": {{"source": ${JSON_CODE}}}}}`],
    [
      "Qwen coder",
      `<tool_call>\n<function=run_code>\n<parameter=source>\n${CODE}\n</parameter>\n</function>\n</tool_call>`,
    ],
    ["Qwen coder, without ends", `<function=run_code>\n<parameter=source>\n${CODE}`],
    ["tools tags", `<tools>\n${JSON_CALL}\n</tools>`],
    ["Llama 3", `<|python_tag|>{"name": "run_code", "parameters": {"source": ${JSON_CODE}}}`],
    ["Llama 3, with an end", `<|python_tag|>${JSON_CALL}<|eom_id|>`],
    ["Llama 3.1", `<function=run_code>{"source": ${JSON_CODE}}</function>`],
    ["Llama 3.2", `[run_code(source=${JSON_CODE})]`],
    ["Llama, built in", `<|python_tag|>run_code.call(source=${JSON_CODE})`],
    ["Mistral", `[TOOL_CALLS][${JSON_CALL}]`],
    ["Mistral, later", `[TOOL_CALLS]run_code{"source": ${JSON_CODE}}`],
    ["Mistral, with ARGS", `[TOOL_CALLS]run_code[ARGS]{"source": ${JSON_CODE}}`],
    ["Mistral, with an id", `[TOOL_CALLS]run_code[CALL_ID]abc123[ARGS]{"source": ${JSON_CODE}}`],
    [
      "Claude",
      `<function_calls><invoke name="run_code"><parameter name="source">${CODE}</parameter></invoke></function_calls>`,
    ],
    [
      "DeepSeek 3.2",
      `<｜DSML｜function_calls>\n<｜DSML｜invoke name="run_code">\n<｜DSML｜parameter name="source" string="true">${CODE}</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>`,
    ],
    [
      "gpt-oss",
      `<|channel|>commentary to=functions.run_code <|constrain|>json<|message|>{"source": ${JSON_CODE}}<|call|>`,
    ],
    [
      "gpt-oss, the other order",
      `<|start|>assistant to=functions.run_code<|channel|>commentary json<|message|>{"source": ${JSON_CODE}}`,
    ],
    [
      "DeepSeek",
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>run_code\n\`\`\`json\n{"source": ${JSON_CODE}}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    ],
    [
      "DeepSeek 3.1",
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>run_code<｜tool▁sep｜>{"source": ${JSON_CODE}}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    ],
    [
      "Kimi",
      `<|tool_calls_section_begin|><|tool_call_begin|>functions.run_code:0<|tool_call_argument_begin|>{"source": ${JSON_CODE}}<|tool_call_end|><|tool_calls_section_end|>`,
    ],
    ["GLM", `<tool_call>run_code\n<arg_key>source</arg_key>\n<arg_value>${CODE}</arg_value>\n</tool_call>`],
    ["Nemotron", `<TOOLCALL>[${JSON_CALL}]</TOOLCALL>`],
    ["Granite", `<|tool_call|>[${JSON_CALL}]`],
    ["Phi", `<|tool_call|>[${JSON_CALL}]<|/tool_call|>`],
    ["LFM", `<|tool_call_start|>[run_code(source=${JSON_CODE})]<|tool_call_end|>`],
    [
      "Command R",
      `Action: \`\`\`json\n[{"tool_name": "run_code", "parameters": {"source": ${JSON_CODE}}}]\n\`\`\``,
    ],
    ["ReAct", `Action: run_code\nAction Input: {"source": ${JSON_CODE}}`],
    ["Gemma", `\`\`\`tool_code\nprint(default_api.run_code(source=${JSON_CODE}))\n\`\`\``],
    ["Gemma, code alone", `\`\`\`tool_code\n${CODE}\n\`\`\``],
    ["a fence", `\`\`\`json\n${JSON_CALL}\n\`\`\``],
    ["a fence on one line", `\`\`\`json ${JSON_CALL} \`\`\``],
    ["a fence without an end", `\`\`\`json\n${JSON_CALL}`],
    ["a fence of Python with JSON", `\`\`\`python\n${JSON_CALL}\n\`\`\``],
    ["bare JSON", JSON_CALL],
    ["OpenAI's own shape", `[{"type": "function", "function": ${JSON_CALL}}]`],
    ["a wrapper", `{"tool_calls": [{"id": "1", "type": "function", "function": ${JSON_CALL}}]}`],
    ["arguments as text", `{"name": "run_code", "arguments": ${JSON.stringify(`{"source": ${JSON_CODE}}`)}}`],
    ["the one argument as text", `{"name": "run_code", "arguments": ${JSON_CODE}}`],
    ["flat", `{"name": "run_code", "source": ${JSON_CODE}}`],
    ["flat, with another word", `{"name": "run_code", "code": ${JSON_CODE}}`],
    ["flat, with a type", `{"type": "function", "name": "run_code", "source": ${JSON_CODE}}`],
    ["the tool as the key", `{"run_code": {"source": ${JSON_CODE}}}`],
    ["the tool as the key of a text", `{"run_code": ${JSON_CODE}}`],
    ["an action with its input", `{"action": "run_code", "action_input": {"source": ${JSON_CODE}}}`],
    [
      "code in a word near it",
      `{"name": "run_code", "arguments": {"language": "python", "code": ${JSON_CODE}}}`,
    ],
    [
      "source as lines",
      `{"name": "run_code", "arguments": {"source": ["x = [1, 2]\\n", "print(1 < 2, 'a\\"b')"]}}`,
    ],
    ["a name on the line before", `run_code\n{"source": ${JSON_CODE}}`],
    ["a name before a fence", `**run_code**\n\`\`\`json\n{"source": ${JSON_CODE}}\n\`\`\``],
    ["Python's spelling", `{'name': 'run_code', 'arguments': {'source': ${JSON_CODE}}}`],
    ["a call in Python", `run_code(source=${JSON_CODE})`],
    ["a call without a name", `run_code(${JSON_CODE})`],
    ["a call with a dictionary", `run_code({"source": ${JSON_CODE}})`],
    ["a triple-quoted call", `run_code(source="""${CODE}""")`],
    ["a triple-quoted value", `{"name": "run_code", "arguments": {"source": """${CODE}"""}}`],
    ["a value in backticks", `{"name": "run_code", "arguments": {"source": \`${CODE}\`}}`],
    [
      "a call in a fence",
      `\`\`\`python\nresult = run_code(source=${JSON_CODE})\nprint(result)\n\`\`\``.replace(
        "\nprint(result)",
        "",
      ),
    ],
    ["raw line breaks", JSON_CALL.replace("\\n", "\n")],
    ["code", FENCED],
    ["code in another spelling", `~~~Python3\n${CODE}\n~~~`],
    ["code without a language", `\`\`\`\n${CODE}\n\`\`\``],
    ["code without an end", `\`\`\`python\n${CODE}`],
    ["code with prompts", "```python\n>>> x = [1, 2]\n>>> print(1 < 2, 'a\"b')\nTrue a\"b\n```"],
    ["code alone", CODE],
    ["code in a list", `1. Do this:\n   \`\`\`python\n   x = [1, 2]\n   print(1 < 2, 'a"b')\n   \`\`\``],
    ["arguments alone", `\`\`\`json\n{"source": ${JSON_CODE}}\n\`\`\``],
  ] as const)("%s", ([, text]) => {
    const { calls, unread } = read(text);
    expect({ calls, unread }).toEqual({ calls: [CALL], unread: "" });
    // As a part of a longer reply, but for the forms that are the whole reply.
    if (text === CODE || text.startsWith('```json\n{"source"')) return;
    expect(read(`I look at the values first.\n\n${text}`)).toMatchObject({ calls: [CALL], unread: "" });
  });

  test("words around it stay, the marks go; what follows code was said before its result", () => {
    const block = `<tool_call>${JSON_CALL}</tool_call>`;
    expect(read(`First.\n${block}\n${block}`)).toMatchObject({ text: "First.", calls: [CALL, CALL] });
    expect(read(`First.\n\n${FENCED}\n\nThat is it.`)).toMatchObject({ text: "First." });
    expect(read(`First:\n\`\`\`json\n${JSON_CALL}\n\`\`\`\nThen more.`)).toMatchObject({
      text: "First:\n\nThen more.",
    });
  });
});

describe("several calls", () => {
  test.for([
    ["a list", `[${JSON_CALL}, {"name": "score", "arguments": {}}]`],
    ["two lines", `${JSON_CALL}\n{"name": "score"}`],
    ["one fence", `\`\`\`json\n${JSON_CALL}\n{"name": "score"}\n\`\`\``],
    ["two fences", `\`\`\`json\n${JSON_CALL}\n\`\`\`\nThen:\n\`\`\`json\n{"name": "score"}\n\`\`\``],
    ["flat, in a list", `[{"name": "run_code", "source": ${JSON_CODE}}, {"name": "score"}]`],
    ["Python", `\`\`\`python\nrun_code(source=${JSON_CODE})\nscore()\n\`\`\``],
    ["code, then a call", `\`\`\`python\n${CODE}\nscore()\n\`\`\``],
    ["Llama 3.2", `[run_code(source=${JSON_CODE}), score()]`],
    ["Mistral", `[TOOL_CALLS]run_code[ARGS]{"source": ${JSON_CODE}}[TOOL_CALLS]score[ARGS]{}`],
    ["arguments for a tool that takes none", `[${JSON_CALL}, {"name": "score", "arguments": {"score": 0}}]`],
    ["behind one mark", `<|python_tag|>${JSON_CALL}; {"name": "score", "parameters": {}}`],
    ["the same call again", `${JSON_CALL}\n{"name": "score"}\n${JSON_CALL}`],
  ] as const)("%s", ([, text]) => {
    expect(read(text)).toMatchObject({ calls: [CALL, SCORE], unread: "" });
  });
});

const FINISH = '{"name": "finish_round", "arguments": {"summary": "found 3"}}';
const OTHER = '{"name": "finish_round", "arguments": {"summary": "found nothing"}}';

describe("what has two readings, or none, is not carried out, and the model is told why", () => {
  test.for<readonly [string, string, RegExp]>([
    [
      "a tool that does not exist",
      '<tool_call>{"name": "shell", "arguments": {}}</tool_call>',
      /no tool "shell"/,
    ],
    [
      "such a tool as bare JSON",
      '{"name": "shell", "arguments": {"cmd": "ls"}}',
      /no tool "shell": the tools are/,
    ],
    ["half the JSON", '<tool_call>{"name": "run_code", "arguments": {"sou</tool_call>', /cannot be read/],
    [
      "JSON that does not parse",
      '{"name": "run_code", "arguments": {"source": "print("a", "b")"}}',
      /cannot be read/,
    ],
    [
      "what it cannot do without is missing",
      '{"name": "finish_round", "arguments": {"pin": ["c1"]}}',
      /finish_round.*lacks `summary`/,
    ],
    [
      "a value of another type",
      '{"name": "read", "arguments": {"id": "c1", "from": "x"}}',
      /`from` must be a integer/,
    ],
    [
      "a call in a sentence",
      `You could call {"name": "score"} to see it, or ${FINISH} at the end of it all.`,
      /stand in sentences/,
    ],
    [
      "one call in a sentence",
      `I think \`{"name": "score", "arguments": {}}\` would help here.`,
      /score stands in a sentence/,
    ],
    [
      "one call or another",
      `\`\`\`json\n${FINISH}\n\`\`\`\nOr, if you like:\n\`\`\`json\n${JSON_CALL}\n\`\`\``,
      /Two calls could both be meant/,
    ],
    ["two ways to close", `${FINISH}\n${OTHER}`, /ends the round/],
    ["a close before the rest", `${FINISH}\n${JSON_CALL}`, /ends the round and other calls stand behind it/],
    [
      "an example",
      `For example, you could call it like this:\n\`\`\`json\n${FINISH}\n\`\`\``,
      /said to be an example/,
    ],
    [
      "an example in Python",
      'When you are done you can call:\n```python\nfinish_round(summary="done")\n```',
      /said to be an example/,
    ],
    ["two tools in one call", '{"name": "run_code", "tool": "score", "arguments": {}}', /two tools/],
    [
      "two sets of arguments",
      '{"name": "run_code", "arguments": {"source": "a = 1"}, "source": "a = 2"}',
      /in two ways/,
    ],
    ["arguments that are no values", "run_code(source=program)", /literal values/],
    [
      "calls within code",
      '```python\nfor x in range(3):\n    pass\nrun_code("1")\ny = 2\n```',
      /mixes code and calls/,
    ],
    ["another language", "```bash\npip install numpy\n```", /marked bash and not python/],
    ["our own view", "```python\n[c1 task] setup\nx = 1\n=> 3\n```", /repeats the notebook/],
    ["our own view without a fence", "[c1 task]\nsubmission = [0.0]\n=> 0.0", /repeats the notebook/],
    [
      "alternatives",
      `${FENCED}\n\nAlternatively, search at random:\n\n\`\`\`python\nimport random\ny = random.random()\n\`\`\``,
      /alternatives/,
    ],
  ])("%s", ([, text, why]) => {
    const { calls, unread, text: rest } = read(text);
    expect(calls).toEqual([]);
    expect(unread).toMatch(why);
    expect(rest).toBe(text);
  });

  test.for([
    ["words", "I will look at the values first, then search."],
    ["JSON that is data", '```json\n{"name": "run_code", "score": 3}\n```'],
    ["other JSON", '{"best": [1, 2], "score": 3}'],
    ["output in a fence", "```\n2.08\n```"],
    ["words in a fence", "```\nThe best value is 3.\n```"],
    ["prose that begins like a call", "score (higher is better) is what counts."],
    ["a description of a tool", JSON.stringify({ type: "function", function: TOOLS[0] })],
    ["formulas", "The interval is [0, 1), and \\[ x^2 + {y}^2 \\] is its square."],
  ] as const)("%s: nothing to say", ([, text]) => {
    expect(read(text)).toMatchObject({ calls: [], unread: "", text });
  });

  test("a call that can be read is carried out beside one that cannot, but no round is closed then", () => {
    const broken = '{"name": "run_code", "arguments": {"source": "a"b"}}';
    expect(read(`${JSON_CALL}\n${broken}`)).toMatchObject({ calls: [CALL], unread: /cannot be read/ });
    expect(read(`${broken}\n${FINISH}`)).toMatchObject({
      calls: [],
      unread: expect.stringMatching(/cannot be read/) as string,
    });
  });

  test("nothing at all where none is allowed", () => {
    expect(read(FENCED, { toolChoice: "none" })).toMatchObject({ calls: [], unread: "", text: FENCED });
    expect(read(FENCED, { tools: [] })).toMatchObject({ calls: [], text: FENCED });
  });
});

describe("code", () => {
  const block = (code: string): string => `\`\`\`python\n${code}\n\`\`\``;
  const sourceOf = (text: string): unknown => read(text).calls[0]?.arguments["source"];

  test("pieces of one program are one cell, in order", () => {
    const text = `1. First\n${block("import math\na = math.pi")}\n2. Then\n${block("b = a * 2\nprint(b)")}`;
    expect(sourceOf(text)).toBe("import math\na = math.pi\n\nb = a * 2\nprint(b)");
  });

  test("of a program and its improvement only the improvement is run", () => {
    const first = "def f(x):\n    return x * x\nbest = f(3)\nprint(best)";
    const second = "def f(x):\n    return x * x + 1\nbest = f(3)\nprint(best)";
    expect(sourceOf(`${block(first)}\nHere it is, improved:\n${block(second)}`)).toBe(second);
  });

  test("steps that are put together at the end are run once", () => {
    const steps = ["xs = list(range(10))", "total = sum(xs)", "print(total, len(xs))"];
    const all = steps.join("\n");
    expect(sourceOf([...steps.map(block), "All together:", block(all)].join("\n\n"))).toBe(all);
  });

  test("a part that is quoted to explain it is not run again", () => {
    const all = "xs = list(range(10))\ntotal = sum(xs)\nprint(total)";
    expect(sourceOf(`${block(all)}\nHere the sum is taken:\n${block("total = sum(xs)")}`)).toBe(all);
  });

  test("an output behind it is no code", () => {
    expect(sourceOf(`${block(CODE)}\nOutput:\n\`\`\`\nTrue 3\n\`\`\`\n\`\`\`text\nx = 3\n\`\`\``)).toBe(CODE);
  });

  test("code is run before the round is closed, and the model is told", () => {
    const reply = read(`${FENCED}\n\`\`\`json\n${FINISH}\n\`\`\``);
    expect(reply.calls).toEqual([CALL]);
    expect(reply.unread).toMatch(/the round was not closed/);
  });

  test("a function of the notebook may have a tool's name", () => {
    const code = "def score(x):\n    return x\nprint(score(3))";
    expect(sourceOf(block(code))).toBe(code);
    expect(sourceOf(block("value = 3\nscore(value)"))).toBe("value = 3\nscore(value)");
  });

  test("in triple quotes a line break is written as in code", () => {
    const code = String.raw`print("a\nb")`;
    expect(sourceOf(`run_code(source='''${code}''')`)).toBe(code);
    expect(sourceOf(`run_code(source='''x = 1\\ny = 2''')`)).toBe("x = 1\ny = 2");
  });

  test("without a tool for it, code is words", () => {
    const tools = TOOLS.filter(({ codeParameter }) => codeParameter === undefined);
    expect(read(FENCED, { tools })).toMatchObject({ calls: [], text: FENCED });
  });
});

describe("a reply that was cut off", () => {
  test.for([
    ["code", `Here:\n\`\`\`python\n${CODE}`, []],
    ["a call", `<tool_call>\n${JSON_CALL.slice(0, -3)}`, []],
    ["JSON", `\`\`\`json\n${JSON_CALL.slice(0, -2)}`, []],
    ["a second block", `${FENCED}\n\`\`\`python\ny = 3`, [CALL]],
    ["a second call", `${JSON_CALL}\n{"name": "score", "argu`, [CALL]],
    ["Qwen coder", `<function=run_code>\n<parameter=source>\n${CODE}`, []],
  ] as const)("%s: what was cut is not carried out, what is whole is", ([, text, calls]) => {
    const reply = read(text, { cut: CUT });
    expect(reply.calls).toEqual(calls);
    expect(reply.unread).toMatch(/was cut off at the output limit of 600 tokens/);
  });

  test("words behind a whole block take nothing away from it", () => {
    expect(read(`${FENCED}\nThis looks at`, { cut: CUT })).toMatchObject({ calls: [CALL], unread: "" });
  });
});

describe("a demanded tool", () => {
  test("its arguments alone are a call of it", () => {
    const reply = read('{"summary": "found 3"}', { toolChoice: { tool: "finish_round" } });
    expect(reply.calls).toEqual([{ tool: "finish_round", arguments: { summary: "found 3" } }]);
    expect(read('{"summary": "found 3"}').calls).toEqual([]);
  });
});

describe("the closing word", () => {
  const done = { closingWord: "DONE" };
  test.for([
    ["DONE", "done"],
    ["**Done.**", "done"],
    ["```\nDONE\n```", "done"],
    ["```python\nDONE\n```", "done"],
    ["Found 3.\n\nDONE", "Found 3."],
  ] as const)("%s", ([text, summary]) => {
    expect(read(text, done).calls).toEqual([{ tool: "finish_round", arguments: { summary } }]);
  });
  test.for(["I am done with the plan.", "When I am DONE, I say so.", "x"])("%s closes nothing", (text) => {
    expect(read(text, done).calls).toEqual([]);
  });
  test("code before it is run first; without the protocol it is a word", () => {
    expect(read(`${FENCED}\nDONE`, done).calls).toEqual([CALL]);
    expect(read("DONE").calls).toEqual([]);
  });
});

describe("any text", () => {
  const PIECES = [
    "{",
    "[",
    "}",
    "]",
    "(",
    '"',
    "'",
    "`",
    "```",
    "```python\n",
    "\n",
    " ",
    "\\",
    ",",
    ":",
    "run_code(",
    "[run_code(",
    '{"name": "run_code"',
    '"arguments": {',
    "<tool_call>",
    "</tool_call>",
    "<function=run_code>",
    "<parameter=source>",
    "[TOOL_CALLS]run_code",
    "<|python_tag|>",
    "to=run_code",
    "<|message|>",
    ">>> ",
    "score()",
    "Action: score\n",
    "word",
    "def f",
  ];

  test("is read without an exception, whatever its pieces; calls fit their tools", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }),
        fc.constantFrom("", CUT),
        (pieces, cut) => {
          const { calls, text } = read(pieces.join(""), { cut, closingWord: "DONE" });
          expect(text.length).toBeLessThanOrEqual(pieces.join("").length);
          for (const { tool, arguments: args } of calls) {
            const required = TOOLS.find(({ name }) => name === tool)?.parameters["required"] ?? [];
            for (const name of required as readonly string[]) expect(args).toHaveProperty(name);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test.for([
    ...PIECES,
    '{"',
    "[{",
    '{"a":',
    "[TOOL_CALLS]run_code{",
    '\\"',
    "<function=run_code></tool_call>",
    "```\n",
    "```json\n{",
    " \t",
    "- ```",
    '{"name": "score"}\n',
    "Action: score\nAction Input: {",
  ])("of one piece again and again takes no time with the square of its length: %j", (piece) => {
    // With the square of the length it would be hours.
    read(piece.repeat(Math.floor(199_000 / piece.length)));
  });
});
