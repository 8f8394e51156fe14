// Asks for several small files at once and reads the answer.
import { FetchmlError, type BundledFile } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { answerBody } from "../connection/answer-body.ts";
import { parsedObject } from "../connection/envelope.ts";
import { requestHttp } from "../connection/http-request.ts";
import { PLAIN } from "./list-outputs.ts";

/** A file of a bundle that came whole. */
export interface UnbundledFile {
  readonly content: Uint8Array;
  /** Epoch milliseconds; `null` when it may have been changed since without another time to show for it. */
  readonly modifiedAt: number | null;
  /** Lower-case hex, and that of the content. */
  readonly sha256: string;
}

/**
 * The files in the order of their paths; `null` for one that has to be asked for alone, because it is gone, changes, or did not
 * come as it was sent.
 *
 * @param tree the address of the list that the paths are from
 * @throws FetchmlError as the server and the connection do; what came before was whole
 */
export async function* requestBundle(
  endpoint: Endpoint,
  tree: string,
  { paths, signal }: { readonly paths: readonly string[]; readonly signal: AbortSignal },
): AsyncGenerator<UnbundledFile | null, void, undefined> {
  const response = await requestHttp(endpoint, {
    method: "POST",
    path: tree,
    headers: { ...PLAIN, "content-type": "application/json" },
    body: JSON.stringify({ paths }),
    signal,
  });
  const source = new ByteSource(answerBody(response, endpoint));
  try {
    for (let count = 0; count < paths.length; count++) {
      const header = readHeader(await source.line());
      yield header.size_bytes === null ? null : await contentOf(source, header);
    }
  } finally {
    await source.close();
  }
}

async function contentOf(
  source: ByteSource,
  { size_bytes: size, modified_at: modifiedAt, sha256 }: Exclude<BundledFile, { size_bytes: null }>,
): Promise<UnbundledFile | null> {
  const content = await source.take(size);
  const isRight = new Bun.CryptoHasher("sha256").update(content).digest("hex") === sha256;
  return isRight ? { content, modifiedAt, sha256 } : null;
}

function readHeader(text: string): BundledFile {
  const header = parsedObject(text);
  const size = header?.["size_bytes"];
  const modifiedAt = header?.["modified_at"];
  const sha256 = header?.["sha256"];
  if (size === null) return { size_bytes: null };
  const isSize = typeof size === "number" && Number.isSafeInteger(size) && size >= 0;
  const isTime = typeof modifiedAt === "number" || modifiedAt === null;
  if (!isSize || !isTime || typeof sha256 !== "string") {
    throw new FetchmlError(
      "internal-error",
      "Cannot read the files that the server has sent. Its log may tell more.",
    );
  }
  return { size_bytes: size, modified_at: modifiedAt, sha256 };
}

/** Lines and runs of bytes out of pieces of any length. */
class ByteSource {
  readonly #pieces: AsyncGenerator<Uint8Array, void, undefined>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncGenerator<Uint8Array, void, undefined>) {
    this.#pieces = pieces;
  }

  /** The text up to the next line feed. @throws FetchmlError unreachable when the body ends before it */
  async line(): Promise<string> {
    let searched = 0;
    for (;;) {
      const end = this.#rest.indexOf(LINE_FEED, searched);
      if (end !== -1) {
        const line = Buffer.from(this.#rest.subarray(0, end)).toString("utf8");
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      searched = this.#rest.length;
      await this.#more();
    }
  }

  /** So many bytes. @throws FetchmlError unreachable when the body ends before them */
  async take(count: number): Promise<Uint8Array> {
    while (this.#rest.length < count) await this.#more();
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async close(): Promise<void> {
    await this.#pieces.return();
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done === true) {
      throw new FetchmlError(
        "unreachable",
        "Cannot pull: the connection was cut between two files.",
      );
    }
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
  }
}

const LINE_FEED = 10;
