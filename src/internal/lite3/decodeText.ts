/** The text of a payload as a string, for those who go on working with it. */
import { PayloadReader } from "./PayloadReader.js"
import { type PayloadSpan, spanOf } from "./PayloadSpan.js"
import { readEnvelope } from "./readEnvelope.js"
import { TextBytes } from "./TextBytes.js"
import { writeDataText } from "./writeText.js"

/** Throws `Corrupt`. */
export const decodeText = (payload: Uint8Array): DecodedText => spanText(spanOf(payload))

/** Nobody is called while it is in use. */
const written = new TextBytes()

/** Throws `Corrupt`. */
export const spanText = (span: PayloadSpan): DecodedText => {
  const reader = new PayloadReader(span)
  const { data, tags } = readEnvelope(reader)
  written.clear()
  writeDataText(reader, data, written)
  return new DecodedText(tags, written.textFrom(0))
}

/** A class, because literals made in such numbers may be taken for what lives long: see `freshArray`. */
export class DecodedText {
  constructor(
    readonly tags: ReadonlyArray<string>,
    readonly dataText: string
  ) {}
}
