// The shell programs of an attempt on a full disk: no claim is half made, no job dies of its log, and every end is told.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { until } from "./box.ts";
import { mountSmallDisk, needsMount, type SmallDisk } from "./small-disk.ts";

const sources = join(import.meta.dir, "../packages/server/src/executor");
const test = needsMount("bash", "busybox", "setsid");

let folder: string;
let disk: SmallDisk;
let control: string;
/** The shell programs side by side, as the server lays them out. */
let programs: string;

beforeEach(() => {
  if (process.getuid?.() !== 0) return;
  folder = mkdtempSync(join(tmpdir(), "fetchml-full-"));
  disk = mountSmallDisk(join(folder, "disk"), 1024 ** 2);
  programs = join(folder, "programs");
  for (const path of new Bun.Glob("*/*.sh").scanSync(sources)) {
    cpSync(join(sources, path), join(programs, basename(path)));
  }
  // The least that a launcher must do.
  writeFileSync(join(folder, "launcher"), 'record_job self || exit $?\nexec "$@"\n');
  control = join(disk.path, "control");
  mkdirSync(control);
  for (const file of ["job", "exit", "environment"]) writeFileSync(join(control, file), "");
});

afterEach(async () => {
  if (process.getuid?.() !== 0) return;
  await disk.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = (file: string) => readFileSync(join(control, file), "utf8");

/** Gives a command a pipe on 3 and 4, as the server does. */
const WITH_PIPE = 'mkfifo "$0" && exec 8<>"$0" 3<"$0" 4>"$0" 8<&- && rm -f "$0" && exec "$@"';

for (const shell of [["sh"], ["bash"], ["busybox", "sh"]]) {
  /** Starts the supervisor of a job that is this shell line. */
  const supervise = (line: string, launcher = "launcher") =>
    Bun.spawn(
      [
        "sh",
        "-c",
        WITH_PIPE,
        join(folder, "pipe"),
        ...shell,
        join(programs, "supervisor.sh"),
        control,
        "boot",
        "0",
        join(folder, launcher),
        "setsid",
        "/bin/sh",
        "-c",
        line,
      ],
      { cwd: "/", stdio: ["ignore", "ignore", "ignore"] },
    ).exited;

  describe(`under ${shell.join(" ")}`, () => {
    test("a claim that cannot be written is given back, and the next supervisor runs the job", async () => {
      const ran = join(folder, "ran");
      disk.fill();
      expect(await supervise(`echo >> ${ran}`)).not.toBe(0);
      expect(existsSync(join(control, "supervisor"))).toBe(false);
      expect(existsSync(ran)).toBe(false);
      disk.empty();
      await supervise(`echo >> ${ran}`);
      expect(read("exit")).toBe("exited 0\n");
      await supervise(`echo >> ${ran}`);
      expect(readFileSync(ran, "utf8")).toBe("\n");
    }, 30_000);

    test("a job that cannot be written down is not begun, and its log says why", async () => {
      const launcher =
        'dd if=/dev/zero of=filler bs=4096 2>/dev/null\nrecord_job self || exit $?\nexec "$@"\n';
      writeFileSync(join(folder, "filling-launcher"), launcher);
      // There is room in its last page.
      writeFileSync(join(control, "log"), "before\n");
      const ran = join(folder, "ran");
      const ended = supervise(`echo >> ${ran}`, "filling-launcher");
      await until(() => read("log").length > "before\n".length, "the log says nothing");
      rmSync(join(control, "filler"));
      await ended;
      expect(read("log")).toBe(
        "before\nfetchml: the disk was full, and the job could not be started\n",
      );
      expect(read("exit")).toBe("disk-full 125 -\n");
      expect(existsSync(ran)).toBe(false);
    }, 30_000);

    test("a job goes on, its log says what is missing, and its end is written when there is room", async () => {
      const gate = join(folder, "gate");
      const line = `x=$(printf %04096d 0); i=0; until [ -e ${gate} ]; do i=$((i+1)); echo $x; echo $i > ${gate}.count; sleep 0.01; done; exit 9`;
      const ended = supervise(line);
      const count = () => {
        const path = `${gate}.count`;
        return existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
      };
      await until(() => count() > 2, "the job does not begin");
      disk.fill();
      const before = count();
      await until(() => count() > before + 50, "the job does not go on");
      // Nobody takes it for a silent one meanwhile.
      const heardAt = () => statSync(join(control, "heard")).mtimeMs;
      const heard = heardAt();
      await until(() => heardAt() > heard, "the job is not heard");
      writeFileSync(gate, "");
      const job = Number(read("job").split(" ")[0]);
      await until(() => !existsSync(`/proc/${job}`), "the job does not end");
      expect(read("exit")).toBe("");
      disk.empty();
      await ended;
      expect(read("exit")).toBe("disk-full 9 -\n");
      expect(read("log")).toContain(
        "\nfetchml: the disk was full, and some of the log is missing here\n",
      );
      expect(read("log").length).toBeLessThan(before * 4097 + 65_536);
    }, 30_000);
  });
}
