// Owns: bounding the text that one cell prints: its beginning and its end are kept, what was between is counted.
// Never knows what a message or an output is.

/** A text that grows, kept within the budget that it shares. */
export interface GrowingText {
  add(text: string): void;
  /** Counts what was lost on its way here, between what was added and what is added next. */
  lose(chars: number, lines: number): void;
  /** What was kept, with one line that counts what was not. */
  text(): string;
}

interface KeptText {
  readonly head: string[];
  readonly tail: Piece[];
  lostChars: number;
  lostLines: number;
}
interface Piece {
  readonly owner: KeptText;
  text: string;
}

/** Small prints are joined up to this size: a piece for each would cost far more memory than its text. */
const PIECE_CHARS = 65_536;

/** Texts that share `maxChars`: half of it goes to what is printed first, the other half holds what was printed last. */
export class TextBudget {
  readonly #half: number;
  #headLeft: number;
  #tail: Piece[] = [];
  #tailChars = 0;

  constructor(maxChars: number) {
    this.#half = Math.floor(maxChars / 2);
    this.#headLeft = this.#half;
  }

  open(): GrowingText {
    const kept: KeptText = { head: [], tail: [], lostChars: 0, lostLines: 0 };
    return {
      add: (text) => this.#add(kept, text),
      lose: (chars, lines) => this.#lose(kept, chars, lines),
      text: () => joinKept(kept),
    };
  }

  #add(kept: KeptText, text: string): void {
    const cut = wholeCharacters(text, this.#headLeft);
    if (cut > 0) kept.head.push(copyText(text.slice(0, cut)));
    if (cut === text.length) {
      this.#headLeft -= cut;
      return;
    }
    this.#headLeft = 0;
    this.#addTail(kept, text.slice(cut));
  }

  /** There is one place for the count: what comes after it is the tail. */
  #lose(kept: KeptText, chars: number, lines: number): void {
    this.#headLeft = 0;
    kept.lostChars += chars;
    kept.lostLines += lines;
  }

  #addTail(kept: KeptText, text: string): void {
    const from = wholeCharacters(text, text.length - this.#half);
    if (from > 0) lose(kept, text.slice(0, from));
    const rest = from > 0 ? copyText(text.slice(from)) : text;
    const last = kept.tail.at(-1);
    if (last !== undefined && last.text.length + rest.length <= PIECE_CHARS) {
      last.text += rest;
    } else {
      const piece = { owner: kept, text: rest };
      kept.tail.push(piece);
      this.#tail.push(piece);
    }
    this.#tailChars += rest.length;
    this.#dropOldest();
  }

  #dropOldest(): void {
    let dropped = 0;
    while (this.#tailChars > this.#half) {
      const piece = this.#tail[dropped];
      if (piece === undefined) break;
      dropped += 1;
      piece.owner.tail.shift();
      this.#tailChars -= piece.text.length;
      lose(piece.owner, piece.text);
    }
    if (dropped > 0) this.#tail = this.#tail.slice(dropped);
  }
}

function lose(kept: KeptText, text: string): void {
  kept.lostChars += text.length;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) kept.lostLines += 1;
}

function joinKept(kept: KeptText): string {
  const head = kept.head.join("");
  const tail = kept.tail.map((piece) => piece.text).join("");
  if (kept.lostChars === 0) return head + tail;
  const count = `${kept.lostChars.toLocaleString("en")} characters, ${kept.lostLines.toLocaleString("en")} lines`;
  return `${head}${head === "" || head.endsWith("\n") ? "" : "\n"}[... ${count} left out here ...]\n${tail}`;
}

/** The longest start of a text, at most `chars` long, that does not end inside a surrogate pair. */
function wholeCharacters(text: string, chars: number): number {
  if (chars <= 0) return 0;
  if (chars >= text.length) return text.length;
  const code = text.charCodeAt(chars - 1);
  return code >= 0xd8_00 && code <= 0xdb_ff ? chars - 1 : chars;
}

/** A text of its own: a slice would keep the whole text that it was cut from. */
function copyText(slice: string): string {
  return slice.length < 64 ? slice : Buffer.from(slice, "utf16le").toString("utf16le");
}
