// A process of its own for tests of the snapshots: `bun snapshots-process.fixture.ts ACT FOLDER …`.
import { writeSync } from "node:fs";
import { frame, inChunks, makeSender } from "./snapshots.fixture.ts";
import { openSnapshots } from "./snapshots.ts";

const [act = "", folder = "", first = "", second = ""] = process.argv.slice(2);

/** Says something at once, with a `write` that strace can see. */
const say = (line: string) => writeSync(1, `${line}\n`);

const snapshots = await openSnapshots(folder);
switch (act) {
  case "checkout":
    await snapshots.checkout(first, second);
    break;
  case "receive": {
    const contents = Array.from({ length: Number(first) }, (_, index) => `print(${index})`);
    const stream = Buffer.concat(contents.map((content) => frame(content)));
    await snapshots.receiveBlobs(inChunks(stream), {
      ...makeSender(),
      noteBlobs: async () => void say("noted"),
    });
    break;
  }
  default:
    throw new Error(`no such act: ${act}`);
}
say("done");
await snapshots.close();
