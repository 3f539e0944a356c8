/**
 * Broken recovery: what a writer notices of a dead one, and what it makes of what that one left.
 */
import type { Variant } from "./Variant.js"

const assess = "src/internal/ring/assess.ts"
const chain = "src/internal/ring/chain.ts"
const chainSearch = "src/internal/ring/chainSearch.ts"
const deadWriter = "src/internal/ring/deadWriter.ts"
const entryCheck = "src/internal/ring/entryCheck.ts"
const oldestFrame = "src/internal/ring/oldestFrame.ts"
const repair = "src/internal/ring/repair.ts"
const ringWriter = "src/internal/ring/RingWriter.ts"

export const recoveryVariants: ReadonlyArray<Variant> = [
  {
    name: "entry-always-sound",
    breaks: "A writer appends to whatever a dead one left.",
    file: ringWriter,
    search: 'return check.run(group) === "sound" ? "sound" : "unsound"',
    replace: 'check.run(group)\n    return "sound"'
  },
  {
    name: "start-at-head-unseen",
    breaks: "A frame that a dead writer started at the head goes unnoticed.",
    file: entryCheck,
    search: "return !probe.beganAt(head, newest + 1)",
    replace: "return true"
  },
  {
    name: "start-at-0-unseen",
    breaks: "A frame that a dead writer started at offset 0 goes unnoticed.",
    file: entryCheck,
    search: "      if (probe.isStarted(newest + 1)) return false\n",
    replace: ""
  },
  {
    name: "overwritten-start-unseen",
    breaks: "The frame at offset 0 may be anything, as long as nobody started the next message there.",
    file: entryCheck,
    search: "if (!isLive && !probe.hasHeader(this.assessedStart)) return false",
    replace: ""
  },
  {
    name: "assessed-hole-forgotten",
    breaks: "Each append to a pool with a hole at ring offset 0 looks at the whole pool.",
    file: entryCheck,
    search: "      this.assessedStart = probe.copyHeader()\n",
    replace: ""
  },
  {
    name: "assessed-hole-kept",
    breaks: "Once a hole was at offset 0, whatever is there later goes unnoticed.",
    file: entryCheck,
    search: "!probe.hasHeader(this.assessedStart)",
    replace: "this.assessedStart === undefined"
  },
  {
    name: "start-in-empty-pool-unseen",
    breaks: "A finished message that its dead writer was about to publish in an empty pool is overwritten.",
    file: entryCheck,
    search: 'return probe.isStarted(group.newest + 1) ? "suspect" : "sound"',
    replace: 'return "sound"'
  },
  {
    name: "chain-not-walked",
    breaks: "Messages that others appended since are taken for whole without a look.",
    file: entryCheck,
    search: 'if (!this.edgesAreSound(group) || !this.chainReachesHead(group)) return "suspect"',
    replace: 'if (!this.edgesAreSound(group)) return "suspect"'
  },
  {
    name: "walk-ends-anywhere",
    breaks: "The newest message need not end at the head.",
    file: entryCheck,
    search: "return end === group.head",
    replace: "return true"
  },
  {
    name: "tail-not-looked-at",
    breaks: "The oldest message need not be at the tail.",
    file: entryCheck,
    search: 'if (!probe.find(group.tail, group.oldest)) return "suspect"',
    replace: "probe.find(group.tail, group.oldest)"
  },
  {
    name: "note-trusted",
    breaks: "Where the header extension says that the newest message lies is believed.",
    file: entryCheck,
    search: "if (this.probe.isMessage(seq)) this.remember",
    replace: "this.remember"
  },
  {
    name: "suffix-starts-late",
    breaks: "A repair keeps only the last two of the messages that survived.",
    file: chainSearch,
    search: "frame.start = before.start",
    replace: "frame.start = before"
  },
  {
    name: "suffix-lost",
    breaks: "A repair gives up messages that lead up to the newest one.",
    file: assess,
    search: 'if (writerDied) return conclude(judge, group, "crash", prefix, suffix, groupOf(suffix))',
    replace: 'if (writerDied) return conclude(judge, group, "crash", prefix, suffix, groupWithout(judge, group))'
  },
  {
    name: "any-start-explains-all",
    breaks:
      "What a power cut took is blamed on a writer that had begun elsewhere, and what is left is given up with it.",
    file: assess,
    search:
      "    (prefix === undefined || deathExplains(judge, group, prefix)) &&\n    (rest === undefined || deathExplains(judge, group, rest))\n",
    replace: "    true\n"
  },
  {
    name: "hole-blamed-on-the-dead",
    breaks: "Messages before a hole are given up because a writer had begun elsewhere.",
    file: assess,
    search: "      : deathExplains(judge, group, prefix))",
    replace: "      : isOverwritten(judge, group))"
  },
  {
    name: "rest-given-up",
    breaks: "Without its newest message a pool keeps only those before the first that is missing.",
    file: assess,
    search: "rest !== undefined && liesBehind(judge, group, prefix, rest) ? rest : undefined",
    replace: "undefined as typeof rest"
  },
  {
    name: "torn-header-leads",
    breaks: "A newest message whose header is torn counts although it leads past the head.",
    file: chain,
    search: "return this.probe.headerIsTorn",
    replace: "return false"
  },
  {
    name: "healing-unfinished-is-damage",
    breaks: "Padding that is about to be absorbed makes a pool suspect.",
    file: assess,
    search: "if (prefix.end === 0 && group.head !== 0)",
    replace: "if (prefix.end !== group.head)"
  },
  {
    name: "shortest-chain-wins",
    breaks: "Of the messages that survived in a ring without its newest, the fewest are kept.",
    file: chainSearch,
    search: "frame.seq - frame.start.seq >= best.seq - best.start.seq",
    replace: "frame.seq - frame.start.seq < best.seq - best.start.seq"
  },
  {
    name: "adopted-unchecked",
    breaks: "A message that was never finished is published by a repair.",
    file: assess,
    search: "    if (!published && !(probe.hasChecksums && probe.checksumsHold)) return group\n",
    replace: ""
  },
  {
    name: "never-adopted",
    breaks: "A finished message that the head already stands behind is overwritten by a repair's follower.",
    file: assess,
    search: "const grown = adoptive ? adopt(judge, group, repaired) : repaired",
    replace: "const grown = repaired"
  },
  {
    name: "states-not-restored",
    breaks: "Whole frames that a dead writer left as started stay so, and upstream cannot read them.",
    file: repair,
    search: "  for (const { offset } of started) restoreState(ring, offset, barrier)\n",
    replace: ""
  },
  {
    name: "group-not-restored",
    breaks: "A repair reports a group that it does not store.",
    file: repair,
    search: "    committer.publishGroup(repaired, barrier)\n",
    replace: ""
  },
  {
    name: "started-counts-as-whole",
    breaks: "A started frame whose payload does not match counts as whole.",
    file: chain,
    search: "if (probe.hasChecksums && !probe.checksumsHold) return false",
    replace: ""
  },
  {
    name: "started-document-not-looked-at",
    breaks: "A started frame without checksums counts as whole although its payload is no document.",
    file: chain,
    search: "return ring.payloadProblem(probe.readPayload()) === undefined",
    replace: "return true"
  },
  {
    name: "marker-over-tail-unseen",
    breaks: "A wrap marker that a dead writer put over the oldest message passes for damage of the disk.",
    file: deadWriter,
    search: "return probe.isWrapMarker",
    replace: "return false"
  },
  {
    name: "start-at-0-not-measured",
    breaks: "A repair does not hold live frames against a frame started at offset 0.",
    file: deadWriter,
    search: "group.head === 0 ? [0] : [group.head, 0]",
    replace: "[group.head]"
  },
  {
    name: "numbers-given-out-again",
    breaks: "A repair that finds nothing starts numbering over.",
    file: assess,
    search: "  return emptyGroup(0, group.newest)\n}",
    replace: "  return emptyGroup(0, 0)\n}"
  },
  {
    name: "hole-gives-up-all",
    breaks: "An append that drops up to a damaged message gives up all behind it too.",
    file: oldestFrame,
    search: "if (suffix === undefined || suffix.firstSeq <= this.seq) return false",
    replace: "return false"
  }
]
