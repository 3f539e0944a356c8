/**
 * Asks a server for the same thing over and over, on connections that are kept open, each with one request under way at
 * a time. Written on sockets, so that it costs its machine less than the server does. Tells its parent how many answers
 * came.
 */
import { connect, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"

/** Where the load goes. */
export interface LoadTarget {
  readonly port: number
  readonly connections: number
  /** The certificate of the server, if it speaks TLS. */
  readonly ca?: string
}

export interface LoadRound {
  readonly path: string
  readonly mediaType: string
  readonly body: string
  readonly millis: number
}

const end = Buffer.from("\r\n\r\n")

/** Where the answer at the start of `bytes` ends; `undefined` while it is not all there. */
const answerEnd = (bytes: Buffer): number | undefined => {
  const headEnd = bytes.indexOf(end)
  if (headEnd < 0) return undefined
  const head = bytes.toString("latin1", 0, headEnd)
  const length = /^content-length: (\d+)$/im.exec(head)?.[1]
  if (!head.startsWith("HTTP/1.1 200 ") || length === undefined) {
    throw new Error(`the server answers ${bytes.toString("utf8").slice(0, 500)}`)
  }
  const total = headEnd + end.length + Number(length)
  return bytes.length < total ? undefined : total
}

/** Asks and asks until the moment is over; how many answers came. */
const askUntil = (socket: Socket, request: Buffer, endMillis: number): Promise<number> =>
  new Promise((resolve, reject) => {
    let answers = 0
    let rest: Buffer | undefined
    const take = (piece: Buffer): void => {
      const bytes = rest === undefined ? piece : Buffer.concat([rest, piece])
      try {
        const total = answerEnd(bytes)
        rest = total === undefined ? bytes : undefined
        if (total === undefined) return
        if (total !== bytes.length) throw new Error("the server answers more than it was asked")
      } catch (error) {
        return reject(error as Error)
      }
      answers++
      if (performance.now() < endMillis) socket.write(request)
      else {
        socket.off("data", take)
        resolve(answers)
      }
    }
    socket.on("data", take)
    socket.write(request)
  })

const open = ({ ca, port }: LoadTarget): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const opened = (): void => resolve(socket)
    const socket: Socket =
      ca === undefined
        ? connect({ host: "127.0.0.1", port, noDelay: true }, opened)
        : connectTls({ host: "127.0.0.1", port, ca }, opened).setNoDelay(true)
    socket.on("error", reject)
    // Nobody would answer any more: better no figure than a benchmark that waits for ever.
    socket.on("close", () => process.exit(1))
  })

process.once("message", (target: LoadTarget) => {
  void (async () => {
    const sockets = await Promise.all(Array.from({ length: target.connections }, () => open(target)))
    process.on("message", ({ body, mediaType, millis, path }: LoadRound) => {
      const request = Buffer.from(
        `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${target.port}\r\ncontent-type: ${mediaType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
      )
      const started = performance.now()
      const asking = Promise.all(sockets.map((socket) => askUntil(socket, request, started + millis)))
      void asking
        .then((answers) => {
          const sum = answers.reduce((left, right) => left + right, 0)
          return { perSecond: (sum * 1e3) / (performance.now() - started) }
        })
        .catch((error: unknown) => ({ failure: String(error) }))
        .then((told) => process.send?.(told))
    })
    process.send?.("ready")
  })()
})
process.on("disconnect", () => process.exit())
