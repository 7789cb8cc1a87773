// Owns: events as JSON text and back, events of earlier versions included. Never stores them.
import { messageOf, RunError } from "../../core/errors.ts";
import { isRecord } from "../../core/untrusted.ts";
import { EVENT_TYPES } from "../../core/run/event-types.ts";
import type { RunEvent } from "../../contracts/index.ts";

/** @throws TypeError for a value that JSON cannot carry: it would come back as another one. */
export function encodeEvent(event: RunEvent): string {
  return JSON.stringify(event, (key, value: unknown) => {
    if (typeof value === "number" && !Number.isFinite(value)) throw unserialisable(event, key, value);
    if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint")
      throw unserialisable(event, key, value);
    return value;
  });
}

function unserialisable(event: RunEvent, key: string, value: unknown): TypeError {
  return new TypeError(`${event.type}: "${key}" holds ${String(value)}, which JSON cannot carry`);
}

/**
 * An event from its text. `where`: the place it was read from, for messages.
 * @throws RunError `run-newer` for an event that this version does not know | `run-corrupt`.
 */
export function decodeEvent(json: string, where: string): RunEvent {
  const event = upgrade(parseStoredEvent(json, where));
  if (!isRunEvent(event)) {
    const what = `an event of type ${JSON.stringify(event.type)}${versionOf(event)}`;
    const message = `${where} holds ${what}, which this nbevolve does not know. Use the newer version that wrote it.`;
    throw new RunError("run-newer", message);
  }
  return event;
}

interface StoredEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * Turns an event of version 1 into one of today: there a person's command was named `letter`, and a draft had the operator
 * `found`. No field of today has these names, so an event of today passes unchanged.
 */
function upgrade(event: StoredEvent): StoredEvent {
  const { type, version, proposal, outcome } = event;
  if (type === "run-started" && version === 1) return { ...event, version: 2 };
  if (type === "steered") return renameCommand(event);
  if (type === "proposal-made") return { ...event, proposal: upgradeProposal(proposal) };
  if (type === "episode-ended" && isRecord(outcome))
    return { ...event, outcome: { ...outcome, proposal: upgradeProposal(outcome["proposal"]) } };
  return event;
}

function upgradeProposal(proposal: unknown): unknown {
  if (!isRecord(proposal)) return proposal;
  const { operator, notes, injected } = proposal;
  return {
    ...proposal,
    ...(operator === "found" && { operator: "draft" }),
    ...(Array.isArray(notes) && {
      notes: notes.map((note) => (isRecord(note) ? renameCommand(note) : note)),
    }),
    ...(isRecord(injected) && { injected: renameCommand(injected) }),
  };
}

/** Keeps the order of the keys. */
function renameCommand<T extends object>(value: T): T {
  if (!("letter" in value)) return value;
  const renamed = Object.entries(value).map(([key, one]) => [key === "letter" ? "command" : key, one]);
  return Object.fromEntries(renamed) as T;
}

function parseStoredEvent(json: string, where: string): StoredEvent {
  const corrupt = (cause: unknown): RunError => {
    const message = `${where} is not an event (${messageOf(cause)}). Restore run.db from a backup.`;
    return new RunError("run-corrupt", message, { cause });
  };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw corrupt(cause);
  }
  if (!isStoredEvent(value)) throw corrupt("no type");
  return value;
}

function isStoredEvent(value: unknown): value is StoredEvent {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function versionOf({ version }: StoredEvent): string {
  return version === undefined ? "" : ` and version ${JSON.stringify(version)}`;
}

/** The type (and version) vouches for the rest: the same version wrote it. */
function isRunEvent(event: StoredEvent): event is RunEvent {
  return Object.hasOwn(EVENT_TYPES, event.type) && (event.type !== "run-started" || event["version"] === 2);
}
