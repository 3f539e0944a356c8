/**
 * When a stream has reached the live end: what is retained comes in large pieces without a pause, so the first pause
 * says it, or a small piece after others. Nothing in the protocol does.
 */

const quietMillis = 120
/** The first piece may take this long; after that there is nothing. */
const firstPieceMillis = 600
/** A pool that is written to all the time may never pause. */
const longestMillis = 3_000
const smallPiece = 40

export class CatchUp {
  private timer: ReturnType<typeof setTimeout> | undefined
  private openedAt = 0
  private pieces = 0

  constructor(private readonly onCaughtUp: () => void) {}

  opened(): void {
    this.pieces = 0
    this.openedAt = performance.now()
    this.wait(firstPieceMillis)
  }

  /** So many messages came at once. */
  piece(size: number): void {
    this.pieces++
    if (this.timer === undefined) return
    const isLivePace = size < smallPiece && this.pieces > 1
    const isLate = performance.now() - this.openedAt > longestMillis
    if (isLate) this.wait(0)
    else if (!isLivePace || this.pieces === 2) this.wait(quietMillis)
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private wait(millis: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.onCaughtUp()
    }, millis)
  }
}
