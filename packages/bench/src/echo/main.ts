/**
 * The control: `node main.js PORT` answers `+OK` to every command, as fast as Node can. It parses commands as a
 * server must, since replies have to be as many as commands, and does nothing else.
 */
import { createServer } from "node:net";
import { CommandParser } from "../skeleton/command-parser.ts";

const OK = "+OK\r\n";
/** More replies than a chunk of 64 KiB can hold commands. */
const replies = Buffer.from(OK.repeat(8192));

const server = createServer({ noDelay: true }, (socket) => {
  const parser = new CommandParser();
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    parser.push(chunk);
    let count = 0;
    while (parser.next()) count++;
    if (count > 0) socket.write(replies.subarray(0, count * OK.length));
  });
});
process.on("disconnect", () => process.exit());
server.listen(Number(process.argv[2]), "127.0.0.1", () => process.send?.({ kind: "ready" }));
