// `pls serve` as a process: how it starts, what it says, how it ends. The numbers are those of the statements about the
// process, of the bind policy and of the acceptance table.
import * as fs from "node:fs"
import * as http from "node:http"
import * as net from "node:net"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { failed, jsonLines, messages, oneLine, succeeded } from "./answers.js"
import { eventually, finish, run, startCommand } from "./harness.js"
import { makeRoom } from "./room.js"
import { ask, networkAddress, startServing } from "./serving.js"

describe("a start that is refused", () => {
  const token = (room: ReturnType<typeof makeRoom>): string => room.write("token.txt", "  secret\n")
  const open = ["--bind", "0.0.0.0:0", "--allow-non-loopback"]

  const cases: ReadonlyArray<{
    readonly name: string
    readonly options: (room: ReturnType<typeof makeRoom>) => ReadonlyArray<string>
    readonly message: RegExp
    readonly hint: RegExp
  }> = [
    {
      name: "99, 186: no address",
      options: () => ["--bind", "nope"],
      message: /invalid bind address/,
      hint: /host:port/
    },
    {
      name: "99: a port too large",
      options: () => ["--bind", "127.0.0.1:65536"],
      message: /invalid bind/,
      hint: /host:port/
    },
    { name: "99: a name", options: () => ["--bind", "example.org:1"], message: /invalid bind/, hint: /host:port/ },
    {
      name: "94, 187: other machines unasked",
      options: () => ["--bind", "0.0.0.0:0"],
      message: /0\.0\.0\.0/,
      hint: /--allow-non-loopback/
    },
    {
      name: "94: the same in IPv6",
      options: () => ["--bind", "[0:0::0]:0"],
      message: /\[::\]:0/,
      hint: /--allow-non-loopback/
    },
    {
      name: "96, 188: other machines write without a token file",
      options: () => [...open, "--access", "write-only", "--insecure-no-tls"],
      message: /--token-file/,
      hint: /serve init/
    },
    {
      name: "96: a token on the command line is not enough",
      options: () => [...open, "--token", "secret", "--tls-self-signed"],
      message: /--token-file/,
      hint: /serve init/
    },
    {
      name: "97, 189: other machines write without TLS",
      options: (room) => [...open, "--token-file", token(room)],
      message: /TLS/,
      hint: /serve init/
    },
    {
      name: "98, 190: two tokens",
      options: (room) => ["--token", "a", "--token-file", token(room)],
      message: /--token-file/,
      hint: /serve init/
    },
    {
      name: "98, 190: two certificates",
      options: () => ["--tls-self-signed", "--tls-cert", "c", "--tls-key", "k"],
      message: /--tls-self-signed/,
      hint: /serve init/
    },
    {
      name: "half a pair",
      options: () => ["--tls-cert", "c"],
      message: /--tls-cert requires --tls-key/,
      hint: /serve init/
    },
    {
      name: "a name for no certificate",
      options: () => ["--san", "x"],
      message: /--san requires/,
      hint: /--tls-self-signed/
    },
    {
      name: "a name that is none",
      options: () => ["--tls-self-signed", "--san", "a b"],
      message: /"a b"/,
      hint: /DNS name/
    },
    {
      name: "73, 191: no bytes",
      options: () => ["--max-body-bytes", "0"],
      message: /--max-body-bytes/,
      hint: /positive/
    },
    {
      name: "73, 191: no time",
      options: () => ["--max-tail-timeout-ms", "0"],
      message: /--max-tail-timeout-ms/,
      hint: /positive/
    },
    {
      name: "73, 191: no tails",
      options: () => ["--max-tail-concurrency", "0"],
      message: /--max-tail-concurrency/,
      hint: /positive/
    },
    {
      name: "more time than a timer has",
      options: () => ["--max-tail-timeout-ms", "2147483648"],
      message: /timer/,
      hint: /2147483647/
    },
    { name: "81, 192: any origin", options: () => ["--cors-origin", "*"], message: /wildcard/, hint: /https:/ },
    {
      name: "a host with a port",
      options: () => ["--allow-host", "a.example:80"],
      message: /--allow-host/,
      hint: /bare name/
    },
    { name: "a token that no header carries", options: () => ["--token", "a b"], message: /blanks/, hint: /letters/ },
    {
      name: "an empty token file",
      options: (room) => ["--token-file", room.write("empty", "\n")],
      message: /empty/,
      hint: /serve init/
    },
    {
      name: "a missing token file",
      options: () => ["--token-file", "nowhere"],
      message: /nowhere/,
      hint: /serve init/
    },
    {
      name: "a file for a pool directory",
      options: (room) => ["--max-pools", "1", "--dir", room.write("file", "")],
      message: /not a directory/,
      hint: /--dir/
    }
  ]

  for (const { hint, message, name, options } of cases) {
    it(`119: a start and check refuse the same: ${name}`, async () => {
      const room = makeRoom()
      const given = options(room)
      const before = given.includes("--dir") ? [] : ["--dir", room.dir]
      const launch = { cwd: room.home }
      const [start, check] = await Promise.all([
        run([...before, "serve", ...given], launch),
        run([...before, "serve", ...given, "check"], launch)
      ])
      const error = failed(start, "Usage")
      assert.strictEqual(start.code, 2)
      assert.match(error.message, message)
      assert.match(error.hint ?? "", hint)
      assert.deepStrictEqual([check.code, check.stdout, failed(check, "Usage")], [2, "", error])
      assert.notInclude(start.stderr, "secret")
    })
  }

  it("the first check that fails is the one that is told", async () => {
    const room = makeRoom()
    // In the order in which they are made; each option is right or wrong on its own.
    const wrong = [
      { options: ["--bind", "nope"], message: /bind/ },
      { options: ["--token", "a", "--token-file", "nowhere"], message: /combined with --token-file/ },
      { options: ["--token-file", "nowhere"], message: /nowhere/ },
      { options: ["--cors-origin", "*"], message: /wildcard/ },
      { options: ["--bind", "0.0.0.0:0"], message: /lets other machines in/ },
      { options: ["--tls-cert", "c"], message: /requires --tls-key/ },
      { options: ["--max-body-bytes", "0"], message: /--max-body-bytes/ }
    ]
    for (const [index, { message, options }] of wrong.entries()) {
      const later = wrong.slice(index + 1).flatMap((other) => {
        const twice = other.options.some((word) => word.startsWith("--") && options.includes(word))
        return twice ? [] : [other.options]
      })
      const [next = []] = later
      assert.match(failed(await room.run(["serve", ...next, ...options]), "Usage").message, message)
    }
  })

  it("an address that is taken is Io, exit 8, and says nothing on stdout", async () => {
    const room = makeRoom()
    const first = await startServing(room)
    const second = await room.run(["serve", "--bind", first.listen])
    assert.strictEqual(second.code, 8)
    assert.include(failed(second, "Io").message, first.listen)
    assert.strictEqual(second.stdout, "")
  })

  it("a log level that is none is refused", async () => {
    const room = makeRoom()
    assert.match(failed(await room.run(["serve"], { env: { PLASMITE_LOG: "loud" } }), "Usage").message, /PLASMITE_LOG/)
  })
})

describe("a start that is accepted", () => {
  it("107, 200: the readiness file has the real address", async () => {
    const server = await startServing(makeRoom())
    assert.match(server.listen, /^127\.0\.0\.1:[1-9]\d*$/)
    assert.deepInclude(await ask(`http://${server.listen}/healthz`), { status: 200, body: '{"ok":true}' })
  })

  it("a readiness file that cannot be written is the end, Io with its path", async () => {
    const room = makeRoom()
    const file = path.join(room.write("file", ""), "ready")
    const outcome = await room.run(["serve", "--bind", "127.0.0.1:0"], { env: { PLASMITE_SERVE_READY_FILE: file } })
    assert.strictEqual(failed(outcome, "Io").path, file)
    assert.strictEqual(outcome.code, 8)
  })

  it("109: on a pipe one notice with the real address, and nothing on stdout", async () => {
    const room = makeRoom()
    // It is no log line: who starts a server waits for it, however little is logged.
    const server = await startServing(room, [], { env: { PLASMITE_LOG: "error" } })
    await eventually("the notice is there", () => server.stderr().endsWith("\n"))
    const { notice } = oneLine<{ notice: { kind: string; cmd: string; details: Record<string, string> } }>(
      server.stderr()
    )
    assert.deepInclude(notice, { kind: "serve_ready", cmd: "serve" })
    assert.deepInclude(notice.details, { listen: server.listen, base_url: `http://${server.listen}`, auth: "none" })
    server.kill("SIGTERM")
    assert.strictEqual(succeeded(await server.exited).stdout, "")
  })

  it("109: on a terminal a block with the real port, whose curl command works", async () => {
    const room = makeRoom()
    await room.pool("demo")
    const server = await startServing(room, [], { terminals: ["stderr"] })
    await eventually("the block is there", () => server.stderr().includes("Stop with"))
    const text = server.stderr()
    assert.include(text, `http://${server.listen} (loopback only)`)
    for (const line of [/Auth: +none/, /TLS: +disabled/, /Access: +read-write/, /CORS: +/, /Web UI: +http\S+\/ui/]) {
      assert.match(text, line)
    }
    assert.include(text, `plasmite poke http://${server.listen}/demo `)
    assert.include(text, `plasmite peek http://${server.listen}/demo `)
    assert.notInclude(text, '{"notice"')
    const curl = text.slice(text.indexOf("  curl "), text.indexOf("\n\nStop with"))
    const asked = await finish(startCommand(["bash", "-c", curl], { cwd: room.home }))
    assert.strictEqual((JSON.parse(succeeded(asked).stdout) as { message: { seq: number } }).message.seq, 1)
    assert.deepStrictEqual(
      (await room.history("demo")).map(({ data }) => data),
      [{ hello: "world" }]
    )
  })

  it("109: no block when the start fails", async () => {
    const room = makeRoom()
    const first = await startServing(room)
    const second = await room.run(["serve", "--bind", first.listen], { terminals: ["stderr"] })
    assert.strictEqual(second.code, 8)
    assert.notInclude(second.stderr, "Serving")
  })

  it("69: the token is in no block, notice, log or error", async () => {
    const room = makeRoom()
    const tokenFile = room.write("token.txt", "sesame-42\n")
    for (const options of [
      ["--token", "sesame-42"],
      ["--token-file", tokenFile]
    ]) {
      for (const terminals of [[], ["stderr"]] as const) {
        const server = await startServing(room, options, { terminals, env: { PLASMITE_LOG: "debug" } })
        const authorization = { authorization: "Bearer sesame-42" }
        const url = `http://${server.listen}/v0/pools?token=sesame-42`
        assert.strictEqual((await ask(url)).status, 401)
        assert.strictEqual((await ask(url, { headers: authorization })).status, 200)
        server.kill("SIGTERM")
        const { stderr, stdout } = await server.exited
        assert.include(stderr, "request")
        assert.notInclude(stdout + stderr, "sesame")
      }
    }
  })

  it("95, D-31: other machines may read without a token, and it is said how bad that is", async () => {
    const room = makeRoom()
    await room.pool("p", [{ x: 1 }])
    const server = await startServing(room, ["--bind", "0.0.0.0:0", "--allow-non-loopback", "--access", "read-only"])
    const url = `http://${networkAddress()}:${server.port}/v0/pools/p`
    assert.strictEqual((await ask(`${url}/messages/1`)).status, 200)
    assert.strictEqual((await ask(`${url}/append`, { body: { data: {} } })).status, 403)
    const warnings = jsonLines(server.stderr()) as Array<{ notice: { kind: string; message: string } }>
    const told = warnings.filter(({ notice }) => notice.kind === "serve_warning").map(({ notice }) => notice.message)
    assert.match(told.join("\n"), /no token.*\n.*no TLS/)
  })

  it("97: --insecure-no-tls lets them write", async () => {
    const room = makeRoom()
    await room.pool("p")
    const tokenFile = room.write("token.txt", "sesame\n")
    const options = ["--bind", "0.0.0.0:0", "--allow-non-loopback", "--token-file", tokenFile, "--insecure-no-tls"]
    const server = await startServing(room, options)
    const appended = await ask(`http://${networkAddress()}:${server.port}/v0/pools/p/append`, {
      body: { data: { x: 1 } },
      headers: { authorization: "Bearer sesame" }
    })
    assert.strictEqual(appended.status, 200)
    assert.match(server.stderr(), /serve_warning.*in the clear/)
  })

  it("limits, origins, names and filters are those that were given", async () => {
    const room = makeRoom()
    await room.pool("p", [{ x: 1 }])
    const server = await startServing(room, [
      "--max-body-bytes",
      "64",
      "--max-pool-bytes",
      "70000",
      "--max-pools",
      "2",
      "--no-server-where",
      "--cors-origin",
      " https://page.example/ ",
      "--allow-host",
      "pools.example"
    ])
    const base = `http://${server.listen}`
    assert.strictEqual((await ask(`${base}/v0/pools/p/append`, { body: { data: { x: "y".repeat(64) } } })).status, 413)
    const create = (size_bytes: number, pool: string) => ask(`${base}/v0/pools`, { body: { pool, size_bytes } })
    assert.match((await create(80_000, "big")).body, /--max-pool-bytes/)
    assert.include([200, 201], (await create(65_536, "second")).status)
    assert.match((await create(65_536, "third")).body, /--max-pools/)
    assert.strictEqual((await ask(`${base}/v0/pools/p/tail?where=true&timeout_ms=0`)).status, 400)
    const origin = await ask(`${base}/v0/pools`, { headers: { origin: "https://page.example" } })
    assert.strictEqual(origin.headers["access-control-allow-origin"], "https://page.example")
    assert.strictEqual((await ask(`${base}/v0/pools`, { headers: { host: "pools.example" } })).status, 200)
    assert.strictEqual((await ask(`${base}/v0/pools`, { headers: { host: "evil.example" } })).status, 403)
  })

  it("[::1] and localhost are addresses", async () => {
    const room = makeRoom()
    assert.match((await startServing(room, ["--bind", "localhost:0"])).listen, /^127\.0\.0\.1:\d+$/)
    const six = await startServing(room, ["--bind", "[0:0:0:0:0:0:0:1]:0"])
    assert.match(six.listen, /^\[::1\]:\d+$/)
    assert.strictEqual((await ask(`http://${six.listen}/healthz`)).status, 200)
  })
})

describe("the log", () => {
  const logged = async (
    level: string | undefined
  ): Promise<Array<{ level: string; message: string; status?: number }>> => {
    const room = makeRoom()
    await room.pool("p")
    const server = await startServing(room, [], { env: level === undefined ? {} : { PLASMITE_LOG: level } })
    await ask(`http://${server.listen}/v0/pools/p/info`)
    fs.writeFileSync(room.file("broken"), "no pool")
    await ask(`http://${server.listen}/v0/pools/broken/info`)
    server.kill("SIGTERM")
    const { stderr } = succeeded(await server.exited)
    return jsonLines(stderr).flatMap((line) => ("log" in (line as object) ? [(line as { log: never }).log] : []))
  }

  it("info: failures of the server, and its end", async () => {
    const events = await logged(undefined)
    assert.deepStrictEqual(
      events.map(({ level, message }) => [level, message]),
      [
        ["error", "request"],
        ["info", "stopping"]
      ]
    )
    assert.strictEqual(events[0]?.status, 500)
  })

  it("debug: every request; error: failures only", async () => {
    assert.deepStrictEqual(
      (await logged("debug")).map(({ message }) => message),
      ["request", "request", "stopping"]
    )
    assert.deepStrictEqual(
      (await logged("error")).map(({ message }) => message),
      ["request"]
    )
  })
})

describe("the end", () => {
  it("105, 201: SIGTERM and SIGINT end an idle server with 0, within three seconds", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const server = await startServing(makeRoom())
      const startedAt = performance.now()
      server.kill(signal)
      succeeded(await server.exited)
      assert.isBelow(performance.now() - startedAt, 3000)
    }
  })

  it("106: ten open tails end cleanly, within five seconds", async () => {
    const room = makeRoom()
    await room.pool("p", [{ x: 1 }])
    const server = await startServing(room)
    const begun: Array<http.IncomingMessage> = []
    const tails = Array.from({ length: 10 }, () => {
      return new Promise<string>((resolve, reject) => {
        const request = http.get(`http://${server.listen}/v0/pools/p/tail`, { agent: false }, (response) => {
          let text = ""
          begun.push(response)
          response.on("data", (chunk: Buffer) => (text += chunk.toString()))
          response.on("error", reject)
          response.on("end", () => (response.complete ? resolve(text) : reject(new Error("cut off"))))
        })
        request.on("error", reject)
      })
    })
    await eventually("all tails are open", () => begun.length === tails.length)
    const startedAt = performance.now()
    server.kill("SIGTERM")
    for (const text of await Promise.all(tails)) assert.strictEqual(messages(text.trim() === "" ? "" : text)[0]?.seq, 1)
    succeeded(await server.exited)
    assert.isBelow(performance.now() - startedAt, 5000)
  })

  it("108: connections that say nothing do not delay it", async () => {
    const server = await startServing(makeRoom())
    const dropped = net.connect(server.port, "127.0.0.1")
    await new Promise((resolve) => dropped.once("connect", resolve))
    dropped.destroy()
    const silent = net.connect(server.port, "127.0.0.1")
    await new Promise((resolve) => silent.once("connect", resolve))
    silent.on("error", () => undefined)
    const startedAt = performance.now()
    server.kill("SIGTERM")
    succeeded(await server.exited)
    assert.isBelow(performance.now() - startedAt, 3000)
  })

  it("D-16: a second signal ends it at once", async () => {
    const room = makeRoom()
    await room.pool("p")
    const server = await startServing(room)
    // A request that does not come to its end keeps the server waiting.
    const slow = net.connect(server.port, "127.0.0.1")
    slow.on("error", () => undefined)
    slow.write(
      "POST /v0/pools/p/append HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"
    )
    await sleep(200)
    server.kill("SIGTERM")
    await eventually("it has begun to stop", () => server.stderr().includes("stopping"))
    assert.isTrue(server.isRunning())
    const startedAt = performance.now()
    server.kill("SIGTERM")
    assert.strictEqual((await server.exited).signal, "SIGTERM")
    assert.isBelow(performance.now() - startedAt, 1000)
  })
})
