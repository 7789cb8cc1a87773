// A model server for the numbers task: its replies are a function of the seed that the request carries.
import { modelServer, type ModelServer, type ServedReply } from "../../src/testing/model-server.ts";

/** `onRequest` is awaited before the reply; `slow`: every cell leaves a file `mark-<seed>` and takes 0.3 s. */
export function numbersServer(
  onRequest: (number: number) => void | Promise<void> = () => undefined,
  slow = false,
): Promise<ModelServer> {
  return modelServer({
    behaviour: async ({ body, number }) => {
      await onRequest(number);
      return { type: "reply", reply: replyTo(body, slow) };
    },
  });
}

function replyTo(body: Readonly<Record<string, unknown>>, slow: boolean): ServedReply {
  const messages: readonly { readonly role?: string }[] = Array.isArray(body["messages"])
    ? body["messages"]
    : [];
  // A prompt may span rounds: only what came after the last round's header counts.
  const header = messages.findLastIndex((message) => JSON.stringify(message).includes("Goal: maximize"));
  const done = messages.slice(header + 1).filter((message) => message.role === "tool").length;
  if (body["tool_choice"] === "none") return { text: "Jitter the numbers; keep what is better." };
  if (done > 0) return { calls: [{ tool: "finish_round", arguments: { summary: "jittered" } }] };
  const seed = Number(body["seed"]);
  const touch = slow ? `open("mark-${seed}", "w").close(); time.sleep(0.3)\n` : "";
  const source = `${touch}rng = random.Random(${seed})
a, b = submission
for _ in range(50):
    c, d = a + rng.gauss(0, 0.1), b + rng.gauss(0, 0.1)
    if c * c + d * d <= radius ** 2 and c * d > a * b:
        a, b = c, d
submission = [a, b]`;
  return { calls: [{ tool: "run_code", arguments: { source } }] };
}
