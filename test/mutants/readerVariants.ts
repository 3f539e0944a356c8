/**
 * Broken readers: what counts as whole, what counts as lost, and what is said about it.
 */
import type { Variant } from "./Variant.js"

const copyBuffer = "src/internal/ring/copyBuffer.ts"
const copyFrames = "src/internal/ring/copyFrames.ts"
const cursor = "src/internal/ring/cursor.ts"
const deadWriter = "src/internal/ring/deadWriter.ts"
const frame = "src/internal/ring/frame.ts"
const frameProbe = "src/internal/ring/frameProbe.ts"
const readFrame = "src/internal/ring/readFrame.ts"
const ring = "src/internal/ring/Ring.ts"
const seqIndex = "src/internal/ring/seqIndex.ts"

export const readerVariants: ReadonlyArray<Variant> = [
  {
    name: "bounded-tail-waits",
    breaks: "A tail that is to end waits for messages that a repair took back.",
    file: "src/internal/tailStream.ts",
    search: "this.plan.end === undefined ? this.waitForMore : this.cutBack",
    replace: "this.waitForMore"
  },
  {
    name: "checksum-ignored",
    breaks: "A copy that was overwritten while it was made is delivered.",
    file: copyFrames,
    search: "else if (!checksumsHold(view, at, payload)) {",
    replace: "else if (!checksumsHold(view, at, payload) && false) {"
  },
  {
    name: "kept-copies-overwritten",
    breaks: "Payloads that somebody still holds change at the next look.",
    file: copyBuffer,
    search: "  startOver(): void {}\n",
    replace: "  startOver(): void {\n    this.taken = 0\n  }\n"
  },
  {
    name: "header-checksum-ignored",
    breaks: "A flipped bit in a message's time or number of bytes goes unnoticed.",
    file: frame,
    search: "    headerChecksumHolds(view, at) &&\n",
    replace: ""
  },
  {
    name: "marker-not-checked",
    breaks: "A copied frame without its marker is taken for whole.",
    file: copyFrames,
    search: 'if (!isCommitMarker(view, at + frameHeaderBytes + payload)) return stopAt(run, "broken", offset)',
    replace: ""
  },
  {
    name: "marker-not-checked-on-entry",
    breaks: "Writers and assessments take a frame without its marker for whole.",
    file: frameProbe,
    search: "return isCommitMarker(this.markerView, 0)",
    replace: "return true"
  },
  {
    name: "started-frame-copied",
    breaks: "A frame that its writer has not finished is delivered.",
    file: copyFrames,
    search: "if (stateOf(view, at) !== frameState.committed && !request.started.some",
    replace: "if (false && !request.started.some"
  },
  {
    name: "number-not-compared",
    breaks: "Whatever message lies at the place is delivered under the number asked for.",
    file: copyFrames,
    search: " || seqOf(view, at) !== seq) return stopAt",
    replace: ") return stopAt"
  },
  {
    name: "unproved-delivered",
    breaks: "Frames without checksums are delivered as copied, while a writer may be overwriting them.",
    file: cursor,
    search: "run.frames.length > 0 && run.unproved.length === 0) return",
    replace: "run.frames.length > 0) return"
  },
  {
    name: "proof-without-lock",
    breaks: "Frames without checksums are proved while a writer may be at work.",
    file: cursor,
    search: 'if (this.lock.tryAcquire("shared")) {',
    replace: "if (this.lock !== undefined) {"
  },
  {
    name: "proof-always-holds",
    breaks: "The proof under the lock finds nothing.",
    file: cursor,
    search: "if (!holds) return cutRun(run, index)",
    replace: ""
  },
  {
    name: "proof-without-comparing",
    breaks: "A copy is proved by a frame that is no longer the one copied.",
    file: cursor,
    search: "        sameBytes(header, headerOf(frame)) &&\n",
    replace: ""
  },
  {
    name: "extent-ignored-in-proof",
    breaks: "A copy is proved although a dead writer's frame reaches into it.",
    file: cursor,
    search:
      "        sameBytes(header, headerOf(frame)) &&\n        !isOverlapped(started, offset, frameLength(frame.payload.length))",
    replace: "        sameBytes(header, headerOf(frame))"
  },
  {
    name: "extent-ignored-in-copy",
    breaks: "A message copied under the lock is delivered although a dead writer's frame reaches into it.",
    file: cursor,
    search: "      this.cutOverlapped(run, started)\n",
    replace: ""
  },
  {
    name: "extent-ignored",
    breaks: "A live frame under a dead writer's frame counts as whole, for readers and repairs.",
    file: deadWriter,
    search: "if (offset < to && from < offset + length) return true",
    replace: ""
  },
  {
    name: "contention-unreported",
    breaks: "A reader that could not prove what comes next says that there is nothing new.",
    file: cursor,
    search: "    batch.contended = true\n    return batch\n",
    replace: "    return batch\n"
  },
  {
    name: "reader-keeps-lock",
    breaks: "A reader never gives the shared lock back.",
    file: cursor,
    search: "          this.lock.release()",
    replace: ""
  },
  {
    name: "gap-swallowed",
    breaks: "Overwritten messages are passed over in silence.",
    file: cursor,
    search: "if (reported) batch.gap =",
    replace: "if (false) batch.gap ="
  },
  {
    name: "gap-one-short",
    breaks: "The gap leaves out the last message lost.",
    file: cursor,
    search: "expected: batch.gap?.expected ?? this.nextSeq, found }",
    replace: "expected: batch.gap?.expected ?? this.nextSeq, found: found - 1 }"
  },
  {
    name: "gap-one-late",
    breaks: "The gap leaves out the first message lost.",
    file: cursor,
    search: "expected: batch.gap?.expected ?? this.nextSeq, found }",
    replace: "expected: batch.gap?.expected ?? this.nextSeq + 1, found }"
  },
  {
    name: "gap-forgets-its-start",
    breaks: "Of two gaps in one look only the second is reported.",
    file: cursor,
    search: "expected: batch.gap?.expected ?? this.nextSeq, found }",
    replace: "expected: this.nextSeq, found }"
  },
  {
    name: "restart-at-newest",
    breaks: "A reader that was overtaken goes on at the newest message and skips the ones still there.",
    file: cursor,
    search: "this.skipTo(first, this.reportsGaps, batch)",
    replace: "this.skipTo(group.newest, this.reportsGaps, batch)"
  },
  {
    name: "oldest-skipped",
    breaks: "A reader from the start begins with the second message.",
    file: cursor,
    search: "const first = group.oldest === 0 ? group.newest + 1 : group.oldest\n    if",
    replace: "const first = group.oldest === 0 ? group.newest + 1 : Math.min(group.oldest + 1, group.newest)\n    if"
  },
  {
    name: "lost-numbers-skipped",
    breaks: "Numbers that a repair took back and gave out again are never read.",
    file: cursor,
    search: "      this.moveTo(this.lost.seq, unknown)\n",
    replace: ""
  },
  {
    name: "damage-not-passed",
    breaks: "A reader reports the same damaged message for ever.",
    file: cursor,
    search: "    this.moveTo(this.nextSeq + 1, run.stopEnd)\n",
    replace: ""
  },
  {
    name: "group-read-once",
    breaks: "A group that a foreign writer is storing field by field is taken as it comes.",
    file: ring,
    search: "if (this.group.equals(before)) break",
    replace: "break"
  },
  {
    name: "unfinished-publish-read",
    breaks: "A message whose publish is half done makes the pool unusable.",
    file: ring,
    search: "  if (probe.find(tail, newest + 1) && endsAtHead(probe.end, group, ringSize)) return probe.offset\n",
    replace: ""
  },
  {
    name: "unfinished-publish-at-0-unread",
    breaks: "A message at offset 0 whose publish is half done makes the pool unusable.",
    file: ring,
    search: "  if (oldest === 0 && probe.find(0, newest + 1) && endsAtHead(probe.end, group, ringSize)) return 0\n",
    replace: ""
  },
  {
    name: "index-trusted",
    breaks: "Wherever an index slot points counts as the message.",
    file: seqIndex,
    search: "  probe.load(offset)\n  return probe.isMessage(seq)",
    replace: "  probe.load(offset)\n  return true"
  },
  {
    name: "mark-trusted",
    breaks: "A place remembered from an earlier walk counts as the message after it was overwritten.",
    file: seqIndex,
    search: "if (probe.isMessage(marked)) {",
    replace: "if (marked > 0) {"
  },
  {
    name: "damage-is-missing",
    breaks: "A damaged message reads as one that was never written.",
    file: readFrame,
    search:
      "  if (damaged !== undefined && damaged.seq === seq) throw damagedMessage(ring, seq, damaged.offset, damaged.message)\n",
    replace: ""
  }
]
