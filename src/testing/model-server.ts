// Owns: a real HTTP server on loopback that plays OpenAI's API (chat completions and Responses, streamed or not)
// as its script says, the hostile ways included. For tests of anything that talks to a model.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../contracts/index.ts";
import { isFirstQuestion } from "../models/openai/trouble/try-out.ts";
import type { Behaviour, BehaviourScript, SeenRequest } from "./model-server/behaviour.ts";
import { chatBody, chatStream } from "./model-server/chat-wire.ts";
import { responsesBody, responsesStream } from "./model-server/responses-wire.ts";
import { send, type Payload } from "./model-server/send.ts";

export type {
  Behaviour,
  BehaviourScript,
  ReplyBreak,
  SeenRequest,
  ServedCall,
  ServedReply,
  StreamShape,
} from "./model-server/behaviour.ts";

/** How the server behaves. */
export interface ModelServerOptions {
  readonly behaviour: BehaviourScript;
  /** The only key that is let in (401 for others). Default: everybody is. */
  readonly apiKey?: string;
  /** Default: a free one. */
  readonly port?: number;
  /**
   * What it makes of the question that a run asks before it begins. Default: it says yes. The script of `behaviour` is for the
   * requests after it.
   */
  readonly firstBehaviour?: Behaviour | ((request: SeenRequest) => Behaviour);
  /** The names of its models, as it lists them. Default: `served`. */
  readonly models?: readonly string[];
  /** The context window as the list of models states it, the way vLLM does. Default: it states none. */
  readonly windowTokens?: number;
}

/** A model server on this machine, for tests. */
export interface ModelServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/v1`. */
  readonly baseURL: string;
  /** The requests for replies so far, in the order of their arrival, without the questions before a run. */
  readonly requests: readonly SeenRequest[];
  /** Those questions. */
  readonly questions: readonly SeenRequest[];
  /** TCP connections so far. */
  readonly connections: number;
  /** Stops it: open connections are cut. The same as disposing of it; again: nothing. */
  close(): Promise<void>;
}

/** Starts the server. Close it, or hold it with `await using`: open connections are cut. */
export async function modelServer({
  behaviour,
  apiKey,
  port: wanted = 0,
  firstBehaviour = { type: "reply", reply: { text: "yes" } },
  models = ["served"],
  windowTokens,
}: ModelServerOptions): Promise<ModelServer> {
  const requests: SeenRequest[] = [];
  const questions: SeenRequest[] = [];
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming);
    const request = { ...describe(incoming), body, number: requests.length };
    if (!isReplyPath(request.path)) return send(outgoing, other(request.path, models, windowTokens));
    if (apiKey !== undefined && request.headers["authorization"] !== `Bearer ${apiKey}`) {
      return send(outgoing, errorPayload(401, "Incorrect API key provided."));
    }
    if (isFirstQuestion(body)) {
      questions.push(request);
      return play(
        outgoing,
        typeof firstBehaviour === "function" ? firstBehaviour(request) : firstBehaviour,
        request,
      );
    }
    requests.push(request);
    play(outgoing, await behaviourFor(behaviour, request), request);
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((thrown: unknown) => outgoing.destroy(thrown as Error));
  });
  let connections = 0;
  server.on("connection", () => {
    connections++;
  });
  await new Promise<void>((resolve) => {
    server.listen(wanted, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeAllConnections();
    await closed;
  };
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    requests,
    questions,
    get connections() {
      return connections;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isReplyPath(path: string): boolean {
  return path.endsWith("/v1/chat/completions") || path.endsWith("/v1/responses");
}

function other(path: string, models: readonly string[], windowTokens: number | undefined): Payload {
  if (path !== "/v1/models") return errorPayload(404, `no such route: ${path}`);
  return {
    status: 200,
    headers: {},
    body: JSON.stringify({
      object: "list",
      data: models.map((id) => ({ id, object: "model", max_model_len: windowTokens })),
    }),
  };
}

async function behaviourFor(script: BehaviourScript, request: SeenRequest): Promise<Behaviour> {
  if (typeof script === "function") return script(request);
  const next = script[request.number] ?? script.at(-1);
  if (next === undefined) throw new Error("the model server's script is empty");
  return next;
}

function play(outgoing: ServerResponse, behaviour: Behaviour, request: SeenRequest): void {
  switch (behaviour.type) {
    case "hang":
      behaviour.reached?.();
      return;
    case "reset":
      outgoing.destroy();
      return;
    case "raw":
      send(outgoing, { status: 200, headers: {}, ...behaviour });
      return;
    case "error":
      send(outgoing, errorPayload(behaviour.status, `served status ${behaviour.status}`, behaviour));
      return;
    case "reply":
      send(outgoing, replyPayload(behaviour, request), behaviour.breaks);
  }
}

function errorPayload(
  status: number,
  message: string,
  given: Partial<Extract<Behaviour, { type: "error" }>> = {},
): Payload {
  const body = given.body ?? { error: { message, type: "served_error", param: null, code: null } };
  return { status, headers: given.headers ?? {}, body: JSON.stringify(body) };
}

function replyPayload(
  { reply, shape = {}, headers = {} }: Extract<Behaviour, { type: "reply" }>,
  request: SeenRequest,
): Payload {
  const named = request.body["model"];
  const model = typeof named === "string" ? named : "served";
  const isStream = request.body["stream"] === true;
  const isChat = request.path.endsWith("/chat/completions");
  const asked = request.body["stream_options"];
  const withUsage = (asked as JsonObject | undefined)?.["include_usage"] === true;
  const body = isChat
    ? isStream
      ? chatStream(reply, model, shape, withUsage)
      : chatBody(reply, model, shape)
    : isStream
      ? responsesStream(reply, model, shape)
      : responsesBody(reply, model);
  return {
    status: 200,
    headers: { ...(isStream ? { "content-type": "text/event-stream" } : {}), ...headers },
    body,
  };
}

function describe(incoming: IncomingMessage): Pick<SeenRequest, "method" | "path" | "headers"> {
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers: Object.fromEntries(headers) };
}

async function bodyOf(incoming: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : (JSON.parse(text) as JsonObject);
}
