// Attacks within the protocol: names that lead elsewhere, pages that pretend, payloads that lie, words that are code.
import * as fs from "node:fs"
import * as https from "node:https"
import * as net from "node:net"
import * as path from "node:path"
import { connect as connectTls } from "node:tls"
import { assert, describe, it } from "vitest"
import { certificate, converse, newest, seeded, statuses } from "./attack.js"
import { append, createPool, freshDirectory, refused, request, startServer, type TestServer } from "./server.js"

const json = { "content-type": "application/json" }
const payloadType = { "content-type": "application/x-plasmite-lite3" }

const filesBelow = (directory: string): Array<string> =>
  fs.readdirSync(directory, { recursive: true }).map(String).sort()

describe("names that lead elsewhere", () => {
  it("no spelling of a path leaves the directory, or tells where it is", async () => {
    const place = freshDirectory()
    const server = await startServer({ directory: path.join(place, "pools") })
    await createPool(server, "p")
    fs.copyFileSync(path.join(place, "pools/p.plasmite"), path.join(place, "outside.plasmite"))
    fs.mkdirSync(path.join(place, "pools/inner"))
    fs.copyFileSync(path.join(place, "pools/p.plasmite"), path.join(place, "pools/inner/deep.plasmite"))
    const before = filesBelow(place)
    const names = [
      "..%2foutside",
      "%2e%2e%2foutside",
      "%2e%2e/outside",
      "..%5coutside",
      "..%255c..%255coutside",
      "%252e%252e%252foutside",
      "..%c0%afoutside",
      "%c0%ae%c0%ae%c0%afoutside",
      "..%ef%bc%8foutside",
      "..%e2%88%95outside",
      "inner%2fdeep",
      "inner%5cdeep",
      encodeURIComponent(path.join(place, "outside.plasmite")),
      "p%00",
      "p%00.plasmite",
      "p%0a",
      "p%0d%0ax:%20y",
      "p%7f",
      "p%c2%85",
      "%ff",
      "%",
      "%2",
      "%ed%a0%80",
      ".",
      "..",
      "%2e",
      "%2E%2e",
      ".plasmite",
      "http:%2f%2f127.0.0.1",
      "a".repeat(5000),
      "%f0%9d%84%9e".repeat(40)
    ]
    const routes = [
      ["GET", "/info", ""],
      ["GET", "/messages/1", ""],
      ["GET", "/tail?max=0", ""],
      ["POST", "/append", '{"data":{}}'],
      ["DELETE", "", ""]
    ] as const
    for (const name of names) {
      for (const [method, suffix, body] of routes) {
        const said = await converse(
          server,
          `${method} /v0/pools/${name}${suffix} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
            `connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`
        )
        const [status] = statuses(said)
        assert.isTrue(status === 400 || status === 404 || status === 405, `${method} ${name}${suffix}: ${said}`)
        assert.notInclude(said, place)
        assert.notMatch(said, /\r\nx: y/i)
      }
    }
    const spelled = [
      "../outside",
      "..\\outside",
      path.join(place, "outside"),
      "p\u0000",
      "",
      ".",
      "..",
      "a/b",
      "\ud800"
    ]
    for (const pool of [...spelled, "x".repeat(201), "\u202e".repeat(90)]) {
      for (const route of ["/v0/pools", "/v0/pools/open"]) {
        refused(await request(server, route, { body: { pool } }), 400, "Usage")
      }
    }
    assert.deepStrictEqual(filesBelow(place), before)
  })

  it("names that only look strange are names", async () => {
    const server = await startServer()
    for (const name of [
      "__proto__",
      "constructor",
      "toString",
      "open",
      "ünï cödé",
      "a%2Fb",
      "-rf",
      "..a",
      "<b>",
      "CON"
    ]) {
      await createPool(server, name)
      assert.strictEqual(await append(server, name, { name }), 1, name)
      const target = `/v0/pools/${encodeURIComponent(name)}`
      const info = (await request(server, `${target}/info`)).json<{ pool: { name: string } }>()
      assert.strictEqual(info.pool.name, name)
      assert.strictEqual((await request(server, target, { method: "DELETE" })).status, 200, name)
    }
    assert.deepStrictEqual(filesBelow(server.directory), [])
  })

  it("a link out of the directory is not served as more than a pool, and errors do not say where it leads", async () => {
    const server = await startServer()
    await createPool(server, "p")
    fs.symlinkSync("/etc/passwd", path.join(server.directory, "secrets.plasmite"))
    for (const target of [
      "/v0/pools/secrets/info",
      "/v0/pools/secrets/messages/1",
      "/v0/pools/secrets/tail",
      "/v0/pools"
    ]) {
      const answer = await request(server, target)
      for (const words of ["root:", "/etc", server.directory]) assert.notInclude(answer.text, words, target)
    }
  })
})

describe("pages that pretend", () => {
  it("85, 86: no spelling of a foreign host or origin passes for ours", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const hosts = [
      "evil.example",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "localhost@evil.example",
      "evil.example#.localhost",
      "evil.example/.localhost",
      "evil.example\\.localhost",
      "evil.example:80:80",
      "[::1].evil.example",
      "[evil.example]",
      "127.0.0.1 evil.example",
      "127.1.evil",
      "evil.example.",
      "xlocalhost",
      "0x7f.1",
      "2130706433",
      ""
    ]
    for (const host of hosts) {
      const said = await converse(server, `GET /v0/pools HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
      assert.deepStrictEqual(statuses(said), [403], `${host}: ${said}`)
    }
    const twice = await converse(
      server,
      "GET /v0/pools HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n"
    )
    assert.notInclude(statuses(twice), 500)
    const own = `127.0.0.1:${server.port}`
    const origins = [
      "null",
      "",
      "*",
      `https://${own}`,
      `http://${own}/`,
      `http://${own}.evil.example`,
      `http://evil.example@${own}`,
      `http://${own}, http://evil.example`,
      "http://127.0.0.1",
      "file://"
    ]
    for (const origin of origins) {
      const headers = { ...json, origin }
      for (const [method, target] of [
        ["POST", "/v0/pools/p/append"],
        ["POST", "/v0/pools"],
        ["DELETE", "/v0/pools/p"]
      ] as const) {
        const answer = await request(server, target, { method, body: '{"data":{},"pool":"q"}', headers })
        refused(answer, 403, "Permission")
      }
    }
    assert.strictEqual(await newest(server), 0)
    // What a form can send without being asked.
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const answer = await request(server, "/v0/pools/p/append", { body: "{}", headers: { "content-type": type } })
      refused(answer, 415, "Usage")
    }
  })
})

describe("payloads that lie", () => {
  it("29, 31: damage anywhere in a payload is refused with its kind, or leaves a message that can be read", async () => {
    const server = await startServer()
    await createPool(server, "p", 4 * 1024 * 1024)
    await append(server, "p", { list: [1, "two", { three: [3.5, null, true] }], text: "x".repeat(300) }, ["a", "b"])
    const { bytes } = await request(server, "/v0/pools/p/messages/1/lite3")
    const chance = seeded(7)
    let refusals = 0
    for (let round = 0; round < 400; round++) {
      const damaged = Buffer.from(bytes.subarray(0, round % 3 === 0 ? 1 + chance(bytes.length) : undefined))
      for (let count = 1 + chance(4); count > 0; count--) damaged[chance(damaged.length)] = chance(256)
      const answer = await request(server, "/v0/pools/p/append_lite3", { body: damaged, headers: payloadType })
      if (answer.status === 200) {
        const { seq } = answer.json<{ message: { seq: number } }>().message
        assert.strictEqual((await request(server, `/v0/pools/p/messages/${seq}`)).status, 200)
      } else {
        refused(answer, 400, "Corrupt")
        refusals++
      }
    }
    assert.isAbove(refusals, 150)
    assert.strictEqual((await request(server, "/v0/pools/p/tail?follow=false")).status, 200)
  })

  it("bodies nested, repeated, or named to reach into objects do nothing but what they say", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const evil = ['{"data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":1}}']
    for (const body of evil) {
      const answer = await request(server, "/v0/pools/p/append", { body, headers: json })
      assert.strictEqual(answer.status, 200, answer.text)
      assert.include(answer.text, '"__proto__":{"polluted":1}')
      assert.include((await request(server, "/v0/pools/p/messages/1")).text, '"__proto__":{"polluted":1}')
    }
    const strange = [
      '{"__proto__":{"data":{}}}',
      '{"__proto__":{"data":{}},"tags":[]}',
      '{"__proto__":{"data":{}},"x":1.0}',
      '{"data":{},"tags":{"length":1,"0":"x"}}',
      '{"data":{},"durability":"__proto__"}',
      '{"data":{},"durability":"constructor"}',
      '{"data":["__proto__"]}',
      `${"[".repeat(100_000)}`,
      `{"data":${'{"a":'.repeat(50_000)}{}${"}".repeat(50_000)}}`
    ]
    const lines = { "content-type": "application/x-ndjson" }
    for (const body of strange) {
      refused(await request(server, "/v0/pools/p/append", { body, headers: json }), 400, "Usage")
      // A line has no promise of its own; the query has the one of all.
      if (body.includes("durability")) continue
      refused(await request(server, "/v0/pools/p/append", { body, headers: lines }), 400, "Usage")
    }
    for (const body of [
      '{"__proto__":{"pool":"q"}}',
      '{"pool":{"toString":1}}',
      '{"pool":"q","size_bytes":{"__proto__":1}}'
    ]) {
      refused(await request(server, "/v0/pools", { body, headers: json }), 400, "Usage")
    }
    const query = "__proto__[max]=1&constructor=1&max=0&hasOwnProperty=1"
    assert.strictEqual((await request(server, `/v0/pools/p/tail?${query}`)).status, 200)
    assert.isFalse("polluted" in {})
    assert.strictEqual(await newest(server), 1)
  })

  it("markup in every field comes back as data, never as a page", async () => {
    const server = await startServer()
    const markup = "<script>alert(1)</script>"
    const name = encodeURIComponent("<img src=x onerror=alert(1)>")
    await createPool(server, decodeURIComponent(name))
    await append(
      server,
      decodeURIComponent(name),
      { [markup]: markup, end: "]]>\u2028</script>\r\n\r\nevent: error" },
      [markup]
    )
    const targets = [
      "/v0/pools",
      `/v0/pools/${name}/info`,
      `/v0/pools/${name}/messages/1`,
      `/v0/pools/${name}/messages/${encodeURIComponent(markup)}`,
      `/v0/pools/${encodeURIComponent(`${markup}x`)}/info`,
      `/v0/pools/${name}/tail?max=1`,
      `/v0/pools/${name}/tail?gap_policy=${markup}`,
      `/v0/pools/${name}/tail?since=${encodeURIComponent(markup)}`,
      `/v0/ui/pools/${name}/events?max=1`,
      `/${markup}`
    ]
    for (const target of targets) {
      const answer = await request(server, target)
      assert.match(answer.headers["content-type"] ?? "", /^(application\/(json|jsonl)|text\/event-stream)$/, target)
      assert.strictEqual(answer.headers["x-content-type-options"], "nosniff")
    }
    const events = await request(server, `/v0/ui/pools/${name}/events?max=1`)
    assert.strictEqual(events.text.split("\n").filter((line) => line.startsWith("event:")).length, 1)
  })
})

describe("one for all", () => {
  it("of appends that arrive together each gets its own answer, and none takes another along", async () => {
    const server = await startServer()
    await createPool(server, "p", 32_768)
    const bodies = [
      '{"data":{"n":1}}',
      `{"data":{"huge":"${"x".repeat(40_000)}"}}`,
      '{"data":{"n":2},"durability":"flush"}',
      '{"data":{"n":3},"tags":["a"]}',
      '{"data":1}',
      "{"
    ]
    const answers = await Promise.all(
      Array.from({ length: 48 }, (_, index) =>
        request(server, "/v0/pools/p/append", { body: bodies[index % 6]!, headers: json })
      )
    )
    const seqs: Array<number> = []
    for (const [index, answer] of answers.entries()) {
      if (index % 6 === 1 || index % 6 > 3) refused(answer, 400, "Usage")
      else {
        const { message } = answer.json<{ message: { seq: number; data: { n: number } } }>()
        assert.strictEqual(message.data.n, [1, 0, 2, 3][index % 6])
        seqs.push(message.seq)
      }
    }
    seqs.sort((left, right) => left - right)
    assert.deepStrictEqual(
      seqs,
      Array.from({ length: 24 }, (_, index) => index + 1)
    )
  })
})

const healthOverTls = ({ port }: TestServer, ca: string): Promise<number> =>
  new Promise((resolve, reject) => {
    https
      .get({ host: "127.0.0.1", port, path: "/healthz", ca, agent: false }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode ?? 0))
      })
      .on("error", reject)
  })

describe("TLS", () => {
  it("93, 107, 108: bad handshakes cost themselves only; what was opened and dropped does not delay the end", async () => {
    const tls = certificate()
    const server = await startServer({ tls })
    assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/)
    assert.strictEqual(await healthOverTls(server, tls.cert), 200)
    const noise = ["GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\u0002\u0000\u0001", Buffer.alloc(3000, 0x16), ""]
    for (const content of noise) {
      await new Promise<void>((resolve) => {
        const socket = net.connect(server.port, "127.0.0.1", () => socket.end(content))
        socket.on("error", () => undefined).resume()
        socket.on("close", () => resolve())
      })
    }
    const old = await new Promise<string>((resolve) => {
      const socket = connectTls({
        port: server.port,
        host: "127.0.0.1",
        ca: tls.cert,
        maxVersion: "TLSv1.1",
        minVersion: "TLSv1"
      })
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "failed"))
      socket.on("secureConnect", () => resolve("connected"))
    })
    assert.notStrictEqual(old, "connected")
    assert.strictEqual(await healthOverTls(server, tls.cert), 200)
    const dropped = connectTls({ port: server.port, host: "127.0.0.1", ca: tls.cert })
    await new Promise((resolve) => dropped.once("secureConnect", resolve))
    dropped.destroy()
    // One idle after its handshake, one that never began it.
    const idle = connectTls({ port: server.port, host: "127.0.0.1", ca: tls.cert })
    idle.on("error", () => undefined)
    await new Promise((resolve) => idle.once("secureConnect", resolve))
    const silent = net.connect(server.port, "127.0.0.1")
    silent.on("error", () => undefined)
    await new Promise((resolve) => silent.once("connect", resolve))
    const startedAt = performance.now()
    await server.stop()
    assert.isBelow(performance.now() - startedAt, 3000)
    idle.destroy()
    silent.destroy()
  })
})
