// A tool: the model asks what the kernel holds, without adding a cell to the notebook.
const SOURCE =
  "{name: type(value).__name__ for name, value in globals().items() if not name.startswith('_')}";

export default {
  name: "variables",
  description: "Names and types of the kernel's variables.",
  instructions: "variables lists what the kernel holds",
  parameters: { type: "object", properties: {} },
  async run(_args, { kernel, limits, signal }) {
    const { status, outputs } = await kernel.execute(SOURCE, { timeoutMs: limits.cellTimeoutMs, signal });
    const text = outputs.map((output) => output.data?.["text/plain"] ?? "").join("");
    return { content: [{ type: "text", text }], isError: status !== "ok", edits: [] };
  },
};
