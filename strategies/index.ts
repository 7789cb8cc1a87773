export { bestOfN, type FounderOnly } from "./best-of-n.ts";
export { tournament, type Living, type TournamentOptions } from "./tournament.ts";
