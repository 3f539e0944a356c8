/**
 * The named semaphore that upstream's followers of a pool wait on. We post to it and never wait on it, because each
 * post wakes one waiter only. A follower creates it; we never do, since it would outlive every process and pool.
 * Everything about it may fail without harm: upstream then polls.
 */
import * as FileSystem from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { crypto } from "./lazyModules.js"
import { nativeIfAny, type NamedSemaphore } from "./native.js"

/** With so many posts unconsumed, nobody is waiting; more would only make a later waiter spin through them. */
const enoughPosts = 64

/** The pool's canonical path, hashed: the same in every process, whatever path it used. */
export const semaphoreName = (path: string): string => nameOf(canonicalPath(path))

/** The file that the semaphore is, where it is one. Upstream's writers open it anew for every append. */
export const semaphoreFile = (path: string): string | undefined =>
  Os.platform() === "linux" ? `/dev/shm/sem.${semaphoreName(path).slice(1)}` : undefined

/**
 * Removes the semaphore of a pool that was or will be deleted; true if there was one. A pool reached through a
 * symbolic link keeps its semaphore, since deleting the link leaves the pool.
 */
export const removeSemaphore = (path: string): boolean => {
  const ownPath = Path.join(canonicalPath(Path.dirname(Path.resolve(path))), Path.basename(path))
  return nativeIfAny()?.unlinkSemaphore(nameOf(ownPath)) ?? false
}

/** Looking for a semaphore that is not there costs a system call; a follower that just came polls meanwhile. */
const lookAgainAfterMillis = 100

/** The names of macOS are too short for these. */
const canExist = Os.platform() !== "darwin"

/** One pool's semaphore, opened when first needed and there. */
export class PoolSemaphore {
  private opened: NamedSemaphore | undefined
  private name: string | undefined
  private hasLooked = false
  private lookAgainMillis = Number.NEGATIVE_INFINITY

  constructor(private readonly path: string) {}

  post(): void {
    if (this.opened === undefined) {
      const now = performance.now()
      if (!canExist || now < this.lookAgainMillis) return
      this.lookAgainMillis = now + lookAgainAfterMillis
      // Who posts for a while soon gets the price of the name back, which most programs end too early for.
      const isFirst = !this.hasLooked
      this.hasLooked = true
      if (isFirst && !someExist()) return
      this.opened = nativeIfAny()?.openSemaphore((this.name ??= semaphoreName(this.path)))
      if (this.opened === undefined) return
    }
    if ((this.opened.value() ?? 0) < enoughPosts) this.opened.post()
  }

  close(): void {
    this.opened?.close()
    this.opened = undefined
    this.lookAgainMillis = Number.POSITIVE_INFINITY
  }
}

/**
 * False where no follower of any pool can have made a semaphore: cheaper, once, than computing a name to ask for. On Linux
 * they are files of one directory, but it may be a long one.
 */
const someExist = (): boolean => {
  try {
    return FileSystem.readdirSync("/dev/shm").some((name) => name.startsWith("sem.plsm-"))
  } catch {
    return true
  }
}

const nameOf = (canonical: string): string => `/plsm-${crypto().createHash("sha256").update(canonical).digest("hex")}`

const canonicalPath = (path: string): string => {
  try {
    return FileSystem.realpathSync.native(path)
  } catch {
    return path
  }
}
