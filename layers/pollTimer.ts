/**
 * The one timer that looks into all waiting rooms of a process: often while things happen, rarely when nothing does.
 * It keeps the process alive exactly as long as somebody waits.
 */
import type { RoomTimer, WaitingRoom } from "./waitingRoom.js"

/** How long to pause, given the time since something last came. Both in milliseconds. */
export type PollSchedule = (idleMillis: number) => number

/** Looking must leave at least nine tenths of the time to others, however many wait and however slowly they look. */
const pausePerLook = 10

export class PollTimer implements RoomTimer {
  private readonly rooms = new Set<WaitingRoom>()
  private pending: ReturnType<typeof setTimeout> | undefined
  private activeMillis = performance.now()

  constructor(private readonly schedule: PollSchedule) {}

  add(room: WaitingRoom): void {
    this.rooms.add(room)
    if (this.pending === undefined) this.arm(0)
    else if (this.rooms.size === 1) this.pending.ref()
  }

  // The pending look is left to come: waiters of a busy pool leave and return many times in a millisecond.
  remove(room: WaitingRoom): void {
    this.rooms.delete(room)
    if (this.rooms.size === 0) this.pending?.unref()
  }

  noteActivity(): void {
    this.activeMillis = performance.now()
  }

  private arm(spentMillis: number): void {
    const pause = this.schedule(performance.now() - this.activeMillis)
    this.pending = setTimeout(() => this.tick(), Math.max(pause, spentMillis * pausePerLook))
  }

  private tick(): void {
    this.pending = undefined
    const startMillis = performance.now()
    for (const room of this.rooms) room.lookUnprompted()
    if (this.rooms.size > 0) this.arm(performance.now() - startMillis)
  }
}
