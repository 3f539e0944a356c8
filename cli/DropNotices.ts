// Notices about messages that the ring overwrote unread. Each gap is reported by itself; a reader that loses messages all
// the time writes at most once a second, with all the gaps since the last time.
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Gap } from "../src/EncodedPool.js"
import { dropNotice, type NoticeOrigin } from "./output/envelopes.js"
import { type Presentation, reportNotice } from "./presentation.js"
import type { ProcessIo } from "./ProcessIo.js"

const intervalMillis = 1000

export class DropNotices {
  private readonly pending: Array<Gap> = []
  private writtenAt = Number.NEGATIVE_INFINITY
  private scheduled = false

  private constructor(
    private readonly look: Presentation,
    private readonly origin: NoticeOrigin,
    private readonly scope: Scope.Scope
  ) {}

  /** What is still pending when the scope closes is written then. */
  static make(look: Presentation, origin: NoticeOrigin): Effect.Effect<DropNotices, never, ProcessIo | Scope.Scope> {
    return Effect.flatMap(Effect.scope, (scope) =>
      Effect.acquireRelease(
        Effect.sync(() => new DropNotices(look, origin, scope)),
        (notices) => notices.write
      )
    )
  }

  add(gap: Gap): Effect.Effect<void, never, ProcessIo> {
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      this.pending.push(gap)
      const dueMillis = this.writtenAt + intervalMillis - now
      if (dueMillis <= 0) return this.write
      if (this.scheduled) return Effect.void
      this.scheduled = true
      return Effect.asVoid(Effect.forkIn(Effect.zipRight(Effect.sleep(dueMillis), this.write), this.scope))
    })
  }

  private readonly write: Effect.Effect<void, never, ProcessIo> = Effect.suspend(() => {
    this.scheduled = false
    if (this.pending.length === 0) return Effect.void
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      this.writtenAt = now
      return Effect.forEach(this.pending.splice(0), (gap) => this.report(gap), { discard: true })
    })
  })

  private report({ expected, found, isUpperBound }: Gap): Effect.Effect<void, never, ProcessIo> {
    return reportNotice(this.look, dropNotice(this.origin, expected - 1, found, isUpperBound))
  }
}
