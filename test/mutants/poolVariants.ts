/**
 * Broken pools and machines: locks, waiting, what a tail fixes at its start.
 */
import type { Variant } from "./Variant.js"

const localPool = "src/internal/localPool.ts"
const localHandle = "src/internal/localHandle.ts"
const tailStream = "src/internal/tailStream.ts"
const withLock = "src/internal/withLock.ts"

const release = "  } finally {\n    handle.lock.release()\n  }\n"

export const poolVariants: ReadonlyArray<Variant> = [
  {
    name: "lock-not-taken",
    breaks: "Writers write at the same time.",
    file: localPool,
    search: '  if (!handle.lock.tryAcquire("exclusive")) return contended\n',
    replace: ""
  },
  {
    name: "lock-refusal-ignored",
    breaks: "A writer goes on although somebody else holds the lock.",
    file: localPool,
    search: 'if (!handle.lock.tryAcquire("exclusive")) return contended\n',
    replace: 'handle.lock.tryAcquire("exclusive")\n'
  },
  {
    name: "lock-released-early",
    breaks: "The lock is given back before the append.",
    file: localPool,
    search: "    appended = handle.writer",
    replace: "    handle.lock.release()\n    appended = handle.writer"
  },
  {
    name: "lock-kept-on-throw",
    breaks: "An append that fails keeps the lock for ever.",
    file: localPool,
    search: release,
    replace: "    handle.lock.release()\n  } finally {\n  }\n"
  },
  {
    name: "deadline-ignored",
    breaks: "Whoever waits for a stopped writer waits for ever.",
    file: withLock,
    search: "if ((yield* Clock.currentTimeMillis) >= deadline) return yield* busy(wait)",
    replace: ""
  },
  {
    name: "append-shares-lock",
    breaks: "Writers hold the lock side by side.",
    file: localPool,
    search: 'handle.lock.tryAcquire("exclusive")',
    replace: 'handle.lock.tryAcquire("shared")'
  },
  {
    name: "deleted-file-appended-to",
    breaks: "Messages go into a file that nobody can find any more.",
    file: localPool,
    search: "  handle.assertCurrent(clock.unsafeCurrentTimeMillis())\n",
    replace: ""
  },
  {
    name: "deleted-file-waited-for",
    breaks: "A reader waits for ever for messages of a pool that was deleted.",
    file: localHandle,
    search: "deleted = !this.file.isCurrent()",
    replace: "deleted = false"
  },
  {
    name: "append-unannounced",
    breaks: "Nobody wakes the readers.",
    file: localPool,
    search: "  handle.notify.announce()\n",
    replace: ""
  },
  {
    name: "durability-ignored",
    breaks: "An append that was to be durable is not.",
    file: localPool,
    search: "Effect.flatMap(services.barrier(durability), (barrier) => append(handle, payloads, barrier))",
    replace: "append(handle, payloads, fastBarrier)"
  },
  {
    name: "position-fixed-late",
    breaks: "A tail from now misses what is appended between its start and its first look.",
    file: tailStream,
    search: "      return Effect.succeed({ ...shared, start: startOf(from, first, newest) })",
    replace:
      "      return Effect.delay(Effect.sync(() => ({ ...shared, start: startOf(from, first, handle.ring.readGroup().newest) })), 1)"
  },
  {
    name: "tail-from-now-repeats",
    breaks: "A tail from now begins with the newest message that was there.",
    file: tailStream,
    search: 'if (from === "now") return newest + 1',
    replace: 'if (from === "now") return newest'
  },
  {
    name: "gap-of-now-swallowed",
    breaks: "A tail from now says nothing of messages that were overwritten before its first look.",
    file: tailStream,
    search: 'reportFirstGap: from === "now" || ',
    replace: "reportFirstGap: "
  },
  {
    name: "open-gap-forgotten",
    breaks: "A reader that is overtaken twice reports only the second gap.",
    file: tailStream,
    search: "this.openGap = { expected: (this.openGap ?? gap).expected, found: gap.found }",
    replace: "this.openGap = gap"
  },
  {
    name: "damage-swallowed-by-tail",
    breaks: "A tail passes over a damaged message in silence.",
    file: tailStream,
    search: "const damage = damaged === undefined ? undefined : this.handle.damagedFrame(damaged)",
    replace: "const damage = undefined"
  },
  {
    name: "lost-wake-up",
    breaks: "A message that arrives between the last look and the wait is seen only with the one after it.",
    file: tailStream,
    search: "this.handle.ring.newestSeq() < this.cursor.nextSeq) return false",
    replace: "this.handle.ring.newestSeq() <= this.cursor.nextSeq) return false"
  },
  {
    name: "way-on-forgotten",
    breaks: "What forEach came upon within an event, an error for one, is forgotten, and it goes on behind it.",
    file: tailStream,
    search: "(deleted) => this.goOn() ??",
    replace: "(deleted) => (this.goOn(), undefined) ??"
  }
]
