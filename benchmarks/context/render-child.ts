// Owns: rendering a notebook in its own process, where nothing is compiled yet. Prints the times as JSON.
//
//     node render-child.js <notebook>
import { measureRender } from "./render-times.ts";

process.stdout.write(JSON.stringify(measureRender(process.argv[2] ?? "")));
