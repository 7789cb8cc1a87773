// Owns: resuming a run in its own process, so that the memory is the run's alone. Prints the figures as JSON.
//
//     node resume-child.js <run directory>
import { measureResume } from "./measure.ts";

process.stdout.write(JSON.stringify(await measureResume(process.argv[2] ?? "")));
