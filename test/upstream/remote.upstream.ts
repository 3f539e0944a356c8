/** Our programs with upstream's server, and with a server of ours beside upstream's own client: the same pools, the same answers. */
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { failed, messages, oneLine, payloads, refused, seqs, succeeded, timedOut } from "../cli/answers.js"
import { eventually, finish, startCommand } from "../cli/harness.js"
import { makeCertificate } from "../cli/remoteServer.js"
import { makeRoom, type Room } from "../cli/room.js"
import { startServer } from "../http/server.js"
import { serveUpstream, upstream } from "./serveUpstream.js"

const runUpstream = (room: Room, ...args: ReadonlyArray<string>) =>
  finish(startCommand([upstream, ...args], { cwd: room.home }))

describe("our programs, upstream's server", () => {
  it("write, read, filter, describe and list", async () => {
    const room = makeRoom()
    await room.sized("two words", "8M")
    const { url } = await serveUpstream(room, 0)
    const reference = `${url}/two words`
    const one = await room.run(["poke", reference, '{"big":9007199254740993,"one":1.0}', "--tag", "a"])
    assert.include(succeeded(one).stdout, '"big":9007199254740993,"one":1.0')
    const stdin = Array.from({ length: 300 }, (_, n) => `{"n":${n}}\n`).join("")
    const many = succeeded(await room.run(["feed", reference, "--durability", "flush"], { stdin }))
    assert.deepEqual(
      seqs(many.stdout),
      Array.from({ length: 300 }, (_, n) => n + 2)
    )
    const peek = async (...options: ReadonlyArray<string>) =>
      messages(timedOut(await room.run(["peek", reference, "--jsonl", "--timeout", "700ms", ...options])).stdout)
    assert.deepEqual(await peek("--tail", "400"), await room.history("two words"))
    assert.deepEqual(
      (await peek("--tail", "2", "--tag", "a")).map(({ seq }) => seq),
      [1]
    )
    assert.deepEqual(
      (await peek("--tail", "2", "--where", ".data.n < 100")).map(({ data }) => data["n"]),
      [98, 99]
    )
    assert.deepEqual(await peek(), [])
    const got = succeeded(await room.run(["get", reference, "1"]))
    assert.strictEqual(got.stdout, succeeded(await room.run(["get", "two words", "1"])).stdout)
    assert.strictEqual(refused(await room.run(["get", reference, "999"]), "NotFound").seq, 999)
    assert.match(succeeded(await room.run(["pool", "info", reference])).stdout, /newest=301 count=301/)
    const list = oneLine<{ pools: Array<{ name: string }> }>(succeeded(await room.run(["pool", "list", url])).stdout)
    assert.deepEqual(
      list.pools.map(({ name }) => name),
      ["two words"]
    )
    for (const command of [
      ["poke", `${url}/missing`, "{}"],
      ["peek", `${url}/missing`],
      ["get", `${url}/missing`, "1"]
    ]) {
      assert.include(refused(await room.run(command), "NotFound").hint, "server-side")
    }
    const bad = await room.run(["feed", reference], { stdin: '{"a":1}\n[1]\n{"a":2}\n' })
    assert.strictEqual(failed(bad, "Usage").index, 2)
    assert.deepEqual(seqs(bad.stdout), [302])
  })

  it("bring their token, pin its certificate, and write where nothing may be read", async () => {
    const room = makeRoom()
    await room.pool("p")
    const { certFile, fingerprint } = makeCertificate(room.home)
    const tls = ["--tls-cert", certFile, "--tls-key", certFile.replace("cert.pem", "key.pem")]
    const { url } = await serveUpstream(room, 0, "--token", "t", "--access", "write-only", ...tls)
    const poke = (...options: ReadonlyArray<string>) => room.run(["poke", `${url}/p`, "{}", ...options])
    refused(await poke("--tls-ca", certFile), "Permission")
    succeeded(await poke("--tls-ca", certFile, "--token", "t"))
    succeeded(await poke("--tls-fingerprint", fingerprint, "--token", "t"))
    refused(await poke("--tls-fingerprint", `SHA256:${"00:".repeat(31)}00`, "--token", "t"), "Io")
    assert.strictEqual((await room.history("p")).length, 2)
  })

  for (const options of [[], ["--tag", "a"]]) {
    it(`137: peek --reconnect ${options.join(" ")} survives kills of the server`, async () => {
      const room = makeRoom()
      await room.sized("p", "4M")
      let server = await serveUpstream(room, 0, "--max-tail-timeout-ms", "400")
      const { port, url } = server
      const peek = room.start(["peek", `${url}/p`, "--jsonl", "--reconnect", ...options])
      await room.fill("p", [{ n: 0 }], ["a"])
      for (let tries = 0; peek.lines().length === 0 && tries < 100; tries++) {
        await sleep(100)
        await room.fill("p", [{ n: 0 }], ["a"])
      }
      for (let round = 0; round < 4; round++) {
        await room.fill(
          "p",
          Array.from({ length: 40 }, (_, n) => ({ round, n })),
          ["a"]
        )
        await server.kill(round % 2 === 0 ? "SIGKILL" : "SIGTERM")
        await room.fill(
          "p",
          Array.from({ length: 40 }, (_, n) => ({ round, away: n })),
          ["a"]
        )
        server = await serveUpstream(room, port, "--max-tail-timeout-ms", "400")
      }
      await room.fill("p", [{ last: true }], ["a"])
      await eventually("the last message", () => peek.stdout().includes('"last":true'), 30_000)
      peek.kill("SIGTERM")
      const outcome = await finish(peek)
      const seen = seqs(outcome.stdout)
      const history = await room.history("p")
      assert.deepEqual(
        seen,
        history.map(({ seq }) => seq).filter((seq) => seq >= seen[0]!)
      )
      assert.isAbove(seen.length, 320)
      assert.strictEqual(outcome.stderr, "")
    })
  }
})

describe("upstream's programs beside ours, our server", () => {
  it("see the same messages over TLS", async () => {
    const room = makeRoom()
    await room.pool("p")
    const { cert, certFile, key } = makeCertificate(room.home)
    const { url } = await startServer({ directory: room.dir, tls: { cert, key }, token: "t" })
    const trust = ["--tls-ca", certFile, "--token", "t"]
    succeeded(await runUpstream(room, "feed", `${url}/p`, '{"from":"upstream"}', ...trust))
    succeeded(await room.run(["poke", `${url}/p`, '{"from":"us"}', ...trust]))
    const last = ["--tail", "2", "--format", "jsonl", "--timeout", "1s", ...trust]
    const theirs = await runUpstream(room, "follow", `${url}/p`, ...last)
    const ours = await room.run(["peek", `${url}/p`, ...last])
    assert.deepEqual(payloads(ours.stdout), [{ from: "upstream" }, { from: "us" }])
    assert.deepEqual(messages(theirs.stdout), messages(ours.stdout))
  })
})
