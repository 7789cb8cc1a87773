// Owns: commands as a person pastes them into a shell: on one line, each word quoted where a POSIX shell needs it. Every
// command that is printed with somebody's words in it is written here.

/** The command of these words. A path among them goes through `pathWord` first. */
export function writeCommand(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

/** The command line of this program, with these arguments. */
export function ownCommand(...args: readonly string[]): string {
  return writeCommand(["npx", "nbevolve", ...args]);
}

/** An option in both ways that it is given: `--sandbox off (in code: sandbox: "off")`. `code`: the option as a program gives it. */
export function nameOption(flag: string, code: string): string {
  return `${flag} (in code: ${code})`;
}

/** The path as an argument that no program takes for an option. */
export function pathWord(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}

/** What no shell reads as anything but itself; in zsh, `=name` is a command's path. */
const PLAIN = /^[\w@%+:,./-][\w@%+:,./=-]*$/;
/** Characters that a terminal obeys or does not show: they are not printed as they are. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;

function quoteWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!UNSEEN.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  // A substitution loses the line breaks at its end.
  let end = word.length;
  while (word[end - 1] === "\n") end--;
  const breaks = word.slice(end);
  return `"$(printf '${escapeText(word.slice(0, end))}')"${breaks === "" ? "" : `'${breaks}'`}`;
}

/** For printf: every character but letters and digits of ASCII as the octal numbers of its bytes. */
function escapeText(text: string): string {
  return [...new TextEncoder().encode(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9]/.test(character) ? character : `\\${byte.toString(8).padStart(3, "0")}`;
    })
    .join("");
}
