/**
 * Notification by events: writers of this process call, writers of other processes are heard through file events,
 * which every `publish` raises. Upstream's writers raise none on the pool, but open its semaphore for each append, which
 * is heard on Linux. Events can get lost, so a shared timer looks, too: as often as upstream does itself while something
 * is going on, and 10 times a second when nothing has for long.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import { PoolNotify } from "../src/PoolNotify.js"
import { watchOpens } from "./openWatch.js"
import { PollTimer, type PollSchedule } from "./pollTimer.js"
import { PoolSemaphore, semaphoreFile } from "./poolSemaphore.js"
import { WaitingRoom, type RoomTimer } from "./waitingRoom.js"

/** Each look costs about 0.1 ms of a core that has gone cold meanwhile: a reader that waits for long must not be felt. */
const schedule: PollSchedule = (idleMillis) =>
  idleMillis < 200 ? 1 : idleMillis < 1000 ? 5 : idleMillis < 2000 ? 20 : 100

/** After a watcher could not be had, or ended. */
const watchAgainAfterMillis = 1000
/** A watcher that reports to an empty room for this long is closed: a busy pool has many events. */
const watchEmptyRoomMillis = 1000

/**
 * What there is of one file in this process, shared by all handles on it: who waits, the watchers of the file and of the
 * semaphore, the semaphore for upstream.
 */
class NotifiedFile {
  readonly semaphore: PoolSemaphore
  readonly room: WaitingRoom
  handles = 0
  private watcher: FileSystem.FSWatcher | undefined
  private watchAgainMillis = Number.NEGATIVE_INFINITY
  private lastNeededMillis = 0
  private opens: FileSystem.FSWatcher | undefined
  private watchOpensAgainMillis = Number.NEGATIVE_INFINITY
  private semaphoreFile: string | undefined
  /** There may be a writer that only the semaphore tells of. */
  private missesWriter = true

  constructor(
    readonly key: string,
    private readonly path: string,
    timer: RoomTimer | undefined
  ) {
    this.semaphore = new PoolSemaphore(path)
    this.room = new WaitingRoom(timer, () => (this.missesWriter = true))
  }

  announce(): void {
    this.room.look()
    this.semaphore.post()
  }

  /** Best effort: there may be no watches left, or no file. */
  watch(): void {
    const now = performance.now()
    this.lastNeededMillis = now
    if (this.missesWriter && now >= this.watchOpensAgainMillis) this.watchSemaphore(now)
    if (this.watcher !== undefined || now < this.watchAgainMillis) return
    try {
      // It is waiting that keeps a process alive, not watching.
      this.watcher = FileSystem.watch(this.path, { persistent: false }, (event) => this.heard(event))
      this.watcher.on("error", () => this.giveUpWatching())
    } catch {
      this.giveUpWatching()
    }
  }

  close(): void {
    this.stopWatching()
    this.semaphore.close()
  }

  /** The first upstream writer makes the semaphore; until then the timer hears of it, and after that asks for this. */
  private watchSemaphore(nowMillis: number): void {
    this.missesWriter = false
    this.watchOpensAgainMillis = nowMillis + watchAgainAfterMillis
    this.opens?.close()
    this.opens = undefined
    this.semaphoreFile ??= semaphoreFile(this.path)
    if (this.semaphoreFile !== undefined) this.opens = watchOpens(this.semaphoreFile, () => this.hinted())
  }

  private hinted(): void {
    this.room.look()
    const isNeeded = !this.room.isEmpty || performance.now() - this.lastNeededMillis < watchEmptyRoomMillis
    if (!isNeeded) this.stopWatching()
  }

  private heard(event: FileSystem.WatchEventType): void {
    this.hinted()
    // The file was deleted or got another name: this watcher has nothing more to tell.
    if (event === "rename") this.giveUpWatching()
  }

  private giveUpWatching(): void {
    this.stopWatching()
    this.watchAgainMillis = performance.now() + watchAgainAfterMillis
  }

  private stopWatching(): void {
    this.watcher?.close()
    this.watcher = undefined
    this.opens?.close()
    this.opens = undefined
    this.missesWriter = true
  }
}

/**
 * What hints there are besides announcements within the process. All, unless a test wants to see one alone.
 *
 * @since 0.1.0
 * @category models
 */
export interface WatchPoolNotifyOptions {
  readonly fileEvents?: boolean
  readonly timer?: boolean
}

/**
 * Wakes waiters by announcements, file events and a timer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: WatchPoolNotifyOptions): Layer.Layer<PoolNotify> =>
  Layer.sync(PoolNotify, () => {
    const { fileEvents = true, timer = true } = options
    const pollTimer = timer ? new PollTimer(schedule) : undefined
    const files = new Map<string, NotifiedFile>()

    const open = (path: string): NotifiedFile => {
      const key = fileKey(path)
      const file = files.get(key) ?? new NotifiedFile(key, Path.resolve(path), pollTimer)
      files.set(key, file)
      file.handles++
      return file
    }
    const close = (file: NotifiedFile): void => {
      if (--file.handles > 0) return
      files.delete(file.key)
      file.close()
    }

    return {
      open: (path) =>
        Effect.map(
          Effect.acquireRelease(
            Effect.sync(() => open(path)),
            (file) => Effect.sync(() => close(file))
          ),
          (file) => ({
            announce: () => file.announce(),
            waitUntil: (changed) => file.room.waitUntil(changed, fileEvents ? () => file.watch() : undefined)
          })
        )
    }
  })

/**
 * Wakes waiters by announcements, file events and a timer. Never fails: whatever cannot be had is done without.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PoolNotify> = layerWith({})

/** The file, whatever path leads to it; a pool that replaced another at the same path is another one. */
const fileKey = (path: string): string => {
  try {
    const status = FileSystem.statSync(path, { bigint: true })
    return `${status.dev}:${status.ino}`
  } catch {
    return Path.resolve(path)
  }
}
