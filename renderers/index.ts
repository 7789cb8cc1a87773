export { plain } from "./plain.ts";
export { positional, type PositionalOptions } from "./positional.ts";
export { transcriptRenderer, type Transcript } from "./transcript.ts";
