/** NATS JetStream with a stream on disk, through the text protocol; two servers of our own, for the two modes. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import { createServer } from "node:net"
import * as path from "node:path"
import { batchSize, tinyText } from "../messages.js"
import { hasProgram, kept, terminated } from "../processes.js"
import { type AnswerReader, Conversation, patiently } from "./Conversation.js"
import { type OpenPeer, type Peer, readCount } from "./Peer.js"

interface Delivery {
  readonly subject: string
  readonly body: string
}

/** One thing that the server says: a delivery, or a line (`PING`, `PONG`, `-ERR …`) as a delivery without body. */
const readDelivery: AnswerReader<Delivery> = (bytes, from) => {
  const lineEnd = bytes.indexOf("\r\n", from)
  if (lineEnd < 0) return undefined
  const line = bytes.toString("latin1", from, lineEnd)
  if (!line.startsWith("MSG ")) return { answer: { subject: line, body: "" }, end: lineEnd + 2 }
  const words = line.split(" ")
  const start = lineEnd + 2
  const length = Number(words.at(-1))
  if (bytes.length < start + length + 2) return undefined
  return {
    answer: { subject: words[1]!, body: bytes.toString("utf8", start, start + length) },
    end: start + length + 2
  }
}

const subject = "m"
const inbox = "_INBOX.bench"

export const publication = (to: string, text: string, reply = ""): string =>
  `PUB ${to} ${reply === "" ? "" : `${reply} `}${Buffer.byteLength(text)}\r\n${text}\r\n`

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })

/** Since 2.10 it can be told when to sync, without which there is nothing to compare. */
const missing = (): string | undefined => {
  if (!hasProgram("nats-server")) return "nats-server is not installed"
  const { stdout } = spawnSync("nats-server", ["--version"], { encoding: "utf8" })
  const [version = "unknown", major = "0", minor = "0"] = /(\d+)\.(\d+)[.\d]*/.exec(stdout) ?? []
  return Number(major) > 2 || (major === "2" && Number(minor) >= 10)
    ? undefined
    : `nats-server ${version} is too old to be told when to sync; 2.10 can be`
}

export interface NatsServer {
  readonly port: number
  readonly process: ChildProcess
}

export const startNats = async (directory: string, syncInterval: string): Promise<NatsServer> => {
  const port = await freePort()
  const config = path.join(directory, `nats-${port}.conf`)
  const store = path.join(directory, `nats-${port}`)
  fs.writeFileSync(config, `jetstream { store_dir: "${store}", sync_interval: ${syncInterval} }\n`)
  const process = kept(spawn("nats-server", ["-c", config, "-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" }))
  return { port, process }
}

/** A server that hears nothing for a while asks whether anybody is there. */
const replyToPing = ({ subject }: Delivery): string | undefined => (subject === "PING" ? "PONG\r\n" : undefined)

/** A connection that has said hello; the greeting of the server is taken. */
export const connectNats = async (
  port: number,
  unasked?: (delivery: Delivery) => void
): Promise<Conversation<Delivery>> => {
  const address = { host: "127.0.0.1", port }
  const nats = await patiently(() => Conversation.open(address, readDelivery, unasked, replyToPing))
  const greeting = nats.next()
  nats.send('CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n')
  await greeting
  await nats.next()
  return nats
}

interface JetStream {
  readonly port: number
  readonly publish: (count: number) => Promise<number>
  readonly publishBatch: () => Promise<number>
  readonly close: () => Promise<void>
}

const acknowledged = (delivery: Delivery): void => {
  if (!delivery.body.includes('"seq"')) throw new Error(`NATS said ${delivery.subject} ${delivery.body}`)
}

const openStream = async (directory: string, syncInterval: string): Promise<JetStream> => {
  const server = await startNats(directory, syncInterval)
  const nats = await connectNats(server.port)
  nats.send(`SUB ${inbox} 1\r\n`)
  const call = async (api: string, request: object): Promise<void> => {
    const { body } = await nats.ask(publication(`$JS.API.${api}`, JSON.stringify(request), inbox))
    if (body.includes('"error"')) throw new Error(`NATS refused ${api}: ${body}`)
  }
  await call("STREAM.CREATE.S", { name: "S", subjects: [subject], storage: "file", max_msgs: 100_000 })
  const one = publication(subject, tinyText, inbox)
  const many = one.repeat(batchSize)
  return {
    port: server.port,
    publish: async (count) => {
      for (let index = 0; index < count; index++) acknowledged(await nats.ask(one))
      return count
    },
    publishBatch: async () => {
      acknowledged(await nats.askMany(many, batchSize))
      return batchSize
    },
    close: async () => {
      nats.close()
      await terminated(server.process)
    }
  }
}

const fetchSize = 1_000
/** More than one look at the clock takes, so that a prepared reader serves a whole measurement. */
const fetched = 2 * readCount

/**
 * A consumer of its own, ready to be asked for the oldest messages in batches, as clients do it. Making one can take
 * two seconds after many publications, which is no part of reading.
 */
const prepareReader = async (port: number): Promise<() => Promise<number>> => {
  let expected = 0
  let whenFetched = (): void => {}
  const nats = await connectNats(port, ({ body }) => {
    if (!body.startsWith('{"from"')) return
    JSON.parse(body)
    if (--expected === 0) whenFetched()
  })
  const name = `R${process.hrtime.bigint()}`
  const config = { name, deliver_policy: "all", ack_policy: "none", inactive_threshold: 60_000_000_000 }
  nats.send(`SUB ${inbox}.messages 1\r\nSUB ${inbox}.reply 2\r\n`)
  const create = JSON.stringify({ stream_name: "S", config })
  const { body } = await nats.ask(publication(`$JS.API.CONSUMER.CREATE.S.${name}`, create, `${inbox}.reply`))
  if (body.includes('"error"')) throw new Error(`NATS refused to create a consumer: ${body}`)
  return async () => {
    for (let seen = 0; seen < fetched; seen += fetchSize) {
      expected = fetchSize
      const all = new Promise<void>((resolve) => (whenFetched = resolve))
      const request = JSON.stringify({ batch: fetchSize, expires: 5_000_000_000 })
      nats.send(publication(`$JS.API.CONSUMER.MSG.NEXT.S.${name}`, request, `${inbox}.messages`))
      await all
    }
    nats.close()
    return fetched
  }
}

const open = async (directory: string): Promise<OpenPeer> => {
  const fast = await openStream(directory, "2m")
  const flush = await openStream(directory, "always")
  for (let added = 0; added < fetched;) added += await fast.publishBatch()
  let prepared: (() => Promise<number>) | undefined
  return {
    single: () => fast.publish(50),
    batch: fast.publishBatch,
    flush: () => flush.publish(10),
    prepareRead: async () => void (prepared ??= await prepareReader(fast.port)),
    read: async () => {
      const read = prepared ?? (await prepareReader(fast.port))
      prepared = undefined
      return read()
    },
    close: async () => {
      await fast.close()
      await flush.close()
    }
  }
}

export const nats: Peer = {
  name: "NATS JetStream",
  fast: "death of the writer and of the server (sync_interval 2m)",
  flush: "a power cut (sync_interval always)",
  missing,
  open
}
