/**
 * One pool of a server for programs without Effect. Tags, number, time and gaps are the server's business; this side reads
 * lines.
 */
import { setMaxListeners } from "node:events"
import type { Durability } from "../ClientPool.js"
import type { Message } from "../ClientMessage.js"
import { messageFromEnvelope } from "../ClientMessage.js"
import { linesOf } from "./linesOf.js"
import type { RemoteClient } from "./RemoteClient.js"
import { RemoteError, refused } from "./RemoteError.js"
import { addressOf, lostConnection, protocolError, requestJson, requestStream } from "./requests.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface RemoteTailOptions {
  /** The first message; default: the oldest retained one. */
  readonly sinceSeq?: number | bigint
  /** Ends after so many. */
  readonly maxMessages?: number | bigint
  /** Ends after this time, whatever happens. Default and maximum: the server's limit. */
  readonly timeoutMs?: number | bigint
  /** Only messages that carry all of these. */
  readonly tags?: ReadonlyArray<string>
  /** `true`: fails with `RetentionGap` when messages were lost, before any behind the gap. Default: goes on. */
  readonly errorOnGap?: boolean
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal
}

/**
 * @since 0.1.0
 * @category models
 */
export class RemotePool {
  private readonly closing = new AbortController()

  constructor(
    readonly client: RemoteClient,
    readonly pool: string
  ) {}

  /** Its name. */
  poolRef(): string {
    return this.pool
  }

  /** The message as it is in the pool now. When the connection is lost on the way it may be there, or not. */
  async append(
    data: unknown,
    tags: ReadonlyArray<string> = [],
    durability: Durability | "fast" | "flush" = "fast"
  ): Promise<Message> {
    const body = { data, tags, durability: durabilityWord(durability) }
    return this.message(await requestJson(this.open(), "POST", this.address("append"), body))
  }

  async get(seq: number | bigint): Promise<Message> {
    return this.message(await requestJson(this.open(), "GET", this.address("messages", String(seq))))
  }

  /**
   * Messages as they come, until the server's limit. Leave with `break`, the signal, or `close()` of pool or client: then the
   * iteration ends without an error, and nothing is left running.
   */
  tail(options: RemoteTailOptions = {}): AsyncGenerator<Message, void, undefined> {
    this.open()
    const url = this.address("tail")
    const { errorOnGap, maxMessages, sinceSeq, tags = [], timeoutMs } = options
    if (sinceSeq !== undefined) url.searchParams.set("since_seq", String(sinceSeq))
    if (maxMessages !== undefined) url.searchParams.set("max", String(maxMessages))
    if (timeoutMs !== undefined) url.searchParams.set("timeout_ms", String(timeoutMs))
    if (errorOnGap === true) url.searchParams.set("gap_policy", "error")
    // Upstream's programs may give one tag as it is.
    for (const tag of [tags].flat()) url.searchParams.append("tag", tag)
    return this.messages(url, options.signal)
  }

  /** Ends its tails; requests that are under way get their answer. Closing twice does nothing. */
  close(): void {
    this.closing.abort()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private async *messages(url: URL, signal: AbortSignal | undefined): AsyncGenerator<Message, void, undefined> {
    const ends = [this.client.signal, this.closing.signal, ...(signal === undefined ? [] : [signal])]
    if (ends.some(({ aborted }) => aborted)) return
    const controller = new AbortController()
    const end = (): void => controller.abort()
    // However many tails one signal ends, it is no leak: each takes its listener back.
    setMaxListeners(0, ...ends)
    for (const one of ends) one.addEventListener("abort", end)
    try {
      const { body, status } = await requestStream(this.client, url, controller.signal)
      const lines = linesOf(body)
      for (;;) {
        const line = await nextLine(lines, url)
        if (line === undefined || controller.signal.aborted) return
        const text = line.toString("utf8").trim()
        // A blank line is a sign of life.
        if (text !== "") yield messageOfLine(text, line, status)
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error
    } finally {
      for (const one of ends) one.removeEventListener("abort", end)
      controller.abort()
    }
  }

  private message(answer: unknown): Message {
    return messageFromEnvelope((answer as { readonly message: unknown }).message)
  }

  private address(...segments: ReadonlyArray<string>): URL {
    return addressOf(this.client, "v0", "pools", this.pool, ...segments)
  }

  private open(): RemoteClient {
    if (!this.closing.signal.aborted && !this.client.signal.aborted) return this.client
    throw refused(`pool ${this.pool} is closed`, "Open it again with a client.")
  }
}

const nextLine = async (lines: AsyncGenerator<Buffer, void>, url: URL): Promise<Buffer | undefined> => {
  try {
    const { done, value } = await lines.next()
    return done === true ? undefined : value
  } catch (error) {
    throw lostConnection(url, error)
  }
}

const messageOfLine = (text: string, line: Buffer, status: number): Message => {
  let payload: unknown
  try {
    payload = JSON.parse(text)
  } catch (error) {
    throw protocolError(`a line of the tail is not JSON: ${text.slice(0, 100)}`, status, error)
  }
  if (typeof payload === "object" && payload !== null && "error" in payload) throw new RemoteError(payload, status)
  return messageFromEnvelope(payload, line)
}

/** As upstream takes it: by number or by word, `null` for the default. */
const durabilityWord = (durability: unknown): "fast" | "flush" => {
  const word = String(durability ?? "fast").toLowerCase()
  if (word === "fast" || word === "0") return "fast"
  if (word === "flush" || word === "1") return "flush"
  throw new TypeError("durability must be Durability.Fast or Durability.Flush")
}
