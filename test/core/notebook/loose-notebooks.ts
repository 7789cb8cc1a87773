// Owns: data that looks like notebooks, in every way that files in the wild are wrong.
import * as fc from "fast-check";

/** Any JSON, most of it nearly a notebook. */
export function anyJson(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.jsonValue({ stringUnit: "binary" }),
    looseNotebook(),
    fc.record({
      worksheets: fc.array(fc.record({ cells: fc.array(looseCell()) })),
      nbformat: fc.constant(3),
    }),
  );
}

/** Something with cells, of nbformat 3 or 4. */
export function looseNotebook(): fc.Arbitrary<unknown> {
  return fc.record({
    cells: fc.array(looseCell()),
    metadata: fc.oneof(fc.jsonValue(), looseMetadata()),
    nbformat: fc.constantFrom(3, 4, null),
  });
}

function looseMetadata(): fc.Arbitrary<unknown> {
  const named = fc.record({ name: fc.jsonValue(), display_name: fc.jsonValue(), mimetype: fc.jsonValue() });
  return fc.record(
    {
      kernelspec: named,
      language_info: named,
      title: fc.jsonValue(),
      authors: fc.jsonValue(),
      orig_nbformat: fc.nat(),
    },
    { requiredKeys: [] },
  );
}

function looseCell(): fc.Arbitrary<unknown> {
  const lines = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom("a\n", "b\r", "\u2028", "", "c")),
  );
  const kinds = fc.constantFrom(
    "stream",
    "display_data",
    "execute_result",
    "error",
    "pyout",
    "pyerr",
    "other",
  );
  const mime = fc.constantFrom(
    "text/plain",
    "application/json",
    "image/svg+xml",
    "application/x+json",
    "png",
    "text",
  );
  const output = fc.record(
    {
      output_type: kinds,
      data: fc.oneof(fc.dictionary(mime, fc.oneof(lines, fc.jsonValue())), fc.jsonValue()),
      text: lines,
      metadata: fc.jsonValue(),
      name: lines,
      traceback: lines,
      execution_count: fc.oneof(fc.integer(), fc.double()),
    },
    { requiredKeys: [] },
  );
  return fc.record(
    {
      cell_type: fc.constantFrom("code", "markdown", "raw", "heading", "html", "other", null),
      id: fc.oneof(fc.constantFrom("c1", "c2", "a"), fc.string()),
      source: fc.oneof(lines, fc.jsonValue()),
      input: lines,
      level: fc.integer({ min: -3, max: 9 }),
      metadata: fc.oneof(
        fc.jsonValue(),
        fc.record({ tags: fc.jsonValue(), execution: fc.jsonValue(), name: lines }),
      ),
      attachments: fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.dictionary(mime, lines))),
      outputs: fc.oneof(fc.array(output), fc.jsonValue()),
      execution_count: fc.oneof(fc.nat(), fc.double(), fc.jsonValue()),
      collapsed: fc.boolean(),
    },
    { requiredKeys: [] },
  );
}
