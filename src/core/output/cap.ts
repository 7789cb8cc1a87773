// Owns: the bound on how much of one text is looked at. Keeps both ends and counts what it left out.

/** Characters of one text that the pipeline looks at; the notebook keeps all of it. */
export const MOST_CHARACTERS = 1_000_000;

/** The first 60% and the last 40% of a text that is longer than `most`, cut at line borders where there are any. */
export function capped(text: string, most: number = MOST_CHARACTERS): string {
  if (text.length <= most) return text;
  const head = cutBack(text, Math.floor(most * 0.6));
  const tail = cutForward(text, text.length - Math.floor(most * 0.4));
  return `${text.slice(0, head)}\n... ${tail - head} characters were not kept ...\n${text.slice(tail)}`;
}

/** A line border shortly before `at`, else a place that splits no surrogate pair. */
function cutBack(text: string, at: number): number {
  const border = text.lastIndexOf("\n", at);
  return border > at - 2000 && border > 0 ? border : wholeCharacter(text, at);
}

function cutForward(text: string, at: number): number {
  const border = text.indexOf("\n", at);
  return border >= 0 && border < at + 2000 ? border + 1 : wholeCharacter(text, at);
}

/** `at`, or one less where `at` is between the halves of a surrogate pair. */
export function wholeCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
