/**
 * What a filter of the kind that people write costs per message, in batches as a tail reads them: decided on the stored
 * bytes, and by jq itself. Both pass the same messages, and that is checked.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as JqMessageFilter from "../../../layers/JqMessageFilter.js"
import type { StoredMessage } from "../../../src/EncodedPool.js"
import { MessageFilter } from "../../../src/index.js"
import { encodeValue } from "../../../src/internal/lite3/encodeValue.js"
import type { CompiledFilter } from "../../../src/MessageFilter.js"
import type { Entry } from "../Entry.js"
import { nanosPerItem } from "../messages.js"

const expression = '.data.level == "error" and .data.code >= 500'
const batchSize = 1000

const messages: ReadonlyArray<StoredMessage> = Array.from({ length: batchSize }, (_, index) => ({
  seq: index + 1,
  timestampLow: index,
  timestampHigh: 413_000_000,
  payload: encodeValue(
    { level: index % 10 === 0 ? "error" : "info", code: 200 + (index % 400), path: `/items/${index}` },
    []
  )
}))

const passedBy = async (filter: CompiledFilter): Promise<number> => {
  const { error, passed } = await Effect.runPromise(filter.matches(messages))
  if (error !== undefined) throw error
  return passed.filter((verdict) => verdict).length
}

export const filter: Entry = {
  name: "filter",
  rows: [
    {
      name: "filter",
      what: "filter fast path, per message, against jq-wasm batches",
      unit: "ns",
      yardstick: "jq-wasm in batches of 1000",
      figure: "inverse",
      direction: "at least",
      bar: 50,
      aim: 100
    }
  ],
  open: async () => {
    const scope = await Effect.runPromise(Scope.make())
    const compiled = async (layer: Layer.Layer<MessageFilter.MessageFilter>): Promise<CompiledFilter> => {
      const context = await Effect.runPromise(Layer.buildWithScope(layer, scope))
      const filters = Context.get(context, MessageFilter.MessageFilter)
      return Effect.runPromise(Scope.extend(filters.compile([expression]), scope))
    }
    const fast = await compiled(JqMessageFilter.layer)
    const jq = await compiled(JqMessageFilter.layerReference)
    const passed = await passedBy(fast)
    if (passed === 0 || passed !== (await passedBy(jq))) throw new Error("the two do not agree")
    const judging = (by: CompiledFilter) => async (): Promise<number> => {
      await passedBy(by)
      return batchSize
    }
    return {
      round: async () => {
        const ours = await nanosPerItem(judging(fast))
        return { filter: { ours, yardstick: await nanosPerItem(judging(jq)) } }
      },
      close: () => Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}
