/**
 * One stream for all tabs of a browser: the tab that holds the lock reads it and tells the others. When it closes, or has
 * been hidden for a minute, another takes over. Where the browser has no locks (a page that is not served securely), each
 * tab reads for itself.
 */

export const hiddenMillis = 60_000

export class SharedStream {
  onData: (data: string) => void = () => undefined
  private readonly channel: BroadcastChannel
  private leading: AbortController | undefined
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined

  /** `lead` reads until its signal is aborted. */
  constructor(
    private readonly name: string,
    private readonly lead: (signal: AbortSignal, publish: (data: string) => void) => Promise<void>
  ) {
    this.channel = new BroadcastChannel(name)
    this.channel.onmessage = ({ data }: MessageEvent<string>) => this.onData(data)
  }

  start(): void {
    this.stand()
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.hiddenTimer)
      if (document.hidden) this.hiddenTimer = setTimeout(() => this.leave(), hiddenMillis)
      else this.stand()
    })
  }

  private stand(): void {
    if (this.leading !== undefined) return
    const leading = new AbortController()
    this.leading = leading
    const run = (): Promise<void> =>
      this.lead(leading.signal, (data) => {
        this.channel.postMessage(data)
        this.onData(data)
      })
    const { signal } = leading
    const turn = navigator.locks === undefined ? run() : navigator.locks.request(this.name, { signal }, () => run())
    // A turn that was never had ends with the signal's reason, which is what was wanted.
    turn.catch(() => undefined)
  }

  private leave(): void {
    this.leading?.abort()
    this.leading = undefined
  }
}

/** Streams of messages that tabs of one browser may hold at once: the browser allows six connections, one is for requests. */
const slotCount = 4

/** A place for a stream; undefined when the other tabs have all of them. */
export const takeStreamSlot = async (signal: AbortSignal): Promise<(() => void) | undefined> => {
  const { locks } = navigator
  if (locks === undefined) return () => undefined
  for (let slot = 0; slot < slotCount && !signal.aborted; slot++) {
    const release = await new Promise<(() => void) | undefined>((resolve) => {
      const hold = (lock: Lock | null): Promise<void> | undefined => {
        if (lock === null) {
          resolve(undefined)
          return undefined
        }
        return new Promise((done) => {
          const end = (): void => done()
          signal.addEventListener("abort", end)
          resolve(end)
        })
      }
      locks.request(`plasmite.tail.${slot}`, { ifAvailable: true }, hold).catch(() => resolve(undefined))
    })
    if (release !== undefined) return release
  }
  return undefined
}
