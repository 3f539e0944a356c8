/**
 * What the jq thread does. jq is one blocking call of `main`: it compiles its program, reads messages and writes
 * verdicts until the input ends. The thread gives it input as requests come and lets it sleep, compiled, in between;
 * a request with another program ends the input and starts anew, in a fresh instance.
 *
 * The function is sent to the thread as text: it must not refer to anything outside itself.
 */
import type * as FileSystem from "node:fs"
import type * as WorkerThreads from "node:worker_threads"

/** A batch for a program, one JSON text after the other. Without messages it only has the program compiled. */
export interface JqRequest {
  readonly program: string
  readonly messages: string
  readonly count: number
}

/**
 * How a request ended. `refused`: the program does not compile. `not boolean`: an expression answered something else;
 * `detail` is what the program wrote. `gave up`: jq itself failed over a message. `miscounted`: there were more
 * texts than messages. The message at fault is the one after those that are answered.
 */
export interface JqReply {
  readonly end: "complete" | "refused" | "not boolean" | "gave up" | "miscounted"
  readonly detail: string
}

/** Memory that both threads see, so that the owner knows how far a batch was when it has to stop the thread. */
export interface SharedProgress {
  /** Raised by the owner with each request; the idle thread sleeps on it. */
  readonly requests: Int32Array
  /** Grows while anything moves: a standstill is a filter that does not end. */
  readonly activity: Int32Array
  /** 0 while the engine is loaded, 1 while the program is compiled, 2 while messages are judged. */
  readonly stage: Int32Array
  /** The number that Linux gave the thread, by which the owner learns how long it really worked; elsewhere 0. */
  readonly systemThread: Int32Array
  /** How many messages of the request are answered; the owner sets it to zero. */
  readonly answered: Int32Array
  /** 1 for each message that passed. */
  readonly verdicts: Uint8Array
}

export interface ThreadData {
  /** The file of the Emscripten build. */
  readonly engine: string
  readonly shared: SharedProgress
}

type FileCall = (descriptor: number, vectors: number, vectorCount: number, resultAt: number) => number

interface WasmInstance {
  readonly exports: Record<string, unknown>
}

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => WasmInstance
  instantiate: (bytes: Uint8Array, imports: Record<string, Record<string, unknown>>) => Promise<object>
}

type StartEngine = (options: object) => Promise<{ readonly callMain: (argv: Array<string>) => number }>

/** Serves requests until the thread is stopped. */
export const runJqThread = async (threads: typeof WorkerThreads, load: (path: string) => unknown): Promise<never> => {
  const { engine, shared } = threads.workerData as ThreadData
  const port = threads.parentPort!
  const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly
  // The engine reports its own abort here; the owner hears of it by the reply.
  console.error = () => {}
  try {
    const link = (load("node:fs") as typeof FileSystem).readlinkSync("/proc/thread-self")
    Atomics.store(shared.systemThread, 0, Number(link.slice(link.lastIndexOf("/") + 1)))
  } catch {
    // Not Linux: the owner goes by the clock.
  }

  const decoder = new TextDecoder()
  const stages = { compiling: 1, judging: 2 }
  const complaintCharacters = 4_096
  /** Thrown through the engine to end a run. */
  const stop = new Error("stop")

  let compiledEngine: object | undefined
  let memory: { readonly buffer: ArrayBuffer } = { buffer: new ArrayBuffer(0) }

  /** Puts our file calls in place of the engine's, by the names of its functions: those of imports differ by build. */
  const instantiate = (
    module: object,
    imports: Record<string, Record<string, unknown>>,
    calls: Record<string, FileCall>
  ): WasmInstance => {
    const missing = new Set(Object.keys(calls))
    for (const group of Object.values(imports)) {
      for (const [name, value] of Object.entries(group)) {
        if (typeof value !== "function" || !missing.delete(value.name)) continue
        group[name] = calls[value.name]
      }
    }
    const instance = new webAssembly.Instance(module, imports)
    const exported = Object.values(instance.exports).find((value) => String(value) === "[object WebAssembly.Memory]")
    if (missing.size > 0 || exported === undefined) throw new Error("this build of jq-wasm is not known")
    memory = exported as typeof memory
    return instance
  }

  const startEngine = load(engine) as StartEngine

  /** A fresh jq. Only the first unpacks and compiles the engine. */
  const freshEngine = (calls: Record<string, FileCall>) => {
    if (compiledEngine === undefined) {
      webAssembly.instantiate = async (bytes, imports) => {
        const module = new webAssembly.Module(bytes)
        const instance = instantiate(module, imports, calls)
        compiledEngine = module
        return { module, instance }
      }
      return startEngine({ thisProgram: "jq" })
    }
    const module = compiledEngine
    return startEngine({
      thisProgram: "jq",
      instantiateWasm: (
        imports: Record<string, Record<string, unknown>>,
        received: (instance: WasmInstance, module: object) => void
      ) => {
        const instance = instantiate(module, imports, calls)
        received(instance, module)
        return instance.exports
      }
    })
  }

  const nextRequest = (): JqRequest => {
    for (;;) {
      const seen = Atomics.load(shared.requests, 0)
      const packet = threads.receiveMessageOnPort(port)
      if (packet !== undefined) return packet.message as JqRequest
      Atomics.wait(shared.requests, 0, seen)
    }
  }

  const reply = (end: JqReply["end"], detail: string): void => {
    port.postMessage({ end, detail } satisfies JqReply)
  }

  /** Runs jq with the program of `first` for as long as requests ask for it, and returns the one that does not. */
  const serve = async (first: JqRequest): Promise<JqRequest> => {
    const program = Buffer.from(first.program)
    let programIndex = 0
    let messages = Buffer.alloc(0)
    let messageIndex = 0
    let request: JqRequest | undefined
    let other: JqRequest | undefined
    let answered = 0
    let line: Array<number> = []
    let complaint = ""
    let end: JqReply["end"] = "refused"
    Atomics.store(shared.stage, 0, stages.compiling)

    /** Called when jq has worked off its input: false when there will be no more. */
    const haveMessages = (): boolean => {
      while (messageIndex === messages.length) {
        if (request !== undefined) {
          // jq waits for the rest of a text that is not complete.
          if (answered < request.count) return false
          reply("complete", "")
        }
        const next = request === undefined ? first : nextRequest()
        if (next.program !== first.program) {
          other = next
          return false
        }
        end = "gave up"
        request = next
        messages = Buffer.from(next.messages)
        messageIndex = 0
        answered = 0
        Atomics.store(shared.stage, 0, stages.judging)
      }
      return true
    }

    const answer = (): void => {
      const [letter] = line
      if (letter !== 0x74 && letter !== 0x66) {
        end = "not boolean"
        complaint = decoder.decode(Uint8Array.from(line))
        throw stop
      }
      if (answered === request!.count) {
        end = "miscounted"
        throw stop
      }
      shared.verdicts[answered++] = letter === 0x74 ? 1 : 0
      Atomics.store(shared.answered, 0, answered)
      line = []
    }

    const calls: Record<string, FileCall> = {
      // The program comes from a file of its own, as jq asks for it first and a long one does not fit its arguments.
      _fd_read: (descriptor, vectors, vectorCount, resultAt) => {
        Atomics.add(shared.activity, 0, 1)
        const isProgram = descriptor !== 0
        const given = isProgram || haveMessages() ? vectorCount : 0
        const view = new DataView(memory.buffer)
        let total = 0
        for (let vector = 0; vector < given; vector++) {
          const target = view.getUint32(vectors + 8 * vector, true)
          const space = view.getUint32(vectors + 8 * vector + 4, true)
          const bytes = isProgram
            ? program.subarray(programIndex, programIndex + space)
            : messages.subarray(messageIndex, messageIndex + space)
          new Uint8Array(memory.buffer, target, bytes.length).set(bytes)
          if (isProgram) programIndex += bytes.length
          else messageIndex += bytes.length
          total += bytes.length
        }
        view.setUint32(resultAt, total, true)
        return 0
      },
      _fd_write: (descriptor, vectors, vectorCount, resultAt) => {
        Atomics.add(shared.activity, 0, 1)
        const view = new DataView(memory.buffer)
        let total = 0
        for (let vector = 0; vector < vectorCount; vector++) {
          const target = view.getUint32(vectors + 8 * vector, true)
          const length = view.getUint32(vectors + 8 * vector + 4, true)
          const bytes = new Uint8Array(memory.buffer, target, length)
          total += length
          if (descriptor === 1) {
            for (const byte of bytes) {
              if (byte === 0x0a) answer()
              else line.push(byte)
            }
          } else if (complaint.length < complaintCharacters) complaint += decoder.decode(bytes.slice())
        }
        view.setUint32(resultAt, total, true)
        // The program catches every error of an expression. What jq still complains of, it cannot go on from.
        if (descriptor === 2 && request !== undefined && complaint.endsWith("\n")) throw stop
        return 0
      }
    }

    const jq = await freshEngine(calls)
    try {
      jq.callMain(["-M", "-c", "--unbuffered", "-f", "/dev/stdin"])
    } catch (exception) {
      if (exception !== stop && complaint === "") complaint = String(exception)
    }
    if (other !== undefined) return other
    reply(end, complaint)
    return nextRequest()
  }

  let request = nextRequest()
  for (;;) request = await serve(request)
}
