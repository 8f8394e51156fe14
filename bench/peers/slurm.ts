// Slurm: slurmctld and slurmd on loopback with munge, as Debian ships them and tuned for short waits.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { timed } from "../timed.ts";
import { endProcessesOf } from "../leftovers.ts";
import { endAll, freePort, programOf, startedUntil, untilWorks, type Peer } from "./peer.ts";

/** Only what one machine without systemd needs; the scheduler as it is by default. */
export const slurmAsInstalled: Peer = slurm("as installed", []);

/** The scheduler looks at each submit, at once and again soon. */
export const slurmTuned: Peer = slurm("tuned", [
  "SchedulerParameters=sched_min_interval=0,sched_interval=1,batch_sched_delay=0,bf_interval=1,max_rpc_cnt=0",
  "SlurmctldDebug=error",
  "SlurmdDebug=error",
  "JobCompType=jobcomp/none",
  "JobAcctGatherType=jobacct_gather/none",
  "MpiDefault=none",
]);

function slurm(how: string, settings: readonly string[]): Peer {
  return {
    name: `Slurm, ${how}`,
    async open(folder) {
      const [munged, ctld, slurmd] = ["munged", "slurmctld", "slurmd"].map(programOf);
      const [sbatch, squeue, scancel] = ["sbatch", "squeue", "scancel"].map(programOf);
      if (!munged || !ctld || !slurmd || !sbatch || !squeue || !scancel)
        throw new Error("no Slurm");
      const munge = layOut(folder, settings);
      const conf = join(folder, "slurm.conf");
      const env = {
        PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin",
        HOME: folder,
        SLURM_CONF: conf,
      };
      const run = (words: readonly string[]) =>
        Bun.spawn([...words], { env, cwd: folder, stdout: "ignore", stderr: "ignore" });
      const start = () => run([ctld, "-D", "-f", conf]);
      const processes = [run([munged, "--force", "--foreground", ...munge])];
      try {
        await untilWorks(["test", "-S", join(folder, "munge/socket")], env);
        let controller = start();
        processes.unshift(controller);
        await untilWorks([squeue], env);
        processes.unshift(run([slurmd, "-D", "-f", conf]));
        await untilWorks(["sh", "-c", "sinfo -h -o %T | grep -qx idle"], env);
        const { stdout } = await timed([ctld, "-V"]);
        return {
          name: `Slurm ${/[\d.]+/.exec(stdout)?.[0] ?? ""}, ${how}`,
          env,
          submit: (command) => [
            sbatch,
            "--ntasks=1",
            "--output=/dev/null",
            `--wrap=exec ${command.map(quoted).join(" ")}`,
          ],
          idIn: (text) => /job (\d+)/.exec(text)?.[1] ?? "",
          status: [squeue],
          cancel: (id) => [scancel, id],
          follow: "a job's log is a file, read with tail on the box",
          pids: processes.map(({ pid }) => pid),
          async restart() {
            await endAll([controller]);
            const { server, ms } = await startedUntil(start, [squeue], env);
            processes.splice(processes.indexOf(controller), 1, server);
            controller = server;
            return ms;
          },
          async close() {
            await timed([scancel, "--user=root"], { env }).catch(() => undefined);
            await endAll(processes);
            endProcessesOf(folder);
          },
        };
      } catch (error) {
        await endAll(processes);
        throw error;
      }
    },
  };
}

/** Writes folders, key and configuration; answers the options of munged. */
function layOut(folder: string, settings: readonly string[]): readonly string[] {
  for (const each of ["munge", "state", "spool"]) {
    mkdirSync(join(folder, each), { recursive: true, mode: 0o700 });
  }
  const key = join(folder, "munge/key");
  writeFileSync(key, crypto.getRandomValues(new Uint8Array(1024)));
  chmodSync(key, 0o400);
  const host = hostname().split(".")[0] ?? "localhost";
  const lines = [
    "ClusterName=bench",
    `SlurmctldHost=${host}(127.0.0.1)`,
    "SlurmUser=root",
    "SlurmdUser=root",
    "AuthType=auth/munge",
    `AuthInfo=socket=${folder}/munge/socket`,
    `SlurmctldPort=${freePort()}`,
    `SlurmdPort=${freePort()}`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/slurmd.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdLogFile=${folder}/slurmd.log`,
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_CPU",
    "ReturnToService=2",
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
    "PartitionName=bench Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
    ...settings,
  ];
  writeFileSync(join(folder, "slurm.conf"), `${lines.join("\n")}\n`);
  return [
    `--socket=${folder}/munge/socket`,
    `--key-file=${key}`,
    `--log-file=${folder}/munge/log`,
    `--pid-file=${folder}/munge/pid`,
    `--seed-file=${folder}/munge/seed`,
  ];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
