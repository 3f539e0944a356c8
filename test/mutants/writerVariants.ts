/**
 * Broken writers: what goes into the file, in which order, and how much of it is settled before the next step.
 */
import type { Variant } from "./Variant.js"

const appendPlan = "src/internal/ring/appendPlan.ts"
const commit = "src/internal/ring/commit.ts"
const frame = "src/internal/ring/frame.ts"
const heal = "src/internal/ring/heal.ts"
const ringWriter = "src/internal/ring/RingWriter.ts"
const seqIndex = "src/internal/ring/seqIndex.ts"

const publishDrop = "    if (dropsAnything(plan, group)) committer.publishDrop(plan, barrier)\n"
const writeFrames = "    committer.writeFrames(plan, payloads, from, timestampLow, timestampHigh, barrier)\n"
const publishAppend = "    committer.publishAppend(plan, barrier)\n"

export const writerVariants: ReadonlyArray<Variant> = [
  {
    name: "published-before-frames",
    breaks: "The header announces messages whose frames are not written yet.",
    file: ringWriter,
    search: writeFrames + publishAppend,
    replace: publishAppend + writeFrames
  },
  {
    name: "batch-published-early",
    breaks: "A batch of several messages is announced before its frames are written.",
    file: ringWriter,
    search: writeFrames + publishAppend,
    replace: `if (plan.count > 1) committer.publishAppend(plan, barrier)\n${writeFrames}${publishAppend}`
  },
  {
    name: "drop-not-published",
    breaks: "Frames are overwritten while the header still announces them.",
    file: ringWriter,
    search: publishDrop,
    replace: ""
  },
  {
    name: "drop-published-late",
    breaks: "The tail is advanced only after the frames it gave up were overwritten.",
    file: ringWriter,
    search: publishDrop + writeFrames,
    replace: writeFrames + publishDrop
  },
  {
    name: "drop-names-new-message",
    breaks: "The group that publishes the drop announces the newest message before its frame exists.",
    file: appendPlan,
    search: "plan.dropped.set(group.head, tail, tailNext, seq, group.newest)",
    replace: "plan.dropped.set(group.head, tail, tailNext, seq, newest)"
  },
  {
    name: "drop-one-too-few",
    breaks: "A frame that starts exactly at the head is overwritten without being given up.",
    file: appendPlan,
    search: "offset >= head && offset < head + length",
    replace: "offset > head && offset < head + length"
  },
  {
    name: "drop-stops-8-bytes-early",
    breaks: "A wrapped frame overwrites the first bytes of a frame that is still announced.",
    file: appendPlan,
    search: "offset >= head || offset < length",
    replace: "offset >= head || offset + 8 < length"
  },
  {
    name: "seqs-start-over",
    breaks: "When an append drops every message, numbering is published as starting over.",
    file: appendPlan,
    search: "plan.dropped.set(first, first, first, 0, group.newest)",
    replace: "plan.dropped.set(first, first, first, 0, 0)"
  },
  {
    name: "dropped-ahead-without-bound",
    breaks: "An append gives up all messages up to the ring end, though it needs the room of a few.",
    file: appendPlan,
    search: "if (end > limit || !oldest.drop()) return",
    replace: "if (!oldest.drop()) return"
  },
  {
    name: "small-ring-dropped-ahead",
    breaks: "A ring that is small anyway keeps less than it has room for.",
    file: appendPlan,
    search: "if (ringSize < smallestRingToDropAhead) return",
    replace: ""
  },
  {
    name: "wrap-marker-omitted",
    breaks: "Nothing sends readers from the last frame before the ring end to offset 0.",
    file: appendPlan,
    search: "plan.markerOffset = head",
    replace: "plan.markerOffset = -1"
  },
  {
    name: "padding-left",
    breaks: "A frame may leave a stub before the ring end, which upstream's readers do not get past.",
    file: appendPlan,
    search: "return behind === 0 || behind >= smallestStub",
    replace: "return behind >= 0"
  },
  {
    name: "born-committed",
    breaks: "A frame says that it is committed before its payload is in the file.",
    file: frame,
    search: "view.setUint32(at + frameAt.state, frameState.started, true)",
    replace: "view.setUint32(at + frameAt.state, frameState.committed, true)"
  },
  {
    name: "last-commit-forgotten",
    breaks: "The last frame of an append stays started.",
    file: commit,
    search: "for (let at = 0; at < plan.count; at++) {\n      file.store32",
    replace: "for (let at = 0; at < plan.count - 1; at++) {\n      file.store32"
  },
  {
    name: "commit-before-frames",
    breaks: "Frames are committed before they are written.",
    file: commit,
    search: "    this.flushStaged()\n    for (let at = 0; at < plan.count; at++) {",
    replace: "    for (let at = 0; at < plan.count; at++) {"
  },
  {
    name: "marker-not-written",
    breaks: "Frames lack the marker behind the payload.",
    file: commit,
    search: "writeCommitMarker(stagingView, payloadAt + storedBytes)",
    replace: ""
  },
  {
    name: "large-marker-not-written",
    breaks: "Frames too large for one write lack the marker behind the payload.",
    file: commit,
    search: "writeCommitMarker(stagingView, storedBytes - payload.length)",
    replace: ""
  },
  {
    name: "filling-not-cleared",
    breaks: "Bytes of an earlier message stay between a payload and the ring end.",
    file: commit,
    search: "for (let behind = payloadAt + payload.length; behind < at + length; behind++) staging[behind] = 0",
    replace: ""
  },
  {
    name: "timestamp-halves-swapped",
    breaks: "Messages carry a time that nobody ever saw.",
    file: frame,
    search:
      "view.setUint32(at + frameAt.timestamp, timestampLow, true)\n  view.setUint32(at + frameAt.timestamp + 4, timestampHigh, true)",
    replace:
      "view.setUint32(at + frameAt.timestamp, timestampHigh, true)\n  view.setUint32(at + frameAt.timestamp + 4, timestampLow, true)"
  },
  {
    name: "length-limit-8-too-high",
    breaks: "A payload is accepted that does not fit the ring.",
    file: ringWriter,
    search: "if (payload.length <= maxPayload && frameLength(payload.length) <= ringSize) return",
    replace: "if (payload.length <= maxPayload + 8 && frameLength(payload.length) <= ringSize + 8) return"
  },
  {
    name: "length-limit-8-too-low",
    breaks: "The largest payload that fits the ring is refused.",
    file: ringWriter,
    search: "if (payload.length <= maxPayload && frameLength(payload.length) <= ringSize) return",
    replace: "if (payload.length <= maxPayload - 8) return"
  },
  {
    name: "key-asked-before-repair",
    breaks: "Whether a key is there is asked of a pool in which a dead writer's message has not come to light.",
    file: "src/internal/keyedAppend.ts",
    search: "repaired = handle.writer.settle(guarded)?.message",
    replace: "repaired = undefined"
  },
  {
    name: "header-not-compared",
    breaks: "A writer goes on into a file whose header somebody overwrote.",
    file: commit,
    search: "    this.ring.assertSamePool(opening)\n",
    replace: ""
  },
  {
    name: "foreign-extension-overwritten",
    breaks: "Bytes that a future version keeps behind the group are destroyed by the first append.",
    file: commit,
    search: "this.extensionIsForeign = !this.hasExtension && ",
    replace: "this.extensionIsForeign = false && "
  },
  {
    name: "drop-not-settled",
    breaks: "Power loss: frames are overwritten on disk although the drop is not there.",
    file: commit,
    search: "this.publishGroup(plan.dropped, barrier)",
    replace: "this.publishGroup(plan.dropped, undefined)"
  },
  {
    name: "frames-not-settled",
    breaks: "Power loss: the header on disk announces frames that are not there.",
    file: commit,
    search: "if (barrier !== undefined) this.settleFrames(plan, barrier)",
    replace: ""
  },
  {
    name: "publish-not-settled",
    breaks: "Power loss: an acknowledged message is gone.",
    file: commit,
    search: "this.publishGroup(published, barrier)",
    replace: "this.publishGroup(published, undefined)"
  },
  {
    name: "wrap-marker-not-settled",
    breaks: "Power loss: nothing on disk leads around the ring end.",
    file: commit,
    search: "if (plan.markerOffset >= 0) barrier(file, geometry.ringOffset + plan.markerOffset, frameHeaderBytes)",
    replace: ""
  },
  {
    name: "only-last-run-settled",
    breaks: "Power loss: of a batch that wraps, the frames before the ring end are not on disk.",
    file: commit,
    search: "        barrier(file, geometry.ringOffset + from, to - from)\n        from = offset",
    replace: "        from = offset"
  },
  {
    name: "healing-length-first",
    breaks: "A lengthened payload ends at a marker that is not there yet.",
    file: commit,
    search: "  file.write(fileOffset + frameHeaderBytes + grown, marker, 0, commitMarkerBytes)\n",
    replace:
      "  file.store64(fileOffset + frameAt.payloadLength, grown, ~grown >>> 0)\n  file.write(fileOffset + frameHeaderBytes + grown, marker, 0, commitMarkerBytes)\n"
  },
  {
    name: "healing-hint-kept",
    breaks: "The hint goes on pointing into a frame that was lengthened.",
    file: heal,
    search: "tail === group.tail ? moved(group.tailNext) : 0",
    replace: "group.tailNext"
  },
  {
    name: "healing-head-left",
    breaks: "The head stays inside a frame that was lengthened.",
    file: heal,
    search: "head: moved(group.head), ",
    replace: ""
  },
  {
    name: "healed-before-published",
    breaks: "A frame is lengthened over the head before the header says so.",
    file: heal,
    search:
      "  if (!sameGroup(healed, group)) committer.publishGroup(healed, barrier)\n  growPayload(ring, offset, payloadBytes, paddingBehind, barrier)\n",
    replace:
      "  growPayload(ring, offset, payloadBytes, paddingBehind, barrier)\n  if (!sameGroup(healed, group)) committer.publishGroup(healed, barrier)\n"
  },
  {
    name: "index-slot-shifted",
    breaks: "Index slots name the frame of the message before.",
    file: seqIndex,
    search: "offsets[done + at]!)",
    replace: "offsets[Math.max(done + at - 1, 0)]!)"
  }
]
