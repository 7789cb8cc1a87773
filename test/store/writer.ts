// Owns: a process that writes a planned run until it is killed, and says what was acknowledged.
// Run as: node writer.js <dir> write|hold
import { openRunStore } from "../../src/store/index.ts";
import { planned } from "./planned-run.ts";

const APPENDERS = 3;

const [dir = "", task = "write"] = process.argv.slice(2);
const store = await openRunStore(dir, { mode: "write" });
console.log("open");
if (task === "hold") await new Promise((resolve) => process.stdin.on("end", resolve).resume());
else await writeForEver();

async function writeForEver(): Promise<never> {
  let next = 0;
  for await (const _ of store.read(0)) next++;
  for (;;) {
    const together = Array.from({ length: APPENDERS }, async () => {
      const seq = next++;
      const { events, blobs } = planned(seq);
      await store.append(events, blobs);
      console.log(seq);
    });
    await Promise.all(together);
  }
}
