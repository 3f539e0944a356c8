/**
 * What every byte of a sound pool is for, so that the outcome of damage can be told by what was damaged.
 */
import { payloadProblem } from "../../src/internal/payloadProblem.js"
import { FrameProbe } from "../../src/internal/ring/frameProbe.js"
import { groupOffset, indexOffset, indexSlotBytes } from "../../src/internal/ring/layout.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import type { BoundedFile } from "./BoundedFile.js"

const frameFields: ReadonlyArray<readonly [end: number, name: string]> = [
  [4, "frame: magic"],
  [8, "frame: state"],
  [12, "frame: flags"],
  [16, "frame: header length"],
  [24, "frame: number"],
  [32, "frame: time"],
  [36, "frame: payload length"],
  [40, "frame: payload length inverted"],
  [44, "frame: payload checksum"],
  [48, "frame: checksum tag"],
  [52, "frame: header checksum"],
  [64, "frame: reserved"]
]

const headerFields: ReadonlyArray<readonly [end: number, name: string]> = [
  [4, "header: magic"],
  [8, "header: version"],
  [9, "header: byte order"],
  [16, "header: reserved"],
  [24, "header: file size"],
  [32, "header: index offset"],
  [36, "header: index capacity"],
  [40, "header: reserved"],
  [48, "header: ring offset"],
  [56, "header: ring size"],
  [64, "header: flags"],
  [72, "group: head"],
  [80, "group: tail"],
  [88, "group: end of the oldest frame"],
  [96, "group: oldest number"],
  [104, "group: newest number"],
  [128, "header: reserved"],
  [168, "header: extension"],
  [4096, "header: reserved"]
]

/** The name of the region of each byte of the file. */
export const regionsOf = (file: BoundedFile): ReadonlyArray<string> => {
  const regions = Array.from<string>({ length: file.byteLength }).fill("ring: free or dead space")
  const name = (from: number, fields: ReadonlyArray<readonly [number, string]>): void => {
    let at = 0
    for (const [end, field] of fields) for (; at < end; at++) regions[from + at] = field
  }
  const ring = Ring.open(file, { payloadProblem })
  const { geometry } = ring
  const { newest, oldest, tail } = ring.readGroup()
  name(0, headerFields)
  for (let slot = 0; slot < geometry.indexCapacity; slot++) {
    const at = indexOffset + slot * indexSlotBytes
    const seq = new DataView(file.bytes.buffer).getUint32(at, true)
    const live = seq >= oldest && seq <= newest
    name(at, [[indexSlotBytes, live ? "index: slot of a message" : "index: other slot"]])
  }
  const probe = new FrameProbe(ring)
  let position = tail
  for (let seq = oldest; seq <= newest; seq++) {
    probe.load(position)
    if (probe.isWrapMarker) name(geometry.ringOffset + position, wrapMarkerFields)
    probe.follow(position)
    const at = geometry.ringOffset + probe.offset
    const marker = 64 + probe.payloadBytes
    const parts: ReadonlyArray<readonly [number, string]> = [
      ...frameFields,
      [marker, "frame: payload"],
      [marker + 8, "frame: commit marker"],
      [probe.length, "frame: filler"]
    ]
    name(at, parts)
    position = probe.end
  }
  return regions
}

const wrapMarkerFields = frameFields.map(
  ([end, name]) =>
    [
      end,
      name.replace("frame", "wrap marker").replace(/payload checksum|checksum tag|header checksum/, "reserved")
    ] as const
)

/** Groups of 40 bytes start here. */
export const groupFields = [0, 8, 16, 24, 32].map((at) => groupOffset + at)
