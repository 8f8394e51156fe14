// Tells where a request really came from, behind a proxy too.
import { BlockList, isIP } from "node:net";

/** The proxies whose word is taken for where a request came from. */
export class TrustedProxies {
  readonly #networks = new BlockList();

  /** @param networks addresses, or networks such as `10.0.0.0/8` */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = "", bits] = network.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (bits === undefined) this.#networks.addAddress(address, family);
      else this.#networks.addSubnet(address, Number(bits), family);
    }
  }

  /**
   * The client's address: the peer's own, unless that is a trusted proxy. Then the last address in `X-Forwarded-For` that
   * no trusted proxy has counts; what stands before it may be invented. Where the header ends in something that is no
   * address, the last trusted hop counts.
   */
  clientOf(peer: string, forwardedFor: string | null): string {
    let client = plain(peer);
    const hops = (forwardedFor ?? "").split(",").map((hop) => plain(hop.trim()));
    while (this.#isTrusted(client)) {
      const before = hops.pop();
      if (before === undefined || isIP(before) === 0) break;
      client = before;
    }
    return client;
  }

  #isTrusted(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#networks.check(address, version === 6 ? "ipv6" : "ipv4");
  }
}

/** An IPv4 address as such where a socket for both families shows it as an IPv6 one. */
function plain(address: string): string {
  const inside = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  return inside ?? address;
}
