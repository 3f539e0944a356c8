/**
 * Turns bytes that arrive in chunks into records, without doing any input itself. The items depend on the bytes alone,
 * never on how they were cut into chunks; each is returned by the push that completes it. Memory is bounded by the
 * size of one record, time is linear.
 */
import { DetectedFraming } from "./detection.js"
import { DocumentRecord } from "./documentRecord.js"
import { EventRecords } from "./eventRecords.js"
import type { FramedMode, InputItem, InputMode, Parsed } from "./inputItem.js"
import { LineRecords } from "./lineRecords.js"
import type { RecordFraming } from "./recordSink.js"
import { RecordSink } from "./recordSink.js"
import { SeparatorRecords } from "./separatorRecords.js"
import { ValueRecords } from "./valueRecords.js"

/** The largest record that is read: 1 MiB. */
export const defaultMaxRecordBytes = 1_048_576

export interface RecordReaderOptions<A> {
  readonly mode: InputMode
  readonly maxRecordBytes?: number
  /** Go on behind a record that failed; without it, and in modes `json` and `jq`, a failure is the last item. */
  readonly resume: boolean
  /**
   * Judges the exact text of one JSON value. Called once for a record that is good; in mode `auto` perhaps also for
   * a line that looked like a whole record.
   */
  readonly parse: (text: string) => Parsed<A>
}

export interface RecordReader<A> {
  /** The items that these bytes complete. The chunk may be reused afterwards. */
  readonly push: (chunk: Uint8Array) => Array<InputItem<A>>
  /** The items that the end of the input completes. */
  readonly end: () => Array<InputItem<A>>
  /** No record was seen so far, not even a bad one. */
  readonly isEmpty: boolean
  /** Nothing that follows will be looked at. */
  readonly isFinished: boolean
}

export const makeRecordReader = <A>(options: RecordReaderOptions<A>): RecordReader<A> => {
  const sinkOptions = { maxRecordBytes: defaultMaxRecordBytes, ...options }
  let sink = new RecordSink(sinkOptions, options.mode === "auto" ? "jsonl" : options.mode)
  const framing: RecordFraming =
    options.mode === "auto"
      ? new DetectedFraming((mode, line) => {
          sink = new RecordSink(sinkOptions, mode)
          return mode === "jsonl" ? new LineRecords(sink, true, line) : makeFraming(mode, sink, line)
        })
      : makeFraming(options.mode, sink, 1)
  let ended = false
  return {
    push: (chunk) => {
      if (!ended && !sink.finished) framing.push(chunk)
      return sink.take()
    },
    end: () => {
      if (!ended && !sink.finished) framing.end()
      ended = true
      return sink.take()
    },
    get isEmpty() {
      return sink.count === 0
    },
    get isFinished() {
      return ended || sink.finished
    }
  }
}

const makeFraming = <A>(mode: FramedMode, sink: RecordSink<A>, line: number): RecordFraming => {
  switch (mode) {
    case "jsonl":
      return new LineRecords(sink, false, line)
    case "json":
      return new DocumentRecord(sink)
    case "seq":
      return new SeparatorRecords(sink)
    case "event":
      return new EventRecords(sink, line)
    case "jq":
      return new ValueRecords(sink)
  }
}
