/**
 * A server in a process of its own: pools over HTTP, or the least that `node:http` can be asked to do in their place,
 * which is to read the body whole and to answer as many bytes of JSON. Tells its
 * parent the port, and how much memory is in use when it is asked for that.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as http from "node:http"
import * as https from "node:https"
import type { AddressInfo } from "node:net"
import * as PoolServer from "../../../http/PoolServer.js"
import type { TlsOptions } from "../../../http/ServerOptions.js"
import * as NodePools from "../../../layers/NodePools.js"

/** How a server is asked for: pools in a directory, or bare. */
export interface ServerRequest {
  readonly directory?: string
  readonly tls?: TlsOptions
  readonly maxTails?: number
}

/** What an append answers, with a number of six digits. */
const answer =
  '{"message":{"seq":123456,"time":"2026-03-01T09:15:22.104Z","meta":{"tags":[]},"data":{"from":"alice","msg":"hello bob"}}}'

const bare = (tls: TlsOptions | undefined): Promise<number> => {
  const listener: http.RequestListener = (request, response) => {
    const pieces: Array<Buffer> = []
    request.on("data", (piece: Buffer) => pieces.push(piece))
    request.on("end", () => {
      if (Buffer.concat(pieces).length === 0) throw new Error("an append has a body")
      response.writeHead(200, { "content-type": "application/json", "content-length": answer.length })
      response.end(answer)
    })
  }
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener)
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
  })
}

const pools = async ({ maxTails = 64, tls }: ServerRequest, directory: string): Promise<number> => {
  const options = { port: 0, maxTailConcurrency: maxTails, ...(tls === undefined ? {} : { tls }) }
  const layer = Layer.provide(PoolServer.layer(options), NodePools.layer({ directory }))
  const scope = await Effect.runPromise(Scope.make())
  const context = await Effect.runPromise(Layer.buildWithScope(layer, scope))
  return Context.get(context, PoolServer.PoolServer).port
}

process.once("message", (request: ServerRequest) => {
  process.on("message", () => {
    globalThis.gc?.()
    const { external, heapUsed } = process.memoryUsage()
    process.send?.(heapUsed + external)
  })
  const port = request.directory === undefined ? bare(request.tls) : pools(request, request.directory)
  void port.then((port) => process.send?.(port))
})
process.on("disconnect", () => process.exit())
