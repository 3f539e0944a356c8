// Commands with pools on a server: real programs, real servers, real certificates. Names of tests begin with the rows of the
// command-line contract, or with the statements of the remote one.
import { setTimeout as sleep } from "node:timers/promises"
import * as fs from "node:fs"
import * as http from "node:http"
import * as net from "node:net"
import type { AddressInfo } from "node:net"
import { assert, describe, it, onTestFinished } from "vitest"
import type { ServerOptions } from "../../http/ServerOptions.js"
import { append, startServer, type TestServer } from "../http/server.js"
import {
  failed,
  jsonLines,
  messages,
  notices,
  oneLine,
  payloads,
  type PoolInfo,
  refused,
  seqs,
  succeeded,
  tags,
  timedOut
} from "./answers.js"
import { eventually, finish, type Running } from "./harness.js"
import { makeCertificate, wayTo } from "./remoteServer.js"
import { makeRoom, type Room, row, spelledRow } from "./room.js"

/** A server over the pools of a room. */
const serve = (room: Room, options: ServerOptions = {}): Promise<TestServer> =>
  startServer({ directory: room.dir, ...options })

/** The follower has its position: the server has a stream of it. */
const following = async (server: TestServer, count = 1): Promise<void> => {
  for (;;) {
    const answer = await fetch(`${server.url}/metrics`)
    const text = await answer.text()
    if (Number(/^plasmite_tails_open(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1] ?? "0") >= count) return
    await sleep(20)
  }
}

describe("poke", () => {
  spelledRow("121, 202", "both", "a message to a server", async (room, say) => {
    await room.pool("p")
    const { url } = await serve(room)
    const outcome = succeeded(await room.run([say.poke, `${url}/p`, '{"big":9007199254740993}', "--tag", "ping"]))
    const [receipt] = messages(outcome.stdout)
    assert.deepEqual([receipt!.seq, receipt!.meta.tags], [1, ["ping"]])
    assert.strictEqual(outcome.stdout.includes('"data":{"big":9007199254740993}'), say.poke === "poke")
    const [stored] = await room.history("p")
    assert.strictEqual(stored!.time, receipt!.time)
  })

  row("71", "ours", "a message larger than the server takes is a usage error that names the limit", async (room) => {
    await room.pool("p")
    const { url } = await serve(room)
    const poke = async (padBytes: number) => {
      const stdin = `${JSON.stringify({ pad: "x".repeat(padBytes) })}\n`
      return failed(await room.run(["poke", `${url}/p`], { stdin }), "Usage")
    }
    assert.include((await poke(2 * 1024 * 1024)).message, "larger than 1048576 bytes")
    // A record that may pass, but not with what a message has around it.
    const error = await poke(1024 * 1024 - 16)
    assert.match(error.message, /takes at most 1048576; nothing was sent$/)
    assert.include(error.hint, "--max-body-bytes")
    assert.deepEqual(await room.history("p"), [])
  })

  spelledRow("122, 203", "both", "--create is refused before any connection", async (room, say) => {
    const error = refused(await room.run([say.poke, "http://127.0.0.1:1/p", "--create", "{}"]), "Usage")
    assert.include(error.message, "does not support --create")
    assert.include(error.hint, "server-side")
  })

  row("123, 204, 205", "both", "tokens from an option, a file and the environment; never shown", async (room) => {
    await room.pool("p")
    const { url } = await serve(room, { token: "s3cret" })
    const poke = (...options: ReadonlyArray<string>) => room.run(["poke", `${url}/p`, "{}", ...options])
    assert.include(refused(await poke(), "Permission").hint, "--token-file")
    assert.include(refused(await poke("--token", "wrong"), "Permission").hint, "not the token of this server")
    const file = room.write("token", "s3cret\n")
    succeeded(await poke("--token", "s3cret"))
    succeeded(await poke("--token-file", file))
    const inEnvironment = (token: string, ...options: ReadonlyArray<string>) =>
      room.run(["poke", `${url}/p`, "{}", ...options], { env: { PLASMITE_TOKEN: token } })
    succeeded(await inEnvironment("s3cret"))
    succeeded(await inEnvironment("wrong", "--token-file", file))
    refused(await inEnvironment("wrong"), "Permission")
    refused(await inEnvironment(""), "Permission")
    for (const bad of ["", "two words", "a\nb", "s3cr\u00e9t"]) {
      const outcome = await poke(`--token=${bad}`)
      refused(outcome, "Usage")
      if (bad !== "") assert.notInclude(outcome.stderr, bad)
    }
    for (const [content, words] of [
      [" \n", "empty"],
      ["a b", "one token"]
    ] as const) {
      const error = refused(await poke("--token-file", room.write("bad", content)), "Usage")
      assert.include(error.message, words)
      assert.isDefined(error.path)
    }
    assert.include(refused(await poke("--token-file", "./nothing-here"), "Usage").message, "not found")
    // The environment is for servers only.
    succeeded(await room.run(["poke", "p", "{}"], { env: { PLASMITE_TOKEN: "s3cret" } }))
  })

  row(
    "124",
    "both",
    "options for a server are refused with a pool that is a file, for a write and for a read",
    async (room) => {
      await room.pool("p", [{ n: 1 }])
      const file = room.write("f", "secret\n")
      const fingerprint = `SHA256:${Array(32).fill("AB").join(":")}`
      for (const options of [
        ["--token", "t"],
        ["--token-file", file],
        ["--tls-ca", file],
        ["--tls-skip-verify"],
        ["--tls-fingerprint", fingerprint]
      ]) {
        const outcomes = await Promise.all([
          room.run(["poke", "p", "{}", ...options]),
          room.run(["feed", "p", ...options], { stdin: "{}\n" }),
          room.run(["peek", "p", "--tail", "1", "--one", ...options]),
          room.run(["get", "p", "1", ...options])
        ])
        for (const outcome of outcomes) {
          assert.strictEqual(outcome.code, 2)
          assert.include(refused(outcome, "Usage").message, options[0]!)
        }
      }
      assert.strictEqual((await room.history("p")).length, 1)
    }
  )

  row("211, 212", "both", "nobody listens; no such pool", async (room) => {
    const error = refused(await room.run(["poke", "http://127.0.0.1:1/p", "{}"]), "Io")
    assert.notInclude(error.hint, "9700")
    assert.include(refused(await room.run(["poke", "http://127.0.0.1/p", "{}"]), "Io").hint, ":9700")
    const { url } = await serve(room)
    for (const command of [
      ["poke", `${url}/missing`, "{}"],
      ["peek", `${url}/missing`],
      ["get", `${url}/missing`, "1"]
    ]) {
      assert.include(refused(await room.run(command), "NotFound").hint, "server-side")
    }
    assert.strictEqual(refused(await room.run(["pool", "info", `${url}/missing`]), "NotFound").message, "not found")
    assert.deepEqual(fs.readdirSync(room.dir), [])
  })

  row("205b", "ours", "a write-only server takes messages and tells nothing", async (room) => {
    await room.pool("p")
    const { url } = await serve(room, { access: "write-only" })
    succeeded(await room.run(["poke", `${url}/p`, "{}"], {}))
    refused(await room.run(["peek", `${url}/p`]), "Permission")
  })

  row("202b", "ours", "streams: many records in few requests, receipts in order, bad ones named", async (room) => {
    await room.sized("p", "8M")
    const server = await serve(room, { logRequests: "all" })
    const count = 3000
    const stdin = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join("")
    const outcome = succeeded(await room.run(["poke", `${server.url}/p`, "--tag", "t"], { stdin }))
    assert.deepEqual(
      payloads(outcome.stdout),
      Array.from({ length: count }, (_, n) => ({ n }))
    )
    assert.deepEqual(await room.history("p"), messages(outcome.stdout))
    const requests = server.logs.filter((line) => line.includes("append_lite3")).length
    assert.isBelow(requests, 40)
    assert.isAbove(requests, 0)

    const mixed = '{"a":1}\nnot json\n{"a":2}\n'
    const skipped = await room.run(["feed", `${server.url}/p`, "--errors", "skip"], { stdin: mixed })
    assert.strictEqual(skipped.code, 1)
    assert.deepEqual(seqs(skipped.stdout), [count + 1, count + 2])
    const [skip, summary] = notices(skipped.stderr)
    assert.deepEqual([skip!.kind, skip!.details["pool_path"]], ["ingest_skip", `${server.url}/p`])
    assert.deepEqual([summary!.details["ok"], summary!.details["failed"]], [2, 1])
    const stopped = failed(await room.run(["feed", `${server.url}/p`], { stdin: mixed }), "Usage")
    assert.deepEqual([stopped.line, stopped.index], [2, 2])
  })

  row("202c", "ours", "what is too large is told by its place, and what came before it is stored", async (room) => {
    await room.pool("p")
    const { url } = await serve(room, { maxBodyBytes: 600 })
    const stdin = `${[{ a: 1 }, { a: 2 }, { pad: "x".repeat(2000) }, { a: 4 }].map((v) => JSON.stringify(v)).join("\n")}\n`
    const outcome = await room.run(["poke", `${url}/p`], { stdin })
    assert.strictEqual(failed(outcome, "Usage").index, 3)
    assert.deepEqual(payloads(outcome.stdout), [{ a: 1 }, { a: 2 }])
    assert.strictEqual((await room.info("p")).bounds.newest, 2)
  })

  row(
    "202d",
    "ours",
    "a record that waits is sent at once, over a connection that was closed meanwhile",
    async (room) => {
      await room.pool("p")
      const way = await wayTo((await serve(room)).port)
      const poke = room.start(["poke", `${way.url}/p`], { stdin: "open" })
      poke.write('{"n":1}\n')
      await poke.waitForLines(1)
      way.cut()
      await sleep(100)
      poke.write('{"n":2}\n')
      await poke.waitForLines(2)
      poke.end()
      succeeded(await finish(poke))
    }
  )

  row(
    "202e",
    "ours",
    "a lost answer is not repeated: what is unknown is said, and what is known is true",
    async (room) => {
      await room.pool("p")
      const way = await wayTo((await serve(room)).port)
      const poke = room.start(["poke", `${way.url}/p`, "--retry", "5"], { stdin: "open" })
      poke.write('{"n":1}\n')
      await poke.waitForLines(1)
      way.swallowAnswers()
      poke.end('{"n":2}\n{"n":3}\n{"n":4}\n')
      const outcome = await finish(poke)
      const error = failed(outcome, "Io")
      assert.match(error.message, /may be stored, or/)
      assert.strictEqual(error.index, 2)
      assert.deepEqual(seqs(outcome.stdout), [1])
      const stored = (await room.history("p")).map(({ data }) => data["n"])
      assert.deepEqual(stored, [1, 2, 3, 4])
    }
  )

  row("202f", "both", "--retry tries again while the server is busy", async (room) => {
    let busy = 2
    const { url } = await standIn((_, response) =>
      busy-- > 0
        ? response.writeHead(423).end("busy")
        : response.end('{"message":{"seq":7,"time":"2026-01-01T00:00:00Z","meta":{"tags":[]},"data":{}}}')
    )
    const poke = ["poke", `${url}/p`, "{}"]
    assert.deepEqual(seqs(succeeded(await room.run([...poke, "--retry", "2", "--retry-delay", "5ms"])).stdout), [7])
    busy = 9
    const error = refused(await room.run([...poke, "--retry", "2", "--retry-delay", "5ms"]), "Busy")
    assert.match(error.hint, /Tried 3 times/)
  })
})

/** Something else that speaks HTTP. */
const standIn = async (answer: http.RequestListener): Promise<{ url: string; requests: Array<string> }> => {
  const requests: Array<string> = []
  const server = http.createServer((request, response) => {
    requests.push(request.url ?? "")
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

describe("peek", () => {
  row("125, 126, 206, 207", "both", "the last ones, by tag and by filter", async (room) => {
    await room.pool("p", [{ n: 1 }, { n: 2 }], ["keep"])
    await room.fill("p", [{ n: 3 }, { n: 4 }], ["drop"])
    const { url } = await serve(room)
    // All at once: each waits out its timeout, which is long enough for a busy machine.
    const cases: ReadonlyArray<readonly [ReadonlyArray<string>, ReadonlyArray<number>]> = [
      [["--tail", "1", "--one"], [4]],
      [
        ["--tail", "10", "--tag", "keep"],
        [1, 2]
      ],
      [["--tail", "1", "--tag", "keep"], [2]],
      [
        ["--tail", "2", "--where", ".data.n < 4"],
        [2, 3]
      ],
      [["--tail", "9", "--where", ".data.n > 1", "--tag", "keep"], [2]],
      [["--tail", "3", "--tag", "none"], []]
    ]
    const outcomes = await Promise.all(
      cases.map(([options]) => room.run(["peek", `${url}/p`, "--jsonl", "--timeout", "2s", ...options]))
    )
    for (const [index, [options, expected]] of cases.entries()) {
      assert.deepEqual(seqs(outcomes[index]!.stdout), expected, options.join(" "))
      assert.strictEqual(outcomes[index]!.code, options.includes("--one") ? 0 : 124)
    }
    const outcome = await room.run(["peek", `${url}/p`, "--tail", "1", "--one", "--data-only", "--format", "pretty"])
    assert.strictEqual(outcome.stdout, '{\n  "n": 4\n}\n')
    const bad = await room.run(["peek", `${url}/p`, "--tail", "1", "--where", ".data"])
    assert.include(failed(bad, "Usage").hint, ".data")
  })

  row("128, 208", "both", "an idle pool and --timeout", async (room) => {
    await room.pool("p", [{}])
    const { url } = await serve(room)
    const outcome = timedOut(await room.run(["peek", `${url}/p`, "--jsonl", "--timeout", "150ms"]))
    assert.strictEqual(outcome.stdout, "")
  })

  row("127, 209", "both", "what a server cannot do is refused before any connection", async (room) => {
    const url = "http://127.0.0.1:1/p"
    for (const [option, ...more] of [
      ["--since", "5m"],
      ["--since", "2999-01-01T00:00:00Z"],
      ["--replay", "1", "--tail", "5"],
      ["--replay", "1"],
      ["--no-notify"],
      ["--quiet-drops"],
      ["--create"]
    ] as const) {
      const error = refused(await room.run(["peek", url, option, ...more]), "Usage")
      assert.include(error.message, `does not support ${option}`)
    }
    refused(await room.run(["peek", url, "--where", "(("]), "Usage")
  })

  row("A7, 138", "ours", "waits longer than the server's streams live", async (room) => {
    await room.pool("p")
    const server = await serve(room, { maxTailTimeoutMillis: 300 })
    const peek = room.start(["peek", `${server.url}/p`, "--timeout", "1m", "--one"])
    await following(server)
    await sleep(1000)
    await append(server, "p", { late: true })
    assert.deepEqual(payloads(succeeded(await finish(peek)).stdout), [{ late: true }])
  })

  row("A8, 140", "ours", "only what is new, all of it, through the ends of many streams", async (room) => {
    await room.pool("p", [{ old: true }])
    const server = await serve(room, { maxTailTimeoutMillis: 60 })
    const peek = room.start(["peek", `${server.url}/p`, "--jsonl"])
    await following(server)
    for (let n = 0; n < 100; n++) {
      await append(server, "p", { n })
      await sleep(5)
    }
    await peek.waitForLines(100)
    peek.kill("SIGINT")
    const outcome = await finish(peek)
    assert.strictEqual(outcome.signal, "SIGINT")
    assert.deepEqual(
      seqs(outcome.stdout),
      Array.from({ length: 100 }, (_, index) => index + 2)
    )
  })

  row("A6b", "ours", "what the ring overwrote between two streams is a drop notice", async (room) => {
    await room.sized("small", "64K")
    const server = await serve(room)
    const way = await wayTo(server.port)
    const peek = room.start(["peek", `${way.url}/small`, "--reconnect", "--jsonl"])
    await following(server)
    await append(server, "small", { n: 0 })
    await peek.waitForLines(1)
    await way.close()
    for (let n = 1; n <= 40; n++) await append(server, "small", { n, pad: "x".repeat(3000) })
    await way.open()
    const { oldest } = (await room.info("small")).bounds
    await peek.waitForLines(2 + 40 - oldest! + 1)
    peek.kill("SIGTERM")
    const outcome = await finish(peek)
    assert.deepEqual(seqs(outcome.stdout).slice(0, 2), [1, oldest])
    const drops = notices(outcome.stderr).filter(({ kind }) => kind === "drop")
    assert.deepEqual(
      drops.map(({ details }) => [details["last_seen_seq"], details["next_seen_seq"], details["dropped_count"]]),
      [[1, oldest, oldest! - 2]]
    )
    assert.strictEqual(drops[0]!.details["pool_path"], `${way.url}/small`)
  })

  row("A6c", "ours", "what a server filtered before its connection was lost may be part of a drop", async (room) => {
    await room.sized("small", "64K")
    const server = await serve(room)
    const way = await wayTo(server.port)
    const peek = room.start(["peek", `${way.url}/small`, "--reconnect", "--tag", "t", "--jsonl"])
    await following(server)
    await append(server, "small", { n: 0 }, ["t"])
    await peek.waitForLines(1)
    await way.close()
    for (let n = 1; n <= 40; n++) await append(server, "small", { n, pad: "x".repeat(3000) })
    await way.open()
    await following(server)
    const last = await append(server, "small", { n: 41 }, ["t"])
    await peek.waitForLines(2)
    peek.kill("SIGTERM")
    const outcome = await finish(peek)
    assert.deepEqual(seqs(outcome.stdout), [1, last])
    const [drop] = notices(outcome.stderr).filter(({ kind }) => kind === "drop")
    assert.match(drop!.message, /^dropped at most \d+ messages$/)
    assert.include(outcome.stderr, '"dropped_count_is_upper_bound":true')
    assert.strictEqual(drop!.details["last_seen_seq"], 1)
  })

  row("A6d", "ours", "a pool that is replaced ends the follower here and there, for the same reason", async (room) => {
    const server = await serve(room, { maxTailTimeoutMillis: 200 })
    const replaced = async (name: string, ref: string, ...options: ReadonlyArray<string>) => {
      await room.pool(name)
      await room.fill(name, [{ n: 1 }, { n: 2 }])
      const peek = room.start(["peek", ref, "--tail", "2", ...options, "--jsonl"])
      await peek.waitForLines(2)
      succeeded(await room.run(["pool", "delete", name]))
      await room.pool(name)
      // A follower that looks between the two commands finds no pool at all.
      failed(await finish(peek), "NotFound")
    }
    await replaced("here", "here")
    await replaced("there", `${server.url}/there`, "--reconnect")
  })

  row("137a", "ours", "without --reconnect a server that goes away is exit 8", async (room) => {
    await room.pool("p")
    for (const end of ["stop", "cut"] as const) {
      const server = await serve(room)
      const way = await wayTo(server.port)
      const peek = room.start(["peek", `${way.url}/p`, "--jsonl"])
      await following(server)
      await append(server, "p", {})
      await peek.waitForLines(1)
      if (end === "stop") await server.stop()
      else await way.close()
      const outcome = await finish(peek)
      failed(outcome, "Io")
      assert.strictEqual(seqs(outcome.stdout).length, 1)
      await server.stop()
    }
  })

  const survives = (id: string, options: ReadonlyArray<string>, wanted: (n: number) => boolean): void =>
    row(id, "ours", `--reconnect ${options.join(" ")} loses and repeats nothing, whatever ends`, async (room) => {
      await room.sized("p", "4M")
      const settings = { maxTailTimeoutMillis: 250 }
      let server = await serve(room, settings)
      const { port } = server
      const way = await wayTo(port)
      const peek: Running = room.start(["peek", `${way.url}/p`, "--jsonl", "--reconnect", ...options])
      await following(server)
      let n = 0
      for (let round = 0; round < 12; round++) {
        for (let burst = 0; burst < 25; burst++) {
          await append(server, "p", { n: ++n }, n % 2 === 0 ? ["even"] : [])
          if (burst % 8 === 0) await sleep(5)
        }
        if (round % 3 === 0) {
          await server.stop()
          await room.fill("p", [{ n: ++n }, { n: ++n }], ["even"])
          server = await startServer({ directory: room.dir, port, ...settings })
        } else if (round % 3 === 1) {
          way.cut()
        } else {
          await way.close()
          await append(server, "p", { n: ++n }, ["even"])
          await way.open()
        }
      }
      await append(server, "p", { n: ++n, last: true }, ["even"])
      await eventually("the last message", () => peek.stdout().includes('"last":true'), 25_000)
      peek.kill("SIGTERM")
      const outcome = await finish(peek)
      const history = await room.history("p")
      assert.strictEqual(history.length, n)
      const expected = history.filter(({ data, meta }) =>
        options.includes("--tag") ? meta.tags.includes("even") : wanted(data["n"] as number) || data["last"] === true
      )
      assert.deepEqual(messages(outcome.stdout), expected)
      assert.strictEqual(outcome.stderr, "")
    })

  survives("137b", [], () => true)
  survives("137c", ["--tag", "even"], () => true)
  survives("137d", ["--where", ".data.n % 3 == 0 or .data.last"], (n) => n % 3 === 0)
})

describe("get, pool info, pool list", () => {
  row(
    "A11, 139",
    "ours",
    "as locally, with the server's data; names with blanks and letters of any script",
    async (room) => {
      const name = "naïve ☃ 50%"
      await room.pool(name, [{ n: 9007199254740993n.toString() }, { n: 2 }])
      await room.pool("q")
      const { url } = await serve(room)
      const reference = `${url}/${name.replace("%", "%25")}`
      const get = succeeded(await room.run(["get", reference, "2"]))
      assert.strictEqual(get.stdout, succeeded(await room.run(["get", name, "2"])).stdout)
      assert.deepEqual(
        oneLine(succeeded(await room.run(["fetch", `${url}/${encodeURIComponent(name)}`, "2", "--data-only"])).stdout),
        {
          n: 2
        }
      )
      for (const seq of ["0", "3", "18446744073709551615"]) {
        const error = refused(await room.run(["get", reference, seq]), "NotFound")
        assert.include(error.hint, "pool info")
      }
      const info = oneLine<PoolInfo>(succeeded(await room.run(["pool", "info", reference, "--json"])).stdout)
      const local = await room.info(name)
      assert.deepEqual([info.name, info.file_size, info.bounds], [reference, local.file_size, local.bounds])
      assert.strictEqual(info.path, `${url}/${encodeURIComponent(name)}`)
      assert.match(
        succeeded(await room.run(["pool", "info", reference])).stdout,
        /^Bounds: oldest=1 newest=2 count=2$/m
      )
      succeeded(await room.run(["poke", reference, '{"n":3}']))
      const list = oneLine<{ pools: Array<{ name: string }> }>(succeeded(await room.run(["pool", "list", url])).stdout)
      assert.deepEqual(
        list.pools.map((pool) => pool.name),
        [name, "q"]
      )
      assert.include(succeeded(await room.run(["pool", "list", url, "--no-json"])).stdout, "STATUS")
      for (const bad of ["q", `${url}/q`, "ftp://h", "http://u:secret@h"]) {
        const outcome = await room.run(["pool", "list", bad])
        refused(outcome, "Usage")
        assert.notInclude(outcome.stderr, "secret")
      }
      refused(await room.run(["pool", "list", "--token", "t"]), "Usage")
      refused(await room.run(["get", "q", "1", "--tls-ca", "x"]), "Usage")
      refused(await room.run(["peek", "q", "--reconnect"]), "Usage")
    }
  )

  row("131", "both", "what is done to files refuses a server", async (room) => {
    const reference = "http://127.0.0.1:1/p"
    for (const command of [
      ["pool", "create", reference],
      ["doctor", reference],
      ["doctor", reference, "--repair"]
    ]) {
      assert.include(refused(await room.run(command), "Usage").message, "local pools only")
    }
    // Between two that can be deleted, so that neither what comes before it nor what comes behind is spared.
    await room.pool("a")
    await room.pool("b")
    const outcome = await room.run(["pool", "delete", "a", reference, "b", "--json"])
    assert.strictEqual(outcome.code, 2)
    const { deleted, failed } = oneLine<{
      deleted: Array<{ pool: string }>
      failed: Array<{ pool: string; error: { kind: string } }>
    }>(outcome.stdout)
    assert.deepEqual(
      [deleted.map(({ pool }) => pool), failed.map(({ error, pool }) => [pool, error.kind])],
      [["a", "b"], [[reference, "Usage"]]]
    )
    assert.deepEqual(fs.readdirSync(room.dir), [])
  })

  row("122, 135", "both", "references that name no pool, before any connection", async (room) => {
    let connections = 0
    const listener = net.createServer((socket) => {
      connections++
      socket.destroy()
    })
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void listener.close())
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
    const ends = [
      "",
      "/",
      "/p/",
      "/a/p",
      "/v0/pools/p/append",
      "/pool",
      "/p?x=1",
      "/p?",
      "/p#f",
      "/a%2Fb",
      "/a\\b",
      "/%zz"
    ]
    for (const [index, end] of [...ends, "/.", "/..", "/%2e%2e", "/a/../p", "/p%00", "/p\n", "//p"].entries()) {
      const reference = `${url}${end}`
      // All commands read references alike.
      const reads = index < 3 ? [room.run(["get", reference, "1"])] : []
      for (const outcome of await Promise.all([room.run(["poke", reference, "{}"]), ...reads]))
        refused(outcome, "Usage")
    }
    const secret = await room.run(["peek", "http://user:s3cret@127.0.0.1/p"])
    refused(secret, "Usage")
    assert.notInclude(secret.stderr, "s3cret")
    assert.strictEqual(connections, 0)
  })

  row("J-3", "ours", "another version of the protocol is warned of, once", async (room) => {
    const { requests, url } = await standIn((_, response) => {
      response.setHeader("plasmite-version", "1")
      response.end('{"message":{"seq":1,"time":"2026-01-01T00:00:00Z"}}')
    })
    const outcome = succeeded(await room.run(["feed", `${url}/p`], { stdin: "{}\n{}\n" }))
    assert.strictEqual(jsonLines(outcome.stdout).length, 2)
    assert.strictEqual(requests.length, 2)
    assert.deepEqual(
      notices(outcome.stderr).map(({ kind }) => kind),
      ["warning"]
    )
    assert.include(outcome.stderr, "version 1")
  })
})

describe("TLS", () => {
  row("210, 129, 141", "both", "a server with a certificate of its own", async (room) => {
    await room.pool("p", [{ n: 1 }])
    const { cert, certFile, fingerprint, key } = makeCertificate(room.home)
    const server = await serve(room, { tls: { cert, key }, token: "s3cret", logRequests: "all" })
    const get = (...options: ReadonlyArray<string>) =>
      room.run(["get", `${server.url}/p`, "1", "--token", "s3cret", ...options])
    assert.include(refused(await get(), "Io").hint, "--tls-ca")
    assert.strictEqual(succeeded(await get("--tls-ca", certFile)).stderr, "")
    assert.strictEqual(succeeded(await get("--tls-fingerprint", fingerprint)).stderr, "")
    const skipped = succeeded(await get("--tls-skip-verify"))
    assert.match(oneLine<{ notice: { message: string } }>(skipped.stderr).notice.message, /^warning: /)
    assert.deepEqual(seqs(skipped.stdout), [1])
    const served = server.logs.length
    const other = `SHA256:${"00:".repeat(31)}00`
    assert.include(refused(await get("--tls-fingerprint", other), "Io").message, fingerprint)
    assert.strictEqual(server.logs.length, served)
    for (const [file, words] of [
      [room.write("empty.pem", ""), "no certificate"],
      [room.write("other.pem", key), "no certificate"],
      [room.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "cannot be read"],
      ["./nothing-here.pem", "not found"]
    ] as const) {
      const error = refused(await get("--tls-ca", file), "Usage")
      assert.include(error.message, words)
      assert.strictEqual(error.path, file)
    }
    refused(await get("--tls-fingerprint", "AB:CD"), "Usage")
    refused(await get("--tls-fingerprint", fingerprint, "--tls-skip-verify"), "Usage")
    refused(await room.run(["get", `http://127.0.0.1:${server.port}/p`, "1", "--tls-ca", certFile]), "Usage")

    // Who leaves out the s is told, and not only that nothing was answered.
    const bare = `http://127.0.0.1:${server.port}/p`
    for (const keyed of [[], ["--key", "k"]]) {
      assert.include(refused(await room.run(["poke", bare, '{"n": 2}', ...keyed]), "Io").hint, "https")
    }
    assert.include(refused(await room.run(["get", bare, "1"]), "Io").hint, "https")
    assert.deepEqual(seqs((await room.run(["peek", "p", "--tail", "9", "--replay", "0"])).stdout), [1])

    const trust = ["--tls-ca", certFile, "--token", "s3cret"]
    const peek = room.start(["peek", `${server.url}/p`, "--tail", "3", "--jsonl", ...trust])
    await peek.waitForLines(1)
    const stdin = '{"n":2}\n{"n":3}\n'
    assert.deepEqual(seqs(succeeded(await room.run(["poke", `${server.url}/p`, ...trust], { stdin })).stdout), [2, 3])
    assert.deepEqual(seqs(`${(await peek.waitForLines(3)).join("\n")}\n`), [1, 2, 3])
    assert.deepEqual(tags(`${peek.lines().join("\n")}\n`), [[], [], []])
    succeeded(await room.run(["pool", "list", server.url, ...trust]))
    succeeded(await room.run(["pool", "info", `${server.url}/p`, ...trust]))
  })
})

it("69: a token is in nothing that is printed", async () => {
  const room = makeRoom()
  for (const args of [
    ["poke", "http://127.0.0.1:1/p", "{}"],
    ["peek", "http://127.0.0.1:1/p"],
    ["get", "http://127.0.0.1:1/p", "x"],
    ["peek", "http://127.0.0.1:1/p", "--since", "5m"],
    ["poke", "p", "{}"],
    ["poke", "http://127.0.0.1:1/p"]
  ]) {
    const outcome = await room.run([...args, "--token", "s3cret-token"], { stdin: "" })
    assert.notStrictEqual(outcome.code, 0)
    assert.notInclude(outcome.stdout + outcome.stderr, "s3cret-token", args.join(" "))
  }
})
