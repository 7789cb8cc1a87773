// Owns: taking colours, links and other control characters out of a text. Moves nothing (see terminal.ts).

// CSI and OSC sequences, and the two-character ones. Source: ECMA-48, sections 5.4 and 8.3.89.
// oxlint-disable-next-line no-control-regex
const SEQUENCE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g;
// oxlint-disable-next-line no-control-regex
const LONE = /[\u0000-\u0008\u000B-\u001F\u007F]/g;

/** The text without escape sequences and control characters; tabs and newlines stay. */
export function withoutControls(text: string): string {
  return text.replace(SEQUENCE, "").replace(LONE, "");
}
