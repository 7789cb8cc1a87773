// Owns: what a test can make the model server do, as data.
import type { Json, JsonObject } from "../../contracts/index.ts";

/** A call as the served model writes it: an object is sent as JSON, a string exactly as it is. */
export interface ServedCall {
  readonly tool: string;
  readonly arguments: JsonObject | string;
  /** Default: `call_` and a number. Empty: none is sent. */
  readonly id?: string;
  /** Further fields of the call, for example `extra_content`. */
  readonly extra?: JsonObject;
}

/** What the served model says. */
export interface ServedReply {
  readonly text?: string;
  readonly calls?: readonly ServedCall[];
  /** Sent as `reasoning_content` (chat) or as a reasoning item (Responses). */
  readonly reasoning?: string;
  readonly refusal?: string;
  /** Default: `tool_calls` with calls, else `stop`. `null`: none is sent. */
  readonly finish?: string | null;
  /** Sent as it is; `null`: none is sent, and nor is it where the client did not ask for it. */
  readonly usage?: JsonObject | null;
}

/** How a chat stream is cut and numbered: every server does it differently. */
export interface StreamShape {
  /** Characters in a piece of text or arguments. Default 8. */
  readonly pieceChars?: number;
  /** `zero`: every call has index 0. `absent`: none has one. Default `counted`. */
  readonly index?: "counted" | "zero" | "absent";
  /** Calls come whole in one piece. Default false. */
  readonly wholeCalls?: boolean;
  /** The old `function_call` instead of `tool_calls`. Default false. */
  readonly legacy?: boolean;
  /** Ends with `data: [DONE]`. Default true. */
  readonly done?: boolean;
  /** A comment line before every event, as routers send to keep a connection open. Default false. */
  readonly comments?: boolean;
}

/** Where and how a reply breaks. `cut`: the socket dies. `close`: a clean end. `stall`: nothing more, for ever. */
export interface ReplyBreak {
  readonly how: "cut" | "close" | "stall";
  /** Bytes of the body that are sent before. */
  readonly afterBytes: number;
  /** Called once those bytes are written. */
  readonly reached?: () => void;
}

/** What the server does with one request. */
export type Behaviour =
  | {
      readonly type: "reply";
      readonly reply: ServedReply;
      readonly shape?: StreamShape;
      readonly breaks?: ReplyBreak;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** An error; `body` default: OpenAI's shape with the status's name. */
  | {
      readonly type: "error";
      readonly status: number;
      readonly body?: Json;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Exactly these bytes. Default status 200. */
  | {
      readonly type: "raw";
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string | Uint8Array;
    }
  /** The request is taken and never answered. `reached` is called once it is. */
  | { readonly type: "hang"; readonly reached?: ReplyBreak["reached"] }
  /** The socket dies before any answer. */
  | { readonly type: "reset" };

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  /** Counted from 0 over the requests for a reply. */
  readonly number: number;
}

/** Behaviours in order, the last one for good; or a function of the request. */
export type BehaviourScript =
  readonly Behaviour[] | ((request: SeenRequest) => Behaviour | Promise<Behaviour>);
