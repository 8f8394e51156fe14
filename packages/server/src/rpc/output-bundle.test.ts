// Several small files in one answer, over real HTTP.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { BUNDLE_LARGEST_FILE, OUTPUT_BUNDLE_TYPE } from "@fetchml/protocol";
import { openBelow } from "../outputs/outputs.fixture.ts";
import { startJobOutputs, type JobOutputs } from "./job-outputs.fixture.ts";
import { until } from "./rpc.fixture.ts";

let here: JobOutputs;
let jobId: number;

beforeAll(async () => {
  here = await startJobOutputs();
  jobId = await here.begin();
});
afterAll(() => here.jobs.rpc.close());
afterEach(() =>
  until("all files are closed", () => openBelow(`${here.jobs.rpc.ctx.dataDir}/attempts`) === 0),
);

function ask(body: unknown, key = here.key.api_key): Promise<Response> {
  return fetch(`${here.jobs.rpc.url}/jobs/${jobId}%231/outputs`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { authorization: `Bearer ${key}` },
  });
}

/** What a bundle holds: the content of each file, `null` for one that has to be asked for alone. */
async function unbundle(response: Response): Promise<(string | null)[]> {
  let rest = Buffer.from(await response.arrayBuffer());
  const contents: (string | null)[] = [];
  while (rest.length > 0) {
    const end = rest.indexOf("\n");
    const header = JSON.parse(rest.subarray(0, end).toString()) as {
      readonly size_bytes: number | null;
      readonly sha256?: string;
    };
    const content = rest.subarray(end + 1, end + 1 + (header.size_bytes ?? 0));
    rest = rest.subarray(end + 1 + content.length);
    contents.push(header.size_bytes === null ? null : content.toString());
    const sha256 = new Bun.CryptoHasher("sha256").update(content).digest("hex");
    if (header.size_bytes !== null) expect(header.sha256).toBe(sha256);
  }
  return contents;
}

describe("POST /jobs/JOB/outputs", () => {
  test("gives the files in the order in which they were asked for", async () => {
    const names = Array.from({ length: 100 }, (_, i) => `many/${i}\n`);
    for (const name of names) here.write(jobId, name, `content of ${name}`);
    here.write(jobId, "empty", "");
    const response = await ask({ paths: [...names.toReversed(), "empty"] });
    expect(response.headers.get("content-type")).toBe(OUTPUT_BUNDLE_TYPE);
    const expected = names.toReversed().map((name) => `content of ${name}`);
    expect(await unbundle(response)).toEqual([...expected, ""]);
  });

  test("leaves out what is gone, large, no file, or not to be reached", async () => {
    here.write(jobId, "fine");
    truncateSync(here.write(jobId, "large", ""), BUNDLE_LARGEST_FILE + 1);
    symlinkSync("/etc/passwd", join(here.folder(jobId), "link"));
    symlinkSync("/etc", join(here.folder(jobId), "way"));
    const paths = [
      "nothing",
      "large",
      "link",
      "way/passwd",
      "../../control/log",
      "/etc/passwd",
      "a\0b",
      "fine",
    ];
    const nulls = Array.from({ length: paths.length - 1 }, () => null);
    expect(await unbundle(await ask({ paths }))).toEqual([...nulls, "fine"]);
  });

  test("is refused with a body that is no list of paths, or a long one", async () => {
    const long = { paths: Array.from({ length: 1001 }, () => "x") };
    for (const body of ["", "[]", "{}", { paths: [1] }, { paths: [""] }, long]) {
      expect((await ask(body)).status).toBe(400);
    }
    expect(await unbundle(await ask({ paths: [] }))).toEqual([]);
  });

  test("is not answered to others", async () => {
    const bob = await here.jobs.rpc.give("bob");
    expect((await ask({ paths: ["fine"] }, bob.api_key)).status).toBe(404);
  });
});
