// What `serve init` prints, carried out by two hosts: the server on one, everything else on the other.
import { assert, it } from "vitest"
import { messages, oneLine, refused, succeeded } from "./answers.js"
import { eventually, finish, type Running } from "./harness.js"
import { makeRoom } from "./room.js"
import { describeBetweenHosts, type Host, makeHosts } from "./twoHosts.js"

interface Init {
  readonly artifact_paths: { readonly token_file: string; readonly tls_cert: string }
  readonly server_commands: ReadonlyArray<string>
  readonly client_commands: ReadonlyArray<string>
  readonly curl_client_commands: ReadonlyArray<string>
}

const outputOf = async (host: Host, line: string): Promise<string> => succeeded(await finish(host.start(line))).stdout

const startServer = async (host: Host, line: string): Promise<Running> => {
  const server = host.start(line)
  await eventually("the server is ready", () => {
    if (!server.isRunning()) throw new Error(`the server ended: ${server.stderr()}`)
    return server.stderr().includes("serve_ready")
  })
  return server
}

/** The whole group: the line of bash, and the program that it started. */
const kill = async (running: Running): Promise<void> => {
  process.kill(-running.pid, "SIGKILL")
  await finish(running)
}

describeBetweenHosts("between two hosts", () => {
  it("116: the printed commands work as they are", { timeout: 60_000 }, async () => {
    const room = makeRoom()
    const { client, server } = await makeHosts({ cwd: room.home, env: { HOME: room.home } })
    const { init } = oneLine<{ init: Init }>(await outputOf(server, "pls serve init --output-dir keys"))
    const url = `https://${server.address}:9700`
    assert.isTrue(init.client_commands[0]!.startsWith(`plasmite poke ${url}/demo `))
    const [serve, create] = init.server_commands
    await startServer(server, serve!)
    await outputOf(server, create!)

    const [poke, peek] = init.client_commands
    const [write, read] = init.curl_client_commands
    const poked = messages(await outputOf(client, poke!))
    assert.deepStrictEqual(
      poked.map(({ data, seq }) => [seq, data]),
      [[1, { hello: "world" }]]
    )
    assert.strictEqual((JSON.parse(await outputOf(client, write!)) as { message: { seq: number } }).message.seq, 2)
    const both = [1, 2]
    const lines = (await outputOf(client, read!)).split("\n").filter((line) => line !== "")
    const seqOf = (line: string): number => (JSON.parse(line) as { seq: number }).seq
    assert.deepStrictEqual(lines.map(seqOf), both)
    const follower = client.start(peek!)
    assert.deepStrictEqual((await follower.waitForLines(2)).map(seqOf), both)

    const page = await outputOf(client, `curl -sS --cacert ${init.artifact_paths.tls_cert} ${url}/ui`)
    assert.match(page, /^<!doctype html>[^]*<title>Plasmite UI<\/title>/)
  })

  it("a follower and a consumer outlive the server, and miss and repeat nothing", { timeout: 60_000 }, async () => {
    const room = makeRoom()
    const { client, server } = await makeHosts({ cwd: room.home, env: { HOME: room.home } })
    const { init } = oneLine<{ init: Init }>(await outputOf(server, "pls serve init --output-dir keys"))
    const [serve, create] = init.server_commands
    await outputOf(server, create!)
    let running = await startServer(server, serve!)
    const { tls_cert, token_file } = init.artifact_paths
    const remote = `https://${server.address}:9700/demo --token-file ${token_file} --tls-ca ${tls_cert}`
    await outputOf(client, `pls poke ${remote} --quiet '{"n": 1}'`)
    const followers = ["--tail 1", "--cursor billing"].map((place) =>
      client.start(`pls peek ${remote} ${place} --reconnect --data-only`)
    )
    for (const follower of followers) await follower.waitForLines(1)

    for (const n of [2, 4]) {
      await kill(running)
      await outputOf(server, `pls poke demo --quiet '{"n": ${n}}'`)
      running = await startServer(server, serve!)
      await outputOf(client, `pls poke ${remote} --quiet '{"n": ${n + 1}}'`)
      for (const follower of followers) await follower.waitForLines(n + 1)
    }
    for (const follower of followers) {
      assert.deepStrictEqual(
        follower.lines(),
        [1, 2, 3, 4, 5].map((n) => `{"n":${n}}`)
      )
    }
  })

  it("a certificate that was made for this host alone is refused, with the way to one for others", async () => {
    const room = makeRoom()
    const { client, server } = await makeHosts({ cwd: room.home, env: { HOME: room.home } })
    const { init } = oneLine<{ init: Init }>(
      await outputOf(server, "pls serve init --output-dir keys --bind 127.0.0.1:9700")
    )
    const { tls_cert, token_file } = init.artifact_paths
    const serve = init.server_commands[0]!.replace("--bind 127.0.0.1:9700", "--bind 0.0.0.0:9700")
    await startServer(server, serve)
    const line = `pls poke https://${server.address}:9700/demo '{}' --token-file ${token_file} --tls-ca ${tls_cert}`
    assert.include(refused(await finish(client.start(line)), "Io").hint, "serve init --san")
  })

  it("a server that was not told to let others in is for its own host alone", async () => {
    const room = makeRoom()
    const { client, server } = await makeHosts({ cwd: room.home, env: { HOME: room.home } })
    await startServer(server, "pls serve")
    assert.strictEqual((await finish(server.start("curl -sS http://127.0.0.1:9700/healthz"))).code, 0)
    const unreachable = await finish(client.start(`curl -sS http://${server.address}:9700/healthz`))
    assert.strictEqual(unreachable.code, 7, unreachable.stderr)
  })
})
