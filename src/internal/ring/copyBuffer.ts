/**
 * Memory for private copies of the ring, handed out in pieces of larger blocks: a small message costs no allocation of
 * its own. Kept copies are never overwritten; their block lives as long as any payload in it. Lent copies use the same
 * memory again at each look: the engine counts a mapped pool as memory in use, and collects what it promoted only
 * after about as much again, so that copies of a large pool would pile up to its size.
 */

const keptBlockBytes = 64 * 1024

/** Memory for copies that may be kept for ever. */
export class CopyBuffer {
  /** The block that the last piece lies in. */
  bytes = new Uint8Array(0)
  view = new DataView(this.bytes.buffer)
  private taken = 0

  /** Another look begins. */
  startOver(): void {}

  /** Where in `bytes` a piece of this length starts. */
  take(length: number): number {
    // Pieces start at multiples of 8, which copying likes.
    const start = (this.taken + 7) & ~7
    if (start + length <= this.bytes.length) {
      this.taken = start + length
      return start
    }
    this.replaceBlock(this.newBlockBytes(length))
    this.taken = length
    return 0
  }

  protected newBlockBytes(length: number): number {
    return length > keptBlockBytes / 4 ? length : keptBlockBytes
  }

  protected replaceBlock(blockBytes: number): void {
    this.bytes = new Uint8Array(blockBytes)
    this.view = new DataView(this.bytes.buffer)
    this.taken = 0
  }

  protected reuseBlock(): void {
    this.taken = 0
  }
}

const smallestLentBlockBytes = 4 * 1024
/** More than this is not held on to after a look that needed it. */
const largestLentBlockBytes = 1024 * 1024

/** Memory for copies that are good until the next look. */
export class LentCopyBuffer extends CopyBuffer {
  override startOver(): void {
    if (this.bytes.length <= largestLentBlockBytes) this.reuseBlock()
    else this.replaceBlock(smallestLentBlockBytes)
  }

  /** Grows until all the pieces of one look fit into one block. */
  protected override newBlockBytes(length: number): number {
    const doubled = Math.min(Math.max(this.bytes.length * 2, smallestLentBlockBytes), largestLentBlockBytes)
    return Math.max(length, doubled)
  }
}
