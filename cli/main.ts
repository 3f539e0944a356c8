// The whole program but the server: every other command, help, completion, and what to say about a mistake. The launcher
// loads it for what the quick part does not answer.
import { doctor } from "./commands/doctor.js"
import { get } from "./commands/get.js"
import { peek } from "./commands/peek.js"
import { poke } from "./commands/poke.js"
import { poolCreate, poolDelete, poolInfo, poolList } from "./commands/pool.js"
import { version } from "./commands/version.js"
import { elsewhere, makeMain } from "./program.js"

export const main = makeMain({
  poke,
  peek,
  get,
  poolCreate,
  poolList,
  poolInfo,
  poolDelete,
  doctor,
  version,
  serve: elsewhere,
  serveInit: elsewhere,
  serveCheck: elsewhere
})
