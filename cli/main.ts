// The whole program but the server: every other command, help, completion, and what to say about a mistake. The launcher
// loads it for what the quick part does not answer.
import { doctor } from "./commands/doctor.js"
import { get } from "./commands/get.js"
import { peek } from "./commands/peek.js"
import { poke } from "./commands/poke.js"
import { poolCreate, poolDelete, poolInfo, poolList } from "./commands/pool.js"
import { version } from "./commands/version.js"
import { elsewhere, makeMain } from "./program.js"
import * as Remote from "./remote/commands.js"
import { isRemoteReference } from "./remoteReference.js"

export const main = makeMain({
  poke: (args) => (isRemoteReference(args.pool) ? Remote.poke(args) : poke(args)),
  peek: (args) => (isRemoteReference(args.pool) ? Remote.peek(args) : peek(args)),
  get: (args) => (isRemoteReference(args.pool) ? Remote.get(args) : get(args)),
  poolList: (args) => (isRemoteReference(args.server ?? "") ? Remote.poolList(args) : poolList(args)),
  poolInfo: (args) => (isRemoteReference(args.pool) ? Remote.poolInfo(args) : poolInfo(args)),
  poolCreate,
  poolDelete,
  doctor,
  version,
  serve: elsewhere,
  serveInit: elsewhere,
  serveCheck: elsewhere
})
