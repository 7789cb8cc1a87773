// Owns: models of every kind that `models check` meets, as behaviours of a model server.
import type { Behaviour, SeenRequest, ServedReply } from "../../src/testing/model-server.ts";

export const CELL = [
  "def square(n):",
  "    return n * n",
  "",
  'print("sum of squares:\\n")',
  "print(sum(square(n) for n in range(1, 11)))",
].join("\n");

const RUN: ServedReply = { calls: [{ tool: "run_code", arguments: { source: CELL } }] };
const CLOSE: ServedReply = { calls: [{ tool: "finish_round", arguments: {} }] };
const FENCE: ServedReply = { text: `Here it is.\n\`\`\`python\n${CELL}\n\`\`\`` };
const WORDS: ServedReply = { text: "The cell printed the sum of the squares, 385." };

export type Kind = (request: SeenRequest) => Behaviour;

function says(reply: ServedReply): Behaviour {
  return { type: "reply", reply };
}

function textBlock(name: string, args: object): ServedReply {
  return { text: `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>` };
}

/** What is asked for, by the last message and the choice. */
function wants({ body }: SeenRequest): "cell" | "close" | "words" | "picture" {
  const text = JSON.stringify(body["messages"]);
  if (text.includes("Which colour")) return "picture";
  if (text.includes("Say in one sentence")) return "words";
  return text.includes("close the round") ? "close" : "cell";
}

/** Calls tools natively, sees pictures, does what is demanded. */
export const able: Kind = (request) => {
  const replies = { cell: RUN, close: CLOSE, words: WORDS, picture: { text: "Red." } };
  return says(replies[wants(request)]);
};

/** As llama.cpp with a model that calls tools: a demanded name is ignored, words are heard. */
export const deafToNames: Kind = (request) => {
  const isNamed = typeof request.body["tool_choice"] === "object";
  return wants(request) === "close" && isNamed ? says(WORDS) : able(request);
};

/** Calls natively where it likes to, never on demand; without tools it only talks. */
export const neverCloses: Kind = (request) => {
  const isCell = wants(request) === "cell" && "tools" in request.body;
  return says(isCell ? RUN : WORDS);
};

/** A coder model: code in a fence whatever is asked for, and the word that closes when it is told. */
export const fenced: Kind = (request) => {
  const wanted = wants(request);
  const isTold = JSON.stringify(request.body["messages"]).includes("Write DONE");
  if (wanted === "words" || wanted === "picture") return says(WORDS);
  return says(wanted === "close" && isTold ? { text: "DONE" } : FENCE);
};

/** A model that talks, behind a server that holds it to a grammar where it is given one. */
export const held: Kind = (request) => {
  const grammar = request.body["grammar"];
  if (grammar === undefined) return says(WORDS);
  return says({ text: grammar === 'root ::= "DONE"' ? "DONE" : `\`\`\`python\n${CELL}\n\`\`\`` });
};

/** Writes its calls as it is shown, and natively not at all. */
export const textual: Kind = (request) => {
  const wanted = wants(request);
  if (wanted === "words" || wanted === "picture" || "tools" in request.body) return says(WORDS);
  return says(wanted === "cell" ? textBlock("run_code", { source: CELL }) : textBlock("finish_round", {}));
};

/** The same behind a server that refuses tools. */
export const toolless: Kind = (request) =>
  "tools" in request.body
    ? { type: "error", status: 400, body: { error: { message: "this model does not support tools" } } }
    : textual(request);

/** Breaks code that travels inside of JSON: the call is there, and not what it was. */
export const breaksCode: Kind = (request) => {
  const broken = { tool: "run_code", arguments: '{"source": "def square(n):\n  print(x)}' };
  return says(wants(request) === "cell" ? { calls: [broken] } : WORDS);
};

/** Answers, and does nothing. */
export const mute: Kind = () => says({ text: "no" });

/** Writes without end; its server has the last word. */
export const endless: Kind = () => says({ text: "and then ".repeat(50), finish: "length" });
