/**
 * Pools behind a server: appends beside the least that `node:http` can do for a request, bodies of many messages, the same
 * over TLS; and a crowd of tails that one writer feeds, of which none may miss a message.
 */
import * as Effect from "effect/Effect"
import { makeCertificate } from "../certificate.js"
import { nowMicros } from "../clock.js"
import type { Entry, Sample } from "../Entry.js"
import { startLoad, startServer, startTails } from "../httpProcesses.js"
import { sleep, tinyText } from "../messages.js"
import { mebibyte, openPools } from "../pools.js"
import { quantile } from "../statistics.js"

const connections = 16
const millis = 250
const body = `{"data":${tinyText}}`
const messagesPerBody = 100
const single = { path: "/v0/pools/p/append", mediaType: "application/json", body, millis }
const many = { ...single, mediaType: "application/x-ndjson", body: `${body}\n`.repeat(messagesPerBody) }

export const http: Entry = {
  name: "HTTP",
  roundsFactor: 2,
  rows: [
    {
      name: "HTTP append",
      what: "`POST append` of one tiny message, against bare `node:http`",
      unit: "messages/s",
      yardstick: "a server that reads the body and answers as much",
      figure: "ratio",
      direction: "at least",
      bar: 0.6,
      aim: 0.85
    },
    {
      name: "HTTP NDJSON",
      what: "`POST append` of 100 tiny messages as NDJSON",
      unit: "messages/s",
      figure: "ours",
      direction: "at least",
      bar: 150_000,
      aim: 300_000
    },
    {
      name: "HTTP append TLS",
      what: "`POST append` of one tiny message over TLS, against without",
      unit: "messages/s",
      yardstick: "the same without TLS",
      figure: "ratio",
      direction: "at least",
      bar: 0.5,
      aim: 0.7
    }
  ],
  open: async ({ directory }) => {
    const pools = await openPools(directory)
    await pools.open("p")
    await pools.close()
    const tls = await makeCertificate()
    const servers = [await startServer({ directory }), await startServer({}), await startServer({ directory, tls })]
    const [ours, bare, encrypted] = await Promise.all([
      startLoad({ port: servers[0]!.port, connections }),
      startLoad({ port: servers[1]!.port, connections }),
      startLoad({ port: servers[2]!.port, connections, ca: tls.cert })
    ])
    const round = async (): Promise<Readonly<Record<string, Sample>>> => {
      const theirs = await bare.rate(single)
      const plain = await ours.rate(single)
      const overTls = await encrypted.rate(single)
      const bodies = await ours.rate(many)
      return {
        "HTTP append": { ours: plain, yardstick: theirs },
        "HTTP NDJSON": { ours: bodies * messagesPerBody },
        "HTTP append TLS": { ours: overTls, yardstick: plain }
      }
    }
    for (const load of [bare, ours, encrypted]) await load.rate({ ...single, millis: 800 })
    await ours.rate(many)
    return {
      round,
      close: async () => {
        for (const process of [ours, bare, encrypted, ...servers]) await process.close()
      }
    }
  }
}

const crowd = 500
const messages = 20
const pauseMillis = 50

export const tails: Entry = {
  name: "tails",
  rows: [
    {
      name: "tails p99",
      what: `append → each of ${crowd} tails over HTTP, p99, none missing a message`,
      unit: "ms",
      figure: "ours",
      direction: "at most",
      bar: 250,
      aim: 100
    },
    {
      name: "tails memory",
      what: `memory in use by the server after ${crowd} tails, beside before`,
      unit: "MiB",
      yardstick: "before",
      figure: "difference",
      direction: "at most",
      bar: 4,
      aim: 1
    }
  ],
  open: async ({ directory }) => {
    const pools = await openPools(directory)
    const pool = await pools.open("p", { sizeBytes: 8 * mebibyte })
    const server = await startServer({ directory, maxTails: crowd })
    const readers = await startTails()
    const measure = async (): Promise<Readonly<Record<string, Sample>>> => {
      const before = await server.usedMebibytes()
      const delivered = await readers.open({ port: server.port, tails: crowd, messages })
      for (let index = 0; index < messages; index++) {
        await Effect.runPromise(pool.append({ sent: nowMicros() }))
        await sleep(pauseMillis)
      }
      const { faulty, millis, received } = await delivered()
      if (faulty > 0 || received !== crowd * messages) {
        throw new Error(`${faulty} of ${crowd} tails missed a message; ${received} of ${crowd * messages} arrived`)
      }
      await sleep(100)
      const after = await server.usedMebibytes()
      return { "tails p99": { ours: quantile(millis, 0.99) }, "tails memory": { ours: after, yardstick: before } }
    }
    // A heap grows to what it needs, once.
    await measure()
    await measure()
    return {
      round: measure,
      close: async () => {
        await readers.close()
        await server.close()
        await pools.close()
      }
    }
  }
}
