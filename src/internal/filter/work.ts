/**
 * How much a filter may do over one message before jq is asked, which runs on a thread of its own and can be stopped. A
 * filter that multiplies what is in a large message must not hold its reader up.
 */
export interface Work {
  /** Outputs within the filter. */
  outputs: number
  /** Bytes read out of the payload, again and again if it comes to that. */
  bytes: number
}

const mostOutputs = 1_000_000
/** What outputs may cost, each as much as going through the whole payload. */
const mostByteSteps = 20_000_000_000
const freeBytes = 1_048_576

export const makeWork = (): Work => ({ outputs: 0, bytes: 0 })

/** Each message begins anew. */
export const beginWork = (work: Work, payloadBytes: number): void => {
  work.outputs = payloadBytes < mostByteSteps / mostOutputs ? mostOutputs : mostByteSteps / payloadBytes
  work.bytes = freeBytes + 4 * payloadBytes
}
