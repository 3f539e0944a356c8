/**
 * Failures that may be over when one asks again, and how long to wait before that.
 */
import * as Effect from "effect/Effect"
import type { PoolError } from "../../src/PoolError.js"
import { gatewayFailures } from "./peerError.js"

const shortestMillis = 250
const longestMillis = 10_000

export const isPassing = ({ causes = [], reason }: PoolError): boolean =>
  reason === "Io" || reason === "Busy" || causes.some((cause) => gatewayFailures.has(cause))

/** Each twice as long as the one before. */
export class Pauses {
  private millis = shortestMillis

  /** Half of it by chance, so that clients of a server that came back do not come all at once. */
  readonly next: Effect.Effect<void> = Effect.suspend(() => {
    const { millis } = this
    this.millis = Math.min(longestMillis, 2 * millis)
    return Effect.flatMap(Effect.random, (random) =>
      Effect.flatMap(random.next, (chance) => Effect.sleep(millis * (0.5 + chance / 2)))
    )
  })

  /** It went well: the next one is short. */
  reset(): void {
    this.millis = shortestMillis
  }
}
