/**
 * Follows a pool over HTTP, many times over. Tells its parent when all tails are open, and, once each has brought as many
 * messages as its parent names, how many came, whether any was missing or twice, and how long each was under way.
 */
import * as http from "node:http"
import { nowMicros } from "../clock.js"

export interface TailsRequest {
  readonly port: number
  readonly tails: number
  /** To be received by each. */
  readonly messages: number
}

export interface TailsAnswer {
  readonly received: number
  /** Tails that did not get each message once, in order. */
  readonly faulty: number
  /** Of every delivery, in milliseconds. */
  readonly millis: ReadonlyArray<number>
}

interface Message {
  readonly seq: number
  readonly data: { readonly sent: number }
}

interface Following {
  readonly opened: Promise<void>
  /** Whether every message came once and in order. */
  readonly ended: Promise<boolean>
}

const follow = ({ messages, port }: TailsRequest, agent: http.Agent, millis: Array<number>): Following => {
  let rest = ""
  let previous: number | undefined
  let isOrderly = true
  let received = 0
  const take = (piece: string): void => {
    const lines = (rest + piece).split("\n")
    rest = lines.pop()!
    for (const line of lines) {
      if (line === "") continue
      const { data, seq } = JSON.parse(line) as Message
      millis.push((nowMicros() - data.sent) / 1e3)
      received++
      if (previous !== undefined && seq !== previous + 1) isOrderly = false
      previous = seq
    }
  }
  let opened: () => void
  let failed: (error: Error) => void
  const opening = new Promise<void>((resolve, reject) => {
    opened = resolve
    failed = reject
  })
  const ended = new Promise<boolean>((resolve) => {
    const path = `/v0/pools/p/tail?last=0&max=${messages}`
    http
      .get({ host: "127.0.0.1", port, path, agent }, (response) => {
        if (response.statusCode !== 200) return failed(new Error(`a tail is answered with ${response.statusCode}`))
        response.setEncoding("utf8").on("data", take)
        response.on("end", () => resolve(isOrderly && received === messages))
        response.on("error", () => resolve(false))
        opened()
      })
      .on("error", failed!)
  })
  return { opened: opening, ended }
}

process.on("message", (request: TailsRequest) => {
  void (async () => {
    const agent = new http.Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
    const millis: Array<number> = []
    const all = Array.from({ length: request.tails }, () => follow(request, agent, millis))
    await Promise.all(all.map(({ opened }) => opened))
    process.send?.("open")
    const orderly = await Promise.all(all.map(({ ended }) => ended))
    const faulty = orderly.filter((isOrderly) => !isOrderly).length
    process.send?.({ received: millis.length, faulty, millis } satisfies TailsAnswer)
  })().catch((error: unknown) => process.send?.({ failure: String(error) }))
})
process.on("disconnect", () => process.exit())
process.send?.("ready")
