// Certificates: what a server does with those it is given, with those it makes, and with new ones while it runs. Every
// connection is a real handshake that trusts exactly one certificate.
import { spawn, spawnSync } from "node:child_process"
import { X509Certificate } from "node:crypto"
import * as fs from "node:fs"
import * as https from "node:https"
import * as net from "node:net"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import * as tls from "node:tls"
import { assert, describe, it } from "vitest"
import { makeCertificate } from "../../cli/serve/certificate.js"
import { saysAuthority } from "../../cli/serve/secrets.js"
import { failed, oneLine, succeeded } from "./answers.js"
import { baseEnvironment, eventually, programs } from "./harness.js"
import { makeRoom, type Room } from "./room.js"
import { ask, networkAddress, startServing } from "./serving.js"
import * as Terminal from "./terminal.js"

interface Files {
  readonly token: string
  readonly cert: string
  readonly key: string
}

const init = async (room: Room, directory: string, ...options: ReadonlyArray<string>): Promise<Files> => {
  succeeded(await room.run(["serve", "init", "--output-dir", directory, ...options]))
  const at = (name: string): string => path.join(room.home, directory, name)
  return { token: at("plasmite-auth-token.txt"), cert: at("plasmite-tls-cert.pem"), key: at("plasmite-tls-key.pem") }
}

const pair = ({ cert, key }: Files): ReadonlyArray<string> => ["--tls-cert", cert, "--tls-key", key]

/** A certificate that openssl makes, with these further arguments. */
const byOpenssl = (room: Room, name: string, ...options: ReadonlyArray<string>): Files => {
  const files = { token: "", cert: path.join(room.home, `${name}.pem`), key: path.join(room.home, `${name}.key`) }
  const result = spawnSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      `/CN=${name}`,
      "-out",
      files.cert,
      "-keyout",
      files.key,
      ...options
    ],
    { encoding: "utf8" }
  )
  assert.strictEqual(result.status, 0, result.stderr)
  fs.chmodSync(files.key, 0o600)
  return files
}

describe("a certificate that is made", () => {
  it("100: is for a server, no authority, version 3, with every name", async () => {
    const names = ["localhost", "127.0.0.1", "::1", networkAddress(), "pools.example.org"]
    const now = new Date()
    const { cert, key } = await makeCertificate(names, now)
    const leaf = new X509Certificate(cert)
    assert.isFalse(leaf.ca)
    // Basic constraints, critical, and nothing in them. Node's `ca` would be false for the use of the key alone.
    assert.include(leaf.raw.toString("hex"), "0603551d130101ff04023000")
    assert.isFalse(saysAuthority(leaf))
    assert.isTrue(leaf.verify(leaf.publicKey))
    assert.strictEqual(leaf.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1")
    // The version stands first in the signed part, under a tag of its own: a 2 means 3.
    assert.match(leaf.raw.toString("hex"), /^3082....3082....a003020102/)
    assert.isAtMost(Date.parse(leaf.validFrom), now.getTime() - 24 * 3600 * 1000)
    assert.closeTo(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom), 825 * 24 * 3600 * 1000, 1000)
    for (const name of names) assert.isDefined(net.isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name), name)
    assert.isUndefined(leaf.checkHost("evil.example"))
    assert.doesNotThrow(() => tls.createSecureContext({ cert, key }))
  })

  it("has a serial number of 128 random bits, never negative", async () => {
    const serials = new Set<string>()
    for (let index = 0; index < 16; index++) {
      const { cert } = await makeCertificate(["localhost"], new Date())
      const { serialNumber } = new X509Certificate(cert)
      assert.match(serialNumber, /^[0-9A-F]{28,32}$/)
      serials.add(serialNumber)
    }
    assert.strictEqual(serials.size, 16)
  })
})

describe("--tls-cert and --tls-key", () => {
  it("93: a client that trusts exactly that certificate is served, another is not", async () => {
    const room = makeRoom()
    const files = await init(room, "tls")
    const other = await init(room, "other")
    const server = await startServing(room, pair(files))
    for (const host of ["127.0.0.1", "localhost"]) {
      const url = `https://${host}:${server.port}/healthz`
      const ca = fs.readFileSync(files.cert, "utf8")
      assert.deepInclude(await ask(url, { ca }), { status: 200, body: '{"ok":true}' })
      const refusal = await ask(url, { ca: fs.readFileSync(other.cert, "utf8") }).catch((error: unknown) => error)
      assert.instanceOf(refusal, Error)
    }
  })

  it("102, 117, 195: check knows the fingerprint", async () => {
    const room = makeRoom()
    const files = await init(room, "tls")
    const { check } = oneLine<{ check: Record<string, unknown> }>(
      succeeded(await room.run(["serve", ...pair(files), "check", "--json"])).stdout
    )
    const der = new X509Certificate(fs.readFileSync(files.cert)).fingerprint256
    assert.deepInclude(check, { status: "valid", tls: "enabled", tls_fingerprint: `SHA256:${der}`, warnings: [] })
    assert.match(String(check["tls_fingerprint"]), /^SHA256:([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    assert.strictEqual(check["base_url"], "https://127.0.0.1:9700")
    assert.strictEqual(check["mcp"], "https://127.0.0.1:9700/mcp")
  })

  it("101: an authority's certificate is worth a warning, whatever its key may do", async () => {
    const room = makeRoom()
    const files = byOpenssl(
      room,
      "authority",
      "-days",
      "2",
      "-addext",
      "basicConstraints=critical,CA:TRUE",
      "-addext",
      "keyUsage=digitalSignature"
    )
    assert.isFalse(new X509Certificate(fs.readFileSync(files.cert)).ca)
    const { check } = oneLine<{ check: { warnings: Array<string> } }>(
      succeeded(await room.run(["serve", ...pair(files), "check"])).stdout
    )
    assert.match(check.warnings.join("\n"), /CA:TRUE/)
    const text = succeeded(await room.run(["serve", ...pair(files), "check", "--no-json"])).stdout
    assert.match(text, /warning: .*CA:TRUE/)
  })

  it("a key or a token that everybody can read is worth a warning", async () => {
    const room = makeRoom()
    const files = await init(room, "tls")
    fs.chmodSync(files.key, 0o644)
    fs.chmodSync(files.token, 0o604)
    const outcome = await room.run(["serve", ...pair(files), "--token-file", files.token, "check"])
    const { warnings } = oneLine<{ check: { warnings: Array<string> } }>(succeeded(outcome).stdout).check
    assert.deepStrictEqual(
      warnings.map((warning) => [files.key, files.token].find((file) => warning.includes(file))),
      [files.token, files.key]
    )
  })

  it("what cannot be used is refused with its path, by a start and by check", async () => {
    const room = makeRoom()
    const one = await init(room, "one")
    const two = await init(room, "two")
    const text = room.write("text.pem", "no certificate at all")
    const broken = room.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    const longAgo = await makeCertificate(["localhost"], new Date("2020-01-01"))
    const expired = { cert: room.write("expired.pem", longAgo.cert), key: room.write("expired.key", longAgo.key) }
    for (const [cert, key, kind, at, message] of [
      ["nowhere.pem", one.key, "Io", path.join(room.home, "nowhere.pem"), /cannot read/],
      [broken, one.key, "Io", broken, /cannot be read/],
      [text, one.key, "Usage", text, /no certificate/],
      [one.cert, text, "Usage", text, /no private key/],
      [one.cert, two.key, "Usage", two.key, /is not that of/],
      [expired.cert, expired.key, "Usage", expired.cert, /has expired/]
    ] as const) {
      const options = ["serve", "--bind", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key]
      const start = failed(await room.run(options), kind)
      assert.strictEqual(start.path, at)
      assert.match(start.message, message)
      assert.deepStrictEqual(failed(await room.run([...options, "check"]), kind), start)
    }
  })
})

describe("--tls-self-signed", () => {
  it("D-20: writes the certificate, and no key, where it says; clients that trust it are served", async () => {
    const room = makeRoom()
    const tokenFile = room.write("token", "sesame")
    fs.chmodSync(tokenFile, 0o600)
    const server = await startServing(room, [
      "--bind",
      "0.0.0.0:0",
      "--allow-non-loopback",
      "--token-file",
      tokenFile,
      "--tls-self-signed",
      "--san",
      "pools.example"
    ])
    await eventually("the notice is there", () => server.stderr().endsWith("\n"))
    const { details } = oneLine<{ notice: { details: Record<string, string> } }>(server.stderr()).notice
    const certFile = path.join(room.home, "plasmite-self-signed-cert.pem")
    assert.strictEqual(details["tls_cert"], certFile)
    const ca = fs.readFileSync(certFile, "utf8")
    assert.notInclude(ca, "PRIVATE")
    const leaf = new X509Certificate(ca)
    assert.strictEqual(details["tls_fingerprint"], `SHA256:${leaf.fingerprint256}`)
    for (const name of ["localhost", os.hostname(), `${os.hostname()}.local`, "pools.example"]) {
      assert.isDefined(leaf.checkHost(name), name)
    }
    for (const host of ["127.0.0.1", networkAddress()]) {
      assert.strictEqual((await ask(`https://${host}:${server.port}/healthz`, { ca })).status, 200)
    }
  })

  it("--tls-cert-out chooses the place; a start that fails leaves it alone", async () => {
    const room = makeRoom()
    const out = path.join(room.home, "sub", "cert.pem")
    const server = await startServing(room, ["--tls-self-signed", "--tls-cert-out", out])
    const ca = fs.readFileSync(out, "utf8")
    const again = await room.run(["serve", "--bind", server.listen, "--tls-self-signed", "--tls-cert-out", out])
    failed(again, "Io")
    assert.strictEqual(fs.readFileSync(out, "utf8"), ca)
    assert.strictEqual((await ask(`https://${server.listen}/healthz`, { ca })).status, 200)
  })

  it("check makes nothing and has no fingerprint to show", async () => {
    const room = makeRoom()
    const { check } = oneLine<{ check: Record<string, unknown> }>(
      succeeded(await room.run(["serve", "--tls-self-signed", "check"])).stdout
    )
    assert.deepInclude(check, { tls: "self-signed", tls_fingerprint: null })
    assert.deepStrictEqual(fs.readdirSync(room.home), ["pools"])
  })
})

describe("D-28: SIGHUP", () => {
  it("reads token and certificate anew; what is open stays open", async () => {
    const room = makeRoom()
    await room.pool("p", [{ x: 1 }])
    const files = await init(room, "tls")
    const fresh = await init(room, "fresh")
    const server = await startServing(room, [...pair(files), "--token-file", files.token])
    const url = `https://${server.listen}/v0/pools`
    const bearer = (file: string) => ({ authorization: `Bearer ${fs.readFileSync(file, "utf8").trim()}` })
    const oldHeaders = bearer(files.token)
    const oldCa = fs.readFileSync(files.cert, "utf8")
    assert.strictEqual((await ask(url, { ca: oldCa, headers: oldHeaders })).status, 200)

    let tail = ""
    const following = new Promise<void>((resolve, reject) => {
      const request = https.get(`${url}/p/tail?max=2`, { ca: oldCa, headers: oldHeaders, agent: false }, (response) => {
        response.on("data", (chunk: Buffer) => (tail += chunk.toString()))
        response.on("error", reject)
        response.on("end", resolve)
      })
      request.on("error", reject)
    })
    await eventually("the tail is open", () => tail.includes('"seq":1'))
    for (const name of ["token", "cert", "key"] as const) fs.copyFileSync(fresh[name], files[name])
    server.kill("SIGHUP")
    await eventually("it has read them", () => server.stderr().includes("reloaded"))

    const ca = fs.readFileSync(files.cert, "utf8")
    assert.notStrictEqual(ca, oldCa)
    const headers = bearer(files.token)
    assert.strictEqual((await ask(url, { ca, headers })).status, 200)
    assert.strictEqual((await ask(url, { ca, headers: oldHeaders })).status, 401)
    assert.instanceOf(await ask(url, { ca: oldCa, headers }).catch((error: unknown) => error), Error)
    await room.fill("p", [{ x: 2 }])
    await following
    assert.include(tail, '"seq":2')
    assert.notInclude(server.stderr(), headers.authorization.slice(7))
  })

  it("what cannot be used changes nothing, and is told", async () => {
    const room = makeRoom()
    const files = await init(room, "tls")
    const other = await init(room, "other")
    const server = await startServing(room, [...pair(files), "--token-file", files.token])
    const ca = fs.readFileSync(files.cert, "utf8")
    const headers = { authorization: `Bearer ${fs.readFileSync(files.token, "utf8").trim()}` }
    // A new token would be good, but the key is not that of the certificate: all or nothing.
    fs.copyFileSync(other.token, files.token)
    fs.copyFileSync(other.key, files.key)
    server.kill("SIGHUP")
    await eventually("it has tried", () => server.stderr().includes("reload failed"))
    assert.match(server.stderr(), /"level":"error".*is not that of/)
    assert.strictEqual((await ask(`https://${server.listen}/v0/pools`, { ca, headers })).status, 200)
  })

  it("without files there is nothing to read, and the server stays", async () => {
    const server = await startServing(makeRoom())
    server.kill("SIGHUP")
    await eventually("it has answered", () => server.stderr().includes("reloaded"))
    assert.strictEqual((await ask(`http://${server.listen}/healthz`)).status, 200)
  })
})

describe("SIGHUP on a terminal", () => {
  it("is a reload while the terminal is there, and the end when it is gone", async () => {
    const room = makeRoom()
    const terminal = Terminal.open()
    const [program, ...words] = programs.pls
    const child = spawn(program!, [...words, "serve", "--bind", "127.0.0.1:0", "--dir", room.dir], {
      stdio: ["ignore", "ignore", terminal.childEnd],
      env: baseEnvironment(room.home)
    })
    const ended = new Promise<unknown>((resolve) => child.once("exit", (_code, signal) => resolve(signal)))
    try {
      terminal.closeChildEnd()
      await eventually("the block is there", () => terminal.text().includes("Stop with"))
      child.kill("SIGHUP")
      await eventually("it has read its files", () => terminal.text().includes("INFO reloaded"))
      terminal.close()
      await terminal.ended
      child.kill("SIGHUP")
      assert.strictEqual(await Promise.race([ended, sleep(5000, "still running")]), "SIGHUP")
    } finally {
      child.kill("SIGKILL")
    }
  })
})

describe("108: a TLS connection that was dropped", () => {
  it("does not delay the end", async () => {
    const room = makeRoom()
    const files = await init(room, "tls")
    const server = await startServing(room, pair(files))
    const raw = net.connect(server.port, "127.0.0.1")
    await new Promise((resolve) => raw.once("connect", resolve))
    const shaken = tls.connect({ port: server.port, host: "127.0.0.1", ca: fs.readFileSync(files.cert) })
    await new Promise((resolve) => shaken.once("secureConnect", resolve))
    shaken.on("error", () => undefined)
    raw.on("error", () => undefined)
    const startedAt = performance.now()
    server.kill("SIGTERM")
    succeeded(await server.exited)
    assert.isBelow(performance.now() - startedAt, 3000)
  })
})
