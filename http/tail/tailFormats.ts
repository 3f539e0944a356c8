/**
 * The three ways in which a tail is told. A failure on the way is a last line or event; frames have no word for it, so
 * their connection is cut, and the reader sees that the stream did not end by itself.
 */
import { envelopeText } from "../../src/internal/envelope.js"
import type { StoredMessage } from "../../src/EncodedPool.js"
import type { ErrorEnvelope } from "../api/ApiError.js"
import * as MediaTypes from "../api/mediaTypes.js"
import { encodeFrame } from "../frames.js"

export interface TailFormat {
  readonly mediaType: string
  readonly headers: ReadonlyArray<string>
  readonly cacheControl: string
  readonly cannotTellGap: boolean
  /** Sent at once, before there is any message. */
  readonly opening: string
  readonly heartbeat: string | undefined
  /** Throws `Corrupt` when the payload is damaged. */
  readonly message: (message: StoredMessage) => string | Uint8Array
  readonly failure: (envelope: ErrorEnvelope) => string | undefined
}

export const jsonLines: TailFormat = {
  mediaType: MediaTypes.jsonLines,
  headers: [],
  cacheControl: "no-store",
  cannotTellGap: false,
  opening: "",
  // Readers of lines skip blank ones.
  heartbeat: "\n",
  message: (message) => `${envelopeText(message)}\n`,
  failure: (envelope) => `${JSON.stringify(envelope)}\n`
}

export const events: TailFormat = {
  mediaType: MediaTypes.eventStream,
  // Node adds `connection: keep-alive`, unless the client wants it closed.
  headers: ["x-accel-buffering", "no"],
  cacheControl: "no-cache, no-transform",
  cannotTellGap: false,
  opening: "retry: 1000\n\n",
  heartbeat: ":\n\n",
  message: (message) => `event: message\nid: ${message.seq}\ndata: ${envelopeText(message)}\n\n`,
  failure: (envelope) => `event: error\ndata: ${JSON.stringify(envelope)}\n\n`
}

export const frames: TailFormat = {
  mediaType: MediaTypes.frames,
  headers: [],
  cacheControl: "no-store",
  cannotTellGap: true,
  opening: "",
  heartbeat: undefined,
  message: encodeFrame,
  failure: () => undefined
}
