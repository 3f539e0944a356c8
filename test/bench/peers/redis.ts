/** Redis streams, through its own protocol over a Unix socket; a server of our own, with its log of appends on disk. */
import { type ChildProcess, spawn } from "node:child_process"
import * as path from "node:path"
import { batchSize, tinyText } from "../messages.js"
import { kept, terminated } from "../processes.js"
import { type AnswerReader, Conversation, patiently } from "./Conversation.js"
import { needsProgram, type OpenPeer, type Peer, readCount } from "./Peer.js"

type Answer = string | number | null | Error | ReadonlyArray<Answer>

/** One value of RESP 2. */
const readAnswer: AnswerReader<Answer> = (bytes, from) => {
  const lineEnd = bytes.indexOf("\r\n", from)
  if (lineEnd < 0) return undefined
  const rest = bytes.toString("latin1", from + 1, lineEnd)
  const end = lineEnd + 2
  switch (String.fromCharCode(bytes[from]!)) {
    case "+":
      return { answer: rest, end }
    case "-":
      return { answer: new Error(rest), end }
    case ":":
      return { answer: Number(rest), end }
    case "$": {
      const length = Number(rest)
      if (length < 0) return { answer: null, end }
      if (bytes.length < end + length + 2) return undefined
      return { answer: bytes.toString("utf8", end, end + length), end: end + length + 2 }
    }
    default: {
      const items: Array<Answer> = []
      let at = end
      for (let left = Number(rest); left > 0; left--) {
        const item = readAnswer(bytes, at)
        if (item === undefined) return undefined
        items.push(item.answer)
        at = item.end
      }
      return { answer: Number(rest) < 0 ? null : items, end: at }
    }
  }
}

const command = (...words: ReadonlyArray<string>): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`

export type Redis = Conversation<Answer>

export const socketOf = (directory: string): string => path.join(directory, "redis.sock")

export const connectRedis = (directory: string, unasked?: (answer: Answer) => void): Promise<Redis> =>
  patiently(() => Conversation.open({ path: socketOf(directory) }, readAnswer, unasked))

export const startRedis = (directory: string): ChildProcess =>
  kept(
    spawn(
      "redis-server",
      ["--port", "0", "--unixsocket", socketOf(directory), "--dir", directory, "--save", "", "--appendonly", "yes"],
      { stdio: ["ignore", "ignore", "inherit"] }
    )
  )

const sound = (answer: Answer): Answer => {
  if (answer instanceof Error) throw answer
  return answer
}

export const addCommand = (text: string): string => command("XADD", "s", "*", "d", text)

/** The texts that were added, or none after a while without any. */
export const readBlocking = async (
  redis: Redis,
  after: string
): Promise<ReadonlyArray<{ id: string; text: string }>> => {
  const answer = sound(await redis.ask(command("XREAD", "BLOCK", "2000", "STREAMS", "s", after)))
  if (answer === null) return []
  const [[, entries]] = answer as [[string, ReadonlyArray<[string, [string, string]]>]]
  return entries.map(([id, [, text]]) => ({ id, text }))
}

const open = async (directory: string): Promise<OpenPeer> => {
  const server = startRedis(directory)
  const redis = await connectRedis(directory)
  const one = command("XADD", "s", "MAXLEN", "~", "100000", "*", "d", tinyText)
  const many = one.repeat(batchSize)
  const sync = async (mode: "everysec" | "always"): Promise<void> =>
    void sound(await redis.ask(command("CONFIG", "SET", "appendfsync", mode)))
  await sync("everysec")
  const singly = async (times: number): Promise<number> => {
    for (let index = 0; index < times; index++) sound(await redis.ask(one))
    return times
  }
  const readAll = async (): Promise<number> => {
    let seen = 0
    let from = "-"
    while (seen < readCount) {
      const entries = sound(await redis.ask(command("XRANGE", "s", from, "+", "COUNT", "1000"))) as ReadonlyArray<
        readonly [id: string, fields: readonly [string, string]]
      >
      if (entries.length === 0) break
      for (const [id, [, text]] of entries) {
        JSON.parse(text)
        from = `(${id}`
        seen++
      }
    }
    return seen
  }
  for (let added = 0; added < readCount; added += batchSize) sound(await redis.askMany(many, batchSize))
  return {
    single: () => singly(100),
    batch: async () => {
      sound(await redis.askMany(many, batchSize))
      return batchSize
    },
    flush: async () => {
      await sync("always")
      await singly(10)
      await sync("everysec")
      return 10
    },
    read: readAll,
    close: async () => {
      redis.close()
      await terminated(server)
    }
  }
}

export const redis: Peer = {
  name: "Redis stream",
  fast: "death of the writer and of the server; after a power cut up to a second is lost (appendfsync everysec)",
  flush: "a power cut (appendfsync always)",
  missing: needsProgram("redis-server"),
  open
}
