// Owns: the heads of a table's columns: words, and whether numbers stand below them.
/** One column's head. A text alone: words stand below it. */
export type ColumnHead = string | { readonly number: string; readonly hint?: string };

export function ColumnHeads({ heads }: { readonly heads: readonly ColumnHead[] }) {
  return (
    <thead>
      <tr>
        {heads.map((head, at) =>
          typeof head === "string" ? (
            <th key={at} scope="col">
              {head}
            </th>
          ) : (
            <th key={at} scope="col" class="number" title={head.hint}>
              {head.number}
            </th>
          ),
        )}
      </tr>
    </thead>
  );
}
