// Messages as the page receives them.
import { parseMessage, type PageMessage } from "../../http/page/logic/message.js"

/** Numbered messages are a second apart, unless a time is given. */
export const message = (
  seq: number,
  dataText = `{"n":${seq}}`,
  { tags = [], time }: { readonly tags?: ReadonlyArray<string>; readonly time?: string } = {}
): PageMessage =>
  parseMessage(
    `{"seq":${seq},"time":"${time ?? new Date(1_772_615_730_000 + seq * 1_000).toISOString()}","meta":{"tags":${JSON.stringify(tags)}},"data":${dataText}}`
  )

/** Messages `from` to `to`, both included. */
export const messages = (from: number, to: number): Array<PageMessage> =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index))
