/**
 * A connection to a server that answers in order: bytes go out, and whoever waits is served as soon as what has come in
 * is a whole answer.
 */
import { connect, type Socket } from "node:net"

/** Reads one answer from `bytes` at `from`; `undefined` while it is not all there. */
export type AnswerReader<A> = (bytes: Buffer, from: number) => { readonly answer: A; readonly end: number } | undefined

export class Conversation<A> {
  private bytes: Buffer = Buffer.alloc(0)
  private at = 0
  private readonly waiting: Array<(answer: A) => void> = []
  private failure: Error | undefined

  private constructor(
    private readonly socket: Socket,
    private readonly read: AnswerReader<A>,
    /** Gets what nobody waits for. */
    private readonly unasked: (answer: A) => void,
    /** What the server says between answers, and the reply it wants. */
    private readonly replyTo: (answer: A) => string | undefined
  ) {
    socket.setNoDelay(true)
    socket.on("data", (piece: Buffer) => this.take(piece))
    socket.on("error", (error) => (this.failure = error))
  }

  static open<A>(
    address: { readonly path: string } | { readonly host: string; readonly port: number },
    read: AnswerReader<A>,
    unasked: (answer: A) => void = () => {},
    replyTo: (answer: A) => string | undefined = () => undefined
  ): Promise<Conversation<A>> {
    return new Promise((resolve, reject) => {
      const socket = connect(address, () => resolve(new Conversation(socket, read, unasked, replyTo)))
      socket.once("error", reject)
    })
  }

  send(text: string): void {
    if (this.failure !== undefined) throw this.failure
    this.socket.write(text)
  }

  /** The next answer. */
  next(): Promise<A> {
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  async ask(text: string): Promise<A> {
    this.send(text)
    return this.next()
  }

  /** Sends all at once and waits for as many answers. */
  async askMany(text: string, answers: number): Promise<A> {
    this.send(text)
    for (let index = 1; index < answers; index++) void this.next()
    return this.next()
  }

  close(): void {
    this.socket.destroy()
  }

  private take(piece: Buffer): void {
    this.bytes = this.at === this.bytes.length ? piece : Buffer.concat([this.bytes.subarray(this.at), piece])
    this.at = 0
    for (;;) {
      const found = this.read(this.bytes, this.at)
      if (found === undefined) return
      this.at = found.end
      const reply = this.replyTo(found.answer)
      if (reply !== undefined) {
        this.socket.write(reply)
        continue
      }
      const waiter = this.waiting.shift()
      if (waiter === undefined) this.unasked(found.answer)
      else waiter(found.answer)
    }
  }
}

/** Connects to a server that has just been started. */
export const patiently = async <A>(attempt: () => Promise<A>, millis = 5_000): Promise<A> => {
  const deadline = Date.now() + millis
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
