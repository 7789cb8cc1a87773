// Owns: an estimate of the tokens of a text, without a model's tables: for cutting texts where it need not be exact.

type CharacterKind = "lower" | "upper" | "digit" | "space" | "newline" | "mark" | "other";

/**
 * Tokens as o200k_base counts them: within about a tenth on the outputs of a notebook (0.7 to 1.4 on single ones).
 * Words split where their case changes, digits go by threes, a space before a word belongs to the word.
 */
export function approximateTokens(text: string): number {
  let tokens = 0;
  let at = 0;
  while (at < text.length) {
    const kind = kindAt(text, at);
    let end = at + 1;
    while (end < text.length && isContinued(kind, kindAt(text, end), text, end)) end++;
    tokens += countRunTokens(kind, end - at);
    at = end;
  }
  return Math.ceil(tokens);
}

function kindAt(text: string, at: number): CharacterKind {
  const code = text.charCodeAt(at);
  if (code >= 97 && code <= 122) return "lower";
  if (code >= 65 && code <= 90) return "upper";
  if (code >= 48 && code <= 57) return "digit";
  if (code === 10) return "newline";
  if (code === 32 || code === 9 || code === 13) return "space";
  return code < 128 ? "mark" : "other";
}

/** Capitals go on into small letters, never the other way. */
function isContinued(kind: CharacterKind, next: CharacterKind, text: string, at: number): boolean {
  if (kind === next) return true;
  return (kind === "upper" || kind === "lower") && next === "lower" && kindAt(text, at - 1) !== "mark";
}

function countRunTokens(kind: CharacterKind, length: number): number {
  switch (kind) {
    case "lower":
    case "upper":
      return length <= 7 ? 1 : 1 + (length - 7) / 7;
    case "digit":
      return Math.ceil(length / 3);
    case "newline":
      return 1;
    case "space":
      return length > 1 ? 1 : 0;
    case "mark":
      return Math.max(1, length / 2.6);
    case "other":
      return Math.max(1, length * 0.7);
  }
}
