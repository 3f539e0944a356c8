/**
 * Memory for private copies of the ring, handed out in pieces of larger blocks: a small message costs no allocation of
 * its own. A piece is never handed out twice; its block lives as long as any payload in it.
 */

const blockBytes = 64 * 1024

export class CopyBuffer {
  /** The block that the last piece lies in. */
  bytes = new Uint8Array(0)
  view = new DataView(this.bytes.buffer)
  private taken = 0

  /** Where in `bytes` a piece of this length starts. */
  take(length: number): number {
    // Pieces start at multiples of 8, which copying likes.
    const start = (this.taken + 7) & ~7
    if (start + length <= this.bytes.length) {
      this.taken = start + length
      return start
    }
    this.bytes = new Uint8Array(length > blockBytes / 4 ? length : blockBytes)
    this.view = new DataView(this.bytes.buffer)
    this.taken = length
    return 0
  }
}
