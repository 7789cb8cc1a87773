import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openRunStore } from "../../src/store/index.ts";
import { describeJournal } from "../../src/testing/conformance/journal.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";

const scratch = await mkdtemp(join(tmpdir(), "nbevolve-store-"));
afterAll(() => rm(scratch, { recursive: true, force: true }));
let runs = 0;

describeJournal("a run directory", () => openRunStore(join(scratch, `run ${++runs}`), { mode: "write" }));
describeJournal("memory", async () => memoryJournal());
