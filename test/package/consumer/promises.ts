// A program of a project without Effect. It ends when it has nothing more to do: nothing of the package may keep it alive.
import { deepEqual, equal } from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { Client, ErrorKind, PlasmiteNativeError } from "effect-plasmite/node"

const directory = mkdtempSync(`${tmpdir()}/plasmite-consumer-`)
const client = new Client(directory)
const pool = client.pool("docs")
const { seq } = pool.append({ kind: "note", text: "hi" }, ["note"])
equal(seq, 1n)
equal((await pool.promises.append({ kind: "note", text: "again" })).seq, 2n)
for await (const message of pool.tail({ tags: ["note"] })) {
  deepEqual(message.data, { kind: "note", text: "hi" })
  break
}
try {
  pool.get(3n)
} catch (error) {
  equal(error instanceof PlasmiteNativeError && error.kind, ErrorKind.NotFound)
}
client.close()
rmSync(directory, { recursive: true })
