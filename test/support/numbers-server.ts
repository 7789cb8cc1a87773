// A model server for the numbers task: its replies are a function of the seed that the request carries.
import { modelServer, type ModelServer, type ServedReply } from "../../src/testing/model-server.ts";

/** `onRequest` is awaited before the reply; `marks`: a directory in which every cell leaves a file when it begins. */
export function numbersServer(
  onRequest: (number: number) => void | Promise<void> = () => undefined,
  marks = "",
): Promise<ModelServer> {
  return modelServer({
    behaviour: async ({ body, number }) => {
      await onRequest(number);
      return { type: "reply", reply: replyTo(body, marks) };
    },
  });
}

function replyTo(body: Readonly<Record<string, unknown>>, marks: string): ServedReply {
  const messages: readonly { readonly role?: string }[] = Array.isArray(body["messages"])
    ? body["messages"]
    : [];
  const done = messages.filter((message) => message.role === "tool").length;
  if (body["tool_choice"] === "none") return { text: "Jitter the numbers; keep what is better." };
  if (done > 0) return { calls: [{ tool: "finish_round", arguments: { summary: "jittered" } }] };
  const seed = Number(body["seed"]);
  const touch =
    marks === "" ? "" : `open(${JSON.stringify(marks)} + "/${seed}", "w").close(); time.sleep(0.3)\n`;
  const source = `${touch}rng = random.Random(${seed})
a, b = submission
for _ in range(50):
    c, d = a + rng.gauss(0, 0.1), b + rng.gauss(0, 0.1)
    if c * c + d * d <= radius ** 2 and c * d > a * b:
        a, b = c, d
submission = [a, b]`;
  return { calls: [{ tool: "run_code", arguments: { source } }] };
}
