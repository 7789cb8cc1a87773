// Owns: the list of measurements, in the order in which `nbevolve bench --help` shows them.
import type { Bench } from "./bench.ts";
import { contextBench } from "./context/index.ts";
import { controllerBench } from "./controller/index.ts";
import { harnessBench } from "./harness/index.ts";
import { kernelsBench } from "./kernels/index.ts";
import { mathsBench } from "./maths/index.ts";
import { modelsBench } from "./models/index.ts";
import { pageBench } from "./page/index.ts";
import { soakBench } from "./soak/index.ts";
import { strategiesBench } from "./strategies/index.ts";
import { verifiersBench } from "./verifiers/index.ts";

export const BENCHES: readonly Bench[] = [
  contextBench,
  controllerBench,
  harnessBench,
  kernelsBench,
  mathsBench,
  modelsBench,
  pageBench,
  soakBench,
  strategiesBench,
  verifiersBench,
];
