// Owns: the arguments of a call that is written as XML. Pure.
import type { Json, JsonObject } from "../../../../contracts/index.ts";
import { isJsonObject, parseJson, recordOf } from "../../../../core/untrusted.ts";
import { readLooseValue } from "./loose-values.ts";

/** The arguments between a call's tags: parameters in tags of their own, or a JSON object; undefined where neither. */
export function readElement(body: string, schema: JsonObject | undefined): Json | undefined {
  const trimmed = body.trim();
  if (trimmed === "") return {};
  if (trimmed.includes("<arg_key>")) return readPairs(trimmed, schema);
  if (trimmed.includes("<parameter")) return readParameters(body, schema);
  const value = readLooseValue(trimmed);
  return isJsonObject(value) ? value : undefined;
}

/** `<parameter=name>value</parameter>`, or with `name="..."`; the closing tag may be missing before the next one. */
function readParameters(body: string, schema: JsonObject | undefined): JsonObject {
  const opening = /<parameter(?:=([\w.-]{1,80})|[ \t]name="([^"\n]{1,80})")[^>\n]{0,60}>/g;
  const found = [...body.matchAll(opening)];
  return Object.fromEntries(
    found.map((match, at) => {
      const from = match.index + match[0].length;
      const next = found[at + 1]?.index ?? body.length;
      const inner = body.slice(from, next);
      const close = inner.lastIndexOf("</parameter>");
      const name = match[1] ?? match[2] ?? "";
      return [name, readText(close === -1 ? inner : inner.slice(0, close), name, schema)];
    }),
  );
}

/** `<arg_key>name</arg_key> <arg_value>value</arg_value>`. */
function readPairs(body: string, schema: JsonObject | undefined): JsonObject {
  const pieces = body.split("<arg_key>").slice(1);
  return Object.fromEntries(
    pieces.map((piece) => {
      const [name = "", rest = ""] = splitAt(piece, "</arg_key>");
      const [, value = ""] = splitAt(rest, "<arg_value>");
      const close = value.lastIndexOf("</arg_value>");
      const key = name.trim();
      return [key, readText(close === -1 ? value : value.slice(0, close), key, schema)];
    }),
  );
}

function splitAt(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** A text stays as it is written, without the line breaks around it; any other value is JSON. */
function readText(written: string, name: string, schema: JsonObject | undefined): Json {
  const value = written.replace(/^\r?\n/, "").replace(/\r?\n$/, "");
  const type = recordOf(recordOf(schema?.["properties"])[name])["type"];
  if (type === "string") return value;
  return parseJson(value.trim()) ?? value;
}
