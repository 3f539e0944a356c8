// Requests whose first line holds a whole URL (RFC 9112 3.2.2), as bytes on a socket: what is served, and what is not.
import { assert, describe, it } from "vitest"
import { certificate, connected, converse, newest, post, statuses } from "./attack.js"
import { append, createPool, eventually, request, startServer, type TestServer } from "./server.js"

const head = (target: string, host: string | undefined, rest = "", method = "GET"): string =>
  `${method} ${target} HTTP/1.1\r\n${host === undefined ? "" : `host: ${host}\r\n`}${rest}connection: close\r\n\r\n`

const ask = (server: TestServer, target: string, host: string | undefined, rest?: string, method?: string) =>
  converse(server, head(target, host, rest, method))

const body = (said: string): string => said.slice(said.indexOf("\r\n\r\n") + 4)

const authorityOf = ({ port }: TestServer): string => `127.0.0.1:${port}`

describe("a target in absolute form", () => {
  it("is answered as its path is", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, "p", { n: 1 })
    const own = authorityOf(server)
    for (const path of [
      "/healthz",
      "/v0/pools/p/messages/1",
      "/v0/pools/p/tail?follow=false&max=1",
      "/v0/pools/%70/messages/1?",
      "/nowhere"
    ]) {
      const plain = await ask(server, path, own)
      for (const scheme of ["http", "HTTP"]) {
        const absolute = await ask(server, `${scheme}://${own}${path}`, own)
        assert.deepStrictEqual([statuses(absolute), body(absolute)], [statuses(plain), body(plain)], path)
      }
    }
    const said = await converse(server, post(`http://127.0.0.1/v0/pools/p/append`, '{"data":{"n":2}}'))
    assert.deepStrictEqual(statuses(said), [200], said)
    assert.strictEqual(await newest(server), 2)
    assert.deepStrictEqual(statuses(await ask(server, `http://${own}/v0/pools/p/append`, own)), [405])
  })

  it("may leave out its path, which is the root, and for OPTIONS the server as a whole", async () => {
    const server = await startServer()
    const own = authorityOf(server)
    for (const [method, absolute, plain] of [
      ["GET", "", "/"],
      ["GET", "?x=1", "/?x=1"],
      ["OPTIONS", "", "*"],
      ["OPTIONS", "/", "/"]
    ] as const) {
      const said = await ask(server, `http://${own}${absolute}`, own, "", method)
      const expected = await ask(server, plain, own, "", method)
      assert.deepStrictEqual([statuses(said), body(said)], [statuses(expected), body(expected)], method + absolute)
    }
    assert.deepStrictEqual(statuses(await ask(server, "*", own, "", "OPTIONS")), [405])
  })

  it("is judged by the host that it names, also where HTTP/1.0 leaves out the header", async () => {
    const server = await startServer({ allowHosts: ["pools.example"] })
    const old = (authority: string) =>
      converse(server, `GET http://${authority}/v0/pools HTTP/1.0\r\n\r\n`).then((said) => statuses(said)[0])
    assert.strictEqual(await old("127.0.0.1"), 200)
    assert.strictEqual(await old("evil.example"), 403)
    for (const host of ["pools.example", "POOLS.example:80", "localhost", "[::1]:9700", "10.0.0.7"]) {
      assert.deepStrictEqual(statuses(await ask(server, `http://${host}/v0/pools`, host)), [200], host)
    }
    assert.deepStrictEqual(statuses(await ask(server, "http://LocalHost/v0/pools", "localhost")), [200])
  })
})

describe("attacks with a target in absolute form", () => {
  it("a page that rebinds its name is refused as in any other form", async () => {
    const server = await startServer()
    await createPool(server, "p")
    for (const host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "evil.example.", "xlocalhost"]) {
      for (const path of ["/v0/pools", "/healthz", "", "/v0/pools/p/messages/1"]) {
        assert.deepStrictEqual(statuses(await ask(server, `http://${host}${path}`, host)), [403], host + path)
      }
    }
    const origin = "origin: http://evil.example\r\n"
    const said = await converse(server, post("http://127.0.0.1/v0/pools/p/append", '{"data":{}}', origin))
    assert.deepStrictEqual(statuses(said), [403], said)
    assert.strictEqual(await newest(server), 0)
  })

  it("a header host that says otherwise is refused, whichever of the two is ours", async () => {
    const server = await startServer()
    const own = authorityOf(server)
    for (const [authority, host] of [
      ["evil.example", own],
      [own, "evil.example"],
      [own, "127.0.0.1"],
      ["127.0.0.1", own],
      ["127.0.0.1:80", "127.0.0.1"],
      ["localhost", "127.0.0.1"],
      ["localhost.", "localhost"],
      [own, ""]
    ] as const) {
      const said = await ask(server, `http://${authority}/v0/pools`, host)
      assert.deepStrictEqual(statuses(said), [400], `${authority} and ${host}: ${said}`)
      const { error } = JSON.parse(body(said)) as { error: { kind: string; message: string; hint: string } }
      assert.strictEqual(error.kind, "Usage")
      assert.include(error.message, JSON.stringify(authority))
      assert.include(error.message, JSON.stringify(host))
      assert.include(error.hint, "the path alone")
    }
    assert.deepStrictEqual(statuses(await ask(server, `http://${own}/v0/pools`, undefined)), [400])
    assert.deepStrictEqual(statuses(await ask(server, `http://${own}/v0/pools`, own, "host: evil.example\r\n")), [400])
  })

  it("a token is asked for at the path that it leads to, and names must agree with one, too", async () => {
    const server = await startServer({ token: "t" })
    const own = authorityOf(server)
    const bearer = "authorization: Bearer t\r\n"
    for (const path of ["/v0/pools", "/v0/none", "/mcp"]) {
      assert.deepStrictEqual(statuses(await ask(server, `http://${own}${path}`, own)), [401], path)
    }
    assert.deepStrictEqual(statuses(await ask(server, `http://${own}/v0/pools`, own, bearer)), [200])
    assert.deepStrictEqual(statuses(await ask(server, "http://any.example/v0/pools", "any.example", bearer)), [200])
    assert.deepStrictEqual(statuses(await ask(server, "http://any.example/v0/pools", own, bearer)), [400])
  })

  it("other schemes, users and what names no host are refused, and a password is neither repeated nor logged", async () => {
    const server = await startServer({ logRequests: "all" })
    const own = authorityOf(server)
    for (const target of [
      `ftp://${own}/healthz`,
      `ws://${own}/healthz`,
      `file:///v0/pools`,
      `httpx://${own}/healthz`,
      `http:///healthz`,
      `http://`,
      `http://:80/healthz`,
      `http://${own}:80/healthz`,
      `http://127.0.0.1:/healthz`,
      `http://127.0.0.1:x/healthz`,
      `http://[::1/healthz`,
      `http://[evil.example]/healthz`,
      `http://${own}\\@evil.example/healthz`,
      `http://${own}\\healthz`,
      `http:${own}/healthz`,
      `http:/${own}/healthz`,
      `//${own}`.slice(2),
      `http:///${own}/healthz`
    ]) {
      const said = await ask(server, target, own)
      assert.deepStrictEqual(statuses(said), [400], `${target}: ${said}`)
    }
    for (const user of ["user:hunter2", "hunter2", "", ":hunter2", "127.0.0.1:80@hunter2"]) {
      for (const host of [own, `${user}@${own}`]) {
        const said = await ask(server, `http://${user}@${own}/healthz`, host)
        assert.deepStrictEqual(statuses(said), [400], `${user}: ${said}`)
        assert.include(said, "holds user information")
        assert.notInclude(said, "hunter2")
      }
    }
    await eventually("the last request is logged", () => server.logs.some((line) => line.includes("/healthz")))
    assert.notInclude(server.logs.join("\n"), "hunter2")
  })

  it("no spelling of the path leads elsewhere than the path alone does", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const own = authorityOf(server)
    for (const path of [
      "//v0/pools",
      `/http://${own}/v0/pools`,
      `//${own}/v0/pools`,
      "/../v0/pools",
      "/v0/../v0/pools",
      "/./v0/pools",
      "/v0/pools/../../healthz",
      "/v0/pools/..%2foutside/info",
      "/v0/pools/%2e%2e/info",
      "/v0/pools/p/info#/healthz",
      "/healthz#",
      "/%2fhealthz",
      "/healthz%3fx",
      "/v0/pools/p\\info",
      "/V0/pools",
      "/healthz?http://evil.example/"
    ]) {
      const plain = await ask(server, path, own)
      const absolute = await ask(server, `http://${own}${path}`, own)
      assert.deepStrictEqual([statuses(absolute), body(absolute)], [statuses(plain), body(plain)], path)
    }
    assert.notDeepEqual(statuses(await ask(server, `http://${own}#/healthz`, own)), [200])
    // An asterisk is no slash.
    for (const target of ["*healthz", "*/healthz", "*v0/pools", "**"]) {
      for (const method of ["GET", "OPTIONS"]) {
        assert.deepStrictEqual(statuses(await ask(server, target, own, "", method)), [404], `${method} ${target}`)
      }
    }
  })

  it("the scheme of the other kind of connection is misdirected, with TLS and without", async () => {
    const { cert, key } = certificate()
    const secure = await startServer({ tls: { cert, key } })
    const plain = await startServer()
    const over = (server: TestServer, ca: string | undefined, scheme: string) =>
      converse(server, head(`${scheme}://${authorityOf(server)}/healthz`, authorityOf(server)), 5000, ca)
    assert.deepStrictEqual(statuses(await over(secure, cert, "https")), [200])
    assert.deepStrictEqual(statuses(await over(plain, undefined, "http")), [200])
    for (const said of [await over(secure, cert, "http"), await over(plain, undefined, "https")]) {
      assert.deepStrictEqual(statuses(said), [421], said)
      assert.strictEqual((JSON.parse(body(said)) as { error: { kind: string } }).error.kind, "Usage")
    }
  })

  it("a refused target costs no more than its request: the next one of the connection is answered", async () => {
    const server = await startServer()
    const own = authorityOf(server)
    const kept = (target: string): string => `GET ${target} HTTP/1.1\r\nhost: ${own}\r\n\r\n`
    const socket = await connected(server, kept("http://evil.example/") + kept(`http://${own}/healthz`))
    let said = ""
    socket.on("data", (piece: Buffer) => (said += piece.toString("latin1")))
    await eventually("both are answered", () => statuses(said).length === 2)
    assert.deepStrictEqual(statuses(said), [400, 200])
    socket.destroy()
    assert.strictEqual((await request(server, "/healthz")).status, 200)
  })
})
