// A small JSON service: keeps notes in memory.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import colors from "picocolors";

const notes: string[] = [];

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body) + "\n");
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url !== "/notes") return answer(response, 404, { error: "not found" });
  if (request.method === "GET") return answer(response, 200, notes);
  if (request.method !== "POST") return answer(response, 405, { error: "GET or POST" });
  const text = (await readBody(request)).trim();
  if (text === "") return answer(response, 400, { error: "the note is empty" });
  notes.push(text);
  return answer(response, 201, { index: notes.length - 1 });
}

const port = Number(process.env.PORT ?? 3000);
createServer((request, response) => {
  handle(request, response).catch((error: unknown) => answer(response, 500, { error: String(error) }));
}).listen(port, () => console.log(colors.green(`listening on ${port}`)));
