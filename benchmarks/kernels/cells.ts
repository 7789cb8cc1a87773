// Owns: the cost of a cell: one round trip, many small cells, much output.
import type { KernelPool } from "../../src/contracts/kernel.ts";
import { median } from "../measure.ts";
import { timeWork, within } from "./measure.ts";
import type { CellTimes, Work } from "./peers.ts";

export async function measureCells(pool: KernelPool, work: Work): Promise<CellTimes> {
  await using lease = await pool.lease({ recipe: [] }, { ...within, workspace: "cells" });
  const trips: number[] = [];
  for (let n = 0; n < work.trips; n += 1) trips.push(await timeWork(() => lease.execute("x = 1", within)));
  const cells = await timeWork(async () => {
    for (const source of work.cells) await lease.execute(source, within);
  });
  return { trip: median(trips), cells, output: await timeWork(() => lease.execute(work.output, within)) };
}
