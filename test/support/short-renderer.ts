// Owns: a renderer of a user's own as a file, which shows each round's header behind words of the test.

/** The source of a module. `words` must need no quoting. */
export const shortRenderer = (
  words: string,
): string => `const text = (words) => [{ type: "text", text: words }];
const messagesOf = (event) => {
  if (event.type === "round-started") return [{ role: "user", content: text("${words} " + event.header) }];
  if (event.type === "told") return [{ role: "user", content: text(event.text) }];
  if (event.type !== "turn-ended") return [];
  const { reply, results } = event;
  const answers = results.map(({ call, content, isError }) => ({ role: "tool", callId: call.id, content, isError }));
  return [{ role: "assistant", text: reply.text, calls: reply.calls }, ...answers];
};
export const renderer = () => ({
  name: "short",
  open: ({ instructions }) => [{ role: "system", content: text(instructions) }],
  append: (log, event) => [...log, ...messagesOf(event)],
  prompt: (log) => ({ messages: log, breakpoints: [] }),
});
`;
