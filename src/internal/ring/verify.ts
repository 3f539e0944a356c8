/**
 * Every fault of a pool at rest, for a person to read. Unlike the entry check of a writer it looks at everything:
 * group, every frame with its checksums and its document, and every index slot whose message is there.
 */
import type { Assessment, Finding } from "./assess.js"
import { assess } from "./assess.js"
import type { Chain } from "./chain.js"
import type { FrameProbe } from "./frameProbe.js"
import type { Group } from "./group.js"
import { groupProblem, messageCount } from "./group.js"
import { indexOffset, indexSlotBytes } from "./layout.js"
import type { PayloadProblem, Ring } from "./Ring.js"
import { unfinishedPublish } from "./Ring.js"
import { getNumber64 } from "./words.js"

export interface RingIssue {
  readonly code: "corrupt"
  readonly message: string
  /** The message concerned; for a break in the chain, the last one before it. */
  readonly seq: number | null
  /** Ring offset. */
  readonly offset: number | null
}

export interface RingVerification {
  /** As in an assessment; `content` when nothing is wrong but what some messages contain. */
  readonly finding: Finding | "content"
  readonly issues: ReadonlyArray<RingIssue>
  /** The last message before the first fault; the newest if there is none. */
  readonly lastGoodSeq: number | null
  readonly hints: ReadonlyArray<string>
  readonly messageCount: number
  /** The messages that can be read and passed, in order. */
  readonly readable: ReadonlyArray<SeqRange>
}

/** Message numbers, both included. */
export interface SeqRange {
  readonly from: number
  readonly to: number
}

/** The caller holds the lock, shared or exclusive. */
export const verifyRing = (ring: Ring, payloadProblem: PayloadProblem = ring.payloadProblem): RingVerification => {
  const group = ring.readGroupUnchecked()
  const problem = groupProblem(group, ring.geometry.ringSize)
  if (problem !== undefined && unfinishedPublish(ring, group) < 0) throw ring.corrupt(problem)
  const assessment = assess(ring, group)
  const breaks = chainIssues(assessment, group)
  const walk = new ContentWalk(ring, payloadProblem)
  walk.chain(assessment.prefix)
  walk.chain(assessment.suffix)
  const issues = [...breaks, ...walk.issues]
  return {
    finding: assessment.finding === "clean" && walk.issues.length > 0 ? "content" : assessment.finding,
    issues,
    lastGoodSeq: lastGoodSeq(assessment, group, walk.issues),
    hints: [...walk.notes, ...unfinishedNotes(assessment), ...indexWarnings(ring, group)],
    messageCount: problem === undefined ? messageCount(group) : 0,
    readable: walk.passed
  }
}

const lastGoodSeq = (
  { prefix, started }: Assessment,
  group: Group,
  damaged: ReadonlyArray<RingIssue>
): number | null => {
  const first = damaged[0]
  if (prefix === undefined || first?.seq === group.oldest) return null
  const beforeBreak = started.length > 0 ? started[0]!.seq - 1 : prefix.lastSeq
  const last = Math.min(beforeBreak, (first?.seq ?? Infinity) - 1)
  return last < group.oldest ? null : last
}

const chainIssues = (assessment: Assessment, group: Group): ReadonlyArray<RingIssue> => {
  const { finding, prefix, started, suffix } = assessment
  const seq = prefix?.lastSeq ?? null
  const offset = prefix?.end ?? group.tail
  const at = (message: string): ReadonlyArray<RingIssue> => [{ code: "corrupt", message, seq, offset }]
  switch (finding) {
    case "clean":
    case "healing":
    case "unpublished":
      return []
    case "hint":
      return [
        {
          code: "corrupt",
          message: `the header says that the oldest message ends at ${group.tailNext}; it ends at ${prefix!.firstEnd}`,
          seq: group.oldest,
          offset: group.tail
        }
      ]
    case "crash":
      if (group.oldest === 0 || group.oldest > group.newest)
        return at(`a writer died while publishing message ${group.newest + 1}; the message is whole`)
      if (prefix?.lastSeq === group.newest && started.length > 0)
        return [
          {
            code: "corrupt",
            message: `a writer died while replacing the header of message ${started[0]!.seq}; the message is whole`,
            ...started[0]!
          }
        ]
      if (prefix?.lastSeq === group.newest)
        return at(`the newest message ends at ${prefix.end}, but the header says ${group.head}`)
      return at(`a writer died in the middle of an append: ${missing(group, prefix, suffix)}`)
    case "tail-loss":
      return at(`the oldest messages are damaged: ${missing(group, prefix, suffix)}`)
    case "hole":
      return at(`the chain of messages is broken: ${missing(group, prefix, suffix)}`)
    case "short":
      return at(`the header is ahead of the ring: ${missing(group, prefix, suffix)}`)
  }
}

const missing = (group: Group, prefix: Chain | undefined, suffix: Chain | undefined): string => {
  const first = prefix === undefined ? group.oldest : prefix.lastSeq + 1
  const last = suffix === undefined ? group.newest : suffix.firstSeq - 1
  const behind = suffix === undefined ? [] : span(suffix.lastSeq + 1, group.newest)
  const spans = [...span(first, last), ...behind]
  if (spans.length === 0) return "the offset of the oldest message is wrong"
  return `${spans.join(", ")} cannot be read`
}

const span = (first: number, last: number): ReadonlyArray<string> => {
  if (last < first) return []
  return [first === last ? `message ${first}` : `messages ${first} to ${last}`]
}

/** What a dead writer left to be done, and the next one does. */
const unfinishedNotes = ({ adopted, finding, group }: Assessment): ReadonlyArray<string> => {
  if (finding === "unpublished")
    return [`note: ${adopted} finished but unpublished after message ${group.newest}; the next append publishes`]
  if (finding === "healing")
    return [`note: message ${group.newest} has absorbed the padding at the ring end; the next append finishes that`]
  return []
}

/** Looks into every message of the chains it is shown. */
class ContentWalk {
  readonly issues: Array<RingIssue> = []
  readonly notes: Array<string> = []
  readonly passed: Array<SeqRange> = []
  private readonly probe: FrameProbe

  constructor(
    { probe }: Ring,
    private readonly payloadProblem: PayloadProblem
  ) {
    this.probe = probe
  }

  chain(chain: Chain | undefined): void {
    if (chain === undefined) return
    let position = chain.firstOffset
    for (let seq = chain.firstSeq; seq <= chain.lastSeq; seq++) {
      this.probe.follow(position)
      this.message(seq)
      position = this.probe.end
    }
  }

  private message(seq: number): void {
    const { issues, notes, payloadProblem, probe } = this
    const { offset, paddingBehind } = probe
    if (paddingBehind > 0) {
      notes.push(
        `note: ${paddingBehind} bytes of padding follow message ${seq} at the ring end; upstream's readers stop there, an append heals it`
      )
    }
    const problem =
      probe.hasChecksums && !probe.checksumsHold ? "its checksum does not match" : payloadProblem(probe.readPayload())
    if (problem === undefined) this.pass(seq)
    else issues.push({ code: "corrupt", message: `message ${seq} is damaged: ${problem}`, seq, offset })
  }

  private pass(seq: number): void {
    const last = this.passed.at(-1)
    if (last !== undefined && last.to === seq - 1) this.passed[this.passed.length - 1] = { from: last.from, to: seq }
    else this.passed.push({ from: seq, to: seq })
  }
}

const slotsPerRead = 4096

/** Slots of retained messages that lead nowhere: lookups of those messages walk the ring instead. */
const indexWarnings = (ring: Ring, group: Group): ReadonlyArray<string> => {
  const { indexCapacity, ringSize } = ring.geometry
  const covered = Math.min(indexCapacity, messageCount(group))
  if (covered <= 0) return []
  const { probe } = ring
  const slots = new Uint8Array(Math.min(slotsPerRead, indexCapacity) * indexSlotBytes)
  const view = new DataView(slots.buffer)
  let wrong = 0
  let read = 0
  for (let seq = group.newest - covered + 1; seq <= group.newest; seq += read) {
    const firstSlot = seq % indexCapacity
    read = Math.min(slotsPerRead, indexCapacity - firstSlot, group.newest - seq + 1)
    ring.file.read(indexOffset + firstSlot * indexSlotBytes, slots, 0, read * indexSlotBytes)
    for (let at = 0; at < read; at++) {
      const offset = getNumber64(view, at * indexSlotBytes + 8)
      if (getNumber64(view, at * indexSlotBytes) === seq + at && offset < ringSize && offset % 8 === 0) {
        probe.load(offset)
        if (probe.isMessage(seq + at)) continue
      }
      wrong++
    }
  }
  if (wrong === 0) return []
  return [`warning: ${wrong} of ${covered} index slots do not lead to their message; looking those up takes longer`]
}
