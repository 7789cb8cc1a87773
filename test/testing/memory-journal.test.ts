import { expect, test } from "vitest";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { planned } from "../store/planned-run.ts";

test("a simulated crash keeps nothing of the append that meets it, and can be mended", async () => {
  const journal = memoryJournal();
  const give = (...seqs: readonly number[]): Promise<void> => {
    const samples = seqs.map((seq) => planned(seq));
    return journal.append(
      samples.flatMap(({ events }) => events),
      samples.flatMap(({ blobs }) => blobs),
    );
  };
  journal.failAfter(3);
  await give(0, 1);
  await expect(give(2, 3)).rejects.toMatchObject({ code: "journal-unwritable" });
  await give(2);
  await expect(give(3)).rejects.toMatchObject({ code: "journal-unwritable" });
  expect(journal.events).toEqual([0, 1, 2].flatMap((seq) => planned(seq).events));
  await expect(journal.readBlob(planned(3).blobs[0]?.hash ?? "")).rejects.toMatchObject({
    code: "blob-missing",
  });
  journal.failAfter(Infinity);
  await give(3);
  expect(journal.events).toHaveLength(4);
});
