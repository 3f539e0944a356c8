/** Receives messages in a process of its own, and tells its parent how many microseconds each of them was under way. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { openSync, readSync, watch } from "node:fs"
import * as readline from "node:readline"
import type { Message } from "../../../src/Message.js"
import { nowMicros } from "../clock.js"
import { connectNats } from "../peers/nats.js"
import { connectRedis, readBlocking } from "../peers/redis.js"
import { openPools, poolPath } from "../pools.js"

const [route = "", where = ""] = process.argv.slice(2)

const arrived = (sent: unknown): void => {
  const micros = nowMicros() - Number(sent)
  process.send?.(micros)
}
const arrivedText = (text: string): void => arrived((JSON.parse(text) as { readonly sent: number }).sent)
const ready = (): void => void process.send?.("ready")

switch (route) {
  case "pool":
  case "forEach": {
    const pools = await openPools(where)
    const pool = await pools.open("p")
    void Effect.runPromise(
      route === "forEach"
        ? pool.forEach(({ data }) => arrived(data["sent"]))
        : Stream.runForEach(pool.tail(), ({ data }) => Effect.sync(() => arrived(data["sent"])))
    )
    // The start of a tail is fixed when it runs; a moment later it waits.
    setTimeout(ready, 50)
    break
  }
  case "steps":
  case "steps of forEach": {
    const name = route === "steps" ? "p" : "q"
    let heard = 0
    const listen = watch(poolPath(where, name), { persistent: false }, () => void (heard = nowMicros()))
    process.once("exit", () => listen.close())
    const pools = await openPools(where)
    const pool = await pools.open(name)
    const note = ({ data }: Message): void => {
      const arrived = nowMicros()
      // Where the timer was sooner than the event, the event is not part of the way.
      process.send?.({ sent: data["sent"], heard: heard < Number(data["sent"]) ? arrived : heard, arrived })
    }
    void Effect.runPromise(
      route === "steps"
        ? Stream.runForEach(pool.tail(), (message) => Effect.sync(() => note(message)))
        : pool.forEach(note)
    )
    setTimeout(ready, 50)
    break
  }
  case "watch": {
    const descriptor = openSync(where, "r")
    const sent = Buffer.alloc(8)
    let read = 0
    // Events that come close to each other may be one.
    const listen = watch(where, () => {
      while (readSync(descriptor, sent, 0, 8, read) === 8) {
        read += 8
        arrived(sent.readDoubleLE(0))
      }
    })
    process.once("exit", () => listen.close())
    ready()
    break
  }
  case "pipe":
    readline.createInterface({ input: process.stdin }).on("line", arrivedText)
    ready()
    break
  case "redis": {
    const redis = await connectRedis(where)
    ready()
    for (let after = "0"; ;) {
      for (const { id, text } of await readBlocking(redis, after)) {
        after = id
        arrivedText(text)
      }
    }
  }
  case "nats": {
    const nats = await connectNats(Number(where), ({ body }) => {
      if (body !== "") arrivedText(body)
    })
    nats.send("SUB m 1\r\nPING\r\n")
    await nats.next()
    ready()
    break
  }
  default:
    throw new Error(`no such route: ${route}`)
}
process.on("disconnect", () => process.exit())
