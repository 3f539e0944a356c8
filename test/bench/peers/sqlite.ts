/** SQLite in WAL mode, by its own shell, which is fed statements and says when it has come to a mark. */
import { spawn } from "node:child_process"
import * as path from "node:path"
import * as readline from "node:readline"
import { batchSize, tinyText } from "../messages.js"
import { kept, stopped } from "../processes.js"
import { needsProgram, type Peer, readCount } from "./Peer.js"

const insert = `INSERT INTO m(body) VALUES('${tinyText}');\n`
const batch = `BEGIN;\n${insert.repeat(batchSize)}COMMIT;\n`

export const sqlite: Peer = {
  name: "SQLite (shell)",
  fast: "death of the writer (WAL, synchronous NORMAL)",
  flush: "a power cut (WAL, synchronous FULL)",
  missing: needsProgram("sqlite3"),
  open: async (directory) => {
    const shell = kept(
      spawn("sqlite3", ["-batch", path.join(directory, "messages.db")], {
        stdio: ["pipe", "pipe", "inherit"]
      })
    )
    const answers = readline.createInterface({ input: shell.stdout })[Symbol.asyncIterator]()
    const run = async (statements: string): Promise<number> => {
      shell.stdin.write(`${statements}.print done\n`)
      let lines = 0
      for (;;) {
        const { done, value } = await answers.next()
        if (done === true) throw new Error("sqlite3 ended")
        if (value === "done") return lines
        if (value.startsWith("{")) JSON.parse(value)
        lines++
      }
    }
    await run(
      "PRAGMA journal_mode=WAL;\nPRAGMA synchronous=NORMAL;\nCREATE TABLE m(id INTEGER PRIMARY KEY, body TEXT);\n"
    )
    for (let added = 0; added < readCount; added += batchSize) await run(batch)
    const singles = insert.repeat(200)
    return {
      single: async () => {
        await run(singles)
        return 200
      },
      batch: async () => {
        await run(batch)
        return batchSize
      },
      flush: async () => {
        await run(`PRAGMA synchronous=FULL;\n${insert.repeat(10)}PRAGMA synchronous=NORMAL;\n`)
        return 10
      },
      read: () => run(`SELECT body FROM m ORDER BY id LIMIT ${readCount};\n`),
      close: () => {
        shell.stdin.end()
        return stopped(shell)
      }
    }
  }
}
