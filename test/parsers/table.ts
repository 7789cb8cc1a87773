// Owns: every parser of foreign text in one list.
import { CORE_PARSERS } from "./core-parsers.ts";
import { MODEL_PARSERS } from "./model-parsers.ts";
import type { Parser } from "./parser.ts";
import { ROOM_PARSERS } from "./room-parsers.ts";

export const PARSERS: readonly Parser[] = [...CORE_PARSERS, ...MODEL_PARSERS, ...ROOM_PARSERS];
