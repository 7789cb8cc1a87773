// Owns: replies kept in a directory of JSON files, one a request, and a model that gives them out again.
// Never holds a key: a request has none.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../../core/errors.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "../../contracts/index.ts";
import { ModelFailure, type FailureKind } from "../openai/failure.ts";
import { pricingLike } from "../catalogue/pricing.ts";

export interface RecordingOptions {
  readonly directory: string;
}

/** What one file holds. A failure that reached the caller is kept too: it is part of what happened. */
interface Exchange {
  readonly model: string;
  readonly request: ModelRequest;
  readonly reply?: ModelReply;
  readonly failure?: {
    readonly kind: FailureKind;
    readonly message: string;
    readonly windowTokens?: number | null;
  };
}

const ABOUT = "recording.json";

/** The same model; every reply, and every failure that no retry could help, is also written to the directory. */
export function withRecording(model: LanguageModel, { directory }: RecordingOptions): LanguageModel {
  const { name } = model;
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, ABOUT),
    `${JSON.stringify({ version: 1, name, seesImages: model.seesImages })}\n`,
  );
  const keep = (exchange: Exchange): Promise<void> =>
    writeWhole(directory, fileOf(exchange.request), exchange);
  return {
    name,
    ...pricingLike(model),
    get seesImages() {
      return model.seesImages;
    },
    async reply(request, options) {
      try {
        const reply = await model.reply(request, options);
        await keep({ model: name, request, reply });
        return reply;
      } catch (thrown) {
        if (thrown instanceof ModelFailure) {
          await keep({ model: name, request, failure: failureIn(thrown) });
        }
        throw thrown;
      }
    },
  };
}

function failureIn({ kind, message, windowTokens }: ModelFailure): NonNullable<Exchange["failure"]> {
  return { kind, message, ...(windowTokens !== null && { windowTokens }) };
}

export interface ReplayOptions extends RecordingOptions {
  /**
   * `place` (default): the reply that was given at the same place of the run (the request's seed), also where the
   * request differs in what no seed decides, like the time a cell took. `exact`: the very same request only.
   */
  readonly match?: "place" | "exact";
}

/**
 * A model that gives out what was recorded; the same request always gets the same reply.
 * @throws RunError `bad-option` when the directory holds no recording; `model-refused` (from `reply`) when it holds
 * no reply for a request.
 */
export function replay({ directory, match = "place" }: ReplayOptions): LanguageModel {
  const { name, seesImages } = aboutOf(directory);
  const files = readdirSync(directory).sort();
  return {
    name,
    seesImages,
    async reply(request, { signal }) {
      signal.throwIfAborted();
      const exact = fileOf(request);
      const place = match === "place" ? files.find((file) => file.startsWith(placeOf(request))) : undefined;
      const file = files.includes(exact) ? exact : place;
      if (file === undefined) throw missing(directory, request);
      const { reply, failure } = JSON.parse(readFileSync(join(directory, file), "utf8")) as Exchange;
      if (reply !== undefined) return reply;
      if (failure === undefined) throw new ModelFailure("empty", `${file} holds nothing`, { isFinal: true });
      const { kind, message, windowTokens = null } = failure;
      throw new ModelFailure(kind, message, { isFinal: true, windowTokens });
    },
  };
}

function placeOf({ seed }: ModelRequest): string {
  return `${(seed >>> 0).toString(16).padStart(8, "0")}-`;
}

function fileOf(request: ModelRequest): string {
  const hash = createHash("sha256").update(JSON.stringify(request)).digest("hex");
  return `${placeOf(request)}${hash.slice(0, 16)}.json`;
}

function aboutOf(directory: string): Pick<LanguageModel, "name" | "seesImages"> {
  const file = join(directory, ABOUT);
  if (!existsSync(file)) {
    throw new RunError(
      "bad-option",
      `${directory} holds no recording (no ${ABOUT}): make one with withRecording`,
    );
  }
  return JSON.parse(readFileSync(file, "utf8")) as Pick<LanguageModel, "name" | "seesImages">;
}

function missing(directory: string, request: ModelRequest): RunError {
  return new RunError(
    "model-refused",
    `the recording in ${directory} holds no reply for this request (seed ${request.seed}): ` +
      "the run differs from the recorded one in its seed or settings; record it again",
  );
}

/** Whole or not at all, whoever else writes; the last one counts. */
async function writeWhole(directory: string, name: string, value: object): Promise<void> {
  const temporary = join(directory, `.${name}.${randomUUID()}.tmp`);
  await writeFile(temporary, `${JSON.stringify(value, null, 1)}\n`);
  await rename(temporary, join(directory, name));
}
