// Owns: `nbevolve bench models`: what a reply costs this program beside the server's own time: the request, the stream, the
// repair of calls, and the durable turn in the journal. Over real HTTP on loopback; the server is its own process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonBlob } from "../../src/loop/json-blob.ts";
import { requestLog } from "../../src/loop/turn-journal.ts";
import { openai } from "../../src/models/openai/openai.ts";
import type { Message, ModelReply, ModelRequest, RunEvent } from "../../src/contracts/index.ts";
import { openRunStore } from "../../src/store/index.ts";
import type { Bench } from "../bench.ts";
import { describeMachine, type MachineNow } from "../measure.ts";

interface ModelsFigures {
  readonly replies: number;
  /** Characters of the prompt at the end. */
  readonly promptCharacters: number;
  /** Milliseconds: a bare `fetch` that sends as much and reads the same stream to its end. */
  readonly bare: Spread;
  /** The same through `openai()`. */
  readonly asked: Spread;
  /** The difference between the two, reply by reply. */
  readonly client: Spread;
  /** Mean processor time of a reply, less that of a bare fetch: it holds on a busy machine, where the clock does not. */
  readonly clientCpuMs: number;
  /** The turn made durable: the request's and the reply's blobs and their event. */
  readonly journal: Spread;
  /** Bytes of run.db that one turn took. */
  readonly bytesPerTurn: number;
  readonly machine: MachineNow;
}

interface Spread {
  readonly p50: number;
  readonly p95: number;
}

const REPLIES = 200;
const WARM_UP = 40;
/** Turns of one conversation, which grows by a reply and its result in each. Then the next begins. */
const EPISODE = 40;

export const modelsBench: Bench = {
  name: "models",
  description: "What a reply costs this program beside the time of the model's server.",
  async run() {
    const figures = await measureModels();
    return { figures, report: modelsReport(figures) };
  },
};

async function measureModels(): Promise<ModelsFigures> {
  const machine = describeMachine();
  const server = await startServer();
  const dir = await mkdtemp(join(tmpdir(), "nbevolve-bench-"));
  try {
    return { ...(await measure(server.baseURL, dir)), machine };
  } finally {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure(baseURL: string, dir: string): Promise<Omit<ModelsFigures, "machine">> {
  await using store = await openRunStore(dir, { mode: "write" });
  const model = openai({ model: "bench", baseURL, apiKey: "none" });
  let log = requestLog();
  const { signal } = new AbortController();
  const times = {
    bare: [] as number[],
    asked: [] as number[],
    client: [] as number[],
    journal: [] as number[],
  };
  let request = openRequest();
  let bytes = 0;
  let promptCharacters = 0;
  const cpu = { bare: 0, asked: 0 };
  for (let turn = 1; turn <= REPLIES + WARM_UP; turn++) {
    const body = JSON.stringify(request.messages);
    const bare = await timeWork(() => readBare(baseURL, body));
    const asked = await timeWork(() => model.reply(request, { signal }));
    const reply = asked.value;
    const journal = await timeWork(async () => {
      const blobs = [log.blobOf(request), jsonBlob(reply)] as const;
      bytes += blobs[0].bytes.length + blobs[1].bytes.length;
      await store.append([turnEnded(turn, blobs[0].hash, blobs[1].hash, reply)], blobs);
    });
    promptCharacters = Math.max(promptCharacters, body.length);
    request = { ...request, messages: [...request.messages, ...turnMessages(reply)], seed: turn };
    if (turn % EPISODE === 0) [request, log] = [openRequest(), requestLog()];
    if (turn <= WARM_UP) continue;
    cpu.bare += bare.cpuMs;
    cpu.asked += asked.cpuMs;
    times.bare.push(bare.ms);
    times.asked.push(asked.ms);
    times.client.push(Math.max(0, asked.ms - bare.ms));
    times.journal.push(journal.ms);
  }
  return {
    replies: REPLIES,
    promptCharacters,
    bare: spread(times.bare),
    asked: spread(times.asked),
    client: spread(times.client),
    clientCpuMs: (cpu.asked - cpu.bare) / REPLIES,
    journal: spread(times.journal),
    bytesPerTurn: Math.round(bytes / (REPLIES + WARM_UP)),
  };
}

function modelsReport(bench: ModelsFigures): string {
  const { machine, replies, promptCharacters, bytesPerTurn } = bench;
  const row = (what: string, { p50, p95 }: Spread): string =>
    `| ${what} | ${p50.toFixed(2)} | ${p95.toFixed(2)} |`;
  return [
    `Node ${machine.node}, ${machine.cores} cores, load ${machine.load.toFixed(1)} when it began. ${replies} streamed replies of`,
    `about 2,000 characters in 300 pieces; conversations of 40 turns that grow to ${promptCharacters.toLocaleString("en")} characters.`,
    "",
    "| milliseconds a reply | p50 | p95 |",
    "|---|---|---|",
    row("a bare fetch that sends and reads as much", bench.bare),
    row("through openai()", bench.asked),
    row("the client's own share of that", bench.client),
    row("request and reply made durable", bench.journal),
    "",
    `Of the processor, the client took ${bench.clientCpuMs.toFixed(2)} ms a reply more than a bare fetch.`,
    `${bytesPerTurn.toLocaleString("en")} bytes of requests and replies a turn, before compression.`,
    "",
  ].join("\n");
}

const CALL = {
  name: "run_code",
  arguments: JSON.stringify({ source: "x = x + 1  # a line of code\n".repeat(40) }),
};

/** The stream of one reply: text, then a call, in pieces. */
const STREAM = `
const { createServer } = require("node:http");
const piece = (delta, finish = null) =>
  "data: " + JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "bench", choices: [{ index: 0, delta, finish_reason: finish }] }) + "\\n\\n";
const cut = (text) => text.match(/[^]{1,7}/g);
const { name, arguments: args } = JSON.parse(process.argv[1]);
const body = Buffer.from([
  ...cut("I look at the result and then improve it. ".repeat(20)).map((content) => piece({ content })),
  piece({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name, arguments: "" } }] }),
  ...cut(args).map((text) => piece({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
  piece({}, "tool_calls"),
  "data: " + JSON.stringify({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } }) + "\\n\\n",
  "data: [DONE]\\n\\n",
].join(""));
const server = createServer((request, response) => {
  request.resume().on("end", () => response.writeHead(200, { "content-type": "text/event-stream" }).end(body));
}).listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit());
`;

async function startServer(): Promise<{ readonly baseURL: string; stop(): Promise<void> }> {
  // It ends with its standard input, also when this process is killed.
  const child = spawn(process.execPath, ["-e", STREAM, JSON.stringify(CALL)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [port] = await Promise.race([once(child.stdout, "data"), exited]);
  return {
    baseURL: `http://127.0.0.1:${String(port).trim()}/v1`,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}

async function readBare(baseURL: string, body: string): Promise<void> {
  const response = await fetch(`${baseURL}/chat/completions`, { method: "POST", body });
  for await (const _ of response.body ?? []);
}

function openRequest(): ModelRequest {
  const text = (words: string): Message => ({ role: "user", content: [{ type: "text", text: words }] });
  const parameters = { type: "object", properties: { source: { type: "string" } } };
  return {
    messages: [text("What the task is. ".repeat(100)), text("A notebook. ".repeat(1500))],
    breakpoints: [0, 1],
    tools: [{ name: CALL.name, description: "Runs code.", parameters }],
    toolChoice: "auto",
    seed: 0,
  };
}

function turnMessages({ text, calls }: ModelReply): readonly Message[] {
  const results = calls.map(({ id }): Message => ({
    role: "tool",
    callId: id,
    isError: false,
    content: [{ type: "text", text: "42\n" }],
  }));
  return [{ role: "assistant", text, calls }, ...results];
}

function turnEnded(turn: number, request: string, reply: string, { usage }: ModelReply): RunEvent {
  return { type: "turn-ended", proposal: "p1", round: 1, turn, model: "bench", reply, request, usage };
}

interface Timed<T> {
  readonly value: T;
  readonly ms: number;
  readonly cpuMs: number;
}

async function timeWork<T>(what: () => Promise<T>): Promise<Timed<T>> {
  const began = performance.now();
  const before = process.cpuUsage();
  const value = await what();
  const { user, system } = process.cpuUsage(before);
  return { value, ms: performance.now() - began, cpuMs: (user + system) / 1000 };
}

function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}
