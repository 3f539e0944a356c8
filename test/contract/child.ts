/**
 * The program of the child processes in these tests: what one process does while another looks on. Its first argument
 * names the part it plays; it says each thing it has done on a line of stdout.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as FileSystem from "node:fs"
import * as Readline from "node:readline"
import * as FilePoolStorage from "../../layers/FilePoolStorage.js"
import * as MmapPoolStorage from "../../layers/MmapPoolStorage.js"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import * as WatchPoolNotify from "../../layers/WatchPoolNotify.js"
import type { PoolError } from "../../src/PoolError.js"
import { PoolLock, type PoolLockMode } from "../../src/PoolLock.js"
import { PoolNotify } from "../../src/PoolNotify.js"
import { PoolStorage } from "../../src/PoolStorage.js"

const say = (line: string): void => console.log(line)
const header = new TextEncoder().encode("PLSM")
const publishedAt = 64

const addressMebibytes = (): number =>
  Number(/VmSize:\s+(\d+)/.exec(FileSystem.readFileSync("/proc/self/status", "utf8"))![1]) / 1024

type Everything = PoolStorage | PoolLock | PoolNotify

const parts: Record<string, (args: ReadonlyArray<string>) => Effect.Effect<unknown, PoolError, Everything>> = {
  /** Takes the lock, says so, and keeps it until killed. */
  lock: ([path, mode]) =>
    Effect.gen(function* () {
      const lock = yield* (yield* PoolLock).open(path!)
      say(lock.tryAcquire(mode as PoolLockMode) ? "held" : "refused")
      const keepAlive = setInterval(() => {}, 1000)
      return yield* Effect.onExit(Effect.never, () => Effect.sync(() => clearInterval(keepAlive)))
    }).pipe(Effect.scoped),

  /** Creates pools until killed. */
  createMany: ([directory, byteLength]) =>
    Effect.gen(function* () {
      const storage = yield* PoolStorage
      say("started")
      for (let count = 0; ; count++) {
        const path = `${directory}/pool-${process.pid}-${count}.plasmite`
        yield* storage.create(path, { byteLength: Number(byteLength), header }, { durable: true })
      }
    }),

  /** Tries to create one pool, and says how that ended. */
  create: ([path, byteLength]) =>
    Effect.gen(function* () {
      yield* (yield* PoolStorage).create(path!, { byteLength: Number(byteLength), header })
      say("created")
    }),

  /** For each number on stdin, publishes it, and says when. */
  publish: ([path]) =>
    Effect.gen(function* () {
      const file = yield* (yield* PoolStorage).open(path!)
      say("ready")
      const bytes = new Uint8Array(8)
      const lines = Readline.createInterface({ input: process.stdin })
      yield* Effect.promise(async () => {
        for await (const line of lines) {
          new DataView(bytes.buffer).setUint32(0, Number(line), true)
          say(`${process.hrtime.bigint()}`)
          file.publish(publishedAt, bytes, 0, 8)
        }
      })
    }).pipe(Effect.scoped),

  /** Waits until something is published, says so, and has nothing more to do. */
  wait: ([path]) =>
    Effect.gen(function* () {
      const file = yield* (yield* PoolStorage).open(path!)
      const notify = yield* (yield* PoolNotify).open(path!)
      const bytes = new Uint8Array(4)
      say("waiting")
      yield* notify.waitUntil(() => {
        file.read(publishedAt, bytes, 0, 4)
        return bytes[0] !== 0
      })
      say("woken")
    }).pipe(Effect.scoped),

  /** Waits for what never comes, gives up, and has nothing more to do. */
  giveUpWaiting: ([path]) =>
    Effect.gen(function* () {
      const notify = yield* (yield* PoolNotify).open(path!)
      const waiting = yield* Effect.fork(notify.waitUntil(() => false))
      yield* Effect.sleep("100 millis")
      yield* Fiber.interrupt(waiting)
      say("given up")
    }).pipe(Effect.scoped),

  /** Opens and closes a pool many times, and says by how many MiB its addresses have grown. */
  reopen: ([path, count]) =>
    Effect.gen(function* () {
      const storage = yield* PoolStorage
      const before = addressMebibytes()
      for (let done = 0; done < Number(count); done++) {
        yield* Effect.scoped(Effect.map(storage.open(path!), (file) => file.store32(0, done)))
        if (done % 10 === 0) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      }
      say(String(addressMebibytes() - before))
    }),

  /** Reads and writes a pool, then tries to lock it: started where koffi cannot be found. */
  withoutNative: ([path]) =>
    Effect.gen(function* () {
      const storage = yield* PoolStorage
      yield* storage.create(path!, { byteLength: 8192, header })
      const file = yield* storage.open(path!)
      file.store32(4096, 7)
      file.sync(4096, 4)
      const bytes = new Uint8Array(4)
      file.read(4096, bytes, 0, 4)
      say(`stored ${bytes[0]}`)
      const notify = yield* (yield* PoolNotify).open(path!)
      notify.announce()
      say("announced")
      const lock = yield* (yield* PoolLock).open(path!)
      yield* Effect.try({ try: () => lock.tryAcquire("exclusive"), catch: (error) => error as PoolError })
      say("locked")
    }).pipe(Effect.scoped)
}

const [part = "", storage = "", ...args] = process.argv.slice(2)
const layer = Layer.mergeAll(
  storage === "file" ? FilePoolStorage.layer : MmapPoolStorage.layer,
  OsPoolLock.layer,
  WatchPoolNotify.layer
)

void Effect.runPromise(
  parts[part]!(args).pipe(
    Effect.catchAll((error) => Effect.sync(() => say(`${error.reason}: ${error.message}`))),
    Effect.provide(layer)
  )
)
