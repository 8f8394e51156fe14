// Faults that a test orders from the server: an error instead of an answer, none at all, or one after the deed was done.

/** A fault at one route. */
export interface Fault {
  /** Such as `POST /api/ciphers`; longer paths that begin so are meant too. */
  readonly at: string;
  /** The status to answer with, or no answer. */
  readonly answer: 400 | 401 | 403 | 404 | 429 | 500 | 502 | "hang";
  /** Whether the deed is done all the same and only its answer is lost; default not. */
  readonly afterDeed?: boolean;
}

/** The fault's answer, with a body such as Bitwarden sends; waits for ever, or until the client leaves, for `hang`. */
export function answerOfFault({ answer }: Fault, request: Request): Response | Promise<Response> {
  const json = (message: string, more = {}) =>
    Response.json({ object: "error", message, ...more }, { status: Number(answer) });
  switch (answer) {
    case "hang":
      return untilGone(request);
    case 400:
      return json("The model state is invalid.", {
        // At the door of the identity server this means that a refresh token is no longer good.
        error: "invalid_grant",
        validationErrors: { "": ["Not like this."] },
      });
    case 401:
    case 403:
      return new Response(null, { status: answer });
    case 404:
      return json("Resource not found.");
    case 429:
      return json("Slow down! Too many requests. Try again in 1m.");
    case 500:
      return json("An unhandled server error has occurred.");
    case 502:
      return new Response("<html>Bad Gateway</html>", {
        status: 502,
        headers: { "content-type": "text/html" },
      });
  }
}

function untilGone(request: Request): Promise<Response> {
  return new Promise((resolve) => {
    request.signal.addEventListener("abort", () => resolve(new Response(null, { status: 408 })));
  });
}
