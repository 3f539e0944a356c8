/**
 * Remembers how far an end of a list drew back, so that readers who look in now and then learn which rows may have been
 * replaced since.
 */
const mostEdges = 16

/** How far an end of the buffer has drawn back, by version. Of too many entries, the oldest two become one. */
export class EdgeLog {
  /** Later entries have drawn back less far. */
  private entries: ReadonlyArray<{ readonly version: number; readonly edge: number }> = []

  constructor(private readonly isFarther: (edge: number, other: number) => boolean) {}

  note(version: number, edge: number): void {
    const farther = this.entries.filter((entry) => this.isFarther(entry.edge, edge))
    const entries = [...farther, { version, edge }]
    const [first, second, ...rest] = entries
    this.entries = entries.length > mostEdges ? [{ version: second!.version, edge: first!.edge }, ...rest] : entries
  }

  farthestSince(version: number): number | undefined {
    return this.entries.find((entry) => entry.version > version)?.edge
  }
}
