/**
 * Who else keeps messages, in the same terms for everybody: one at a time, each acknowledged before the next is sent; in
 * batches; each on the disk before the next; and read back to objects.
 */
import { hasProgram } from "../processes.js"

export interface OpenPeer {
  /** Each resolves with how many messages that were. */
  readonly single: () => Promise<number>
  readonly batch?: () => Promise<number>
  readonly flush: () => Promise<number>
  /** What has to be there before reading can begin, and is not measured. */
  readonly prepareRead?: () => Promise<void>
  readonly read: () => Promise<number>
  readonly close: () => Promise<void>
}

export interface Peer {
  readonly name: string
  /** What an acknowledged message survives: in the modes `single` and `batch`, and in the mode `flush`. */
  readonly fast: string
  readonly flush: string
  /** Why it cannot be measured here, if so. */
  readonly missing: () => string | undefined
  readonly open: (directory: string) => Promise<OpenPeer>
}

export const needsProgram = (name: string) => (): string | undefined =>
  hasProgram(name) ? undefined : `${name} is not installed`

/** Messages that are read back, wherever the peer keeps that many. */
export const readCount = 20_000
