// A server that the real Bitwarden client takes for one: TLS on 127.0.0.1, one account, and as much as items need.
import { PASSWORD_HASH, PRELOGIN, profileAndCollections, tokenAnswer } from "./account.ts";
import type { Certificate } from "./certificate.ts";
import { answerOfFault, type Fault } from "./faults.ts";
import { Items, type SentItem } from "./items.ts";

/** A vault of its own behind a port of its own. */
export class VaultServer {
  /** What the vault holds. */
  readonly items = new Items();
  /** Every request, as `METHOD /path`. */
  readonly requests: string[] = [];
  readonly #server: Bun.Server<undefined>;
  #fault: Fault | null = null;
  #afterAdding: (() => void) | null = null;

  constructor(certificate: Certificate) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 0,
      tls: { cert: Bun.file(certificate.certificatePath), key: Bun.file(certificate.keyPath) },
      fetch: (request) => this.#receive(request),
    });
  }

  /** The port it listens on. */
  get port(): number {
    return this.#server.port ?? 0;
  }

  /** From now on this goes wrong; `null` mends it. */
  breakAt(fault: Fault | null): void {
    this.#fault = fault;
  }

  /** Does something once, right after the next item was made: what another client might do just then. */
  afterAdding(act: () => void): void {
    this.#afterAdding = act;
  }

  /** Ends it, and every request in flight. Safe twice. */
  async close(): Promise<void> {
    await this.#server.stop(true);
  }

  async #receive(request: Request): Promise<Response> {
    const route = `${request.method} ${new URL(request.url).pathname}`;
    this.requests.push(route);
    const fault = this.#fault !== null && route.startsWith(this.#fault.at) ? this.#fault : null;
    if (fault !== null && fault.afterDeed !== true) return answerOfFault(fault, request);
    const answer = await this.#answer(route, request);
    return fault === null ? answer : answerOfFault(fault, request);
  }

  async #answer(route: string, request: Request): Promise<Response> {
    switch (route) {
      case "GET /api/config":
        return Response.json({ version: "2026.5.0", featureStates: {}, environment: {} });
      case "POST /identity/accounts/prelogin":
      case "POST /identity/accounts/prelogin/password":
        return Response.json(PRELOGIN);
      case "POST /identity/connect/token":
        return grant(new URLSearchParams(await request.text()));
      case "GET /api/sync":
        return Response.json({
          ...profileAndCollections(),
          folders: [],
          ciphers: this.items,
          sends: [],
          policies: [],
        });
      case "POST /api/accounts/key-management/user-key-id":
        return Response.json({});
      case "POST /api/ciphers":
        return this.#added(this.items.add(await sentBy<SentItem>(request)));
      case "POST /api/ciphers/create": {
        const { cipher, collectionIds } = await sentBy<SharedItem>(request);
        return this.#added(this.items.add(cipher, collectionIds));
      }
      default:
        return this.#change(route, request);
    }
  }

  #added(item: object): Response {
    this.#afterAdding?.();
    this.#afterAdding = null;
    return Response.json(item);
  }

  async #change(route: string, request: Request): Promise<Response> {
    const [, method, id = "", act] =
      /^(\w+) \/api\/ciphers\/([0-9a-f-]{36})(\/delete)?$/.exec(route) ?? [];
    if (method === "DELETE") return done(this.items.remove(id));
    if (method === "PUT" && act !== undefined) return done(this.items.trash(id));
    if (method !== "PUT") return done(false);
    const updated = this.items.update(id, await sentBy<SentItem>(request));
    if (updated === undefined) return done(false);
    if (updated !== "stale") return Response.json(updated);
    const message = "The cipher you are updating is out of date.";
    return Response.json({ object: "error", message }, { status: 400 });
  }
}

interface SharedItem {
  readonly cipher: SentItem;
  readonly collectionIds: readonly string[];
}

/** The sender is the real client, whose shapes are known; a wrong one would fail where it is decrypted. */
async function sentBy<Shape>(request: Request): Promise<Shape> {
  return (await request.json()) as Shape;
}

function done(wasThere: boolean): Response {
  if (wasThere) return new Response(null);
  return Response.json({ object: "error", message: "Resource not found." }, { status: 404 });
}

function grant(form: URLSearchParams): Response {
  const isKnown =
    form.get("grant_type") === "refresh_token" || form.get("password") === PASSWORD_HASH;
  if (isKnown) return Response.json(tokenAnswer());
  return Response.json({ error: "invalid_grant" }, { status: 400 });
}
