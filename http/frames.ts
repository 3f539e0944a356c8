/**
 * Stored messages as bytes on a wire: number and nanoseconds as 64 bits each, length as 32, all big-endian, then the
 * payload as it is stored. Reading takes pieces of any size; a length beyond the bound is refused before anything is
 * allocated for it.
 */
import type { StoredMessage } from "../src/EncodedPool.js"
import { PoolError } from "../src/PoolError.js"

export const frameHeaderBytes = 20

export const encodeFrame = ({ payload, seq, timestampHigh, timestampLow }: StoredMessage): Uint8Array => {
  const frame = Buffer.allocUnsafe(frameHeaderBytes + payload.length)
  frame.writeUInt32BE(Math.floor(seq / 2 ** 32), 0)
  frame.writeUInt32BE(seq >>> 0, 4)
  frame.writeUInt32BE(timestampHigh >>> 0, 8)
  frame.writeUInt32BE(timestampLow >>> 0, 12)
  frame.writeUInt32BE(payload.length, 16)
  frame.set(payload, frameHeaderBytes)
  return frame
}

export class FrameDecoder {
  private pending: Buffer = Buffer.alloc(0)

  constructor(private readonly maxPayloadBytes: number) {}

  /** The frames that are complete with this piece. Throws `Io` for a length that cannot be. */
  push(piece: Uint8Array): Array<StoredMessage> {
    this.pending = this.pending.length === 0 ? Buffer.from(piece) : Buffer.concat([this.pending, piece])
    const frames: Array<StoredMessage> = []
    let position = 0
    while (this.pending.length - position >= frameHeaderBytes) {
      const length = this.pending.readUInt32BE(position + 16)
      if (length > this.maxPayloadBytes) {
        throw new PoolError({ reason: "Io", message: `a frame announces ${length} bytes, more than any message has` })
      }
      const end = position + frameHeaderBytes + length
      if (end > this.pending.length) break
      frames.push({
        seq: this.pending.readUInt32BE(position) * 2 ** 32 + this.pending.readUInt32BE(position + 4),
        timestampHigh: this.pending.readUInt32BE(position + 8),
        timestampLow: this.pending.readUInt32BE(position + 12),
        payload: Uint8Array.prototype.slice.call(this.pending, position + frameHeaderBytes, end)
      })
      position = end
    }
    this.pending = this.pending.subarray(position)
    return frames
  }

  /** Whether the stream ended within a frame. */
  get isInsideFrame(): boolean {
    return this.pending.length > 0
  }
}
