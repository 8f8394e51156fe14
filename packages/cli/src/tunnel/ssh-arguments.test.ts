// Tests of the command line of ssh, and of the lines that do the same in ssh_config.
import { describe, expect, test } from "bun:test";
import { sshArguments, sshStanza } from "./ssh-arguments.ts";
import type { TunnelPlan } from "./tunnel-plan.ts";

const plan: TunnelPlan = {
  box: "alice@box",
  localPort: 9200,
  remotePort: 9100,
  apiUrl: "ws://localhost:9200/ws",
  isConfigured: true,
  ca: null,
  sshOptions: ["-p", "2222"],
};

describe("sshArguments()", () => {
  test("puts the user's options first, so that they win, and the box behind --", () => {
    const words = sshArguments(plan, true);
    expect(words.slice(0, 6)).toEqual(["ssh", "-p", "2222", "-N", "-L", "9200:localhost:9100"]);
    expect(words.slice(-2)).toEqual(["--", "alice@box"]);
  });

  test("asks for keep-alives, a failure where the port is taken, and no sharing with others", () => {
    const words = sshArguments(plan, true);
    for (const option of [
      "ServerAliveInterval=15",
      "ExitOnForwardFailure=yes",
      "GatewayPorts=no",
      "ControlPath=none",
    ]) {
      expect(words[words.indexOf(option) - 1]).toBe("-o");
    }
  });

  test("forbids questions only where nobody can answer them", () => {
    expect(sshArguments(plan, true)).not.toContain("BatchMode=yes");
    expect(sshArguments(plan, false)).toContain("BatchMode=yes");
  });
});

describe("sshStanza()", () => {
  test("has a line for each part of the address", () => {
    const linesOf = (box: string) =>
      sshStanza({ ...plan, box })
        .split("\n")
        .slice(3, 6);
    expect(linesOf("alice@box")).toEqual([
      "  HostName box",
      "  User alice",
      "  LocalForward 9200 localhost:9100",
    ]);
    expect(linesOf("box")).toEqual([
      "  HostName box",
      "  LocalForward 9200 localhost:9100",
      "  ExitOnForwardFailure yes",
    ]);
    expect(linesOf("ssh://alice@box:2222")).toEqual([
      "  HostName box",
      "  User alice",
      "  Port 2222",
    ]);
  });
});
