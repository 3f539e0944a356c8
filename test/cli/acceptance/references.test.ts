// Where pools live and what may name one.
import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { oneLine, payloads, refused, succeeded } from "../answers.js"
import { baseEnvironment, run as runAnywhere } from "../harness.js"
import { row, spelledRow } from "../room.js"

/** Listens on a free port and counts who comes. */
const countingConnections = async (body: (port: number) => Promise<void>): Promise<number> => {
  let connections = 0
  const server = net.createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  try {
    await body((server.address() as net.AddressInfo).port)
  } finally {
    server.close()
  }
  return connections
}

describe("pool references and directories", () => {
  row(23, "both", "no --dir: pools live below HOME", async ({ home }) => {
    succeeded(await runAnywhere(["pool", "create", "a"], { cwd: home }))
    assert.isTrue(fs.existsSync(path.join(home, ".plasmite/pools/a.plasmite")))
  })

  row("3.3", "ours", "PLASMITE_DIR when --dir is absent; --dir wins", async ({ home, dir }) => {
    const env = { ...baseEnvironment(home), PLASMITE_DIR: path.join(home, "other") }
    succeeded(await runAnywhere(["pool", "create", "a"], { cwd: home, env }))
    succeeded(await runAnywhere(["--dir", dir, "pool", "create", "b"], { cwd: home, env }))
    assert.deepEqual(fs.readdirSync(path.join(home, "other")), ["a.plasmite"])
    assert.deepEqual(fs.readdirSync(dir), ["b.plasmite"])
  })

  row(24, "both", "--dir D/new/deep pool create a", async ({ home, dir }) => {
    const deep = path.join(dir, "new/deep")
    succeeded(await runAnywhere(["--dir", deep, "pool", "create", "a"], { cwd: home }))
    assert.isTrue(fs.existsSync(path.join(deep, "a.plasmite")))
  })

  spelledRow(25, "both", "a.plasmite and a are the same pool", async ({ run }, say) => {
    succeeded(await run([say.poke, "a.plasmite", '{"x":1}', "--create"]))
    assert.deepEqual(payloads(succeeded(await run([say.get, "a", "1"])).stdout), [{ x: 1 }])
  })

  spelledRow(26, "both", "./q.plasmite is a file beside the caller", async ({ run, home, dir }, say) => {
    succeeded(await run([say.poke, "./q.plasmite", '{"x":1}', "--create"]))
    assert.isTrue(fs.existsSync(path.join(home, "q.plasmite")))
    assert.deepEqual(fs.readdirSync(dir), [])
  })

  spelledRow(27, "both", "poke tcp://host/p", async ({ run }, say) => {
    refused(await run([say.poke, "tcp://host/p", "{}"]), "Usage")
    refused(await run([say.poke, "", "{}"]), "Usage")
  })

  spelledRow(28, "both", "API-shaped URLs are refused without a connection", async ({ run }, say) => {
    const connections = await countingConnections(async (port) => {
      refused(await run([say.poke, `http://localhost:${port}/v0/pools/p/append`, "{}"]), "Usage")
      refused(await run([say.peek, `http://127.0.0.1:${port}/v0/pools/p/tail`]), "Usage")
    })
    assert.strictEqual(connections, 0)
  })

  spelledRow(29, "both", "URLs that do not name one pool", async ({ run }, say) => {
    for (const end of ["/p/", "/p?x=1", "/p#f", "/a%2fb", "/"]) {
      refused(await run([say.poke, `http://127.0.0.1:9170${end}`, "{}"]), "Usage")
    }
  })

  row(30, "both", "rm removes a pool", async ({ run, pool, file }) => {
    await pool("p")
    await pool("q")
    fs.rmSync(file("p"))
    const list = oneLine<{ pools: Array<{ name: string }> }>(succeeded(await run(["pool", "list"])).stdout)
    assert.deepEqual(
      list.pools.map(({ name }) => name),
      ["q"]
    )
  })

  row("A12", "ours", "pool create http://H/p", async ({ run, home, dir }) => {
    refused(await run(["pool", "create", "http://127.0.0.1:9170/p"]), "Usage")
    assert.deepEqual(fs.readdirSync(dir), [])
    assert.deepEqual(fs.readdirSync(home), ["pools"])
    refused(await run(["doctor", "http://127.0.0.1:9170/p"]), "Usage")
  })
})
