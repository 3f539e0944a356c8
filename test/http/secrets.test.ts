/**
 * Token and certificate of a server that runs, replaced: both or none, and nobody who is connected notices.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { X509Certificate } from "node:crypto"
import * as https from "node:https"
import * as tls from "node:tls"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { makeCertificate, type MadeCertificate } from "../../cli/serve/certificate.js"
import * as PoolServer from "../../http/PoolServer.js"
import * as MemoryPools from "../../layers/MemoryPools.js"

let scope: Scope.CloseableScope
beforeEach(() => {
  scope = Effect.runSync(Scope.make())
})
afterEach(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const start = (options: Parameters<typeof PoolServer.make>[0]): Promise<PoolServer.RunningServer> =>
  Effect.runPromise(
    PoolServer.make({ port: 0, ...options }).pipe(Effect.provide(MemoryPools.layer()), Scope.extend(scope))
  )

const statusOf = (url: string, ca: string, token: string, agent?: https.Agent): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    https
      .get(`${url}/v0/pools`, { ca, headers, agent: agent ?? false }, (response) => {
        response.resume()
        response.on("end", () => resolve(response.statusCode))
      })
      .on("error", reject)
  })

const presented = (port: number, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: "127.0.0.1", ca, maxVersion: "TLSv1.2" }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on("error", reject)
  })

const pair = (): Promise<MadeCertificate> => makeCertificate(["localhost", "127.0.0.1"], new Date())
const fingerprint = ({ cert }: MadeCertificate): string => new X509Certificate(cert).fingerprint256

describe("replaceSecrets", () => {
  it("another token and certificate count from the next request and connection on", async () => {
    const [old, fresh] = await Promise.all([pair(), pair()])
    const server = await start({ token: "old", tls: old })
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
    assert.strictEqual(await statusOf(server.url, old.cert, "old", agent), 200)
    await Effect.runPromise(server.replaceSecrets({ token: "new", tls: fresh }))
    // The connection is the old one, the request is new.
    assert.strictEqual(await statusOf(server.url, old.cert, "new", agent), 200)
    assert.strictEqual(await statusOf(server.url, old.cert, "old", agent), 401)
    agent.destroy()
    assert.strictEqual(await presented(server.port, fresh.cert), fingerprint(fresh))
    assert.strictEqual(await statusOf(server.url, fresh.cert, "new"), 200)
    const stale = await statusOf(server.url, old.cert, "new").catch((error: unknown) => error)
    assert.instanceOf(stale, Error)
    // TLS stays as new as it was.
    const outdated = new Promise((resolve, reject) => {
      tls
        .connect(
          {
            port: server.port,
            host: "127.0.0.1",
            ca: fresh.cert,
            minVersion: "TLSv1",
            maxVersion: "TLSv1.1",
            ciphers: "DEFAULT:@SECLEVEL=0"
          },
          () => resolve("connected")
        )
        .on("error", reject)
    }).catch((error: unknown) => error)
    assert.instanceOf(await outdated, Error)
  })

  it("what cannot be used is Usage, and changes neither", async () => {
    const [old, fresh, third] = await Promise.all([pair(), pair(), pair()])
    const server = await start({ token: "old", tls: old })
    for (const secrets of [
      { token: "new", tls: { cert: fresh.cert, key: third.key } },
      { token: "new", tls: { cert: "no PEM", key: fresh.key } },
      { token: "two words", tls: fresh }
    ]) {
      const exit = await Effect.runPromise(Effect.flip(server.replaceSecrets(secrets)))
      assert.strictEqual(exit.reason, "Usage")
      assert.strictEqual(await presented(server.port, old.cert), fingerprint(old))
      assert.strictEqual(await statusOf(server.url, old.cert, "old"), 200)
    }
  })

  it("a server without a token stays without", async () => {
    const old = await pair()
    const server = await start({ tls: old })
    await Effect.runPromise(server.replaceSecrets({ token: "new" }))
    assert.strictEqual(await statusOf(server.url, old.cert, ""), 200)
  })
})
