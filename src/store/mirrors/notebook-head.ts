// Owns: what the head of a branch's notebook tells its readers: the task, the score beside the goal, the ancestors, who made it
// and when, and how it was verified; as far as the journal has gone. Never writes a file.
import { existsSync, readFileSync } from "node:fs";
import { decodeText } from "../../core/decode-text.ts";
import { shippedPath } from "../../shipped.ts";
import { parseNotebook } from "../../core/notebook/load-notebook.ts";
import { type NotebookHead, presentNotebook } from "../../core/notebook/present-notebook.ts";
import { ownCommand } from "../../core/shell-words.ts";
import { besideBestKnown, ownScore, showNumber, showOtherMetrics } from "../../core/run/goal.ts";
import { countOf, recordOf, stringOf, textsOf } from "../../core/untrusted.ts";
import type {
  BlobHash,
  Branch,
  BranchId,
  Notebook,
  Reproduction,
  RunEvent,
  Task,
} from "../../contracts/index.ts";
import type { Truth } from "./mirror.ts";

/** The most ancestors that a head names. */
const MOST_NAMED = 8;

interface Made {
  readonly parent: BranchId | undefined;
  readonly score: number;
  readonly move: string;
  readonly model: string;
  /** An ISO time. */
  readonly at: string;
}

/** What heads say of the task; read once. */
interface HeadedTask {
  readonly task: Task | null;
  readonly isShipped: boolean;
}

export class NotebookHeads {
  readonly #truth: Pick<Truth, "readBlob">;
  readonly #made = new Map<BranchId, Made>();
  /** What reproduction said of branches. */
  readonly reproduced = new Map<BranchId, Reproduction>();
  #task: BlobHash | null = null;
  #read: Promise<HeadedTask> | null = null;
  #model = "";
  #seed = 0;

  constructor(truth: Pick<Truth, "readBlob">) {
    this.#truth = truth;
  }

  /** Takes the events of a journal in their order. `at`: when it was written, as an ISO time. */
  see(event: RunEvent, at: string): void {
    if (event.type === "run-started") {
      this.#task = event.task;
      this.#model = stringOf(event.settings["model"]);
      this.#seed = event.seed;
      this.#add(event.founder, "the task's own first notebook", "", at);
    } else if (event.type === "branch-reproduced") {
      this.reproduced.set(event.branch, event.reproduction);
    } else if (event.type === "episode-ended" && event.outcome.ok) {
      const { branch, proposal } = event.outcome;
      const of = branch.parents.length === 0 ? "" : ` of ${branch.parents.join(" and ")}`;
      this.#add(branch, `${proposal.operator}${of}`, proposal.model ?? this.#model, at);
    }
  }

  /** The branch's notebook as readers get it. @throws RunError `bad-notebook` | `blob-missing`. */
  async present(branch: Branch): Promise<Notebook> {
    const text = Buffer.from(await this.#truth.readBlob(branch.notebook)).toString("utf8");
    const notebook = parseNotebook(text, `the notebook of ${branch.id}`);
    return presentNotebook(notebook, await this.headOf(branch, notebook));
  }

  async headOf(branch: Branch, notebook: Notebook): Promise<NotebookHead> {
    const { task, isShipped } = await this.#taskOf();
    const lineage = this.#lineage(branch.id);
    const score = ownScore(branch.score);
    const metrics = showOtherMetrics(branch.score.metrics);
    const made = this.#made.get(branch.id);
    const name = task?.name ?? "task";
    return {
      title: `${name}: ${showNumber(score)}`,
      facts: [
        ["score", `${showNumber(score)} (${task?.direction ?? "maximize"})${besideBestKnown(task, score)}`],
        ...(metrics === "" ? [] : [["also measured", metrics] as const]),
        ["branch", `${branch.id}, ${made?.move ?? ""}`],
        ...(lineage.length < 2 ? [] : [["ancestors", this.#ancestors(lineage)] as const]),
        [
          "made",
          `${(made?.at ?? "").slice(0, 16).replace("T", " ")} UTC${made?.model ? ` by ${made.model}` : ""}, seed ${this.#seed}`,
        ],
        ["verified", verifiedText(this.reproduced.get(branch.id), branch.number)],
        [
          "check it",
          `\`${ownCommand("reproduce", ".", branch.id)}\` in the run directory${isShipped ? `, or \`${ownCommand("verify", name, "best.ipynb", ...paramWords(task))}\`` : ""}`,
        ],
      ],
      rounds: this.#rounds(lineage, notebook),
    };
  }

  #add(branch: Branch, move: string, model: string, at: string): void {
    this.#made.set(branch.id, { parent: branch.parents[0], score: ownScore(branch.score), move, model, at });
  }

  #taskOf(): Promise<HeadedTask> {
    if (this.#task === null) return Promise.resolve({ task: null, isShipped: false });
    const hash = this.#task;
    return (this.#read ??= (async () => {
      // A journal without a task holds null in its place, as measurements of the controller do.
      const task: Task | null = JSON.parse(Buffer.from(await this.#truth.readBlob(hash)).toString("utf8"));
      return { task, isShipped: task !== null && isShipped(task) };
    })());
  }

  /** From the first ancestor to the branch, by first parents. */
  #lineage(id: BranchId): readonly BranchId[] {
    // A journal of somebody else may lead in a circle.
    const met = new Set<BranchId>();
    for (let at: BranchId | undefined = id; at !== undefined && !met.has(at); at = this.#made.get(at)?.parent)
      met.add(at);
    return [...met].toReversed();
  }

  #ancestors(lineage: readonly BranchId[]): string {
    const named = lineage
      .slice(-MOST_NAMED)
      .map((id) => `${id} (${showNumber(this.#made.get(id)?.score ?? Number.NaN)})`);
    return `${lineage.length > MOST_NAMED ? "... " : ""}${named.join(", ")}`;
  }

  /** Only where each ancestor added one round is it known which brought what. */
  #rounds(lineage: readonly BranchId[], { metadata }: Notebook): ReadonlyMap<number, string> {
    if (countOf(recordOf(metadata.nbevolve)["rounds"]) !== lineage.length - 1) return new Map();
    const scores = lineage.map((id) => showNumber(this.#made.get(id)?.score ?? Number.NaN));
    return new Map(
      lineage
        .slice(1)
        .map((id, at) => [at + 1, `Round ${at + 1} (${id}): ${scores[at]} to ${scores[at + 1]}`]),
    );
  }
}

/** Whether `verify` knows the task by its name: a benchmark that is judged as the one that ships. */
function isShipped(task: Task): boolean {
  // A journal may hold any task.
  const name = stringOf(task.name);
  if (!/^[\w-]{1,100}$/.test(name)) return false;
  const file = shippedPath(`benchmarks/tasks/${name}/task.ipynb`);
  if (!existsSync(file)) return false;
  const source = stringOf(recordOf(task.verifier)["source"]).trimEnd();
  return parseNotebook(decodeText(readFileSync(file)), name).cells.some(
    (cell) => cell.metadata.tags?.includes("verifier") === true && source.endsWith(cell.source.trimEnd()),
  );
}

/** The parameters that the task was started with, in place of its own, as `verify` takes them. */
function paramWords(task: Task | null): readonly string[] {
  // A journal may hold any task.
  const cells = recordOf(task?.founder)["cells"];
  const injected = (Array.isArray(cells) ? cells : [])
    .map(recordOf)
    .filter((cell) => textsOf(recordOf(cell["metadata"])["tags"]).includes("injected-parameters"))
    .flatMap((cell) => [...stringOf(cell["source"]).matchAll(/^([\p{L}_][\p{L}\p{N}_]*) = /gmu)])
    .map(([, name = ""]) => name);
  const values = recordOf(task?.parameters);
  return [...new Set(injected)]
    .filter((name) => Object.hasOwn(values, name))
    .flatMap((name) => ["--param", `${name}=${JSON.stringify(values[name]).replaceAll("`", "\\u0060")}`]);
}

function verifiedText(reproduction: Reproduction | undefined, number: number): string {
  const own = "by the task's verifier, in a process of its own";
  if (reproduction?.survives === true || number === 0)
    return `${own}; the notebook, run from top to bottom in a fresh kernel, gives the same score`;
  return reproduction === undefined ? own : `${own}; NOT REPRODUCED: ${reproduction.reason}`;
}
