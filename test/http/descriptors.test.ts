// A server whose process has few descriptors, as a process of its own. The number in the name of the test is that of the
// protocol's acceptance statement.
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import * as os from "node:os"
import * as path from "node:path"
import { assert, it } from "vitest"
import { eventually, request } from "./server.js"

const root = path.resolve(import.meta.dirname, "../..")

const program = (directory: string): string => `
import * as Effect from "effect/Effect"
import { PoolServer } from "${root}/dist/http/index.js"
import { NodePools } from "${root}/dist/binding/index.js"
const serve = Effect.flatMap(PoolServer.make({ port: 0 }), ({ port }) =>
  Effect.zipRight(Effect.sync(() => console.log(port)), Effect.never))
Effect.runFork(Effect.scoped(serve).pipe(Effect.provide(NodePools.layer({ directory: "${directory}" }))))
`

it("78: running out of descriptors costs connections, not the server", async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "pls-descriptors-"))
  const child = spawn(
    "bash",
    [
      "-c",
      `ulimit -n 600; exec "$0" --input-type=module -e "$1"`,
      process.execPath,
      program(path.join(directory, "pools"))
    ],
    { cwd: root, stdio: ["ignore", "pipe", "inherit"] }
  )
  try {
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text))
    await eventually("the port", () => output.endsWith("\n"), 20_000)
    const port = Number(output)
    assert.strictEqual((await request({ port }, "/v0/pools", { body: { pool: "p" } })).status, 200)
    const sockets = Array.from({ length: 800 }, () => net.connect(port, "127.0.0.1"))
    for (const socket of sockets) {
      socket.on("error", () => undefined)
      socket.write("GET /v0/pools/p/tail HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.isNull(child.exitCode)
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.strictEqual((await request({ port }, "/healthz")).status, 200)
    assert.strictEqual((await request({ port }, "/v0/pools/p/append", { body: { data: {} } })).status, 200)
  } finally {
    child.kill("SIGKILL")
    fs.rmSync(directory, { recursive: true, force: true })
  }
})
