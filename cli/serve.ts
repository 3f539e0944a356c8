// The part of the program that serves, and nothing else: no other command pays for the server. The launcher loads it for
// calls of `serve` that are right as far as the grammar goes.
import { serve } from "./commands/serve.js"
import { serveCheck } from "./commands/serveCheck.js"
import { serveInit } from "./commands/serveInit.js"
import { elsewhere, makeMain } from "./program.js"

export const main = makeMain({
  poke: elsewhere,
  peek: elsewhere,
  get: elsewhere,
  poolCreate: elsewhere,
  poolList: elsewhere,
  poolInfo: elsewhere,
  poolDelete: elsewhere,
  poolForget: elsewhere,
  doctor: elsewhere,
  version: elsewhere,
  serve,
  serveInit,
  serveCheck
})
