/**
 * From before an append until another process has the message in its hands, one message every few milliseconds: ours to a
 * `Stream` and to `forEach`, upstream's reader on the same pool, two servers, and as the least that two processes need a bare
 * pipe and a bare write. The clocks of processes agree, for it is one clock (CLOCK_MONOTONIC).
 */
import { type ChildProcess, fork, spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as path from "node:path"
import * as readline from "node:readline"
import * as Effect from "effect/Effect"
import { nowMicros } from "../clock.js"
import type { Absence, Entry } from "../Entry.js"
import { sleep } from "../messages.js"
import { connectNats, nats, publication, startNats } from "../peers/nats.js"
import { addCommand, connectRedis, redis, startRedis } from "../peers/redis.js"
import { upstreamCommand } from "../peers/upstream.js"
import { openPools } from "../pools.js"
import { childModule, kept, terminated } from "../processes.js"
import { quantile } from "../statistics.js"

/** Of ours, and what is beside them, enough for a 99th percentile in each round. */
const messagesOfRows = 200
const messagesOfOthers = 80
const pauseMillis = 5

/** One way from a writer to a reader. The reader says how many microseconds each message took. */
interface Route {
  readonly name: string
  readonly send: (sent: number) => Promise<void> | void
  readonly arrivals: Array<number>
  readonly close: () => Promise<void>
}

const reader = async (arrivals: Array<number>, ...args: ReadonlyArray<string>): Promise<ChildProcess> => {
  const child = kept(fork(childModule("reader"), [...args]))
  await once(child, "message")
  child.on("message", (micros: number) => arrivals.push(micros))
  return child
}

const plasmite = async (directory: string, name: string, route: string): Promise<Route> => {
  const pools = await openPools(directory)
  const pool = await pools.open("p")
  const arrivals: Array<number> = []
  const child = await reader(arrivals, route, directory)
  return {
    name,
    send: (sent) => Effect.runPromise(Effect.asVoid(pool.append({ sent }))),
    arrivals,
    close: async () => {
      await terminated(child)
      await pools.close()
    }
  }
}

const pipe = async (): Promise<Route> => {
  const arrivals: Array<number> = []
  const child = kept(
    spawn(process.execPath, [childModule("reader"), "pipe"], {
      stdio: ["pipe", "inherit", "inherit", "ipc"]
    })
  )
  await once(child, "message")
  child.on("message", (micros: number) => arrivals.push(micros))
  return {
    name: "bare pipe",
    send: (sent) => void child.stdin!.write(`{"sent":${sent}}\n`),
    arrivals,
    close: () => terminated(child)
  }
}

/** The least that a file needs: one write, and a watcher that reads what was written. */
const watchedFile = async (directory: string): Promise<Route> => {
  const file = path.join(directory, "written")
  const sentBytes = Buffer.alloc(8)
  const descriptor = fs.openSync(file, "a")
  const arrivals: Array<number> = []
  const child = await reader(arrivals, "watch", file)
  return {
    name: "bare write, fs.watch",
    send: (sent) => {
      sentBytes.writeDoubleLE(sent)
      fs.writeSync(descriptor, sentBytes)
    },
    arrivals,
    close: async () => {
      await terminated(child)
      fs.closeSync(descriptor)
    }
  }
}

/** Upstream's own follower prints what it gets; the pipe from it to us is part of its time. */
const upstreamFollow = async (directory: string, command: string): Promise<Route> => {
  const pools = await openPools(directory)
  const pool = await pools.open("followed")
  const arrivals: Array<number> = []
  const child = kept(
    spawn(command, ["--dir", directory, "follow", "followed", "--jsonl"], {
      stdio: ["ignore", "pipe", "inherit"]
    })
  )
  readline.createInterface({ input: child.stdout }).on("line", (line) => {
    const { data } = JSON.parse(line) as { readonly data: { readonly sent: number } }
    arrivals.push(nowMicros() - data.sent)
  })
  await sleep(300)
  return {
    name: "upstream follow",
    send: (sent) => Effect.runPromise(Effect.asVoid(pool.append({ sent }))),
    arrivals,
    close: async () => {
      await terminated(child)
      await pools.close()
    }
  }
}

const redisStream = async (directory: string): Promise<Route> => {
  const server = startRedis(directory)
  const writer = await connectRedis(directory)
  const arrivals: Array<number> = []
  const child = await reader(arrivals, "redis", directory)
  return {
    name: redis.name,
    send: async (sent) => void (await writer.ask(addCommand(`{"sent":${sent}}`))),
    arrivals,
    close: async () => {
      await terminated(child)
      writer.close()
      await terminated(server)
    }
  }
}

const natsSubject = async (directory: string): Promise<Route> => {
  const server = await startNats(directory, "2m")
  const writer = await connectNats(server.port)
  const arrivals: Array<number> = []
  const child = await reader(arrivals, "nats", String(server.port))
  return {
    name: "NATS, not stored",
    send: (sent) => writer.send(publication("m", `{"sent":${sent}}`)),
    arrivals,
    close: async () => {
      await terminated(child)
      writer.close()
      await terminated(server.process)
    }
  }
}

export const latency: Entry = {
  name: "latency",
  rows: (
    [
      ["latency", "other process's callback", "a bare pipe"],
      ["latency of forEach", "other process's `forEach`", "a bare write, heard by `fs.watch`"]
    ] as const
  ).flatMap(([name, to, yardstick]) =>
    (["p50", "p99"] as const).map((share) => ({
      name: `${name} ${share}`,
      what: `append → ${to}, ${share}`,
      unit: "ms",
      yardstick,
      figure: "ours",
      direction: "at most",
      bar: share === "p50" ? 0.4 : 4,
      aim: share === "p50" ? 0.15 : 0.5
    }))
  ),
  open: async ({ directory }) => {
    const absent: Array<Absence> = []
    const place = (name: string): string => {
      fs.mkdirSync(path.join(directory, name))
      return path.join(directory, name)
    }
    const routes = [
      await plasmite(place("ours"), "effect-plasmite", "pool"),
      await plasmite(place("forEach"), "effect-plasmite, forEach", "forEach"),
      await pipe(),
      await watchedFile(place("watched"))
    ]
    const upstream = upstreamCommand()
    if (upstream !== undefined) routes.push(await upstreamFollow(place("upstream"), upstream))
    for (const [peer, open] of [
      [redis, redisStream],
      [nats, natsSubject]
    ] as const) {
      try {
        const reason = peer.missing()
        if (reason === undefined) routes.push(await open(place(peer.name.split(" ")[0]!)))
        else absent.push({ name: peer.name, reason })
      } catch (error) {
        // A server that does not start, an older one for instance, costs its own line and not the others.
        absent.push({
          name: peer.name,
          reason: `did not start: ${error instanceof Error ? error.message : String(error)}`
        })
      }
    }
    const all = new Map(routes.map(({ name }) => [name, [] as Array<number>]))
    const measure = async (route: Route): Promise<ReadonlyArray<number>> => {
      const { arrivals, name, send } = route
      const messages = routes.indexOf(route) < 4 ? messagesOfRows : messagesOfOthers
      arrivals.length = 0
      for (let index = 0; index < messages; index++) {
        await send(nowMicros())
        await sleep(pauseMillis)
      }
      const deadline = Date.now() + 2_000
      while (arrivals.length < messages && Date.now() < deadline) await sleep(pauseMillis)
      if (arrivals.length !== messages) throw new Error(`${name}: ${arrivals.length} of ${messages} messages arrived`)
      return arrivals.map((micros) => micros / 1e3)
    }
    for (const route of routes) await measure(route)
    return {
      round: async () => {
        const millis: Array<ReadonlyArray<number>> = []
        for (const route of routes) {
          const taken = await measure(route)
          all.get(route.name)!.push(...taken)
          millis.push(taken)
        }
        const [ours, forEach, bare, watched] = millis
        const sample = (taken: ReadonlyArray<number>, least: ReadonlyArray<number>, share: number) => ({
          ours: quantile(taken, share),
          yardstick: quantile(least, share)
        })
        return {
          "latency p50": sample(ours!, bare!, 0.5),
          "latency p99": sample(ours!, bare!, 0.99),
          "latency of forEach p50": sample(forEach!, watched!, 0.5),
          "latency of forEach p99": sample(forEach!, watched!, 0.99)
        }
      },
      absent,
      plots: () => ({ latency: [...all].map(([name, values]) => ({ name, values })) }),
      close: async () => {
        for (const route of routes) await route.close()
      }
    }
  }
}
