// Owns: the text that a Python string literal stands for. Pure.

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The text of a string or bytes-free literal; undefined where it is none. `asWritten`: escapes stay. */
export function decodeString(literal: string, asWritten = false): string | undefined {
  const [, prefix = "", quote = ""] = /^([a-z]{0,2})('''|"""|'|")/i.exec(literal) ?? [];
  if (quote === "" || /b/i.test(prefix)) return undefined;
  const from = prefix.length + quote.length;
  if (literal.length < from + quote.length || !literal.endsWith(quote)) return undefined;
  const inner = literal.slice(from, literal.length - quote.length);
  const text = /f/i.test(prefix) ? inner.replaceAll("{{", "{").replaceAll("}}", "}") : inner;
  return asWritten || /r/i.test(prefix) ? text : decodeEscapes(text);
}

function decodeEscapes(text: string): string {
  return text.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g,
    (whole, x: string, u: string, long: string, octal: string, one: string) => {
      const digits = x ?? u ?? long;
      if (digits !== undefined) return characterOf(Number.parseInt(digits, 16)) ?? whole;
      if (octal !== undefined) return characterOf(Number.parseInt(octal, 8)) ?? whole;
      return ESCAPES[one] ?? whole;
    },
  );
}

function characterOf(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
