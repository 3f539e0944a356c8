/** All that is measured, in the order of the table. */
import type { Entry } from "./Entry.js"
import { append } from "./entries/append.js"
import { codec } from "./entries/codec.js"
import { filter } from "./entries/filter.js"
import { http, tails } from "./entries/http.js"
import { latency } from "./entries/latency.js"
import { index, read } from "./entries/read.js"
import { readSteps } from "./entries/readSteps.js"
import { size } from "./entries/size.js"
import { ingest, print, start } from "./entries/start.js"
import { stepsOfAppend } from "./entries/steps.js"
import { throughput } from "./entries/throughput.js"
import { idle, memory } from "./entries/waiting.js"
import { wakeSteps } from "./entries/wakeSteps.js"
import { writers } from "./entries/writers.js"

export const entries: ReadonlyArray<Entry> = [
  codec,
  append,
  stepsOfAppend,
  read,
  readSteps,
  index,
  filter,
  latency,
  wakeSteps,
  idle,
  start,
  ingest,
  print,
  size,
  memory,
  writers,
  http,
  tails,
  throughput
]
