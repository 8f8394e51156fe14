// Tests of what ssh says when it fails: what is given up, and what is tried again.
import { describe, expect, test } from "bun:test";
import { forwardTrouble, hopelessTrouble, unknownName, whyEnded } from "./ssh-trouble.ts";
import type { TunnelPlan } from "./tunnel-plan.ts";

const plan: TunnelPlan = {
  box: "alice@box",
  localPort: 9100,
  remotePort: 9100,
  apiUrl: "ws://localhost:9100/ws",
  isConfigured: true,
  ca: null,
  sshOptions: ["-p", "2222"],
};

const HOPELESS: readonly (readonly [said: string, told: string])[] = [
  ["bind [127.0.0.1]:9100: Address already in use\r\n", "another program has taken it"],
  [
    "bind [127.0.0.1]:80: Permission denied\r\nchannel_setup_fwd_listener_tcpip: cannot listen to port: 80\r\n",
    "port 9100 of this machine",
  ],
  [
    "No ED25519 host key is known for box and you have requested strict checking.\r\nHost key verification failed.\r\n",
    "not known here",
  ],
  [
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.\r\n",
    "not the one that is known",
  ],
  [
    "alice@box: Permission denied (publickey,password).\r\n",
    "does not let you in (alice@box: Permission denied (publickey,password)).\nGive",
  ],
  [
    "Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures\r\n",
    "does not let you in",
  ],
  ["channel 2: open failed: administratively prohibited: open failed\r\n", "AllowTcpForwarding"],
  [
    "command-line: line 0: Bad configuration option: nosuch\r\n",
    "Bad configuration option: nosuch",
  ],
  ["Bad owner or permissions on /home/alice/.ssh/config\r\n", "Bad owner or permissions"],
  ["hostname contains invalid characters\r\n", "Mend the name of the box"],
  ["Bad local forwarding specification '1:2'\r\n", "Bad local forwarding specification"],
];

const HOPEFUL: readonly (readonly [said: string, why: string])[] = [
  [
    "ssh: connect to host box port 22: Connection refused\r\n",
    "connect to host box port 22: Connection refused",
  ],
  [
    "ssh: Could not resolve hostname box: Name or service not known\r\n",
    "Could not resolve hostname box: Name or service not known",
  ],
  ["Timeout, server box not responding.\r\n", "Timeout, server box not responding"],
  [
    "Connection to box closed by remote host.\r\nchannel 3: open failed: connect failed: Connection refused\r\n",
    "Connection to box closed by remote host",
  ],
  ["client_loop: send disconnect: Broken pipe\r\n", "the line was cut: Broken pipe"],
  ["", "ssh ended with exit code 255"],
];

describe("hopelessTrouble()", () => {
  test("knows what no later try can mend, in at most three lines", () => {
    for (const [said, told] of HOPELESS) {
      const message = hopelessTrouble(said, plan)?.message ?? "nothing";
      expect(message).toContain(told);
      expect(message.split("\n").length).toBeLessThanOrEqual(3);
    }
  });

  test("leaves all else to another try", () => {
    for (const [said, why] of HOPEFUL) {
      expect(hopelessTrouble(said, plan)).toBeNull();
      expect(whyEnded({ code: 255, said })).toBe(why);
    }
    // A wrong password, which may be typed again.
    expect(hopelessTrouble("Permission denied, please try again.\r\n", plan)).toBeNull();
    expect(whyEnded({ code: 137, said: "" })).toBe("ssh was ended by signal 9");
  });
});

test("forwardTrouble() takes a changed host key that the user lets pass for no trouble of its own", () => {
  expect(
    forwardTrouble("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\n", plan),
  ).toBeNull();
});

test("whyEnded() shows no control sequences of a server's banner", () => {
  expect(whyEnded({ code: 255, said: "\u001b[31mgo away\u001b[0m\r\n" })).toBe("go away");
});

describe("unknownName()", () => {
  test("tells the name and the reason, in two lines", () => {
    const said = "ssh: Could not resolve hostname gpubx: Name or service not known\r\n";
    const error = unknownName(said, plan);
    expect(error?.code).toBe("unreachable");
    expect(error?.message).toContain(
      'no address is known for the name "gpubx" (Name or service not known).\nIs the name right',
    );
    expect(error?.message.split("\n")).toHaveLength(2);
  });

  test("knows that of a host in between, behind what else is said", () => {
    const said =
      "debug1: Reading configuration data\r\nssh: Could not resolve hostname jump: Temporary failure in name resolution\r\n" +
      "Connection closed by UNKNOWN port 65535\r\n";
    expect(unknownName(said, plan)?.message).toContain('"jump" (Temporary failure in name');
  });

  test("says nothing of a box that is off", () => {
    const said = "ssh: connect to host box port 22: Connection refused\r\n";
    expect(unknownName(said, plan)).toBeNull();
  });
});
