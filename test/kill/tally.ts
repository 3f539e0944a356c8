/**
 * What must never happen, counted by kind.
 */

/** - `lost`: an acknowledged message, or one that somebody read, is not there, and nothing was entitled to drop it.
 * - `torn`: a message was returned that is not, byte by byte, what somebody wrote.
 * - `invented`: a message is there that nobody wrote, or twice, or under another number, or before it was written.
 * - `unreported`: a reader missed messages without being told exactly which.
 * - `misordered`: numbers contradict the order in time, or the order in which one process wrote.
 * - `hung`: something did not end in time.
 * - `unsound`: the pool failed its check, or something failed in another way than it may.
 */
export const violationKinds = ["lost", "torn", "invented", "unreported", "misordered", "hung", "unsound"] as const
export type ViolationKind = (typeof violationKinds)[number]

export interface Violation {
  readonly kind: ViolationKind
  readonly detail: string
}

export const countsText = (violations: ReadonlyArray<Violation>): string =>
  violationKinds.map((kind) => `${kind} ${violations.filter((violation) => violation.kind === kind).length}`).join(", ")
