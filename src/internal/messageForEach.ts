/**
 * Each message to a plain function, as soon as this process knows of it. The engine calls within the event that tells of
 * a message: the turns of a fiber and the layers of a stream would take longer than the way between two processes.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { EncodedPool, Gap, TailBatch } from "../EncodedPool.js"
import { Message } from "../Message.js"
import type { ForEachOptions } from "../Pool.js"
import type { PoolError } from "../PoolError.js"
import { checkPolicies } from "./policyProblem.js"
import { damageHandler, decodeMessage, gapHandler, type Handler } from "./messageTail.js"

/** Returns what has to be done before the next message, if it could not do all at once. */
export type MessageTaker = (message: Message) => Effect.Effect<void, PoolError> | undefined

export const messageForEach = (
  encoded: EncodedPool,
  handle: MessageTaker,
  options: ForEachOptions
): Effect.Effect<void, PoolError> =>
  Effect.flatMap(checkPolicies(options), () => {
    const handler = new MessageHandler(encoded, handle, options)
    return encoded.forEachBatch === undefined
      ? Stream.runForEach(encoded.tail(options, "lent"), (batch) => handler.take(batch) ?? Effect.void)
      : encoded.forEachBatch(options, (batch) => handler.take(batch))
  })

/** Does at once what it can, and leaves to a fiber what somebody has to be told by an effect, with all that comes behind it. */
class MessageHandler {
  private readonly onGap: Handler<Gap>
  private readonly onDamage: Handler<PoolError>

  constructor(
    private readonly encoded: EncodedPool,
    private readonly handle: MessageTaker,
    private readonly options: ForEachOptions
  ) {
    this.onGap = gapHandler(encoded, options.onGap ?? "continue")
    this.onDamage = damageHandler(options.onDamage ?? "fail")
  }

  take(batch: TailBatch): Effect.Effect<void, PoolError> | undefined {
    return batch.gap === undefined ? this.pass(batch, 0) : this.tell(this.onGap(batch.gap), batch, 0)
  }

  private pass(batch: TailBatch, from: number): Effect.Effect<void, PoolError> | undefined {
    const { damage, messages } = batch
    for (let index = from; index < messages.length; index++) {
      const message = decodeMessage(messages[index]!, this.options, this.encoded.path)
      if (!(message instanceof Message)) return this.tell(this.onDamage(message), batch, index + 1)
      const rest = this.handle(message)
      if (rest !== undefined) return this.tell(rest, batch, index + 1)
    }
    return damage === undefined ? undefined : this.onDamage(damage)
  }

  private tell(told: Effect.Effect<void, PoolError>, batch: TailBatch, next: number): Effect.Effect<void, PoolError> {
    return Effect.flatMap(told, () => this.pass(batch, next) ?? Effect.void)
  }
}
