// Owns: what a session asks of its model's servers before it opens anything: whether they answer, and what they cost where
// dollars are limited.
import { RunError } from "../core/errors.ts";
import type { History } from "../core/run/history.ts";
import type { LanguageModel } from "../contracts/index.ts";
import { readHistory } from "../history/index.ts";
import { withinBudget, type Budget } from "../loop/budget.ts";
import { answersText, askServersFirst, serversBehind } from "../models/first-question.ts";
import type { RunStore } from "../store/index.ts";
import type { RunSettings } from "./run-settings.ts";
import { nameOption } from "../core/shell-words.ts";

interface SessionBefore {
  /** Null for a new run. */
  readonly store: RunStore | null;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/**
 * Asks nothing where the run has nothing left to do, so that a finished one can be looked at without its server.
 * @throws RunError `model-refused` | `model-unreachable`; `bad-option` where dollars are limited and a price is not known.
 */
export async function tryServers(
  model: LanguageModel,
  { budget, rounds }: Pick<RunSettings, "budget" | "rounds">,
  { store, signal, tell }: SessionBefore,
): Promise<void> {
  // The whole journal is read only for what is asked then.
  if (serversBehind(model).length === 0 && budget.costUsd == null) return;
  const history = store === null ? null : await readHistory(store);
  const isDone =
    history !== null &&
    history.open.isEmpty() &&
    !withinBudget(history, knownLimits(history, budget), 0, rounds);
  if (isDone) return;
  if (budget.costUsd != null && history !== null && history.usage.costUsd === null)
    throw new RunError(
      "bad-option",
      `dollars are limited, and replies of this run that are paid for had no known price. Limit its tokens instead: ${nameOption("--budget usd=none --budget tokens=N", "budget: { costUsd: null, tokens: N }")}`,
    );
  const answers = await askServersFirst(model, { signal, say: tell });
  const unpriced = answers.filter(({ isPriced }) => isPriced === false).map((one) => one.model);
  if (budget.costUsd != null && unpriced.length > 0) throw unpricedError(unpriced);
  if (answers.length > 0) tell(answersText(answers));
}

/** Without the limit of a cost that is not known: that is looked at by itself. */
function knownLimits({ usage }: History, budget: Budget): Budget {
  return usage.costUsd === null ? { ...budget, costUsd: null } : budget;
}

function unpricedError(models: readonly string[]): RunError {
  const [first = ""] = models;
  const name = models.length === 1 ? "" : `${first}:`;
  return new RunError(
    "bad-option",
    `dollars are limited, and no price is known of ${models.join(", ")}. Give it in US dollars per million tokens, such as ` +
      `${nameOption(`--price ${name}in=0.25,out=2`, "openai({ price: { inputUsd: 0.25, outputUsd: 2 } })")}, or limit tokens: ` +
      nameOption("--budget tokens=N", "budget: { tokens: N }"),
  );
}
