// A bare Bun executable that moves the bytes FetchML moves and does nothing else: what no server or command in Bun can beat.
import { ask } from "./ask.ts";
import { serve } from "./serve.ts";

const [mode = "", url = "", text = "", folder] = process.argv.slice(2);
if (mode === "serve") serve(url);
else await ask(url, text, folder);
