// Owns: noticing that a reply repeats itself and will not end. Pure, and linear in what it looks at.

/** How much of the end is looked at, in characters: the longest part that can be seen to come again is an eighth of it. */
const WINDOW = 6_000;
/** Looked at again after so many more characters, and an eighth more at least: to look puts the whole text together. */
const STEP = 1_000;
/** A part that comes at least so often, and fills as much: no table and no program has that. */
const FEWEST_TIMES = 8;
const FEWEST_CHARACTERS = 2_000;

/** A function that is told the whole text so far, again and again, and says whether its end is one part over and over. */
export function watchRepetition(): (text: string) => boolean {
  let next = FEWEST_CHARACTERS;
  return (text) => {
    if (text.length < next) return false;
    next = text.length + Math.max(STEP, Math.ceil(text.length / 8));
    return endsInRepetition(text);
  };
}

/** Whether the end of a text is one part, eight times or more in a row, over 2,000 characters or more. */
export function endsInRepetition(text: string): boolean {
  const tail = text.slice(-WINDOW);
  const at = (index: number): number => tail.charCodeAt(tail.length - 1 - index);
  // The longest border of each prefix of the reversed tail: a text of n characters with a border of b has the period n - b.
  const borders = new Uint16Array(tail.length);
  for (let length = 1; length < tail.length; length++) {
    let border = borders[length - 1] ?? 0;
    while (border > 0 && at(length) !== at(border)) border = borders[border - 1] ?? 0;
    if (at(length) === at(border)) border++;
    borders[length] = border;
    const period = length + 1 - border;
    if (length + 1 >= FEWEST_CHARACTERS && period * FEWEST_TIMES <= length + 1) return true;
  }
  return false;
}
